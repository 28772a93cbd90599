"""The reader's run beside the model that it started from, and beside the recorded ones."""

from collections.abc import Mapping

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.sweeping import Interval, Recorded
from labs.dpo.behaving import BEHAVIOURS
from labs.dpo.looking import GROUPS, Look, changes, margin
from labs.dpo.pictures import signed
from labs.dpo.tuning import Settings

NATS = {
    "chosen": "Chosen replies: change, nats a reply",
    "rejected": "Rejected replies: change, nats a reply",
    "margin": "Margin of implicit rewards",
}
"""What is no share, in words."""


def outcome_table(
    before: Mapping[str, float],
    after: Mapping[str, float],
    looks: tuple[Look, Look],
    settings: Settings,
    found: Recorded,
) -> Table:
    """The reader's model before and after, and what was recorded of these pairs in settings next to theirs."""
    arm = nearest_arm(settings, found)
    start, last = looks
    moved = changes(last, start)
    yours = {"chosen": moved[0], "rejected": moved[1], "margin": margin(last, start, settings.beta)}
    rows: list[list[object]] = [
        [words, "0", signed(yours[name]), interval_text(found.interval(arm, name))] for name, words in NATS.items()
    ]
    rows += [
        [
            f"Probability of {GROUPS[group]}",
            percent(start.shares[group]),
            percent(last.shares[group]),
            _share(found.interval(arm, f"{group}_share", share=True)),
        ]
        for group in ("chosen", "else")
    ]
    rows += [
        [words, percent(before[name]), percent(after[name]), _share(found.interval(arm, name, share=True))]
        for name, words in BEHAVIOURS.items()
    ]
    same = all(getattr(settings, name) == value for name, value in arm.items())
    return Table(
        [
            "",
            "This run: before",
            "This run: after",
            "Recorded: after" if same else "Recorded: after, the nearest settings",
        ],
        rows,
        f"“{settings.pairs}”. Recorded by “{found.command}”: β {arm['beta']}, NLL weight {arm['nll_weight']}, learning "
        f"rate {float(arm['learning_rate']):.5f}, {found.configuration['constants']['steps']} steps; means of "
        f"{len(found.seeds)} seeds with 95 % intervals",
    )


def nearest_arm(settings: Settings, found: Recorded) -> Mapping[str, str | int | float | bool]:
    """The recorded arm with the same pairs and settings most like these."""

    def distance(arm: Mapping[str, str | int | float | bool]) -> tuple[float, ...]:
        beta, weight, rate = (float(arm[name]) for name in ("beta", "nll_weight", "learning_rate"))
        return (
            abs(weight - (0.5 if settings.nll_weight >= 0.1 else 0.0)),
            abs(rate / settings.learning_rate - 1)
            if rate > settings.learning_rate
            else settings.learning_rate / rate - 1,
            abs(beta - settings.beta),
        )

    return min((arm for arm in found.arms if arm["pairs"] == settings.pairs), key=distance)


def recorded_chart(found: Recorded, name: str, arms: Mapping[str, Mapping[str, str | int | float | bool]]) -> Chart:
    """Bars of one recorded number, for arms with their labels."""
    words = {**NATS, **BEHAVIOURS, "best": "Chosen replies at their best: change, nats a reply"}[name]
    share = name in BEHAVIOURS
    bars = []
    for label, arm in arms.items():
        interval = found.interval(arm, name, share=share)
        bars.append(Bar(label, interval.mean, interval.low, interval.high))
    return bar_chart(
        bars,
        title=f"Recorded: {words[0].lower()}{words[1:]}",
        alt=f"{words}: " + "; ".join(f"{bar.label} {bar.value:.2f}" for bar in bars) + ".",
        x=f"mean of {len(found.seeds)} seeds with its 95 % interval",
        domain=(0, 1) if share else None,
    )


def interval_text(interval: Interval) -> str:
    """A change's mean over seeds with its interval."""
    return f"{signed(interval.mean)} [{signed(interval.low)}, {signed(interval.high)}]"


def _share(interval: Interval) -> str:
    low, high = (f"{100 * end:.0f}" for end in (interval.low, interval.high))
    return f"{100 * interval.mean:.0f} % [{low}, {high}]"
