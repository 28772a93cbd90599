"""Lines over an axis, told apart by dashes, shapes and names, with bands for intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.charts import Chart
from labs.core.contract.tables import Table

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
MOST_POINTS = 30
"""A line of more points is drawn without marks on them."""
MOST_ROWS = 40
"""Rows of a line in the table below; of a longer one every k-th stands there, and the last."""


@dataclass(frozen=True)
class Line:
    """A named line through points, from left to right, with an interval around each if there is one.

    Raises: ValueError if its rows differ in length.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    lows: Sequence[float] | None = None
    highs: Sequence[float] | None = None

    def __post_init__(self) -> None:
        """Refuse points without a place."""
        check_rows(self.name, len(self.xs), ys=self.ys, lows=self.lows, highs=self.highs)


def check_rows(series: str, n: int, **rows: Sequence[object] | None) -> None:
    """Refuse rows of a series that are not as long as its xs; None is a row that it does not have.

    Raises: ValueError with the row's name.
    """
    for name, row in rows.items():
        if row is not None and len(row) != n:
            raise ValueError(f"{series}: expected {n} {name}, one an x, got {len(row)}; cut both.")


def line_chart(
    lines: Sequence[Line],
    *,
    title: str,
    alt: str,
    x: str,
    y: str,
    x_domain: tuple[float, float] | None = None,
    y_domain: tuple[float, float] | None = None,
    height: int = 220,
) -> Chart:
    """One chart of all lines; give domains where it grows, so that its axes stand still.

    With the y domain (0, 1) values are shares, and the axis counts in percent.
    Raises: ValueError without lines, or if there are more than can be told apart.
    """
    if not 1 <= len(lines) <= len(DASHES):
        raise ValueError(f"lines: expected 1 to {len(DASHES)}, got {len(lines)}; draw two charts.")
    names = [line.name for line in lines]
    rows = [
        {"line": line.name, "x": float(at), "y": short(value), **_interval(line, place)}
        for line in lines
        for place, (at, value) in enumerate(zip(line.xs, line.ys, strict=True))
    ]
    y_axis: dict[str, object] = {"title": y, "tickCount": 5}
    if y_domain == (0, 1):
        y_axis["format"] = "%"
    across = {"field": "x", "type": "quantitative", "axis": {"title": x, "tickCount": 6}, "scale": scale_of(x_domain)}
    up = {"field": "y", "type": "quantitative", "axis": y_axis, "scale": scale_of(y_domain)}

    def by(values: Sequence[object]) -> dict[str, object]:
        scale = {"domain": names, "range": list(values)[: len(names)]}
        return {"field": "line", "type": "nominal", "scale": scale, "legend": legend_of(names)}

    colour = {"field": "line", "type": "nominal", "scale": {"domain": names}, "legend": legend_of(names)}
    layers: list[dict[str, object]] = []
    if any(line.lows is not None for line in lines):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "area", "opacity": 0.2},
                "encoding": {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            }
        )
    layers.append(
        {
            "mark": {"type": "line", "strokeWidth": 2, "clip": True},
            "encoding": {"x": across, "y": up, "color": colour, "strokeDash": by(DASHES)},
        }
    )
    if max(len(line.xs) for line in lines) <= MOST_POINTS:
        layers.append(
            {
                "mark": {"type": "point", "filled": True, "size": 45},
                "encoding": {"x": across, "y": up, "color": colour, "shape": by(SHAPES)},
            }
        )
    spec = {"data": {"values": rows}, "height": height, "layer": layers}
    return Chart(spec, title, alt, _table(lines, x, y))


def legend_of(names: Sequence[str]) -> dict[str, object] | None:
    """The legend of these series; none where there is one series alone."""
    if len(names) < 2:
        return None
    return {"title": None, "symbolSize": 120, "symbolOpacity": 1, "columns": 1, "labelLimit": 280}


def scale_of(domain: tuple[float, float] | None) -> dict[str, object]:
    """The scale of a domain that stands still, or one that fits the data."""
    return {"zero": False} if domain is None else {"domain": list(domain), "nice": False}


def _interval(line: Line, place: int) -> dict[str, float]:
    if line.lows is None or line.highs is None:
        return {}
    return {"low": short(line.lows[place]), "high": short(line.highs[place])}


def _table(lines: Sequence[Line], x: str, y: str) -> Table:
    bounded = any(line.lows is not None for line in lines)
    rows: list[list[object]] = []
    for line in lines:
        every = -(-len(line.xs) // MOST_ROWS) or 1
        for place in range(len(line.xs)):
            if place % every and place != len(line.xs) - 1:
                continue
            ends: list[object] = [*_interval(line, place).values()] or [None, None]
            rows.append([line.name, line.xs[place], short(line.ys[place]), *(ends if bounded else [])])
    return Table(["Line", x, y, *(["from", "to"] if bounded else [])], rows)


def short(value: float) -> float:
    """Six significant digits: what a picture can show, and what two machines agree on."""
    return float(f"{value:.6g}")
