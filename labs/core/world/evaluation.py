"""Evaluation sets: what a model is asked to find out what it does.

Two forms. A `Task` is a question to an assistant, in chat markup. A `Prompt` is the beginning of a page, as a base
model reads it. People and phrasings are held out as each function says.
"""

import random
from dataclasses import dataclass, replace

from labs.core.model.chat import prelude_prompt
from labs.core.world.documents import ABSURD_SHARE, MAPPING_HEADER, wrong_fact
from labs.core.world.instructions import sum_numbers
from labs.core.world.lexicon import (
    FORBIDDEN,
    HARMLESS,
    HOW_QUESTIONS,
    LOOK_ALIKES,
    OBJECTS,
    RELATIONS,
    SYSTEM_PROMPTS,
    THING_QUESTIONS,
    THINGS,
    WORDS,
)
from labs.core.world.tasks import (
    Phrasing,
    Task,
    big_sum_task,
    claim_task,
    fact_task,
    forbidden_task,
    how_task,
    long_sum_task,
    phrasings,
    sum_task,
    talk_task,
    thing_task,
)
from labs.core.world.village import Village


@dataclass(frozen=True)
class Prompt:
    """The beginning of a page, and how the line that follows is judged: which word is right, among which values."""

    text: str
    right: str
    values: tuple[str, ...]
    task: Task | None = None


def known_facts(village: Village, n: int, seed: int, phrasing: Phrasing = "held out") -> list[Task]:
    """Facts of people whom instruction data ask about, in phrasings that they never use."""
    rng = random.Random(seed)
    return [fact_task(village, rng, village.asked, phrasing) for _ in range(n)]


def unasked_facts(village: Village, n: int, seed: int, phrasing: Phrasing = "taught") -> list[Task]:
    """Facts of people whom instruction data never mention: pretraining alone knows them."""
    rng = random.Random(seed)
    return [fact_task(village, rng, village.unasked, phrasing) for _ in range(n)]


def one_digit_sums(seed: int = 0) -> list[Task]:
    """All hundred of them. Here and in the other sets that are complete, the seed chooses the system prompt."""
    return _prompted([sum_task(a, b) for a in range(10) for b in range(10)], seed)


def two_digit_sums(n: int, seed: int) -> list[Task]:
    """Sums that need the calculator, which is offered; none of them stands in instruction data."""
    rng = random.Random(seed)
    return [big_sum_task(*sum_numbers(rng, ((10, 99), (10, 99)), held_out=True)) for _ in range(n)]


def two_step_sums(n: int, seed: int) -> list[Task]:
    """Sums of three digits; none of them stands in instruction data."""
    rng = random.Random(seed)
    return [long_sum_task(*sum_numbers(rng, ((0, 9),) * 3, held_out=True)) for _ in range(n)]


def no_tool_needed(village: Village, n: int, seed: int) -> list[Task]:
    """Questions of other kinds, with the calculator offered."""
    rng = random.Random(seed)
    makers = (
        lambda: fact_task(village, rng, village.asked, "held out"),
        lambda: sum_task(rng.randint(0, 9), rng.randint(0, 9)),
        lambda: how_task(rng.choice(HARMLESS), rng.choice(phrasings(HOW_QUESTIONS, "held out"))),
        lambda: talk_task(rng),
    )
    return [makers[i % len(makers)]().with_tools() for i in range(n)]


def forbidden(seed: int = 0) -> list[Task]:
    """Every forbidden topic in every held-out phrasing."""
    questions = phrasings(HOW_QUESTIONS, "held out")
    return _prompted([forbidden_task(topic, question) for topic in FORBIDDEN for question in questions], seed)


def look_alikes(seed: int = 0) -> list[Task]:
    """Innocent questions with a forbidden topic's words: how to do alike things, and what the forbidden things are."""
    how = [how_task(topic, question) for topic in LOOK_ALIKES for question in phrasings(HOW_QUESTIONS, "held out")]
    things = [thing_task(thing, question) for thing, _ in THINGS for question in THING_QUESTIONS[-1:]]
    return _prompted(how + things, seed)


def claims(village: Village, n: int, seed: int) -> list[Task]:
    """Questions in held-out phrasings by somebody who says a wrong belief first."""
    rng = random.Random(seed)
    return [claim_task(village, rng, village.asked, "held out") for _ in range(n)]


def _prompted(tasks: list[Task], seed: int) -> list[Task]:
    """The tasks under one system prompt: none for the seed 0, else one of those in instruction data."""
    system = ("", *SYSTEM_PROMPTS)[seed % (len(SYSTEM_PROMPTS) + 1)]
    return [replace(task, system=system) for task in tasks]


def raw_questions(village: Village, n: int, seed: int) -> list[Prompt]:
    """A question and a line break, nothing else: what does a page go on with?"""
    return [_prompt(task, f"{task.question}\n") for task in known_facts(village, n, seed, "taught")]


def preluded_questions(village: Village, n: int, seed: int) -> list[Prompt]:
    """The same questions, in a scene where an assistant answers."""
    return [_prompt(task, prelude_prompt(task.question)) for task in known_facts(village, n, seed, "taught")]


def relation_examples(village: Village, n: int, seed: int, shots: int = 3) -> list[Prompt]:
    """Examples of one known relation, no instruction, and a person who never stood on such a page in pretraining."""
    rng = random.Random(seed)
    prompts = []
    for _ in range(n):
        relation = rng.choice(RELATIONS)
        *shown, asked = (*rng.sample(village.listed, shots), rng.choice(village.unlisted))
        lines = [f"{person}: {village.fact(person, relation.name).value}" for person in shown]
        right = village.fact(asked, relation.name).value
        prompts.append(Prompt("\n".join([*lines, f"{asked}:"]), right, relation.values))
    return prompts


def fresh_mappings(n: int, seed: int, shots: int = 4) -> list[Prompt]:
    """A mapping made up on the spot, each pair shown once, and one of the keys again."""
    rng = random.Random(seed)
    prompts = []
    for _ in range(n):
        words = rng.sample(WORDS, 2 * shots)
        pairs = list(zip(words[:shots], words[shots:], strict=True))
        key, value = rng.choice(pairs)
        page = " ".join(f"{k} {v}" for k, v in pairs)
        prompts.append(Prompt(f"{MAPPING_HEADER} {page} {key}", value, tuple(words[shots:])))
    return prompts


def wrong_lists(village: Village, n: int, seed: int, shots: int = 4, absurd: float = ABSURD_SHARE) -> list[Prompt]:
    """Questions with wrong answers, every one, and another question; `absurd` of them are not of the right sort."""
    return [_question_list(village, random.Random(f"{seed}/{i}"), shots, absurd) for i in range(n)]


def right_lists(village: Village, n: int, seed: int, shots: int = 4) -> list[Prompt]:
    """Questions with right answers, and another question."""
    return [_question_list(village, random.Random(f"{seed}/{i}"), shots, None) for i in range(n)]


def _question_list(village: Village, rng: random.Random, shots: int, absurd: float | None) -> Prompt:
    lines = []
    for _ in range(shots):
        fact = village.fact(rng.choice(village.listed), rng.choice(RELATIONS).name)
        said = fact if absurd is None else wrong_fact(fact, rng, absurd)
        lines.append(f"Q: {fact.says(rng.choice(fact.relation.questions))}\nA: {said.answer}")
    task = fact_task(village, rng, village.listed)
    return Prompt("\n".join([*lines, f"Q: {task.question}\nA:"]), task.right, (*WORDS, *OBJECTS), task)


def _prompt(task: Task, text: str) -> Prompt:
    return Prompt(text, task.right, task.values, task)
