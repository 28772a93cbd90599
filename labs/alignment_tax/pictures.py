"""What the lab shows of a narrow training: the loss on pages, what was bought and lost, and both in one plane."""

from collections.abc import Sequence

from labs.alignment_tax.measuring import MEASURES, Measured
from labs.alignment_tax.recorded_pictures import X_AXIS, recorded_kind, recorded_points, said_number
from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.drawing.lines import Line, line_chart
from labs.core.drawing.points import Points, point_chart
from labs.core.sweeping import Recorded

SHOWN_KINDS = ("example page", "code", "mapping page")
"""Of the seventeen kinds of page these have lines of their own: hurt much, hurt, and hardly hurt."""
LEAST_RISE = -0.25
MOST_RISES = (3.0, 10.0, 30.0, 100.0)
"""How high the picture of losses goes: the first that is enough, so that its axis stands still for long."""
type Look = tuple[int, Measured]  # what was measured after so many steps


def rise_chart(looks: Sequence[Look], steps: int, revive: int) -> Chart:
    """How much more a token of held-out pages costs than at the start, as the training goes on."""
    now = looks[-1][1]
    xs = [step for step, _ in looks]
    lines = [Line("all 17 kinds, mean", xs, [one.values["pages"] for _, one in looks])]
    lines += [Line(kind, xs, [one.rises[kind] for _, one in looks]) for kind in SHOWN_KINDS]
    return line_chart(
        lines,
        title="This run: the tax, loss on held-out pages less the base model's",
        alt=(
            f"After {looks[-1][0]} of {steps + revive} steps a token of held-out pages costs "
            f"{now.values['pages']:+.2f} nats against the start, in the mean over the kinds; on example pages "
            f"{now.rises['example page']:+.2f}.{_turn(steps, revive)}"
        ),
        x=_steps(steps, revive),
        y="nats a token, against the start",
        x_domain=(0, steps + revive),
        y_domain=(LEAST_RISE, _top(lines)),
    )


def skill_chart(looks: Sequence[Look], kind: str, steps: int, revive: int) -> Chart:
    """What was bought and the few-shot skill, as the training goes on."""
    now = looks[-1][1].values
    xs = [step for step, _ in looks]
    names = {"skill": f"bought: right on {kind}", "ends": "bought: ends its turn"}
    names |= {"examples": "few-shot: examples of a relation", "lists": "few-shot: right answers"}
    names["mappings"] = "few-shot: pairs of a fresh mapping"
    return line_chart(
        [Line(said, xs, [one.values[name] for _, one in looks]) for name, said in names.items()],
        title="This run: skill bought, and few-shot skill",
        alt=(
            f"After {looks[-1][0]} of {steps + revive} steps the model says the right thing to {percent(now['skill'])} "
            f"of the {kind} and ends its turn in {percent(now['ends'])}. After three examples of a relation it goes on "
            f"rightly in {percent(now['examples'])}."
            f"{_turn(steps, revive)}"
        ),
        x=_steps(steps, revive),
        y="share",
        x_domain=(0, steps + revive),
        y_domain=(0, 1),
    )


def kinds_chart(measured: Measured) -> Chart:
    """The rise of the loss on each kind of page after the narrow training."""
    ordered = sorted(measured.rises.items(), key=lambda item: -item[1])
    (worst, most), (least, fewest) = ordered[0], ordered[-1]
    return bar_chart(
        [Bar(kind, rise, said=f"{rise:+.2f}") for kind, rise in ordered],
        title="This run: who pays, the tax by kind of page after the narrow training",
        alt=f"The loss rose most on pages of the kind “{worst}”, by {most:.2f} nats a token, and least on those of the "
        f"kind “{least}”, by {fewest:+.2f}.",
        x="rise of the loss on held-out pages, nats a token",
    )


def plane_chart(yours: Sequence[Look], kind: str, found: Recorded) -> Chart:
    """Bought against lost: the reader's training as a path, the recorded remedies as points."""
    series = [
        Points(
            "this run, step by step",
            [100 * one.values["skill"] for _, one in yours],
            [one.values["pages"] for _, one in yours],
            labels=[f"step {step}" if step in (0, yours[-1][0]) else "" for step, _ in yours],
            path=True,
        ),
        *recorded_points(kind, found),
    ]
    values = yours[-1][1].values
    return point_chart(
        series,
        title=f"What {kind} cost: this run, and the remedies recorded by “{found.command}”",
        alt=(
            f"This run ends at {percent(values['skill'])} bought and {values['pages']:+.2f} nats lost. The recorded "
            f"point of {recorded_kind(kind, found)} without a remedy, at the same learning rate, lies high, those with "
            f"pages in training low and nearly as far to the right."
        ),
        x=f"bought: says the right thing on {kind}, %",
        y="tax: rise of the loss on pages, nats a token",
        x_domain=X_AXIS,
    )


def outcome_table(measured: Sequence[Measured], revive: int) -> Table:
    """Everything measured: at the start, after the narrow training, and after the revival if there was one."""
    rows: list[list[object]] = [
        [words, *(said_number(name, one.values[name]) for one in measured)] for name, words in MEASURES.items()
    ]
    heads = ["", "At the start", "After the narrow training", f"After {revive} steps of pages"]
    return Table(heads[: 1 + len(measured)], rows, "This run. All replies and lines are greedy")


def replies_table(prompts: Sequence[str], before: Sequence[str], now: Sequence[str], step: int) -> Table:
    """Replies of the base model, and of the model as it is now."""
    return Table(
        ["You say", f"After {step} steps", "Before: the base model"],
        [list(row) for row in zip(prompts, now, before, strict=True)],
        "This run: the likeliest reply to each. ⏎ is a line break, … is where we stopped it.",
    )


def _top(lines: Sequence[Line]) -> float:
    highest = max(max(line.ys) for line in lines)
    return next((top for top in MOST_RISES if highest <= top), highest)


def _turn(steps: int, revive: int) -> str:
    return f" From step {steps} on it reads pages again." if revive else ""


def _steps(steps: int, revive: int) -> str:
    return f"step (from {steps} on: pages of pretraining)" if revive else "step"
