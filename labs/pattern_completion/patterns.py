"""The patterns that a reader starts from: the beginning of a page, and what the right answer to its last line is."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labs.core.recipe import VILLAGE
from labs.core.world import evaluation
from labs.core.world.documents import ABSURD_SHARE, MAPPING_HEADER
from labs.core.world.evaluation import Prompt
from labs.core.world.lexicon import HARMLESS, RELATIONS, WORDS
from labs.core.world.tasks import fact_task

MOST_SHOTS = 5
"""Five exchanges and another question just leave room in the context for an answer."""


@dataclass(frozen=True)
class Page:
    """The beginning of a page, and where on it the answer is to come.

    `right` is the right answer, out of `values`. `lead` is what such an answer says before the word that matters:
    "Mira eats" of "Mira eats pie.".
    """

    text: str
    right: str = ""
    lead: str = ""
    values: tuple[str, ...] = ()


def random_labels(n: int, seed: int, shots: int) -> list[Prompt]:
    """Fresh mappings; with no shots nothing is shown, and the right word could be any."""
    if shots:
        return evaluation.fresh_mappings(n, seed, shots)
    rng = random.Random(seed)
    drawn = [rng.sample(WORDS, 2) for _ in range(n)]
    return [Prompt(f"{MAPPING_HEADER} {key}", value, WORDS) for key, value in drawn]


def _questions(seed: int, shots: int, absurd: float | None) -> Page:
    (prompt,) = (
        evaluation.right_lists(VILLAGE, 1, seed, shots)
        if absurd is None
        else evaluation.wrong_lists(VILLAGE, 1, seed, shots, absurd)
    )
    assert prompt.task is not None, "a question list asks for a fact"
    return Page(prompt.text, prompt.right, _before(prompt.task.answer, prompt.right), prompt.values)


def _labels(seed: int, shots: int) -> Page:
    (prompt,) = random_labels(1, seed, shots)
    return Page(prompt.text, prompt.right if shots else "", values=prompt.values)


def _relation(seed: int, shots: int) -> Page:
    (prompt,) = evaluation.relation_examples(VILLAGE, 1, seed, shots)
    return Page(prompt.text, prompt.right, values=prompt.values)


def _chat(seed: int, shots: int) -> Page:
    rng = random.Random(seed)
    lines = []
    for _ in range(shots):
        fact = VILLAGE.fact(rng.choice(VILLAGE.listed), rng.choice(RELATIONS).name)
        lines.append(f"User: {fact.says(rng.choice(fact.relation.questions))}\nAssistant: {fact.answer}")
    task = fact_task(VILLAGE, rng, VILLAGE.listed)
    text = "\n".join([*lines, f"User: {task.question}\nAssistant:"])
    return Page(text, task.right, _before(task.answer, task.right), task.values)


def _tasks(seed: int, shots: int) -> Page:
    *done, asked = random.Random(seed).sample(HARMLESS, shots + 1)
    lines = [f"- {topic.task}: {topic.way}" for topic in done]
    return Page("\n".join([*lines, f"- {asked.task}:"]), asked.way, values=tuple(topic.way for topic in HARMLESS))


def _before(answer: str, right: str) -> str:
    return answer[: answer.rindex(right)].rstrip()


RIGHT, WRONG, SUBTLE, LABELS = "right answers", "wrong answers", "wrong answers, none absurd", "random labels"

PATTERNS: Mapping[str, Callable[[int, int], Page]] = {
    WRONG: lambda seed, shots: _questions(seed, shots, ABSURD_SHARE),
    SUBTLE: lambda seed, shots: _questions(seed, shots, 0.0),
    RIGHT: lambda seed, shots: _questions(seed, shots, None),
    LABELS: _labels,
    "one relation": _relation,
    "a chat": _chat,
    "a task list": _tasks,
}
"""Each starting pattern: what makes its page from a seed and the number of examples."""
