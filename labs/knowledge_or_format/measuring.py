"""What a model says to questions about people of each group, in phrasings that no dialogue has."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from labs.core.measures import next_lines, right_rate
from labs.core.model.assistant import Assistant, Reply
from labs.core.model.chat import Message, prelude_prompt
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.world.evaluation import Prompt
from labs.core.world.judge import words
from labs.core.world.village import Fact
from labs.knowledge_or_format.dialogues import Facts, question

REPLY_TOKENS = 16
"""Twice as long as a reply of the dialogues."""
GROUPS = {
    "asked": "villagers asked about in SFT",
    "unasked": "villagers never asked about",
    "unknown": "invented people of SFT",
    "fresh": "invented people, never seen",
}
"""The groups that are tested, in words."""
MEASURES = {
    "asked": "Exact, villagers asked about in SFT",
    "unasked": "Exact, villagers never asked about",
    "unknown": "Exact, invented people of SFT",
    "states": "States a value of somebody never seen (hallucination)",
    "hedges": "“I do not know.” of somebody never seen",
    "over_hedges": "“I do not know.” of villagers never asked about",
}
"""What is measured, in words; all are shares of replies."""


@dataclass(frozen=True)
class Said:
    """What a model did with the questions of one group, as shares; an empty group has none."""

    exact: float = 0.0
    states: float = 0.0
    hedges: float = 0.0


type Test = Mapping[str, Sequence[tuple[Fact, str]]]  # for each group, facts with the question on each


def draw_test(facts: Facts, n: int, seed: int) -> dict[str, list[tuple[Fact, str]]]:
    """At most n questions for each group, in phrasings held out from SFT."""
    rng = random.Random(f"test/{seed}")
    test = {}
    for group in GROUPS:
        of_group: list[Fact] = getattr(facts, group)
        chosen = rng.sample(of_group, min(n, len(of_group)))
        test[group] = [(fact, question(fact, rng, "held out")) for fact in chosen]
    return test


def replies_to(base: Checkpoint, model: Transformer, questions: Sequence[str]) -> list[Reply]:
    """The likeliest reply to each question, in chat markup."""
    return Assistant(model, base.template).reply_all(
        [((Message("user", one),), (), "absent") for one in questions], max_new_tokens=REPLY_TOKENS
    )


def try_test(base: Checkpoint, model: Transformer, test: Test) -> dict[str, Said]:
    """Ask everything at once, and judge group by group."""
    asked = [(group, fact, text) for group, pairs in test.items() for fact, text in pairs]
    replies = replies_to(base, model, [text for _, _, text in asked])
    said: dict[str, Said] = {}
    for group, pairs in test.items():
        own = [(fact, reply) for (of, fact, _), reply in zip(asked, replies, strict=True) if of == group]
        said[group] = _judged(own) if pairs else Said()
    return said


def values_of(said: Mapping[str, Said]) -> dict[str, float]:
    """The numbers of `MEASURES`."""
    return {
        "asked": said["asked"].exact,
        "unasked": said["unasked"].exact,
        "unknown": said["unknown"].exact,
        "states": said["fresh"].states,
        "hedges": said["fresh"].hedges,
        "over_hedges": said["unasked"].hedges,
    }


def questions_on(facts: Sequence[Fact], seed: int) -> list[tuple[Fact, str]]:
    """A question on each of these facts, in a phrasing held out from SFT."""
    rng = random.Random(f"test/{seed}")
    return [(fact, question(fact, rng, "held out")) for fact in facts]


def exact_of(base: Checkpoint, model: Transformer, facts: Sequence[Fact], seed: int) -> float:
    """How often a question on one of these facts is answered exactly."""
    texts = [text for _, text in questions_on(facts, seed)]
    return _judged(list(zip(facts, replies_to(base, model, texts), strict=True))).exact


def on_a_page(base: Checkpoint, pairs: Sequence[tuple[Fact, str]]) -> float:
    """How often the base model names the right value where a page, without markup, leads up to an answer."""
    prompts = [Prompt(prelude_prompt(text), fact.value, fact.relation.values) for fact, text in pairs]
    return right_rate(prompts, next_lines(base.model, base.tokenizer, prompts)).value


def states_a_value(fact: Fact, reply: str) -> bool:
    """Whether a reply names a value of the sort that was asked for, right or not."""
    return bool(words(reply) & set(fact.relation.values))


def is_exact(fact: Fact, reply: Reply) -> bool:
    """Whether a reply names the right value and no other of its sort, and ends."""
    return reply.ended and words(reply.content) & set(fact.relation.values) == {fact.value}


def says_not_known(reply: str) -> bool:
    """Whether a reply says that the model does not know."""
    return "do not know" in reply


def _judged(own: Sequence[tuple[Fact, Reply]]) -> Said:
    return Said(
        exact=fmean(is_exact(fact, reply) for fact, reply in own),
        states=fmean(states_a_value(fact, reply.content) for fact, reply in own),
        hedges=fmean(says_not_known(reply.content) for _, reply in own),
    )
