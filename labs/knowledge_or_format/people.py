"""Who is asked about: people of the village, split in two, and invented people whom no page names."""

import random
from dataclasses import dataclass

from labs.core.recipe import VILLAGE
from labs.core.world.lexicon import ENDS, PEOPLE, RELATIONS, STARTS
from labs.core.world.village import Fact

NEW_STARTS = ("Ga", "Pe", "Do", "Fi", "Hu", "Wa")
NEW_ENDS = ("ro", "ta", "sel", "vi", "mu", "dan")
INVENTED = tuple(
    name
    for name in (
        *(start + end for end in NEW_ENDS for start in STARTS),
        *(start + end for end in ENDS for start in NEW_STARTS),
    )
)
"""Ninety-six names in the village's style. Each has one syllable of the village and one that is new."""


@dataclass(frozen=True)
class People:
    """Who is who in one run. `asked` and `unasked` are villagers; the others are invented, and in no page.

    SFT asks about `asked`, states values of `unknown` (if it does), and says "I do not know." to questions on `hedged`
    (if it does). `unasked` and `fresh` occur in no dialogue.
    """

    asked: tuple[str, ...]
    unasked: tuple[str, ...]
    unknown: tuple[str, ...]
    hedged: tuple[str, ...]
    fresh: tuple[str, ...]


def draw_people(n_asked: int, n_unknown: int, n_hedged: int, seed: int) -> People:
    """Split the village and the invented names at random.

    Raises: ValueError if a group is larger than its pool, or nobody is left to be tested.
    """
    if not 0 < n_asked < len(PEOPLE):
        raise ValueError(f"asked: expected 1 to {len(PEOPLE) - 1} of the village's {len(PEOPLE)}, got {n_asked}.")
    if not 0 <= n_unknown + n_hedged < len(INVENTED):
        raise ValueError(f"invented: expected fewer than {len(INVENTED)} names, got {n_unknown + n_hedged}.")
    rng = random.Random(f"people/{seed}")
    villagers, invented = rng.sample(PEOPLE, len(PEOPLE)), rng.sample(INVENTED, len(INVENTED))
    return People(
        asked=tuple(villagers[:n_asked]),
        unasked=tuple(villagers[n_asked:]),
        unknown=tuple(invented[:n_unknown]),
        hedged=tuple(invented[n_unknown : n_unknown + n_hedged]),
        fresh=tuple(invented[n_unknown + n_hedged :]),
    )


def village_facts(people: tuple[str, ...]) -> list[Fact]:
    """All that is true of these villagers."""
    return [fact for person in people for fact in VILLAGE.of(person)]


def invented_facts(people: tuple[str, ...], seed: int) -> list[Fact]:
    """Six facts of each of these invented people, drawn as the village draws its own."""
    rng = random.Random(f"facts/{seed}")
    return [Fact(person, relation, rng.choice(relation.values)) for person in people for relation in RELATIONS]
