"""What the lab shows: the reward model as it learns, what it likes, and how far climbing it is worth anything."""

from collections.abc import Mapping, Sequence

from labs.core.contract import Chart, Table
from labs.core.drawing.lines import Line, line_chart
from labs.core.drawing.points import Points, point_chart
from labs.core.world.preferences import Preference
from labs.rlhf.optimising import Reached, Written

SHOWN = 6
"""Pairs and replies that a table shows."""
SPREADS = "gain, standard deviations"


def pairs_table(preferences: Sequence[Preference], whose: str) -> Table:
    """The first pairs, as they were ranked."""
    rows = [[one.messages[-1].content, one.chosen, one.rejected] for one in preferences[:SHOWN]]
    return Table(
        ["Question", "Preferred", "Not preferred"], rows, f"This run: the first of {len(preferences)} pairs, {whose}"
    )


def learning_chart(accuracies: Sequence[tuple[int, float]], steps: int) -> Chart:
    """How often the reward model sides with its raters on the pairs that it is just learning from."""
    now = (
        f"{100 * accuracies[-1][1]:.0f}% after {accuracies[-1][0]} of {steps} steps" if accuracies else "still to come"
    )
    return line_chart(
        [Line("the pairs of the last 10 steps", [step for step, _ in accuracies], [share for _, share in accuracies])],
        title="This run: the reward model learns whom to side with",
        alt=f"The share of pairs in which the reward model prefers what the raters preferred: {now}.",
        x="step",
        y="share of pairs",
        x_domain=(0, steps),
        y_domain=(0, 1),
    )


def likes_table(likes: Mapping[str, float], raters: float | None, gold: float) -> Table:
    """What the proxy pays for, beside what the gold judge pays for it; in the caption how often it is right."""
    worth = dict(zip(likes, ("1", "1", "0", "0 or less", "0"), strict=True))
    rows: list[list[object]] = [[name, signed(points, 1), worth[name]] for name, points in likes.items()]
    sides = "" if raters is None else f"its raters in {100 * raters:.0f}%, with "
    return Table(
        ["One change to a reply", "Proxy, points", "Gold judge, points"],
        rows,
        "This run: what the reward model likes. "
        f"On held-out pairs it sides with {sides}the gold judge in {100 * gold:.0f}%",
    )


def climb_chart(best: Sequence[Reached], gradient: Sequence[Reached], gold_spread: float, far: float) -> Chart:
    """Gold and proxy over the distance from the start; the axes stand still."""
    series: list[Points] = []
    for name, points in (("best-of-n", best), ("policy gradient", gradient)):
        if points:
            xs = [point.distance for point in points]
            proxy = [round(point.proxy, 4) for point in points]  # the start is 0, and not a rounding error
            series.append(Points(f"proxy, {name}", xs, proxy, path=True))
            gold = [round(point.gold / gold_spread, 4) for point in points]
            series.append(Points(f"gold judge, {name}", xs, gold, path=True))
    return point_chart(
        series,
        title="This run: gains by the proxy, and by the gold judge",
        alt=" ".join(_said(name, points) for name, points in (("Best-of-n", best), ("Policy gradient", gradient))),
        x="distance from the start, √KL",
        y=SPREADS,
        x_domain=(0, far),
        y_domain=(-1.5, 3),
    )


def _said(name: str, points: Sequence[Reached]) -> str:
    if not points:
        return ""
    top, last = max(points, key=lambda point: point.gold), points[-1]
    return (
        f"{name}: the proxy ends {last.proxy:.1f} standard deviations above the start. The gold judge is highest at "
        f"{top.label}, by {signed(top.gold)} points, and ends at {signed(last.gold)}."
    )


def replies_table(written: Written, columns: Mapping[str, Sequence[tuple[str, float]]]) -> Table:
    """The same questions answered in several ways, each reply with what the gold judge gives it."""
    rows: list[list[object]] = [
        [task.question, *(f"{text.strip()} [{signed(gold, 1)}]".replace("\n", "⏎") for text, gold in replies)]
        for task, *replies in zip(written.tasks[:SHOWN], *columns.values(), strict=False)
    ]
    return Table(["Question", *columns], rows, "This run: replies, and in brackets what the gold judge gives each")


def measures_table(rows: Mapping[str, Reached]) -> Table:
    """The ends of the climb as numbers."""
    return Table(
        ["", "√KL", "Gold gain, points", "Proxy gain, st. dev.", "Says the cue", "Characters"],
        [
            [
                name,
                f"{one.distance:.2f}",
                signed(one.gold),
                signed(one.proxy),
                f"{100 * one.cue:.0f}%",
                f"{one.length:.0f}",
            ]
            for name, one in rows.items()
        ],
        "This run. Where the proxy gains and the gold judge does not, that is reward hacking",
    )


def signed(value: float, digits: int = 2) -> str:
    """A gain with its sign, and no sign at nothing."""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}" if rounded else f"{0:.{digits}f}"
