"""The base simulator: what its run shows, and what it says of itself."""

from labs.base_simulator import lab
from labs.base_simulator.lab import LAB, TABLE, distribution, greedy, run
from labs.core.contract import Chart, Progress, Table
from labs.core.contract.charts import VEGA_LITE_MIME

PREFIX = "Dear customer, your account"


def test_the_lab_offers_what_its_page_uses() -> None:
    for name in ("Continuation", "apply_temperature", "harmful_mass", "sample"):
        assert callable(getattr(lab, name))


def test_a_run_shows_greedy_distribution_samples_and_every_prefixs_harm() -> None:
    items = list(run(PREFIX, 1.0, 250, 7))
    first, whole, drawn, harm = [item for item in items if not isinstance(item, Progress)]
    assert isinstance(first, Table) and f"{PREFIX} {greedy(PREFIX).text}" in first.text()
    assert isinstance(whole, Chart) and "44% together" in whole.alt
    assert isinstance(drawn, Table) and sum(int(str(row[2])) for row in drawn.rows) == 250
    assert isinstance(harm, Chart) and [row[0] for row in harm.table.rows] == list(TABLE)
    assert [item.done for item in items if isinstance(item, Progress)] == [100, 200, 250]


def test_harmful_bars_differ_by_words_and_by_pattern() -> None:
    chart = next(item for item in run(PREFIX, 1.0, 10, 7) if isinstance(item, Chart))
    data, _ = chart._repr_mimebundle_()
    spec = data[VEGA_LITE_MIME]
    assert isinstance(spec, dict)
    labels = [row["label"] for row in spec["data"]["values"]]
    assert [label.split(":")[0] for label in labels] == [c.mark for c in distribution(PREFIX)]
    bars = spec["layer"][0]["encoding"]
    assert "harmful" in bars["strokeDash"]["condition"]["test"]
    assert bars["strokeDash"]["condition"]["value"] != bars["strokeDash"]["value"]


def test_the_lab_offers_every_prefix_and_says_that_it_is_illustrative() -> None:
    prefix, *_ = LAB.controls
    assert prefix.name == "prefix" and getattr(prefix, "suggestions", None) == tuple(TABLE)
    assert LAB.label == "illustrative"
