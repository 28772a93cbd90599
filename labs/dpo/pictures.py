"""What the lab shows of a training, while it goes on and when it is over."""

import math
from collections.abc import Sequence

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.dpo.looking import GROUPS, Look, changes, held_out_loss, margin

LN2 = math.log(2)
LOWEST = -10.0
"""How far down the picture of log-probabilities goes, unless the chosen replies fall lower."""

type Looks = Sequence[tuple[int, Look]]
"""Held-out pairs after so many steps; the first is the start."""


def loss_chart(losses: Sequence[tuple[int, float]], looks: Looks, beta: float, steps: int) -> Chart:
    """The loss of each batch and of held-out pairs, and ln 2."""
    start = looks[0][1]
    others = [(step, held_out_loss(look, start, beta)) for step, look in looks]
    top = _rung(max(value for _, value in [*losses, *others]), (0.8, 2.0, 5.0))
    lines = [Line("held-out pairs", *_columns(others)), Line("ln 2: nothing learned", [0, steps], [LN2, LN2])]
    if losses:
        lines.insert(0, Line("pairs of each batch", *_columns(losses)))
    began = f"It was {losses[0][1]:.4f} at the first step (ln 2 is {LN2:.4f}). " if losses else ""
    return line_chart(
        lines,
        title="This run: the DPO loss",
        alt=f"The loss on pairs. {began}On held-out pairs it is {others[-1][1]:.3f} after {others[-1][0]} steps.",
        x="step",
        y="nats a pair",
        x_domain=(0, steps),
        y_domain=(0, top),
    )


def margin_chart(margins: Sequence[tuple[int, float]], looks: Looks, beta: float, steps: int) -> Chart:
    """The margin of implicit rewards."""
    start = looks[0][1]
    others = [(step, margin(look, start, beta)) for step, look in looks]
    values = [value for _, value in [*margins, *others]]
    top = _rung(max(values), (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0))
    lines = [Line("held-out pairs", *_columns(others))]
    if margins:
        lines.insert(0, Line("pairs of each batch", *_columns(margins)))
    return line_chart(
        lines,
        title="This run: the margin",
        alt=f"The margin of implicit rewards on held-out pairs is {others[-1][1]:+.2f} after {others[-1][0]} steps.",
        x="step",
        y="margin of implicit rewards",
        x_domain=(0, steps),
        y_domain=(min(-0.1 * top, min(values)), top),
    )


def replies_chart(looks: Looks, steps: int) -> Chart:
    """By how much chosen and rejected replies have become likelier; what falls out of the picture ends at its edge."""
    start = looks[0][1]
    moved = [(step, *changes(look, start)) for step, look in looks]
    chosen = [(step, value) for step, value, _ in moved]
    rejected = [(step, value) for step, _, value in moved]
    bottom = -_rung(-min(value for _, value in chosen), (-LOWEST, 40.0, 150.0))
    cut = _cut(rejected, bottom)
    lines = [Line("chosen", *_columns(chosen)), Line("rejected", *_columns(cut))]
    lines.append(Line("as at the start", [0, steps], [0.0, 0.0]))
    last = moved[-1]
    below = f"; the line leaves the picture below {bottom:.0f}" if len(cut) < len(rejected) or cut != rejected else ""
    return line_chart(
        lines,
        title="This run: log-probability of held-out replies, change since the start",
        alt=(
            f"After {last[0]} steps the chosen replies' log-probability has changed by {last[1]:+.2f} nats a reply, "
            f"the rejected ones' by {last[2]:+.1f}{below}."
        ),
        x="step",
        y="nats a reply",
        x_domain=(0, steps),
        y_domain=(bottom, 4.0),
    )


def shares_chart(looks: Looks, steps: int) -> Chart:
    """Where the probability lies."""
    shown = [group for group in GROUPS if any(look.shares[group] > 0 for _, look in looks)]
    last = looks[-1]
    return line_chart(
        [Line(GROUPS[group], *_columns([(step, look.shares[group]) for step, look in looks])) for group in shown],
        title="This run: where the probability lies",
        alt=f"Of all that the model could write to held-out questions, after {last[0]} steps: "
        + ", ".join(f"{GROUPS[group]} {percent(last[1].shares[group])}" for group in shown)
        + ".",
        x="step",
        y="share of the probability",
        x_domain=(0, steps),
        y_domain=(0, 1),
    )


def tokens_table(texts: Sequence[str], before: Sequence[float], after: Sequence[float]) -> Table:
    """A chosen reply, token by token: which of them made the whole likelier or less likely."""
    rows: list[list[object]] = [
        [text, percent(one), percent(other), signed(_gain(one, other))]
        for text, one, other in zip(texts, before, after, strict=True)
    ]
    total = sum(map(_gain, before, after))
    rows.append(["all of it", percent(math.prod(before)), percent(math.prod(after)), signed(total)])
    return Table(
        ["Token", "Probability before", "After", "Change, nats"],
        rows,
        "This run: of the held-out chosen replies the one that lost most, or gained least, token by token. Each "
        "token's probability is that after those above it. · is a space",
    )


def signed(value: float) -> str:
    """A change with its sign and two digits; what rounds to nothing is 0.

    Example: -0.5 -> "−0.50"
    """
    return f"{value:+.2f}".replace("-", "−") if abs(value) >= 0.005 else "0"


def _gain(before: float, after: float) -> float:
    """By how much a probability's logarithm has grown, in nats."""
    return math.log(max(after, 1e-30) / max(before, 1e-30))


def _rung(value: float, ladder: Sequence[float]) -> float:
    """The first of a ladder's values that is large enough, so that axes stand still for as long as they can."""
    return next((rung for rung in ladder if value <= rung), max(value, ladder[-1]))


def _cut(points: Sequence[tuple[int, float]], bottom: float) -> list[tuple[float, float]]:
    """The points down to where their line meets the bottom."""
    kept: list[tuple[float, float]] = []
    for step, value in points:
        if value < bottom:
            before, above = kept[-1]
            kept.append((before + (step - before) * (above - bottom) / (above - value), bottom))
            break
        kept.append((step, value))
    return kept


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
