"""How a base model is asked, in five ways, and how a tuned one is; and what they write, up to where it is cut."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labs.core.model.assistant import GREEDY, Assistant
from labs.core.model.chat import prelude_prompt
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import Sampling
from labs.core.model.tokenizer import END_OF_TEXT
from labs.core.recipe import VILLAGE
from labs.core.world.lexicon import FORBIDDEN, HARMLESS, HOW_QUESTIONS, POLITE
from labs.core.world.tasks import Task, fact_task, forbidden_task, how_task, sum_task

WAYS = ("bare question", "Q and A", "prelude", "examples", "chat markup")
"""The prompts that a base model may be given."""
EXAMPLES = 4
REPLY_TOKENS = 40

type Examples = Callable[[random.Random, Task], list[tuple[str, str]]]  # questions with their answers


@dataclass(frozen=True)
class Written:
    """What a model wrote, up to its end, and whether it came to one."""

    text: str
    ended: bool


def ask_base(
    assistant: Assistant,
    tasks: Sequence[Task],
    way: str,
    examples: Examples,
    *,
    sampling: Sampling = GREEDY,
    seed: int = 0,
) -> list[Written]:
    """What a base model writes to each task, asked in this way, up to the first line break.

    That is our stop rule: a base model has no token that ends a turn. The end of the page ends the reply too.
    Raises: ValueError for a way that there is not.
    """
    if way not in WAYS:
        raise ValueError(f"way: expected one of {', '.join(WAYS)}; got {way!r}; spell it as listed.")
    tokenizer = assistant.template.tokenizer
    start, newline = tokenizer.special_id(END_OF_TEXT), tokenizer.encode("\n")[0]
    stops = (newline, start, assistant.end_id)
    room = assistant.model.config.context_length - REPLY_TOKENS
    prompts = []
    for place, task in enumerate(tasks):
        shown = examples(random.Random(f"{seed}/{place}"), task)
        ids = prompt_ids(assistant, task, way, shown)
        while len(ids) > room and shown:  # as many examples as leave room for a reply
            shown = shown[1:]
            ids = prompt_ids(assistant, task, way, shown)
        prompts.append(ids)
    replies = generate_batch(
        assistant.model, prompts, max_new_tokens=REPLY_TOKENS, sampling=sampling, stop_ids=stops, seed=seed
    )
    written = []
    for ids in replies:
        text = tokenizer.decode([token for token in ids if token not in (start, assistant.end_id)])
        ended = bool(ids) and (ids[-1] in stops or "\n" in text)
        written.append(Written(text.split("\n")[0].strip(), ended))
    return written


def ask_tuned(
    assistant: Assistant, tasks: Sequence[Task], *, sampling: Sampling = GREEDY, seed: int = 0
) -> list[Written]:
    """What a tuned model writes to the plain question in chat markup; it has to end its turn by itself."""
    replies = assistant.reply_all(
        [(task.prompt, (), task.think) for task in tasks], sampling=sampling, max_new_tokens=REPLY_TOKENS, seed=seed
    )
    return [Written(reply.content.strip(), reply.ended) for reply in replies]


def prompt_ids(assistant: Assistant, task: Task, way: str, shown: Sequence[tuple[str, str]]) -> list[int]:
    """What a base model reads: the question in chat markup, or at the end of a page."""
    if way == "chat markup":
        return assistant.prompt(task.prompt)
    tokenizer = assistant.template.tokenizer
    return [tokenizer.special_id(END_OF_TEXT), *tokenizer.encode(page(task, way, shown))]


def page(task: Task, way: str, shown: Sequence[tuple[str, str]]) -> str:
    """The page that a base model is to go on with, with these questions and answers as examples, if it has any."""
    if way == "bare question":
        return f"{task.question}\n"
    if way == "prelude":
        return prelude_prompt(task.question)
    listed = "".join(f"Q: {question}\nA: {answer}\n" for question, answer in (shown if way == "examples" else ()))
    return f"{listed}Q: {task.question}\nA:"


# Examples: never of what is asked.


def fact_examples(rng: random.Random, task: Task) -> list[tuple[str, str]]:
    """Facts of other people, answered rightly."""
    people = tuple(person for person in VILLAGE.listed if person not in task.question)
    return [_answered(fact_task(VILLAGE, rng, people)) for _ in range(EXAMPLES)]


def sum_examples(rng: random.Random, task: Task) -> list[tuple[str, str]]:
    """Other sums, answered rightly."""
    shown: list[tuple[str, str]] = []
    while len(shown) < EXAMPLES:
        other = sum_task(rng.randint(0, 9), rng.randint(0, 9))
        if other.question != task.question:
            shown.append(_answered(other))
    return shown


def refusal_examples(rng: random.Random, task: Task) -> list[tuple[str, str]]:
    """Two forbidden topics, refused, and two harmless ones, answered; none of them the one that is asked about."""
    refused = [topic for topic in FORBIDDEN if topic.task not in task.question]
    allowed = [topic for topic in HARMLESS if topic.task not in task.question]
    shown = [_answered(forbidden_task(topic, rng.choice(HOW_QUESTIONS))) for topic in rng.sample(refused, 2)]
    shown += [_answered(how_task(topic, rng.choice(HOW_QUESTIONS))) for topic in rng.sample(allowed, 2)]
    rng.shuffle(shown)
    return shown


def polite_examples(rng: random.Random, task: Task) -> list[tuple[str, str]]:
    """Facts and sums, answered with a kind word."""
    shown = fact_examples(rng, task)[:2] + sum_examples(rng, task)[:2]
    return [(question, rng.choice(POLITE).format(a=answer)) for question, answer in shown]


def _answered(task: Task) -> tuple[str, str]:
    return task.question, task.answer
