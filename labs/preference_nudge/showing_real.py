"""The real model's displays."""

from collections.abc import Iterator, Sequence

from labs.core.contract import Chart, Columns, Moving, Passage, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.preference_nudge.diagram import Box, Diagram
from labs.preference_nudge.real import Nudge, Reading
from labs.preference_nudge.showing import ACROSS, chances_chart, pair_columns

LISTED = (0, 1, 2, 4, 8, 12, 16)
"""The updates that the table has rows for, besides the last: early ones move most."""


def run_real(nudge: Nudge, updates: int) -> Iterator[object]:
    """Yield the pair, the moving chances and log-probabilities, how the update was computed, and every number."""
    prompt = nudge.preference.messages[-1].content
    yield pair_columns(prompt, (nudge.preference.chosen, nudge.preference.rejected), nudge.preferred)
    readings: list[Reading] = []
    for reading in nudge.readings(updates):
        readings.append(reading)
        yield Moving("chances", chances_chart([each.p_a for each in readings], nudge.preferred, ""))
        yield Moving("logps", logps_chart(readings, nudge.preferred))
    yield _diagram(nudge, readings)
    yield _loss_chart(readings) if nudge.method == "DPO" else _reward_chart(nudge, readings)
    yield _table(nudge, readings)
    yield Columns(
        [
            ("Before", Passage([(readings[0].reply, "written")], f"What the model writes to “{prompt}”")),
            (f"After update {updates}", Passage([(readings[-1].reply, "written")], "The same, greedily")),
        ]
    )


def logps_chart(readings: Sequence[Reading], preferred: str) -> Chart:
    """The two replies' own log-probabilities: what P(A) and P(B) are made of."""
    xs = [reading.update for reading in readings]
    first, last = readings[0], readings[-1]
    own, other = ("AB".index(name) for name in ((preferred, "B") if preferred == "A" else (preferred, "A")))
    moved = [last.logps[which] - first.logps[which] for which in (own, other)]
    lowest = -5.0
    while lowest > min(min(reading.logps) for reading in readings):
        lowest *= 2  # the axis seldom moves while the lines grow
    title = "Each reply's own log-probability"
    if displaced(readings, preferred):
        title = f"Likelihood displacement: {preferred}, which you prefer, has become less likely"
    return line_chart(
        [Line(f"ln p({name})", xs, [reading.logps[place] for reading in readings]) for place, name in enumerate("AB")],
        title=title,
        alt=(
            f"Log-probabilities of both replies over {last.update} updates, in nats. The preferred one moved by "
            f"{moved[0]:+.1f}, the other by {moved[1]:+.1f}."
        ),
        x="updates",
        y="nats",
        x_domain=ACROSS,
        y_domain=(lowest, 0.0),
        height=180,
    )


def displaced(readings: Sequence[Reading], preferred: str) -> bool:
    """Whether the preferred reply is now less likely than at the start, though it gained on the other."""
    own = "AB".index(preferred)
    first, last = readings[0], readings[-1]
    return last.logps[own] < first.logps[own] - 0.005 and last.margin > 0


def _diagram(nudge: Nudge, readings: Sequence[Reading]) -> Diagram:
    preferred, other = (nudge.preferred, "B") if nudge.preferred == "A" else (nudge.preferred, "A")
    last, before = readings[-1], readings[max(0, len(readings) - 2)]
    pair = Box("A pair", [f"you prefer {preferred} to {other}"])
    step = f"update {last.update}: " if last.update else ""
    moved = f"P(A) {percent(before.p_a)} → {percent(last.p_a)}" if last.update else f"P(A) {percent(last.p_a)}"
    model = Box("The model", [f"all weights −= {nudge.rate:g} · gradient", f"{step}{moved}"])
    if nudge.method == "DPO":
        loss = Box(
            "Direct loss", ["−ln σ(margin), straight from the pair", f"loss {last.loss:.3f}, weight {last.weight:.2f}"]
        )
        return Diagram("DPO", [pair, loss, model])
    found = nudge.judgement
    learned = f"after {_steps(found.steps)} of its head: {found.margin:+.1f}" if found.steps else "it agrees with you"
    reward = Box("Reward model", [f"r({preferred}) − r({other}) = {found.shipped_margin:+.1f}", learned])
    policy = Box("RL step", ["advantage: reward less β · drift", f"centred: {last.weight:+.2f} for {preferred}"])
    return Diagram("RLHF", [pair, reward, policy, model])


def _loss_chart(readings: Sequence[Reading]) -> Chart:
    xs = [reading.update for reading in readings]
    first, last = readings[0], readings[-1]
    return line_chart(
        [
            Line("loss, in nats", xs, [reading.loss for reading in readings]),
            Line("gradient weight σ(−margin)", xs, [reading.weight for reading in readings]),
        ],
        title=f"DPO's loss: {first.loss:.3f} at the start, {last.loss:.3f} now",
        alt=(
            f"The loss goes from {first.loss:.3f}, which is ln 2, to {last.loss:.3f}, and the gradient's weight from "
            f"{first.weight:.2f} to {last.weight:.2f}."
        ),
        x="updates",
        y="loss and weight",
        x_domain=ACROSS,
        height=160,
    )


def _reward_chart(nudge: Nudge, readings: Sequence[Reading]) -> Chart:
    xs = [reading.update for reading in readings]
    earned, last = nudge.judgement.margin, readings[-1]
    return line_chart(
        [
            Line("reward model's margin", xs, [earned for _ in readings]),
            Line("β · gain in log-ratio", xs, [reading.margin for reading in readings]),
        ],
        title=_where(last, earned),
        alt=(
            f"A level line at {earned:.2f}, the reward model's margin for your reply, and the price that β puts on "
            f"moving away, which went from 0 to {last.margin:.2f}. Where they meet, the gradient is 0."
        ),
        x="updates",
        y="reward",
        x_domain=ACROSS,
        height=160,
    )


def _where(last: Reading, earned: float) -> str:
    """Where the price stands: below the reward, at it, or, after a step that was too long, above it."""
    price = f"{last.margin:.2f}"
    if price == f"{earned:.2f}":
        return f"RLHF is at rest: its price, {price}, has used up the reward"
    if last.margin < earned:
        return f"RLHF pushes on: its price, {price}, is below the reward, {earned:.2f}"
    return f"RLHF turns back: its price, {price}, is above the reward, {earned:.2f}"


def _table(nudge: Nudge, readings: Sequence[Reading]) -> Table:
    dpo = nudge.method == "DPO"
    own = ["Margin", "Loss, nats", "Weight σ(−margin)"] if dpo else ["β · gain", "Advantage"]
    last = readings[-1].update
    some = [reading for reading in readings if reading.update in (*LISTED, last)]
    rows = [
        [
            reading.update,
            reading.reply,
            percent(reading.p_a),
            percent(1 - reading.p_a),
            *(f"{logp:.2f}" for logp in reading.logps),
            f"{reading.margin:.2f}",
            *([f"{reading.loss:.3f}"] if dpo else []),
            f"{reading.weight:.2f}",
            f"{reading.step:.2g}",
        ]
        for reading in some
    ]
    columns = ["Update", "The model writes", "P(A)", "P(B)", "ln p(A)", "ln p(B)", *own, "Step length"]
    left_out = "" if len(some) == len(readings) else "Some of the updates; the charts have all. "
    caption = (
        f"{left_out}P(A) and P(B): the softmax over the two replies' log-probabilities. Margins favour your reply. "
        "Step length: how far the update moved all weights, as one vector."
    )
    return Table(columns, rows, caption if dpo else f"{caption} {_said(nudge)}")


def _said(nudge: Nudge) -> str:
    """What the reward model thought of the reader's choice."""
    found = nudge.judgement
    scores = f"The reward model scored your reply {found.before[0]:.1f} and the other {found.before[1]:.1f}"
    if not found.steps:
        return f"{scores}: it agreed with you."
    verdict = "disagreed with you" if found.shipped_margin < 0 else "hardly told them apart"
    taught = f"{_steps(found.steps)} of its head on your choice"
    return f"{scores}: it {verdict}. After {taught} they are {found.after[0]:.1f} and {found.after[1]:.1f}."


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"
