"""Points in a plane, told apart by shapes and names: one measure against another, with the curve they lie on."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.charts import Chart
from labs.core.contract.tables import Table
from labs.core.drawing.lines import DASHES, SHAPES, check_rows, legend_of, scale_of, short


@dataclass(frozen=True)
class Points:
    """A named series of points, each with a label if it has one and an interval of y if it has one.

    With `path` a thin line joins them in their order; without `marks` that line is all there is: a fitted curve.
    Raises: ValueError if its rows differ in length, or nothing of it would be seen.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    labels: Sequence[str] = ()
    lows: Sequence[float] | None = None
    highs: Sequence[float] | None = None
    path: bool = False
    marks: bool = True

    def __post_init__(self) -> None:
        """Refuse points without a place, and what would not be drawn."""
        labels = self.labels or None
        check_rows(self.name, len(self.xs), ys=self.ys, labels=labels, lows=self.lows, highs=self.highs)
        if not (self.path or self.marks):
            raise ValueError(f"{self.name}: expected a path, marks or both, got neither; nothing would be seen.")


def point_chart(
    series: Sequence[Points],
    *,
    title: str,
    alt: str,
    x: str,
    y: str,
    x_domain: tuple[float, float] | None = None,
    y_domain: tuple[float, float] | None = None,
    height: int = 260,
) -> Chart:
    """One chart of all series; give domains where it grows, so that its axes stand still.

    With a domain of (0, 1) values are shares, and that axis counts in percent.
    Raises: ValueError without series, or if there are more than can be told apart.
    """
    if not 1 <= len(series) <= len(SHAPES):
        raise ValueError(f"series: expected 1 to {len(SHAPES)}, got {len(series)}; draw two charts.")
    names = [one.name for one in series]
    rows = [row for one in series for row in _rows(one)]
    across, up = _axis("x", x, x_domain), _axis("y", y, y_domain)
    named = {"field": "series", "type": "nominal", "legend": legend_of(names)}

    def by(values: Sequence[object]) -> dict[str, object]:
        return {**named, "scale": {"domain": names, "range": list(values)[: len(names)]}}

    colour = {**named, "scale": {"domain": names}}
    layers: list[dict[str, object]] = []
    if any(one.lows is not None for one in series):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "rule", "opacity": 0.7},
                "encoding": {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            }
        )
    if any(one.path for one in series):
        # In the order of the rows: a path may turn back, where a line would be sorted by x.
        order = {"field": "place", "type": "quantitative"}
        layers.append(
            {
                "transform": [{"filter": "datum.path"}],
                "mark": {"type": "line", "strokeWidth": 1.5, "clip": True},
                "encoding": {"x": across, "y": up, "color": colour, "strokeDash": by(DASHES), "order": order},
            }
        )
    marked = [{"filter": "datum.marks"}]
    layers.append(
        {
            "transform": marked,
            "mark": {"type": "point", "filled": True, "size": 70},
            "encoding": {"x": across, "y": up, "color": colour, "shape": by(SHAPES)},
        }
    )
    if any(one.labels for one in series):
        layers.append(
            {
                "transform": marked,
                "mark": {"type": "text", "align": "left", "dx": 7, "dy": -7},
                "encoding": {"x": across, "y": up, "text": {"field": "label", "type": "nominal"}},
            }
        )
    return Chart({"data": {"values": rows}, "height": height, "layer": layers}, title, alt, _table(series, x, y))


def _axis(field: str, title: str, domain: tuple[float, float] | None) -> dict[str, object]:
    axis = {"title": title, "tickCount": 5, **({"format": "%"} if domain == (0, 1) else {})}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale_of(domain)}


def _rows(one: Points) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for place, (x, y) in enumerate(zip(one.xs, one.ys, strict=True)):
        row: dict[str, object] = {"series": one.name, "place": place, "x": short(x), "y": short(y)}
        row |= {"path": one.path, "marks": one.marks, "label": one.labels[place] if one.labels else ""}
        if one.lows is not None and one.highs is not None:
            row |= {"low": short(one.lows[place]), "high": short(one.highs[place])}
        rows.append(row)
    return rows


def _table(series: Sequence[Points], x: str, y: str) -> Table:
    """Every point; a curve without marks stands there by its ends, for its points are not what was measured."""
    bounded = any(one.lows is not None for one in series)
    rows: list[list[object]] = []
    for one in series:
        for row in _rows(one) if one.marks else [*_rows(one)[:1], *_rows(one)[-1:]]:
            name = f"{one.name}: {row['label']}" if row["label"] else one.name
            ends = [row.get("low"), row.get("high")] if bounded else []
            rows.append([name, row["x"], row["y"], *ends])
    return Table(["Points", x, y, *(["from", "to"] if bounded else [])], rows)
