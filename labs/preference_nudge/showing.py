"""What both modes show: the pair, and how the chances move."""

from collections.abc import Sequence

from labs.core.contract import Chart, Columns, Passage
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart

MOST_UPDATES = 20
ACROSS = (0, MOST_UPDATES)


def pair_columns(prompt: str, replies: tuple[str, str], preferred: str, note: str = "") -> Columns:
    """Reply A and reply B side by side, each with its prompt, the preferred one named."""
    return Columns(
        [
            (
                f"{name}, which you prefer" if name == preferred else name,
                Passage([(reply, "given")], f"{note}Reply to “{prompt}”"),
            )
            for name, reply in zip("AB", replies, strict=True)
        ]
    )


def chances_chart(chances: Sequence[float], preferred: str, note: str) -> Chart:
    """P(A) and P(B) after each update so far."""
    xs = list(range(len(chances)))
    first, last = chances[0], chances[-1]
    return line_chart(
        [Line("P(A)", xs, chances), Line("P(B)", xs, [1 - chance for chance in chances])],
        title=f"{note}P(A) {percent(last)}, P(B) {percent(1 - last)} after {updates_of(len(chances) - 1)}",
        alt=(
            f"Two lines that mirror each other. You prefer {preferred}. P(A) went from {percent(first)} to "
            f"{percent(last)}, P(B) from {percent(1 - first)} to {percent(1 - last)}."
        ),
        x="updates",
        y="probability",
        x_domain=ACROSS,
        y_domain=(0, 1),
        height=160,
    )


def updates_of(count: int) -> str:
    """A count in words: 1 update, 3 updates."""
    return f"{count} update{'' if count == 1 else 's'}"
