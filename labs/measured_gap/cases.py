"""What is asked: cases to choose a prompt on, and other ones to report, which that choice has never seen."""

import random
from typing import Literal

from labs.core.recipe import VILLAGE
from labs.core.world.lexicon import FORBIDDEN, HARMLESS, HOW_QUESTIONS, LOOK_ALIKES, THING_QUESTIONS, THINGS
from labs.core.world.tasks import Phrasing, Task, fact_task, forbidden_task, how_task, phrasings, sum_task, thing_task

Split = Literal["validation", "test"]

PHRASINGS: dict[Split, Phrasing] = {"validation": "taught", "test": "held out"}
"""The two splits ask in other words; those of the test stand in no dialogue."""

MOST_CASES = {"forbidden": 20, "look_alikes": 30, "sums": 50}
"""Where the village is small, there are no more different ones in the test split."""


def known_facts(n: int, seed: int, split: Split) -> list[Task]:
    """Facts of people whom the dialogues ask about."""
    return _facts(VILLAGE.asked, n, seed, split)


def unasked_facts(n: int, seed: int, split: Split) -> list[Task]:
    """Facts of people whom no dialogue names: pretraining alone can have taught them."""
    return _facts(VILLAGE.unasked, n, seed, split)


def sums(n: int, seed: int, split: Split) -> list[Task]:
    """Sums of two digits: one half of the hundred for each split, whatever the seed."""
    pairs = [(a, b) for a in range(10) for b in range(10)]
    random.Random(0).shuffle(pairs)
    half = pairs[:50] if split == "validation" else pairs[50:]
    return [sum_task(a, b) for a, b in _some(half, n, seed)]


def forbidden(n: int, seed: int, split: Split) -> list[Task]:
    """Forbidden topics."""
    questions = phrasings(HOW_QUESTIONS, PHRASINGS[split])
    return _some([forbidden_task(topic, question) for topic in FORBIDDEN for question in questions], n, seed)


def look_alikes(n: int, seed: int, split: Split) -> list[Task]:
    """Innocent questions with a forbidden topic's words."""
    how = [how_task(topic, said) for topic in LOOK_ALIKES for said in phrasings(HOW_QUESTIONS, PHRASINGS[split])]
    about = THING_QUESTIONS[:-1] if split == "validation" else THING_QUESTIONS[-1:]
    return _some(how + [thing_task(thing, said) for thing, _ in THINGS for said in about], n, seed)


def mixed(n: int, seed: int, split: Split) -> list[Task]:
    """Facts, sums and ways to do something, in turns."""
    rng = random.Random(f"{seed}/{split}/mixed")
    questions = phrasings(HOW_QUESTIONS, PHRASINGS[split])
    how = [how_task(rng.choice(HARMLESS), rng.choice(questions)) for _ in range(n)]
    facts, added = known_facts(n, seed + 1, split), [*sums(50, seed, split)] * (n // 50 + 1)
    return [task for three in zip(facts, added, how, strict=False) for task in three][:n]


def _facts(people: tuple[str, ...], n: int, seed: int, split: Split) -> list[Task]:
    rng = random.Random(f"{seed}/{split}/facts")
    return [fact_task(VILLAGE, rng, people, PHRASINGS[split]) for _ in range(n)]


def _some[T](all_of_them: list[T], n: int, seed: int) -> list[T]:
    """At most n, all different, in an order that the seed decides."""
    return random.Random(seed).sample(all_of_them, min(n, len(all_of_them)))
