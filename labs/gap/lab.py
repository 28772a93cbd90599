"""The lab: scores before and after, what they seem to be worth in parameters, and what training costs."""

from collections.abc import Iterator

from labs.core.contract import Chart, Lab, Number, Slider, Table
from labs.gap.budgets import BUDGETS, CIRCULATING, DEEPSEEK_DOLLARS_PER_HOUR, DEEPSEEK_HOURS, GPT3_FLOPS, RUNS
from labs.gap.cost import gpu_hours, training_flops
from labs.gap.scores import SCORES, UNITS, Score, one_point_estimate, two_point_estimate

__all__ = [
    "BUDGETS",
    "CIRCULATING",
    "DEEPSEEK_DOLLARS_PER_HOUR",
    "DEEPSEEK_HOURS",
    "GPT3_FLOPS",
    "LAB",
    "RUNS",
    "SCORES",
    "UNITS",
    "Score",
    "gpu_hours",
    "one_point_estimate",
    "run",
    "training_flops",
    "two_point_estimate",
]

LAB = Lab(
    title="The gap",
    question="How far apart are a base model and an assistant, and what does it cost to get across?",
    label="illustrative",
    controls=(
        Number("parameters", "Parameters", 7.0, 0.001, 10_000.0, "billion", "Of the model to be trained."),
        Number("tokens", "Tokens", 2000.0, 0.001, 100_000.0, "billion", "That it is pretrained on."),
        Slider("utilisation", "Utilisation", 0.4, 0.05, 1.0, 0.05, help="The share of its peak that a GPU reaches."),
        Number("price", "Price of a GPU-hour", 2.0, 0.01, 100.0, "dollars", "2 is what DeepSeek-V3's report assumes."),
        Number("peak", "Peak of a GPU", 989.0, 0.1, 100_000.0, "teraflop/s", "989: an H100's data sheet, dense BF16."),
    ),
)


def run(parameters: float, tokens: float, utilisation: float, price: float, peak: float) -> Iterator[object]:
    """Yield the scores, the estimate in several units, the cost of this training run, and published budgets.

    Units: parameters and tokens in billions, price in dollars per GPU-hour, peak in 1e12 operations per second.
    Raises: ValueError if a number is not positive or the utilisation exceeds 1.
    """
    yield _scores_chart()
    yield _estimate_table(parameters * 1e9)
    yield _cost_table(parameters * 1e9, tokens * 1e9, utilisation, price, peak * 1e12)
    yield _check_table()
    yield _budgets_table()


def _scores_chart() -> Chart:
    values = [
        {"metric": score.metric, "when": when, "score": value}
        for score in SCORES
        for when, value in (("before", score.before), ("after", score.after))
    ]
    largest = max(SCORES, key=lambda score: score.improvement)
    when = {"field": "when", "type": "nominal", "scale": {"domain": ["before", "after"]}}
    return Chart(
        {
            "data": {"values": values},
            "height": {"step": 16},
            "mark": {"type": "bar", "strokeWidth": 1.5},
            "encoding": {
                "y": {
                    "field": "metric",
                    "type": "nominal",
                    "sort": [score.metric for score in SCORES],
                    "axis": {"title": None},
                },
                "yOffset": {"field": "when", "sort": ["before", "after"]},
                "x": {
                    "field": "score",
                    "type": "quantitative",
                    "scale": {"domain": [0, 100]},
                    "axis": {"title": "score (0 to 100): before hollow, after solid"},
                },
                "color": {**when, "legend": None},
                "stroke": {**when, "legend": None},
                "fillOpacity": {"condition": {"test": "datum.when === 'before'", "value": 0.1}, "value": 0.6},
                "strokeDash": {"condition": {"test": "datum.when === 'before'", "value": [4, 2]}, "value": [1, 0]},
            },
        },
        title="Hypothetical scores before and after post-training",
        alt=(
            f"Two bars for each of {len(SCORES)} metrics, hollow before and solid after. All rise, "
            f"{largest.metric} most: from {largest.before:g} to {largest.after:g}."
        ),
        table=Table(
            ["Metric", "Before", "After", "Improvement, points"],
            [[score.metric, score.before, score.after, score.improvement] for score in SCORES],
            "Five hypothetical scores",
        ),
    )


def _estimate_table(parameters: float) -> Table:
    helpfulness = SCORES[0]
    rows: list[list[object]] = []
    for name, unit in UNITS.items():
        if parameters > unit:
            needed = one_point_estimate(parameters, helpfulness.before, helpfulness.after, unit)
            rows.append([name, f"{parameters / unit:,.6g}", f"{needed:.2g}", f"{needed / parameters:,.3g} times"])
    return Table(
        ["Parameters counted in", "Count", "Parameters needed", "That is"],
        rows,
        f"What “score ∝ log(parameters)” says that {helpfulness.before:g} → {helpfulness.after:g} takes",
    )


def _cost_table(parameters: float, tokens: float, utilisation: float, price: float, peak: float) -> Table:
    flops = training_flops(parameters, tokens)
    hours = gpu_hours(flops, peak, utilisation)
    return Table(
        ["Quantity", "Value", "From"],
        [
            ["Operations", f"{flops:.3g} FLOPs", "6 · parameters · tokens"],
            ["GPU-hours", f"{hours:,.0f}", "operations / (peak · utilisation) / 3600"],
            ["Cost", f"${hours * price:,.0f}", "GPU-hours · price"],
            ["Compared with GPT-3", f"{flops / GPT3_FLOPS:.3g} times", "3,640 petaflop/s-days, Ouyang 2022"],
        ],
        "Pretraining with your numbers: the last run alone, without staff, data, or attempts that failed",
    )


def _check_table() -> Table:
    return Table(
        ["Model", "6 · parameters · tokens", "Stated", "Source"],
        [
            [run.model, f"{training_flops(run.parameters, run.tokens):.2g}", f"{run.stated_flops:.2g}", run.source]
            for run in RUNS
        ],
        "The formula against two reports, in FLOPs",
    )


def _budgets_table() -> Table:
    rows: list[list[object]] = [
        [b.model, f"{b.pretraining:,.0f}", f"{b.post_training:,.4g}", b.unit, f"{b.share:.1%}", b.source]
        for b in BUDGETS
    ]
    return Table(
        ["Model", "Pretraining", "Post-training", "Unit", "Share", "Source"],
        rows,
        "Published budgets: what post-training came to, beside pretraining",
    )
