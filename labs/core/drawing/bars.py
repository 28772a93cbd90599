"""Bars with their words above them, which leaves a narrow screen its full width."""

import json
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.charts import Chart
from labs.core.contract.markup import value_text
from labs.core.contract.tables import Table
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import short

LINE = 42
"""Characters of a label that a phone has room for; where one is longer, names stand above values."""
LINE_HEIGHT = 15


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value, an interval if there is one, and the group that it belongs to.

    `said` is the value in words, where neither a percentage nor the plain number will do.
    """

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    group: str = ""
    said: str = ""


def bar_chart(
    bars: Sequence[Bar],
    *,
    title: str,
    alt: str,
    x: str,
    domain: tuple[float, float] | None = None,
    log: bool = False,
) -> Chart:
    """Horizontal bars, from the first at the top; groups differ in colour, in dashes and in words.

    With the domain (0, 1) values are shares, and shown as percentages. With `log` the axis is logarithmic.
    Raises: ValueError without bars, or if one of a logarithmic axis is not positive.
    """
    if not bars:
        raise ValueError("bars: expected at least one, got none; there is nothing to draw.")
    if log and (low := min(bar.value for bar in bars)) <= 0:
        raise ValueError(f"bars: expected values above 0 on a logarithmic axis, got {low:g}; leave it out.")
    shares = domain == (0, 1)
    floor = _decade_below(min(bar.value for bar in bars)) if log else 0.0
    groups = list(dict.fromkeys(bar.group for bar in bars))
    labels = [_label(bar, shares) for bar in bars]
    folded = any(len(" ".join(label)) > LINE for label in labels)
    lines = [(*textwrap.wrap(name, LINE), value) if folded else (f"{value}  {name}",) for value, name in labels]
    most_lines = max(map(len, lines))
    padded = ["\n".join([" "] * (most_lines - len(label)) + [*label]) for label in lines]  # all end right above a bar
    rows = [
        {
            "place": f"{number:03}",
            "label": padded[number],
            "group": bar.group,
            "value": short(bar.value),
            "floor": floor,
            "low": None if bar.low is None else short(bar.low),
            "high": None if bar.high is None else short(bar.high),
        }
        for number, bar in enumerate(bars)
    ]
    scale: dict[str, object] = {"type": "log"} if log else {"zero": True}
    if domain is not None:
        scale["domain"] = list(domain)
    elif log:
        scale["domainMin"] = floor
    axis: dict[str, object] = {"title": x, "tickCount": 5}
    if shares:
        axis["format"] = "%"
    elif log:
        axis["labelExpr"] = "replace(format(datum.value, '~s'), 'G', 'B')"  # a billion is B where money is counted too
    value = {"field": "value", "type": "quantitative", "scale": scale, "axis": axis}
    group = {"field": "group", "type": "nominal", "scale": {"domain": groups}, "legend": None}
    below = 9 + LINE_HEIGHT * (most_lines - 1) / 2  # the words take the upper part of a bar's place
    hollow = f"datum.group !== {_quoted(groups[0])}"
    layers: list[dict[str, object]] = [
        {
            "mark": {"type": "bar", "height": 12, "yOffset": below, "strokeWidth": 1.5},
            "encoding": {
                "x": value,
                "x2": {"field": "floor"},
                "color": group,
                "stroke": group,
                "fillOpacity": {"condition": {"test": hollow, "value": 0.15}, "value": 0.6},
                "strokeDash": {
                    "condition": [
                        {"test": f"datum.group === {_quoted(name)}", "value": dash}
                        for name, dash in zip(groups[1:], ([4, 2], [1, 2], [8, 3], [6, 2, 1, 2]), strict=False)
                    ],
                    "value": [1, 0],
                },
            },
        },
        {
            "mark": {
                "type": "text",
                "align": "left",
                "baseline": "middle",
                "dy": -9 - LINE_HEIGHT * (most_lines - 1) / 2,
                "lineBreak": "\n",
                "lineHeight": LINE_HEIGHT,
            },
            "encoding": {"x": {"value": 0}, "text": {"field": "label"}},  # the left edge, wherever 0 is
        },
    ]
    if any(bar.low is not None for bar in bars):
        layers.append(
            {
                "transform": [{"filter": "datum.low !== null"}],
                "mark": {"type": "rule", "yOffset": below, "strokeWidth": 2},
                "encoding": {"x": {**value, "field": "low"}, "x2": {"field": "high"}},
            }
        )
    spec = {
        "data": {"values": rows},
        "height": {"step": 40 + LINE_HEIGHT * (most_lines - 1)},
        "encoding": {"y": {"field": "place", "type": "nominal", "sort": None, "axis": None}},
        "layer": layers,
    }
    return Chart(spec, title, alt, _table(bars, x, shares))


def _table(bars: Sequence[Bar], x: str, shares: bool) -> Table:
    grouped, bounded = any(bar.group for bar in bars), any(bar.low is not None for bar in bars)
    columns = ["Bar", *(["Group"] if grouped else []), x, *(["from", "to"] if bounded else [])]

    def cell(value: float | None) -> object:
        return None if value is None else percent(value) if shares else short(value)

    rows: list[list[object]] = [
        [
            bar.label,
            *([bar.group] if grouped else []),
            bar.said or cell(bar.value),
            *([cell(bar.low), cell(bar.high)] if bounded else []),
        ]
        for bar in bars
    ]
    return Table(columns, rows)


def _label(bar: Bar, shares: bool) -> tuple[str, str]:
    """A bar's value with its interval, and its name."""
    value = bar.said or _said(bar.value, shares)
    name = " · ".join(part for part in (bar.group, bar.label) if part)
    if bar.low is not None and bar.high is not None:
        value = f"{value} [{_said(bar.low, shares)}, {_said(bar.high, shares)}]"
    return value, name


def _said(value: float, shares: bool) -> str:
    """A value as a picture says it: three digits will do where a number is no count."""
    if shares:
        return percent(value)
    digits = value_text(short(value)) if abs(value) >= 1000 else f"{value:.3g}"
    return digits.replace("-", "−")


def _decade_below(value: float) -> float:
    """The largest power of ten below a value, so that no bar of a logarithmic axis is without length."""
    return 10.0 ** (math.ceil(math.log10(value)) - 1)


def _quoted(text: str) -> str:
    """Text as a string of Vega's expressions."""
    return json.dumps(text)
