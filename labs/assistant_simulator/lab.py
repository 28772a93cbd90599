"""The lab: one prefix before and after post-training, beside a filter that zeroes what a list forbids."""

from collections.abc import Callable, Iterator

from labs.assistant_simulator.filtering import is_blocked, renormalised, zeroed
from labs.assistant_simulator.replies import BLOCKED
from labs.assistant_simulator.rows import Line, Row, after, at_temperature, before, framed_prefix, mass
from labs.core.contract import Chart, Choice, Lab, Slider, Switch, Table
from labs.core.simulator.decoding import distribution
from labs.core.simulator.table import TABLE

__all__ = [
    "BLOCKED",
    "LAB",
    "MODES",
    "TABLE",
    "Line",
    "after",
    "at_temperature",
    "before",
    "distribution",
    "framed_prefix",
    "is_blocked",
    "mass",
    "renormalised",
    "run",
    "zeroed",
]

MODES: dict[str, Callable[[str, bool, float], Row]] = {
    "base": lambda prefix, framed, t: at_temperature(before(prefix, framed), t),
    "post-trained": lambda prefix, framed, t: at_temperature(after(prefix, framed), t),
    "filter": lambda prefix, framed, t: zeroed(at_temperature(before(prefix, framed), t)),
    "renormalised filter": lambda prefix, framed, t: at_temperature(renormalised(zeroed(before(prefix, framed))), t),
}

LAB = Lab(
    title="The assistant simulator",
    question="What changes when a model learns to prefer some replies, and why is a filter something else?",
    label="illustrative",
    controls=(
        Choice("prefix", "Prefix", "The easiest way to open a", tuple(TABLE), "The text to continue or to answer."),
        Choice("mode", "Compared with the base model", "post-trained", tuple(MODES), "What stands in the solid bars."),
        Switch("framed", "Framing trick", False, "Puts the prefix into a story and words the harm otherwise."),
        Slider("temperature", "Temperature", 1.0, 0.0, 3.0, 0.1, help="0 always takes the most likely."),
    ),
)


def run(prefix: str, mode: str, framed: bool, temperature: float) -> Iterator[object]:
    """Yield the most likely line, both rows side by side, and what the rows of all modes hold.

    Raises: ValueError for a prefix or a mode that is unknown.
    """
    if mode not in MODES:
        raise ValueError(f"mode: expected one of {', '.join(map(repr, MODES))}, got {mode!r}; spell it as listed.")
    asked = framed_prefix(prefix.strip()) if framed else prefix.strip()
    base = MODES["base"](prefix, framed, temperature)
    row = MODES[mode](prefix, framed, temperature)
    yield _first_table(asked, mode, base, row)
    yield _side_by_side(asked, mode, temperature, base, row)
    yield _sums_table({name: rows(prefix, framed, temperature) for name, rows in MODES.items()})


def _first_table(asked: str, mode: str, base: Row, row: Row) -> Table:
    names = ("base",) if mode == "base" else ("base", mode)
    tops = [max(row, key=lambda line: line.probability) for row in (base, row)]
    return Table(
        ["Row", "Most likely to come", "Probability", "Kind"],
        [
            [name, line.text, line.probability, line.kind]
            if line.probability
            else [name, "nothing: it is blocked", 0, None]
            for name, line in zip(names, tops, strict=False)
        ],
        f"After “{asked} …”",
    )


def _side_by_side(asked: str, mode: str, temperature: float, base: Row, row: Row) -> Chart:
    values = [
        {
            "text": old.text,
            "label": f"{old.kind}: {old.text}",
            "before": round(old.probability, 6),
            "after": round(new.probability, 6),
        }
        for old, new in zip(base, row, strict=True)
    ]
    gone = sum(new.probability == 0 < old.probability for old, new in zip(base, row, strict=True))
    return Chart(
        _pairs_of_bars(values, f"probability: base (hollow), {mode} (solid)"),
        title=f"“{asked} …”: base and {mode} at temperature {temperature:g}",
        alt=(
            f"Two bars for each of {len(row)} lines: hollow for the base model, solid for {mode}. Harmful lines hold "
            f"{mass(base, 'harmful'):.1%} in the base model and {mass(row, 'harmful'):.1%} in the other, refusals "
            f"{mass(base, 'refusal'):.1%} and {mass(row, 'refusal'):.1%}. {gone} lines are set to zero; the solid bars "
            f"sum to {mass(row):.0%}."
        ),
        table=Table(
            ["Line", "Kind", "Base", mode.capitalize()],
            [[old.text, old.kind, old.probability, new.probability] for old, new in zip(base, row, strict=True)],
            "Probability of each line",
        ),
    )


def _sums_table(rows: dict[str, Row]) -> Table:
    return Table(
        ["Row", "Harmful", "Helpful", "Refusal", "Other continuations", "Sum", "Missing"],
        [
            [
                name,
                *(mass(row, kind) for kind in ("harmful", "helpful", "refusal", "ok")),
                mass(row),
                max(0.0, round(1 - mass(row), 12)),
            ]
            for name, row in rows.items()
        ],
        "What each row holds; a distribution sums to 1",
    )


def _pairs_of_bars(values: list[dict[str, object]], axis: str) -> dict[str, object]:
    """A hollow and a solid bar under each label: told apart by fill and place, so that colour is not needed."""
    x = {"type": "quantitative", "axis": {"title": axis, "format": "%"}, "scale": {"domainMin": 0}}
    bars = [
        {
            "mark": {
                "type": "bar",
                "height": 9,
                "yOffset": offset,
                "fillOpacity": opacity,
                "strokeWidth": 1.5,
                "strokeDash": dash,
            },
            "encoding": {"x": {**x, "field": field}, "color": _colour(field), "stroke": _colour(field)},
        }
        for field, offset, opacity, dash in (("before", 4, 0.1, [4, 2]), ("after", 16, 0.6, [1, 0]))
    ]
    labels = {
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dy": -12},
        "encoding": {"x": {"datum": 0, "type": "quantitative"}, "text": {"field": "label"}},
    }
    order = [value["text"] for value in values]
    return {
        "data": {"values": values},
        "height": {"step": 56},
        "encoding": {"y": {"field": "text", "type": "nominal", "sort": order, "axis": None}},
        "layer": [*bars, labels],
    }


def _colour(name: str) -> dict[str, object]:
    return {"datum": name, "type": "nominal", "scale": {"domain": ["before", "after"]}, "legend": None}
