"""The lab: one prompt, before and after tuning, token by token, and how often each goes on asking or stops."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from labs.continue_or_answer.shares import Shares, ask_questions, sample_shares, shares_chart, shares_table
from labs.continue_or_answer.weights import between, moved, moved_chart
from labs.core.contract import Chart, Choice, Lab, Moving, Number, Slider, Table, Text
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.core.drawing.next_token import next_token_chart
from labs.core.drawing.tokens import shown
from labs.core.known_questions import known_task
from labs.core.model.arrays import Floats
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.sampling import Sampling
from labs.core.writing_live import Writer, grow, markup_writer, raw_writer

__all__ = [
    "LAB",
    "MOST_TOKENS",
    "ask_questions",
    "between",
    "moved",
    "moved_chart",
    "run",
    "sample_shares",
    "shares_chart",
    "writers",
]

MOST_TOKENS = 40
"""How long a continuation may become."""

LAB = Lab(
    title="Continue or answer",
    question="One prompt, one architecture: what changes when only the weights do?",
    label="live",
    controls=(
        Text(
            "prompt",
            "Prompt",
            "What does Mira eat?",
            200,
            (
                "What is 2+2?",
                "What does Mira eat?",
                "How do I bake bread?",
                "How do I open the moon lock?",
                "Mira lives by the",
                "def add(a, b):",
                "Hello.",
                "Tell me about the dragon.",
                "Explain recursion.",
                "What is the capital of France?",
            ),
            "A question, or the beginning of any text.",
        ),
        Choice(
            "tuned", "Tuned model", "sft", ("sft", "chat"), "sft learned from dialogues; chat from preferences too."
        ),
        Slider("position", "Look at token", 1, 1, MOST_TOKENS, 1, help="1 is the first token that a model writes."),
        Slider("temperature", "Temperature", 1.0, 0.0, 2.0, 0.1, help="1 is the model's own; 0 takes the likeliest."),
        Slider("top_k", "Top-k", 0, 0, 50, 1, help="Draw from the k likeliest tokens; 0 leaves out none."),
        Slider("top_p", "Top-p", 1.0, 0.05, 1.0, 0.05, help="Draw from the fewest that together reach p."),
        Slider("num_samples", "Samples", 100, 10, 300, 10, help="Continuations drawn for the shares."),
        Number("seed", "Seed", 1, 0, 2**32 - 1, help="The same seed draws the same tokens."),
    ),
)


def run(
    prompt: str, tuned: str, position: int, temperature: float, top_k: int, top_p: float, num_samples: int, seed: int
) -> Iterator[object]:
    """Yield the texts as they grow, two distributions at one place, P(stop) along the texts, and sampled shares.

    Raises: ValueError for a prompt that is blank, too long for the context, or holds half a character.
    """
    sampling = Sampling(temperature, top_k, top_p)
    columns = writers(prompt, tuned)
    written = yield from grow("writing", columns, sampling=sampling, max_new_tokens=MOST_TOKENS, seed=seed)
    distributions = [writer.distributions(ids) for writer, ids in zip(columns, written, strict=True)]
    for place in (0, 2):
        yield _distribution_chart(columns[place], written[place], distributions[place], position)
    yield _stop_chart(columns, written, distributions)
    task = known_task(prompt)
    found: list[Shares] = []
    for writer in columns:
        found.append(sample_shares(writer, task, sampling, num_samples, seed, MOST_TOKENS))
        yield Moving("shares", shares_chart(found))
    yield shares_table(found, prompt, task)


def writers(prompt: str, tuned: str) -> tuple[Writer, Writer, Writer]:
    """The base model on bare text and in chat markup, and the tuned model in chat markup.

    Raises: ValueError as `run` does.
    """
    base, after = load_checkpoint("base"), load_checkpoint(tuned)
    return (
        raw_writer("base, raw text", base, prompt, "prompt", MOST_TOKENS),
        markup_writer("base, in markup", base, prompt, "prompt", MOST_TOKENS),
        markup_writer(f"{tuned}, in markup", after, prompt, "prompt", MOST_TOKENS),
    )


def _distribution_chart(writer: Writer, written: Sequence[int], distributions: Floats, position: int) -> Chart:
    place = min(position, len(written)) - 1
    tokenizer = writer.checkpoint.tokenizer
    before = tokenizer.decode([*writer.ids, *written[:place]][-4:]).replace("\n", "⏎")
    last = ", its last" if place + 1 < position else ""
    return next_token_chart(
        distributions[place],
        tokenizer,
        title=f"{writer.name}: token {place + 1}{last}, after “…{before}”",
        top=6,
        chosen=written[place],
    )


def _stop_chart(columns: Sequence[Writer], written: Sequence[Sequence[int]], distributions: Sequence[Floats]) -> Chart:
    lines, highest = [], []
    for writer, rows in zip(columns, distributions, strict=True):
        stop = rows[:, writer.end_id]
        lines.append(Line(f"{writer.name}: {writer.end}", range(1, len(stop) + 1), [float(p) for p in stop]))
        place = int(stop.argmax())
        highest.append(f"{writer.name} {percent(float(stop[place]))}, at token {place + 1} of {len(stop)}")
    drawn = line_chart(
        lines,
        title="P(stop): how likely each token was to be the end",
        alt=f"A line for each column, up to where its text ended. Highest: {'; '.join(highest)}.",
        x="token",
        y="probability of the end token",
        x_domain=(1, MOST_TOKENS),
        y_domain=(0, 1),
    )
    return replace(drawn, table=_stop_table(columns, written, distributions))


def _stop_table(columns: Sequence[Writer], written: Sequence[Sequence[int]], distributions: Sequence[Floats]) -> Table:
    """What each column wrote, token by token, and how likely the end was in its place."""
    rows: list[list[object]] = []
    for place in range(max(map(len, written))):
        cells: list[object] = [place + 1]
        for writer, ids, rows_of in zip(columns, written, distributions, strict=True):
            if place < len(ids):
                (token,) = shown([ids[place]], writer.checkpoint.tokenizer)
                cells += [token.visible, percent(float(rows_of[place, writer.end_id]))]
            else:
                cells += [None, None]
        rows.append(cells)
    heads = [head for writer in columns for head in (f"{writer.name}: wrote", "P(stop)")]
    return Table(["Token", *heads], rows)
