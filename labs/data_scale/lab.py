"""The lab: how much data each stage reads, on a linear and on a logarithmic axis, in the units that reports use."""

from collections.abc import Iterator, Sequence

from labs.core.contract import Chart, Choice, Lab, Number, Progress, Table
from labs.core.drawing.bars import Bar, bar_chart
from labs.data_scale.amounts import POCKET, STAGES, Amount, in_order, pocket, published, words
from labs.data_scale.converting import Length, Lengths, count_lengths, in_tokens

__all__ = [
    "LAB",
    "POCKET",
    "STAGES",
    "Amount",
    "Length",
    "Lengths",
    "count_lengths",
    "in_order",
    "in_tokens",
    "pocket",
    "published",
    "run",
    "vanishing",
    "words",
]

FEW = "Llama 2 70B"
"""The report that gives all three stages."""
FEW_MODELS = f"{FEW} and ours"
KINDS = {"pretraining": "tokens", "SFT": "examples", "preferences": "comparisons", "RL": "prompts"}
"""What may be compared with what."""
HOW_IN_SHORT = {"reported": "reported", "counted here": "counted", "at your assumption": "assumed"}
"""Above a bar there is little room on a phone."""
PIXELS = 300
"""A narrow picture's width: a bar under a pixel can't be seen."""

LAB = Lab(
    title="The scale of the data",
    question="How much does each stage of training read, and in what unit?",
    label="live",
    controls=(
        Choice("scale", "Axis", "linear", ("linear", "logarithmic")),
        Choice("models", "Models", FEW_MODELS, (FEW_MODELS, "all")),
        Choice("unit", "Unit", "as reported", ("as reported", "tokens"), "Ours are counted, reports' are assumed."),
        Number(
            "tokens_per_example",
            "Tokens per published example",
            500,
            1,
            100_000,
            "tokens",
            "Your assumption: reports rarely say. For the unit “tokens” only.",
        ),
    ),
)


def run(scale: str, models: str, unit: str, tokens_per_example: float) -> Iterator[object]:
    """Yield the bars, what they are made of, and what the units are worth in tokens.

    Raises: ValueError if the assumed length is not positive.
    """
    amounts = in_order([*published(), *pocket()])
    if models != "all":
        amounts = [amount for amount in amounts if amount.model == FEW or amount.ours]
    if unit == "as reported":
        yield scale_chart(amounts, scale)
        yield _amounts_table(amounts)
    yield Progress(0, 1, "Counting tokens of our data")
    lengths = count_lengths()
    yield Progress(1, 1, "Counting tokens of our data")
    if unit == "tokens":
        amounts = in_tokens(amounts, lengths, tokens_per_example)
        yield scale_chart(amounts, scale)
        yield _amounts_table(amounts)
    yield _units_table(lengths, tokens_per_example)


def vanishing(amounts: Sequence[Amount]) -> list[Amount]:
    """Those whose bars on a linear axis are shorter than a pixel, in a picture of PIXELS."""
    longest = max(amount.number for amount in amounts)
    return [amount for amount in amounts if amount.number * PIXELS < longest]


def scale_chart(amounts: Sequence[Amount], scale: str) -> Chart:
    """A bar for each amount; units, or where the number comes from, in words and in the bars' edges."""
    log = scale == "logarithmic"
    mixed = len({amount.unit for amount in amounts}) > 1
    longest = max(amounts, key=lambda amount: amount.number)
    gone = len(vanishing(amounts))
    if log:
        title = "On a logarithmic axis every bar can be seen: equal steps multiply"
        seen = "How long a bar is depends on where the axis begins."
    else:
        title = f"On a linear axis {gone} of {len(amounts)} bars are too short to be seen"
        seen = f"{gone} of them are shorter than a pixel beside it."
    note = "Units differ: compare bars of one unit only. " if mixed else ""
    return bar_chart(
        [
            Bar(
                f"{amount.model.replace(f'{POCKET}, ', 'our ')}, {amount.stage}",
                amount.number,
                group=KINDS[amount.stage] if mixed else HOW_IN_SHORT[amount.how],
                said=words(amount.number),
            )
            for amount in amounts
        ],
        title=title,
        alt=(
            f"{len(amounts)} bars. {note}The longest is {longest.model}, {longest.stage}, with "
            f"{words(longest.number)} {longest.unit}. {seen}"
        ),
        x="count, each bar in its own unit" if mixed else "tokens",
        log=log,
    )


def _amounts_table(amounts: Sequence[Amount]) -> Table:
    return Table(
        ["Model", "Stage", "Number", "Unit", "How known", "Date", "Source"],
        [
            [amount.model, amount.stage, words(amount.number), amount.unit, amount.how, amount.date, amount.source]
            for amount in amounts
        ],
        "Ours are the rows that training read, repeats included and replayed pages left out. "
        "A report's examples are the size of its data set.",
    )


def _units_table(lengths: Lengths, tokens_per_example: float) -> Table:
    return Table(
        ["One …", "In tokens", "How known"],
        [
            ["token", "1", "by definition; a token of another tokenizer is another piece of text"],
            ["dialogue of ours", str(lengths.dialogue), f"mean of {lengths.dialogue.n}, 95 % interval"],
            ["… of which the loss scores", str(lengths.scored), f"mean of {lengths.scored.n}, 95 % interval"],
            [
                "comparison of ours",
                str(lengths.comparison),
                f"mean of {lengths.comparison.n}; its prompt is read twice",
            ],
            ["published example", f"{tokens_per_example:g}", "your assumption"],
            ["published comparison", f"{2 * tokens_per_example:g}", "your assumption, for each of two replies"],
        ],
        "Tokens and examples are different units",
    )
