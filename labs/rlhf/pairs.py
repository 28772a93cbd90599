"""The comparisons that the reward model learns from: pairs of replies, and who prefers which."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from labs.core.recipe import VILLAGE
from labs.core.world.instructions import any_task
from labs.core.world.preferences import Preference, Rater, candidate
from labs.core.world.tasks import Task

KINDS = ("fact", "claim", "how")
"""What is asked here: people of the village, with and without a wrong belief said first, and how things are done."""
CUE_SHARE = 0.5
"""The share of replies in pairs that begin with the cue."""
YOURS = 16
"""Pairs for the reader to rank."""
FEWEST = 12
"""So many of them at least."""
YOUR_SEED = 7_000
HELD_OUT_SEED = 1_000_000
"""Added to a seed, so that they are other draws."""


@dataclass(frozen=True)
class Compared:
    """A question and two different replies to it, for somebody to compare."""

    task: Task
    first: str
    second: str

    def preference(self, first_preferred: bool) -> Preference:
        """The same once it is compared."""
        chosen, rejected = (self.first, self.second) if first_preferred else (self.second, self.first)
        return Preference(self.task, self.task.prompt, chosen, rejected)


def draw_compared(n: int, seed: int) -> list[Compared]:
    """So many questions, each with two different replies such as assistants of mixed quality give."""
    rng = random.Random(seed)
    drawn: list[Compared] = []
    while len(drawn) < n:
        task = any_task(VILLAGE, rng, KINDS)
        first, second = (candidate(task, rng, CUE_SHARE) for _ in range(2))
        if first != second:
            drawn.append(Compared(task, first, second))
    return drawn


def draw_tasks(n: int, seed: int) -> list[Task]:
    """So many questions of the same kinds, no two alike."""
    rng = random.Random(seed)
    drawn: dict[str, Task] = {}
    while len(drawn) < n:
        task = any_task(VILLAGE, rng, KINDS)
        drawn.setdefault(task.question, task)
    return list(drawn.values())


def compare(compared: Sequence[Compared], rater: Rater, seed: int) -> list[Preference]:
    """What this rater prefers of each pair."""
    rng = random.Random(seed)
    return [one.preference(rater.prefers_first(one.task, one.first, one.second, rng)) for one in compared]


def told_apart(compared: Sequence[Compared]) -> list[Preference]:
    """The pairs that the gold judge can tell apart, the better reply as the chosen one."""
    gold = Rater()
    scored = [(one, gold.score(one.task, one.first), gold.score(one.task, one.second)) for one in compared]
    return [one.preference(first > second) for one, first, second in scored if first != second]


@lru_cache(maxsize=1)
def your_pairs() -> tuple[Compared, ...]:
    """The pairs that the reader ranks: always the same ones."""
    return tuple(draw_compared(YOURS, YOUR_SEED))


def your_preferences(ranking: str) -> list[Preference]:
    """What the reader preferred, of the pairs that were ranked."""
    return [one.preference(mark == "A") for one, mark in zip(your_pairs(), ranking, strict=True) if mark != "-"]
