"""Framings: what can be put around a question so that an answer is the likely continuation."""

from collections.abc import Mapping

from labs.core.model.chat import prelude_prompt
from labs.core.recipe import VILLAGE
from labs.core.world.lexicon import THINGS

PLACE = "{question}"
"""Where the question goes."""
OWN = "your own"
NONE = "none"
ROLE_LINE = "You are a helpful assistant."


def _examples() -> str:
    """Two questions with their answers; neither is of the sets that the lab asks."""
    person = VILLAGE.unasked[0]
    fact = VILLAGE.fact(person, "home")
    thing, told = THINGS[3]
    return (
        f"Q: {fact.says(fact.relation.questions[0])}\nA: {fact.answer}\nQ: What is {thing}?\nA: {told}\nQ: {PLACE}\nA:"
    )


FRAMINGS: Mapping[str, str] = {
    NONE: f"{PLACE}\n",
    "prelude": prelude_prompt(PLACE),
    "role line": f"{ROLE_LINE}\n{PLACE}\n",
    "Q and A": f"Q: {PLACE}\nA:",
    "two examples": _examples(),
}
"""The course's framings by name; the question goes where `{question}` stands."""


def template_of(framing: str, own: str) -> str:
    """The text of a framing, or the reader's own.

    Raises: ValueError if their own has no place for the question.
    """
    if framing != OWN:
        return FRAMINGS[framing]
    if PLACE not in own:
        raise ValueError(f"own: expected {PLACE} where the question goes, got a text without it; write {PLACE} there.")
    return own


def framed(template: str, question: str) -> str:
    """The question in its frame."""
    return template.replace(PLACE, question)
