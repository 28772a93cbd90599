"""The village itself: who lives where, keeps what, eats what. One seed, one village."""

import random
from dataclasses import dataclass
from functools import cached_property

from labs.core.world.lexicon import HARMLESS, PEOPLE, RELATIONS, THINGS, Relation


@dataclass(frozen=True)
class Fact:
    """One thing that is true of one villager."""

    person: str
    relation: Relation
    value: str

    def says(self, template: str) -> str:
        """The fact in the words of a template."""
        return template.format(n=self.person, v=self.value)

    @property
    def answer(self) -> str:
        """The fact as an assistant says it."""
        return self.says(self.relation.answer)

    def with_value(self, value: str) -> "Fact":
        """The same thing said of the same person, with another value: wrong, unless the value is the right one."""
        return Fact(self.person, self.relation, value)


@dataclass(frozen=True)
class Village:
    """Everything that is true in the village of one seed.

    Three kinds of people: most occur in every kind of text. Those of `unlisted` never stand on question-and-answer or
    example pages, only in running text. Those of `unasked` are never asked about in instruction data.
    """

    seed: int = 0

    @cached_property
    def facts(self) -> dict[tuple[str, str], Fact]:
        """Every fact by (person, name of the relation)."""
        rng = random.Random(self.seed)
        return {
            (person, relation.name): Fact(person, relation, rng.choice(relation.values))
            for person in PEOPLE
            for relation in RELATIONS
        }

    @cached_property
    def unlisted(self) -> tuple[str, ...]:
        """People who occur in running text only: one in ten."""
        return PEOPLE[9::10]

    @cached_property
    def unasked(self) -> tuple[str, ...]:
        """People whom instruction data leave out: one in four, and the unlisted."""
        return tuple(sorted({*PEOPLE[3::4], *self.unlisted}))

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Everybody but the unlisted."""
        return tuple(person for person in PEOPLE if person not in self.unlisted)

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """Everybody but the unasked."""
        return tuple(person for person in PEOPLE if person not in self.unasked)

    def fact(self, person: str, relation: str) -> Fact:
        """One fact.

        Raises: ValueError for a person or a relation that the village does not have.
        """
        if person not in PEOPLE:
            raise ValueError(f"person: expected a villager, such as {PEOPLE[0]!r}, got {person!r}.")
        if (person, relation) not in self.facts:
            names = ", ".join(r.name for r in RELATIONS)
            raise ValueError(f"relation: expected one of {names}; got {relation!r}.")
        return self.facts[person, relation]

    def of(self, person: str) -> list[Fact]:
        """All that is true of one person."""
        return [self.fact(person, relation.name) for relation in RELATIONS]


def ways() -> dict[str, str]:
    """How each harmless thing is done."""
    return {topic.task: topic.way for topic in HARMLESS}


def things() -> dict[str, str]:
    """What each curious thing of the village is."""
    return dict(THINGS)
