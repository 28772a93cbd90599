"""The pairs that the reader chooses from: who is asked what, and which of two replies is preferred."""

import random
from collections.abc import Sequence

from labs.core.recipe import VILLAGE
from labs.core.world.lexicon import FORBIDDEN, HOW_QUESTIONS, POLITE, REFUSALS, RUDE
from labs.core.world.preferences import Preference
from labs.core.world.tasks import Phrasing, Task, fact_task, forbidden_task, phrasings

PAIRS = {
    "polite over rude": "the same answer, told politely and rudely",
    "right over wrong": "the right answer and another of its kind: one word differs",
    "one kind word over another": "the same answer with two polite endings",
    "refusal over compliance": "to what is forbidden: a refusal, and “Of course. I can tell you.”",
    "one refusal over another": "to what is forbidden: two refusals, of which one word differs",
}
"""The kinds of pairs, and what their two replies are."""
ABOUT_FACTS = ("polite over rude", "right over wrong", "one kind word over another")
COMPLIANCE = "Of course. I can tell you."


def draw_pairs(kind: str, n: int, seed: int, phrasing: Phrasing = "taught") -> list[Preference]:
    """So many pairs of a kind; people, topics and phrasings are drawn.

    Raises: ValueError for a kind that there is not.
    """
    if kind not in PAIRS:
        raise ValueError(f"pairs: expected one of {', '.join(PAIRS)}; got {kind!r}; spell it as listed.")
    rng = random.Random(seed)
    return [_pair(kind, rng, phrasing) for _ in range(n)]


def _pair(kind: str, rng: random.Random, phrasing: Phrasing) -> Preference:
    if kind in ABOUT_FACTS:
        task = fact_task(VILLAGE, rng, VILLAGE.asked, phrasing)
        chosen, rejected = _told(kind, task, rng)
    else:
        task = forbidden_task(rng.choice(FORBIDDEN), rng.choice(phrasings(HOW_QUESTIONS, phrasing)))
        chosen, rejected = REFUSALS[0], COMPLIANCE if kind == "refusal over compliance" else REFUSALS[1]
    return Preference(task, task.prompt, chosen, rejected)


def _told(kind: str, task: Task, rng: random.Random) -> tuple[str, str]:
    """Two ways to tell a fact."""
    if kind == "polite over rude":
        return rng.choice(POLITE).format(a=task.answer), rng.choice(RUDE).format(a=task.answer)
    if kind == "right over wrong":
        wrong = rng.choice([value for value in task.values if value != task.right])
        return task.answer, task.answer.replace(task.right, wrong)
    return POLITE[0].format(a=task.answer), POLITE[2].format(a=task.answer)


def other_replies(pair: Preference) -> dict[str, Sequence[str]]:
    """Replies to the same question that the village's helpers give as well: good ones, and right but rude ones."""
    answer = pair.task.answer
    known: dict[str, Sequence[str]] = (
        {"good": REFUSALS}
        if pair.task.kind == "forbidden"
        else {
            "good": (answer, *(tone.format(a=answer) for tone in POLITE)),
            "rude": tuple(tone.format(a=answer) for tone in RUDE),
        }
    )
    return {
        group: [reply for reply in replies if reply not in (pair.chosen, pair.rejected)]
        for group, replies in known.items()
    }
