"""What the lab shows: three ways to ask, what changes in training, and the reader's run on the recorded curve."""

from collections.abc import Mapping, Sequence

from labs.core.contract import Chart, Columns, Passage, Table
from labs.core.contract.passages import By
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.core.drawing.points import Points, point_chart
from labs.core.model.arrays import Floats
from labs.core.sweeping import Interval, Recorded
from labs.core.world.judge import is_agreeing
from labs.sycophancy.asking import GROUPS, Asked
from labs.sycophancy.measuring import MEASURES, Replies
from labs.sycophancy.tuning import Settings, predicted_flips

CURVES = {
    "agrees": "wrong opinion: agrees",
    "wrong_opinion": "wrong opinion: right",
    "right_opinion": "right opinion: right",
    "no_opinion": "no opinion: right",
}
"""What moves while the model trains."""
BETA, NLL = 0.1, 0.5
"""DPO's settings of the recorded curve."""
P_GRID = tuple(i / 50 for i in range(51))


def three_ways(asked: Sequence[Asked], states: Mapping[str, Sequence[Replies]]) -> Columns:
    """One question asked three ways, with the replies of each state of the model.

    It is the first on which the model gave in, or else the first of all.
    """
    agreed = [
        place
        for place, one in enumerate(asked)
        if any(is_agreeing(one.wrong, replies[place].wrong) for replies in states.values())
    ]
    place = agreed[0] if agreed else 0
    one, said = asked[place], {state: replies[place] for state, replies in states.items()}
    wrong = "A wrong opinion, the first that it agreed with" if agreed else "A wrong opinion"
    ways = (
        ("No opinion", one.neutral, [reply.neutral for reply in said.values()]),
        (wrong, one.wrong, [reply.wrong for reply in said.values()]),
        ("A right opinion", one.right, [reply.right for reply in said.values()]),
    )
    return Columns([(heading, _passage(task.question, list(said), replies)) for heading, task, replies in ways])


def _passage(question: str, states: Sequence[str], replies: Sequence[str]) -> Passage:
    parts: list[tuple[str, By]] = []
    for state, reply in zip(states, replies, strict=True):
        parts += [(f"{state}: ", "given"), (reply, "written"), ("\n", "given")]
    return Passage(parts[:-1], question)


def behaviour_chart(
    looks: Sequence[tuple[int, Mapping[str, float]]], cases: int, raters: int, total: int, seen: str
) -> Chart:
    """What the model does while raters, and then counterexamples, train it; the axes stand still."""
    step, now = looks[-1]
    then = f", then counterexamples from step {raters} on" if total > raters else ""
    return line_chart(
        [Line(name, [at for at, _ in looks], [values[key] for _, values in looks]) for key, name in CURVES.items()],
        title=f"This run: {cases} questions, asked three ways, while raters train the model{then}",
        alt=(
            f"{seen} After step {step} of {total} the model agrees with {percent(now['agrees'])} of wrong opinions. It "
            f"is right in {percent(now['wrong_opinion'])} after a wrong opinion, in {percent(now['right_opinion'])} "
            f"after a right one and in {percent(now['no_opinion'])} without any."
        ),
        x="step",
        y="share of replies",
        x_domain=(0, total),
        y_domain=(0, 1),
    )


def measures_table(columns: Mapping[str, Mapping[str, float]], settings: Settings, found: Recorded) -> Table:
    """The reader's run, step by step of its way, beside the recorded arm that is nearest."""
    arm = nearest_arm(settings, found)
    rows: list[list[object]] = [
        [
            words,
            *(percent(values[name]) for values in columns.values()),
            interval_text(found.interval(arm, name, share=True)),
        ]
        for name, words in MEASURES.items()
    ]
    constants = found.configuration["constants"]
    return Table(
        ["", *columns, f"Recorded after raters: {', '.join(f'{name} = {value}' for name, value in arm.items())}"],
        rows,
        f"This run, and the nearest recorded arm (by “{found.command}”: {constants['steps']} steps on "
        f"{constants['pairs']} pairs, no cure; mean with 95 % interval of {len(found.seeds)} seeds)",
    )


def groups_table(columns: Mapping[str, Sequence[float]], cases: int) -> Table:
    """The flip rate on other kinds of questions than those of the pairs."""
    rows: list[list[object]] = [
        [group, *(percent(values[place]) for values in columns.values())] for place, group in enumerate(GROUPS)
    ]
    return Table(
        ["Questions", *columns], rows, f"This run: how often it agrees with a wrong opinion, {cases} questions each"
    )


def curve_chart(found: Recorded, head_starts: Floats, yours: tuple[float, float] | None, beta: float = BETA) -> Chart:
    """Flip rate against p: recorded, predicted for this beta, and the reader's run."""
    arms = sorted(
        (arm for arm in found.arms if (arm["beta"], arm["nll"]) == (BETA, NLL)), key=lambda arm: float(arm["p"])
    )
    intervals = [found.interval(arm, "agrees", share=True) for arm in arms]
    predicted = [predicted_flips(head_starts, p, beta) for p in P_GRID]
    series = [
        Points(
            f"recorded, beta {BETA}",
            [float(arm["p"]) for arm in arms],
            [one.mean for one in intervals],
            lows=[one.low for one in intervals],
            highs=[one.high for one in intervals],
            path=True,
        ),
        Points(f"predicted, beta {beta:g}", P_GRID, predicted, path=True, marks=False),
    ]
    said = ""
    if yours is not None:
        series.append(Points("your run, after raters", [yours[0]], [yours[1]]))
        said = f" Your run: {percent(yours[1])} at p = {yours[0]:g}."
    points = ", ".join(f"{percent(one.mean)} at {arm['p']}" for arm, one in zip(arms, intervals, strict=True))
    half = next((p for p, share in zip(P_GRID, predicted, strict=True) if share >= 0.5), 1.0)
    return point_chart(
        series,
        title="Recorded and predicted: flip rate against how often raters prefer agreement",
        alt=f"Recorded flip rates: {points}. The prediction passes one half at p = {half:.2f}.{said}",
        x="p, how often raters prefer the agreeing reply",
        y="agrees with a wrong opinion",
        x_domain=(0, 1),
        y_domain=(0, 1),
    )


def nearest_arm(settings: Settings, found: Recorded) -> Mapping[str, str | int | float | bool]:
    """The recorded arm whose settings are nearest to the reader's: of the loss, then beta, then p."""
    yours = {"nll": settings.nll, "beta": settings.beta, "p": settings.p}
    return min(found.arms, key=lambda arm: [abs(float(arm[name]) - value) for name, value in yours.items()])


def interval_text(interval: Interval) -> str:
    """A share with its interval: 48% [40, 56]."""
    return f"{percent(interval.mean)} [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
