"""The recorded experiment on wordings: pages about new people, each fact in so many phrasings, then SFT."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.encoding import pack
from labs.core.measures import next_lines, right_rate
from labs.core.model.arrays import Ints
from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.recipe import VILLAGE
from labs.core.training.loop import Schedule
from labs.core.training.pretrain import pretrain
from labs.core.world.documents import Document, internet
from labs.core.world.evaluation import Prompt
from labs.core.world.lexicon import PEOPLE, Relation
from labs.core.world.village import Fact
from labs.knowledge_or_format.dialogues import fact_dialogues
from labs.knowledge_or_format.people import INVENTED, invented_facts, village_facts

NEW_PEOPLE = 16
"""Half of them are asked about in SFT, the other half in the test."""
VILLAGERS = 40
"""Villagers whom SFT asks about as well, so that it teaches a way to answer and not a short list of answers."""
NEW_SHARE = 0.15
"""Of the dialogues, those about new people."""
REPLAY = 0.5
"""Of the tokens, those of usual pages of the miniature internet."""
PAGE_BATCH, PAGE_LENGTH, PAGE_RATE = 8, 64, 5e-4
SFT_RATE = 5e-4
"""Half of what the panel takes: these facts are fresh, and a rougher SFT overwrites them."""
MORE_STATEMENTS = {
    "food": "The {v} is for {n}.",
    "job": "You can call {n} the {v}.",
    "music": "One {v} belongs to {n}.",
}
"""For relations of which one of the village's wordings holds the assistant's own: "At noon Mira eats rice." """
REPLAY_SEED = 50
"""Added to a seed: other pages than those that the base model has read."""


@dataclass(frozen=True)
class NewPeople:
    """People whom no shipped page names, what is so of them, and in which phrasings pages say it."""

    asked: list[Fact]
    tested: list[Fact]
    statements: Mapping[tuple[str, str], Sequence[str]]
    shuffled: bool = True

    @property
    def facts(self) -> list[Fact]:
        """What is so of all of them."""
        return [*self.asked, *self.tested]


def draw_new_people(phrasings: int, seed: int, *, shuffled: bool = True) -> NewPeople:
    """The people of a seed, and so many phrasings for each of their facts, drawn for itself.

    Without `shuffled` the sentences of a person stand in one order on every page.
    None holds the words in which an assistant says the fact: those would help, and would be there more often among
    five phrasings than among one.
    Raises: ValueError for more phrasings than there are.
    """
    rng = random.Random(f"new people/{seed}")
    facts = invented_facts(tuple(rng.sample(INVENTED, NEW_PEOPLE)), seed)
    statements = {}
    for fact in facts:
        others = statements_of(fact.relation)
        if not 1 <= phrasings <= len(others):
            raise ValueError(f"phrasings: expected 1 to {len(others)}, got {phrasings}; there are no more.")
        statements[fact.person, fact.relation.name] = rng.sample(others, phrasings)
    return NewPeople(facts[: len(facts) // 2], facts[len(facts) // 2 :], statements, shuffled)


def statements_of(relation: Relation) -> list[str]:
    """The wordings that pages about new people have: five, and none of them holds the assistant's."""
    others = [text for text in relation.statements if relation.answer not in text]
    return [*others, *([MORE_STATEMENTS[relation.name]] if relation.name in MORE_STATEMENTS else [])]


def page(new: NewPeople, person: str, rng: random.Random) -> Document:
    """All that is so of one of them, every sentence in one of its phrasings."""
    facts = [fact for fact in new.facts if fact.person == person]
    order = rng if new.shuffled else random.Random(f"order/{person}")
    order.shuffle(facts)
    lines = [fact.says(rng.choice(new.statements[fact.person, fact.relation.name])) for fact in facts]
    return Document("new people", " ".join(lines))


def corpus(base: Checkpoint, new: NewPeople, n_tokens: int, seed: int) -> Ints:
    """Pages about new people, everybody as often, between usual pages; so many tokens or a few more.

    Shapes: -> (N,) int32.
    """
    rng = random.Random(f"pages/{seed}")
    people = list(dict.fromkeys(fact.person for fact in new.facts))
    usual = internet(VILLAGE, n_tokens, seed + REPLAY_SEED)  # more than enough: a page has more than one token
    parts, replayed, written = [], 0, 0
    waiting: list[str] = []
    while replayed + written < n_tokens:
        if replayed < REPLAY * (replayed + written):
            parts.append(pack([next(usual)], base.tokenizer)[1:])
            replayed += len(parts[-1])
            continue
        waiting = waiting or rng.sample(people, len(people))
        parts.append(pack([page(new, waiting.pop(), rng)], base.tokenizer)[1:])
        written += len(parts[-1])
    return np.concatenate(parts)


def read_pages(base: Checkpoint, new: NewPeople, steps: int, seed: int) -> Transformer:
    """Go on with the base model's pretraining, on such pages."""
    tokens = corpus(base, new, steps * PAGE_BATCH * PAGE_LENGTH, seed)
    schedule = Schedule(steps, PAGE_RATE, warmup=20)
    *_, last = pretrain(base.model, tokens, schedule=schedule, batch_size=PAGE_BATCH, length=PAGE_LENGTH, seed=seed)
    return last.state.model


def recall_on_pages(base: Checkpoint, model: Transformer, new: NewPeople, *, unread: bool = False) -> float:
    """How often a sentence of a page, cut before its value, is gone on with rightly: the share of the tested facts.

    With `unread` the sentence is an assistant's way to say the fact, which no page has. Only sentences that name the
    person before the value can be put so.
    """
    prompts = []
    for fact in new.tested:
        known = new.statements[fact.person, fact.relation.name]
        for statement in (fact.relation.answer,) if unread else known:
            before, _, _ = statement.partition("{v}")
            if "{n}" in before:
                prompts.append(Prompt(before.format(n=fact.person).rstrip(), fact.value, fact.relation.values))
    return right_rate(prompts, next_lines(model, base.tokenizer, prompts, max_new_tokens=4)).value


def new_dialogues(base: Checkpoint, new: NewPeople, n: int, seed: int) -> list[Rendered]:
    """Dialogues about half of the new people and about villagers, mixed."""
    n_new = round(NEW_SHARE * n)
    return [
        *fact_dialogues(new.asked, n_new, seed, base.template),
        *fact_dialogues(village_facts(PEOPLE[:VILLAGERS]), n - n_new, seed + 1, base.template),
    ]
