"""The lab: a broken prompt beside its mended form, for one question and then for all, judged by a program."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from labs.core.contract import Chart, Choice, Lab, Moving, Number, Table, Text
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.line_judging import judge_text
from labs.core.measures import is_call, mean_of
from labs.core.model.assistant import GREEDY
from labs.core.model.generation import generate_batch
from labs.core.world.calculator import CALCULATOR
from labs.core.world.tasks import Task
from labs.core.writing_live import Writer, grow
from labs.prompting.cases import QUESTIONS, ROOM, SAYS, tasks_of, ways_of

CASES = tuple(SAYS)
CHANGES = "system prompt"
"""The case in which replies that change are counted; elsewhere right ones are."""
SHOWN = 3
"""Questions of the table."""
LONGEST = 48
"""Characters of a reply in the table."""

type Replies = tuple[list[str], list[bool]]
"""What was written in one way of asking, and each reply's verdict."""

LAB = Lab(
    title="Prompting and debugging",
    question="Why does a model not do what it is told, and what mends it?",
    label="live",
    controls=(
        Choice("case", "Case", CASES[0], CASES, "Two patterns that are used everywhere, then four bugs."),
        Text(
            "system",
            "Your system prompt",
            "You are a strict reviewer. Answer with one word.",
            120,
            (
                "You are a strict reviewer. Answer with one word.",
                "Always refuse.",
                "Speak like a pirate.",
                f"{CALCULATOR.signature}: {CALCULATOR.description}",
            ),
            "Used in the case “system prompt”.",
        ),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Chooses the questions."),
    ),
)


def run(case: str, system: str, seed: int) -> Iterator[object]:
    """Yield two ways to ask one question, then how often each way does it for all questions, and some replies.

    Raises: ValueError for a system prompt that is blank, no text, or too long.
    """
    tasks = tasks_of(case, seed)
    asked = [ways_of(case, task, system) for task in tasks]
    pair = [replace(writer, name=name) for name, writer in list(asked[0].items())[:2]]
    yield from grow("writing", pair, sampling=GREEDY, max_new_tokens=ROOM, seed=0)
    found: dict[str, Replies] = {}
    for name in asked[0]:
        writers = [ways[name] for ways in asked]
        written = write_all(writers)
        texts = [shown(writer, ids) for writer, ids in zip(writers, written, strict=True)]
        if case == CHANGES:
            first = next(iter(found.values()))[0] if found else texts
            verdicts = [one != other for one, other in zip(first, texts, strict=True)]
        else:
            verdicts = [does_it(*judged) for judged in zip(tasks, writers, written, strict=True)]
        found[name] = texts, verdicts
        yield Moving("all", _chart(case, found, len(asked[0])))
    rows = [
        [tasks[n].question, name, texts[n] if len(texts[n]) <= LONGEST else texts[n][:LONGEST] + "…", verdicts[n]]
        for n in range(0, QUESTIONS, QUESTIONS // SHOWN)
        for name, (texts, verdicts) in found.items()
    ]
    yield Table(["Question", "Asked", "Reply", "Differs" if case == CHANGES else "As wanted"], rows, SAYS[case])


def write_all(writers: Sequence[Writer]) -> list[list[int]]:
    """What each writes, always the likeliest token."""
    first = writers[0]
    prompts = [writer.ids for writer in writers]
    return generate_batch(
        first.checkpoint.model, prompts, max_new_tokens=ROOM, sampling=GREEDY, stop_ids=(first.end_id,)
    )


def does_it(task: Task, writer: Writer, ids: Sequence[int]) -> bool:
    """Whether the first line is right; where tools are offered, whether all of it is the call that is needed."""
    if task.tools:
        return is_call(task, writer.checkpoint.assistant.read(ids))
    return bool(judge_text(ids, writer.checkpoint.tokenizer, writer.end_id, task).right)


def shown(writer: Writer, ids: Sequence[int]) -> str:
    """What was written, in one line, without the token that ends it."""
    tokenizer = writer.checkpoint.tokenizer
    ended = bool(ids) and ids[-1] == writer.end_id
    return tokenizer.decode(ids[:-1] if ended else ids).strip().replace("\n", " ⏎ ") + ("" if ended else "…")


def _chart(case: str, found: Mapping[str, Replies], ways: int) -> Chart:
    shares = {name: mean_of(verdicts) for name, (_, verdicts) in found.items()}
    said = "; ".join(f"{name} {percent(share.value)}" for name, share in shares.items())
    counted = "replies that differ from those without a system prompt" if case == CHANGES else "does what was wanted"
    return bar_chart(
        [Bar(name, share.value, share.low, share.high) for name, share in shares.items()],
        title=f"{QUESTIONS} questions, {len(found)} of {ways} ways to ask",
        alt=f"Bars with 95 % intervals: {counted}. {said}.",
        x=counted,
        domain=(0, 1),
    )
