"""What came of a training: the reader's own, and what was recorded over three seeds."""

from labs.core.contract import Table
from labs.core.contract.tokens import percent
from labs.core.sweeping import Arm, Interval, Recorded
from labs.verifiable_reward.measuring import Measured
from labs.verifiable_reward.sweep import LEARNING_RATE

ROWS = {
    "right": "Right, likeliest reply",
    "sampled": "Right, sampled",
    "pass": "One right among the samples of a sum",
    "accepted": "Sampled: the lenient checker would accept",
    "unclosed": "Sampled: can't be read: a think block or a call never closes",
    "called": "Sampled: calls the calculator",
    "length": "Tokens of a sampled reply",
}
"""What the outcome tells, in words. All but the length are shares."""


def outcome_table(before: Measured, after: Measured, n: int, samples: int, calculator: bool) -> Table:
    """The model at the start and at the end, on sums that no step trained on."""
    rows: list[list[object]] = []
    for name, words in ROWS.items():
        if name == "called" and not calculator:
            continue
        rows.append([words, *(_number(name, _value(one, name, samples)) for one in (before, after))])
    return Table(
        [f"{n} held-out sums", "At the start", "After training"],
        rows,
        f"This run. Sampled: {samples} replies to each sum, drawn at temperature 1.",
    )


def arm_name(arm: Arm) -> str:
    """An arm in words."""
    named = [
        "before training" if not arm["steps"] else f"{arm['advantage']}, G = {arm['group_size']}",
        "no thinking" if arm["think"] == "absent" else "thinking",
        "" if arm["calculator"] == "off" else f"calculator {arm['calculator']}",
        "" if arm["learning_rate"] == LEARNING_RATE else f"rate {arm['learning_rate']}, {arm['checker']} checker",
    ]
    return "; ".join(part for part in named if part)


def recorded_table(found: Recorded) -> Table:
    """Every arm of the sweep, with intervals between its seeds."""
    rows: list[list[object]] = []
    for arm in sorted(found.arms, key=lambda one: (str(one["calculator"]), one["think"] == "absent", one["steps"])):
        shares = [found.interval(arm, name, share=True) for name in ("right", "sampled")]
        length = found.interval(arm, "length")
        rows.append([arm_name(arm), *map(_interval, shares), f"{length.mean:.0f}", _nothing(found, arm)])
    constants = found.configuration["constants"]
    return Table(
        ["Arm", ROWS["right"], ROWS["sampled"], "Tokens", "Zero variance, last steps"],
        rows,
        f"Recorded by “{found.command}”: {constants['replies_a_step']} replies a step, seeds "
        f"{', '.join(map(str, found.seeds))}; {constants['held_out']} held-out sums; means with 95 % intervals "
        "between seeds. Before training, with nothing shown, all seeds are one model: there the likeliest replies are "
        "the same, and the sampled ones differ by chance alone",
    )


def _nothing(found: Recorded, arm: Arm) -> str:
    return percent(found.intervals(arm, "zero_variance", share=True)[-1].mean) if arm["steps"] else "–"


def _value(measured: Measured, name: str, samples: int) -> float:
    return measured.pass_at[samples] if name == "pass" else float(getattr(measured, name))


def _number(name: str, value: float) -> str:
    return f"{value:.0f}" if name == "length" else percent(value)


def _interval(interval: Interval) -> str:
    return f"{percent(interval.mean)} [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
