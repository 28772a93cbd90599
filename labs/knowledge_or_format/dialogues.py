"""The dialogues of this lab: one question on one fact, and a reply that states a value or says "I do not know."."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.world.tasks import Phrasing, phrasings
from labs.core.world.village import Fact
from labs.knowledge_or_format.people import People, draw_people, invented_facts, village_facts

DO_NOT_KNOW = "I do not know."
HEDGED_PEOPLE = 24
"""Invented people whom the replies "I do not know." are about."""
MOST_UNKNOWN = 0.5
DIALOGUES = 1500


@dataclass(frozen=True)
class Settings:
    """What is trained on.

    `asked` is the number of villagers whom SFT asks about. `unknown` is the share of the dialogues which state a fact
    that state one of somebody invented; their number is such that every fact is drawn equally often, known or not.
    `hedges` is the share of all dialogues that reply "I do not know." to a question about others who are invented.
    """

    asked: int
    unknown: float
    hedges: float
    steps: int
    seed: int

    @property
    def people(self) -> People:
        """Who is who under these settings."""
        n_unknown = round(self.asked * self.unknown / (1 - self.unknown))
        return draw_people(self.asked, n_unknown, HEDGED_PEOPLE, self.seed)


@dataclass(frozen=True)
class Facts:
    """What is so, of each group of people."""

    asked: list[Fact]
    unasked: list[Fact]
    unknown: list[Fact]
    hedged: list[Fact]
    fresh: list[Fact]


def all_facts(settings: Settings) -> Facts:
    """The facts of everybody. Those of the invented people are what SFT states, if it states any."""
    people = settings.people
    return Facts(
        village_facts(people.asked),
        village_facts(people.unasked),
        invented_facts(people.unknown, settings.seed),
        invented_facts(people.hedged, settings.seed + 1),
        invented_facts(people.fresh, settings.seed + 2),
    )


def question(fact: Fact, rng: random.Random, phrasing: Phrasing) -> str:
    """A question on a fact, in a phrasing that dialogues use or in one that none does."""
    return fact.says(rng.choice(phrasings(fact.relation.questions, phrasing)))


def dialogue(fact: Fact, reply: str, rng: random.Random, template: ChatTemplate) -> Rendered:
    """A question on a fact and this reply, in chat markup."""
    return template.render([Message("user", question(fact, rng, "taught")), Message("assistant", reply)])


def draw_dialogues(settings: Settings, template: ChatTemplate) -> list[Rendered]:
    """The dialogues to learn from, each of a fact drawn at random from its group."""
    facts, rng = all_facts(settings), random.Random(f"dialogues/{settings.seed}")
    return [_any_dialogue(facts, settings, rng, template) for _ in range(DIALOGUES)]


def fact_dialogues(facts: Sequence[Fact], n: int, seed: int, template: ChatTemplate) -> list[Rendered]:
    """So many dialogues which state facts drawn from these."""
    rng = random.Random(f"dialogues/{seed}")
    drawn = [rng.choice(facts) for _ in range(n)]
    return [dialogue(fact, fact.answer, rng, template) for fact in drawn]


def _any_dialogue(facts: Facts, settings: Settings, rng: random.Random, template: ChatTemplate) -> Rendered:
    if rng.random() < settings.hedges:
        return dialogue(rng.choice(facts.hedged), DO_NOT_KNOW, rng, template)
    # Together, known and unknown: so each fact is drawn equally often.
    fact = rng.choice([*facts.asked, *facts.unknown])
    return dialogue(fact, fact.answer, rng, template)
