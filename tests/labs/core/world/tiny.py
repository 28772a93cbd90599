"""A small tokenizer of the village's texts, and what tests ask of them again and again."""

import math
import re
from collections.abc import Iterable

from labs.core.model.chat_template import ChatTemplate
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer
from labs.core.world.documents import internet
from labs.core.world.lexicon import FORBIDDEN, HARMLESS, HOW_QUESTIONS, OBJECTS, PEOPLE, THING_QUESTIONS, THINGS
from labs.core.world.tasks import phrasings
from labs.core.world.village import Fact, Village

VILLAGE = Village(0)
TOKENIZER = Tokenizer.train([document.text for document in internet(VILLAGE, 200, 0)], 320)
TEMPLATE = ChatTemplate(TOKENIZER)
CONFIG = ModelConfig(
    vocab_size=TOKENIZER.vocab_size, n_layer=1, n_head=2, n_kv_head=1, n_embd=8, n_hidden=12, context_length=512
)

FACT_OF = {fact.says(question): fact for fact in VILLAGE.facts.values() for question in fact.relation.questions}
"""What every question about a villager asks for."""

HELD_OUT_QUESTIONS = (
    {fact.says(question) for fact in FACT_OF.values() for question in phrasings(fact.relation.questions, "held out")}
    | {q.format(t=topic.task) for topic in (*HARMLESS, *FORBIDDEN) for q in phrasings(HOW_QUESTIONS, "held out")}
    | {THING_QUESTIONS[-1].format(t=thing) for thing, _ in THINGS}
)
"""All that instruction data never ask."""


def tiny_model(seed: int = 0) -> Transformer:
    """A model that knows nothing, with weights large enough that it matters what it read."""
    model = Transformer.initialize(CONFIG, seed)
    for name, array in model.params.items():
        if array.ndim > 1:
            model.params[name] = array * 10
    return model


def people_in(text: str) -> set[str]:
    """The villagers whom a text names."""
    return set(re.findall(r"\w+", text)) & set(PEOPLE)


def wrong_answers(fact: Fact) -> set[str]:
    """All that is said in answer to a question for this fact, and wrong: with another value of the same sort."""
    return {fact.with_value(value).answer for value in fact.relation.values if value != fact.value}


def absurd_answers(fact: Fact) -> set[str]:
    """All that is said in answer to a question for this fact and is not even of the right sort: a mere object."""
    return {fact.with_value(word).answer for word in OBJECTS}


def held_out(expression: str) -> bool:
    """Whether a sum of two two-digit numbers, or of three digits, is kept from instruction data: by hand."""
    first, second, *third = map(int, expression.split("+"))
    return (first + 3 * second + 7 * sum(third)) % 10 == 0


def assert_share(count: int, n: int, share: float) -> None:
    """Fail if a count in n independent cases is further from its expectation than five standard deviations."""
    room = 5 * math.sqrt(n * share * (1 - share))
    assert abs(count - n * share) <= room, f"{count} of {n}, expected {n * share:.1f} ± {room:.1f}"


def exchanges(page: str) -> Iterable[tuple[str, str]]:
    """Questions and answers of a page with lines `Q: …` and `A: …`, or `User: …` and `Assistant: …`."""
    return re.findall(r"^(?:Q|User): (.*)\n(?:A|Assistant): (.*)$", page, re.MULTILINE)
