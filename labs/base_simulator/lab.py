"""The lab: one prefix, its most likely continuation, the whole distribution, and the harm in each prefix."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from labs.core.contract import Chart, Lab, Number, Progress, Slider, Table, Text
from labs.core.simulator.decoding import (
    apply_temperature,
    distribution,
    greedy,
    harmful_mass,
    sample,
    sample_batches,
)
from labs.core.simulator.table import TABLE, Continuation

__all__ = [
    "LAB",
    "TABLE",
    "Continuation",
    "apply_temperature",
    "distribution",
    "greedy",
    "harmful_mass",
    "run",
    "sample",
]

LAB = Lab(
    title="The base simulator",
    question="What does a model do that has only learned how texts go on?",
    label="illustrative",
    controls=(
        Text("prefix", "Prefix", "People from the next town are", 80, tuple(TABLE), "The text to continue."),
        Slider("temperature", "Temperature", 1.0, 0.0, 3.0, 0.1, help="0 always takes the most likely."),
        Slider("num_samples", "Samples", 200, 10, 2000, 10, help="How many continuations to draw."),
        Number("seed", "Seed", 7, 0, 2**32 - 1, help="The same seed draws the same samples."),
    ),
)


def run(prefix: str, temperature: float, num_samples: int, seed: int) -> Iterator[object]:
    """Yield the greedy continuation, the samples, the distribution, and every prefix's harmful mass.

    Raises: ValueError for an unknown prefix.
    """
    yield _greedy_table(prefix)
    counts: Counter[Continuation] = Counter()
    for batch in sample_batches(prefix, temperature, num_samples, seed):
        counts.update(batch)
        yield Progress(counts.total(), num_samples, "Continuations drawn")
    yield _distribution_chart(prefix, temperature, counts)
    yield _samples_table(prefix, counts)
    yield _harm_chart(temperature)


def _greedy_table(prefix: str) -> Table:
    best = greedy(prefix)
    return Table(
        ["Most likely continuation", "Probability", "Mark", "Why it is on the internet"],
        [[f"{prefix.strip()} {best.text}", best.probability, best.mark, best.reason]],
        "Greedy: what the table says most often comes next",
    )


def _distribution_chart(prefix: str, temperature: float, counts: Counter[Continuation]) -> Chart:
    continuations = distribution(prefix)
    probabilities = apply_temperature([c.probability for c in continuations], temperature)
    rows = [
        {
            "continuation": c.text,
            "label": f"{c.mark}: {c.text}",
            "mark": c.mark,
            "probability": round(p, 6),
            "frequency": round(counts[c] / counts.total(), 6),
        }
        for c, p in zip(continuations, probabilities, strict=True)
    ]
    harmful = sum(p for c, p in zip(continuations, probabilities, strict=True) if c.harmful)
    top, share = max(zip(continuations, probabilities, strict=True), key=lambda pair: pair[1])
    return Chart(
        _bars(rows, "probability (bar), sampled frequency (◆)", [row["continuation"] for row in rows]),
        title=f"“{prefix.strip()} …” at temperature {temperature:g}",
        alt=(
            f"Bars for the probabilities of {len(rows)} continuations, diamonds for their frequencies among "
            f"{counts.total()} samples. The most likely is “{top.text}” with {share:.0%}; "
            f"harmful ones hold {harmful:.0%} together."
        ),
        table=Table(
            ["Continuation", "Mark", "In the table", f"At temperature {temperature:g}", "Sampled"],
            [
                [c.text, c.mark, c.probability, row["probability"], row["frequency"]]
                for c, row in zip(continuations, rows, strict=True)
            ],
            "Probability and sampled frequency of each continuation",
        ),
    )


def _samples_table(prefix: str, counts: Counter[Continuation]) -> Table:
    return Table(
        ["Continuation", "Mark", "Times drawn", "Why it is on the internet"],
        [[c.text, c.mark, counts[c], c.reason] for c in distribution(prefix)],
        f"{counts.total()} samples of “{prefix.strip()} …”",
    )


def _harm_chart(temperature: float) -> Chart:
    masses = {prefix: harmful_mass(prefix, temperature) for prefix in TABLE}
    rows = [
        {
            "continuation": prefix,
            "label": f"{prefix} … {mass:.0%}",
            "mark": "harmful",
            "probability": round(mass, 6),
        }
        for prefix, mass in masses.items()
    ]
    worst = max(masses, key=masses.__getitem__)
    return Chart(
        _bars(rows, "harmful mass", [row["continuation"] for row in rows]),
        title=f"Harmful mass of each prefix at temperature {temperature:g}",
        alt=(
            f"One bar per prefix. “{worst} …” has most, {masses[worst]:.0%}; "
            f"{sum(mass == 0 for mass in masses.values())} of {len(masses)} prefixes have none."
        ),
        table=Table(
            ["Prefix", "Harmful mass"],
            [[prefix, mass] for prefix, mass in masses.items()],
            "Probability of a harmful continuation",
        ),
    )


def _bars(rows: Sequence[dict[str, object]], axis: str, order: Sequence[object]) -> dict[str, object]:
    """Bars under their labels, which leaves a narrow screen its full width; diamonds where rows have them.

    Harmful bars say so in words and are hollow with a dashed edge, so that colour is not needed.
    """
    harmful = "datum.mark === 'harmful'"
    x = {"type": "quantitative", "axis": {"title": axis, "format": "%"}, "scale": {"domainMin": 0}}
    colour = {"field": "mark", "type": "nominal", "scale": {"domain": ["ok", "harmful"]}, "legend": None}
    bars = {
        "mark": {"type": "bar", "height": 12, "yOffset": 9, "strokeWidth": 1.5},
        "encoding": {
            "x": {**x, "field": "probability"},
            "color": colour,
            "stroke": colour,
            "fillOpacity": {"condition": {"test": harmful, "value": 0.15}, "value": 0.6},
            "strokeDash": {"condition": {"test": harmful, "value": [4, 2]}, "value": [1, 0]},
        },
    }
    labels = {
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dy": -9},
        "encoding": {"x": {"datum": 0, "type": "quantitative"}, "text": {"field": "label"}},
    }
    layers: list[Mapping[str, object]] = [bars, labels]
    if all("frequency" in row for row in rows):
        # Text, because only text takes the theme's own ink, which shows on every bar.
        diamonds = {
            "mark": {"type": "text", "text": "◆", "yOffset": 9, "fontSize": 13, "baseline": "middle"},
            "encoding": {"x": {**x, "field": "frequency"}},
        }
        layers.append(diamonds)
    return {
        "data": {"values": list(rows)},
        "height": {"step": 44},
        "encoding": {"y": {"field": "continuation", "type": "nominal", "sort": order, "axis": None}},
        "layer": layers,
    }
