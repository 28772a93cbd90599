"""A picture of the stages: what each reads, what it makes, and which model it starts from."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.markup import escape
from labs.core.contract.tables import Table
from labs.lifecycle.stages import Cost

WIDTH, ROW, BOX = 340, 100, 76
DATA_X, DATA_WIDTH = 2, 146
MODEL_X, MODEL_WIDTH = 170, 152


@dataclass(frozen=True)
class Pipeline:
    """The stages one below the other, each with its data on the left; `current` is drawn with a thick frame.

    The last one is a side branch: a dashed arrow leads to it.
    """

    costs: Sequence[Cost]
    current: str

    @property
    def alt(self) -> str:
        """The picture in words."""
        said = [
            f"{cost.stage.name} has {cost.texts:,} {cost.stage.texts}, reads {cost.rows:,} rows "
            f"of {_millions(cost.tokens - cost.replayed)} tokens{_pages_again(cost)} "
            f"and makes the model {cost.stage.checkpoint}{_origin(cost)}"
            for cost in self.costs
        ]
        return f"{'; '.join(said)}. Now: {self.current}."

    def html(self) -> str:
        """The picture as SVG, in the page's own colours, no wider than a phone."""
        height = ROW * len(self.costs)
        parts = [
            f'<svg role="img" aria-label="{escape(self.alt)}" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            'style="max-width:100%;height:auto" font-size="12" fill="currentColor" stroke="none">'
        ]
        rows = {cost.stage.checkpoint: row for row, cost in enumerate(self.costs)}
        for row, cost in enumerate(self.costs):
            parts += self._row(row, cost)
            if cost.stage.parent is not None:
                parts.append(_arrow_down(rows[cost.stage.parent], row))
        return "\n".join([*parts, "</svg>"])

    def _row(self, row: int, cost: Cost) -> list[str]:
        top, now = row * ROW + 4, cost.stage.name == self.current
        middle = top + BOX / 2
        return [
            _box(DATA_X, top, DATA_WIDTH, 1, dashed=True),
            _words(
                DATA_X + 8,
                top,
                f"{cost.texts:,} {cost.stage.texts}",
                f"{cost.rows:,} rows read",
                f"{_millions(cost.tokens - cost.replayed)} tokens",
                f"+ {_millions(cost.replayed)} of pages" if cost.replayed else "",
            ),
            _line([(DATA_X + DATA_WIDTH, middle), (MODEL_X, middle)]),
            _box(MODEL_X, top, MODEL_WIDTH, 3 if now else 1),
            _words(
                MODEL_X + 8,
                top,
                f"{'▶ ' if now else ''}{cost.stage.name}",
                f"makes “{cost.stage.checkpoint}”",
                f"{cost.steps:,} steps, {cost.loss_nats:.2f} nats",
            ),
        ]

    def text(self) -> str:
        """The same as a table."""
        return Table(
            ["", "Stage", "Starts from", "Data", "Rows read", "Makes"],
            [
                [
                    "▶" if cost.stage.name == self.current else " ",
                    cost.stage.name,
                    cost.stage.parent or "nothing",
                    f"{cost.texts:,} {cost.stage.texts}",
                    f"{cost.rows:,}",
                    cost.stage.checkpoint,
                ]
                for cost in self.costs
            ],
            "The stages",
        ).text()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html(), "text/plain": self.text()}


def _origin(cost: Cost) -> str:
    return f", starting from {cost.stage.parent}" if cost.stage.parent else ", starting from random weights"


def _pages_again(cost: Cost) -> str:
    return f" and {_millions(cost.replayed)} tokens of pages again" if cost.replayed else ""


def _millions(count: int) -> str:
    return f"{count / 1e6:.1f} million"


def _box(x: float, y: float, width: float, stroke: int, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="3 3"' if dashed else ""
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{BOX}" rx="6" fill="none" stroke="currentColor" '
        f'stroke-width="{stroke}"{dash}/>'
    )


def _words(x: float, top: float, *lines: str) -> str:
    return "".join(
        f'<text x="{x}" y="{top + 18 + 17 * place}"{" font-weight='600'" if place == 0 else ""}>{escape(line)}</text>'
        for place, line in enumerate(lines)
        if line
    )


def _line(points: Sequence[tuple[float, float]], dashed: bool = False) -> str:
    """A line with a head at its end, which points the way that its last part goes."""
    path = " ".join(f"{x},{y}" for x, y in points)
    (x0, _y0), (x1, y1) = points[-2:]
    if x1 != x0:
        side = 6 if x1 > x0 else -6
        head = f"{x1},{y1} {x1 - side},{y1 - 4} {x1 - side},{y1 + 4}"
    else:
        head = f"{x1},{y1} {x1 - 4},{y1 - 6} {x1 + 4},{y1 - 6}"
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="currentColor"{dash}/><polygon points="{head}"/>'


def _arrow_down(start: int, end: int) -> str:
    """From the box of one row to that of a later one, around those between."""
    if end == start + 1:
        x = MODEL_X + MODEL_WIDTH / 2
        return _line([(x, start * ROW + 4 + BOX), (x, end * ROW + 4)])
    right, out = MODEL_X + MODEL_WIDTH, WIDTH - 8
    first, last = start * ROW + 4 + BOX / 2, end * ROW + 4 + BOX / 2
    return _line([(right, first), (out, first), (out, last), (right, last)], dashed=True)
