"""The lab: the stages of training one after the other, with what goes in, what comes out, and what each takes."""

from collections.abc import Iterator, Sequence

from labs.core.contract import Chart, Choice, Lab, Moving, Number, Slider, Table, Text
from labs.core.contract.markup import NBSP
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.published import BUDGETS, training_flops
from labs.lifecycle.pipeline import Pipeline
from labs.lifecycle.samples import replies, replies_growing, sample_text, scored
from labs.lifecycle.stages import BY_NAME, STAGES, Cost, Stage, behaviour, cost, share_of_post_training

__all__ = [
    "BY_NAME",
    "LAB",
    "STAGES",
    "Cost",
    "Stage",
    "behaviour",
    "cost",
    "replies",
    "run",
    "sample_text",
    "scored",
    "share_of_post_training",
    "training_flops",
]

LAB = Lab(
    title="The lifecycle",
    question="What happens to a model on its way from random weights to an assistant?",
    label="live",
    controls=(
        Choice("stage", "Stage", "pretraining", tuple(BY_NAME), help="Step through them in this order."),
        Text(
            "question",
            "Question",
            "How do I bake a cake?",
            120,
            ("Where does Mira live?", "What is 3+4?", "How do I open the moon lock?", "Hello."),
            "What every model is asked.",
        ),
        Slider("temperature", "Temperature", 0.7, 0.0, 2.0, 0.1, help="0 always takes the most likely token."),
        Number("seed", "Seed", 3, 0, 2**32 - 1, help="Another seed draws other texts and other replies."),
    ),
)


def run(stage: str, question: str, temperature: float, seed: int) -> Iterator[object]:
    """Yield the pipeline, what the models write, a text of the stage's data, what remains, and what it all took.

    Raises: ValueError if the question is blank, no text, or too long for the models.
    """
    if not question.strip():
        raise ValueError("question: expected some words, got none; ask the models something.")
    now, costs = BY_NAME[stage], [cost(each) for each in STAGES]
    yield Pipeline(costs, stage)
    for table in replies_growing(now, question, temperature, seed):
        yield Moving("replies", table)
    yield sample_text(now, seed)
    yield _what_it_brought(now)
    yield _costs_table(costs, stage)
    yield _shares_chart()


def _what_it_brought(stage: Stage) -> Table:
    before = stage.parent if stage.checkpoint != "reward" else None
    rows: list[list[object]] = []
    for name in stage.telling:
        found = [behaviour(checkpoint, name) for checkpoint in (before, stage.checkpoint) if checkpoint]
        rows.append([name, *(None if measure is None else str(measure) for measure in found)])
    heads = ["Measured", *([before] if before else []), stage.checkpoint]
    return Table(heads, rows, f"Result: {stage.result} Problem that remains: {stage.problem}")


def _costs_table(costs: Sequence[Cost], current: str) -> Table:
    rows: list[list[object]] = [
        [
            f"{'▶ ' if cost.stage.name == current else ''}{cost.stage.name}",
            f"{cost.texts:,} {cost.stage.texts}{'' if cost.counted else ' *'}",
            f"{cost.rows:,}",
            f"{cost.tokens:,}",
            f"{cost.replayed:,}" if cost.replayed else None,
            f"{cost.flops:.2g}",
            _percent(cost.flops / costs[0].flops),
            f"{cost.wall_seconds / 60:.1f}",
        ]
        for cost in costs
    ]
    caption = (
        f"What training our models took, at {costs[0].parameters:,} parameters. Rows are windows of pages, dialogues "
        "or pairs, repeats included; replayed pages are not among them."
    )
    if not all(cost.counted for cost in costs):
        caption += " * Counted before this stage was trained anew."
    heads = ["Stage", "Data", "Rows read", "Tokens read", "… of them replayed pages", "6ND, FLOPs"]
    return Table([*heads, "Of pretraining", "Minutes"], rows, caption)


def _shares_chart() -> Chart:
    ours = share_of_post_training()
    bars = [Bar("SFT and DPO, FLOPs", ours, group="ours")]
    bars += [Bar(f"{budget.model}, {budget.unit}", budget.share, group=budget.source) for budget in BUDGETS]
    said = "; ".join(f"{bar.label}: {_percent(bar.value)}" for bar in bars)
    return bar_chart(
        [Bar(bar.label, 1000 * bar.value, group=bar.group, said=_percent(bar.value)) for bar in bars],
        title="Post-training beside pretraining",
        alt=f"Post-training as a share of pretraining. {said}.",
        x="post-training, for 1,000 of pretraining",
        log=True,
    )


def _percent(share: float) -> str:
    """To two digits, however small: 0.0178 -> 1.8 %."""
    return f"{100 * share:.2g}{NBSP}%" if share < 1 else f"100{NBSP}%"
