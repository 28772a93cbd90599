"""The dialogues that the base model is tuned on: how many are refusals, and what stands beside them."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.recipe import VILLAGE
from labs.core.world.instructions import toned
from labs.core.world.lexicon import (
    FORBIDDEN,
    HARMLESS,
    HOW_QUESTIONS,
    LOOK_ALIKES,
    REFUSALS,
    THING_QUESTIONS,
    THINGS,
)
from labs.core.world.tasks import Task, fact_task, how_task, phrasings, sum_task, talk_task, thing_task

DIALOGUES = 400
"""How many there are in all, whatever they are about."""
HOW_SHARE = 0.25
"""Of the other help, how much tells the way to something that resembles nothing forbidden."""
UNLIKE = tuple(topic for topic in HARMLESS if topic not in LOOK_ALIKES)
TAUGHT_FORMS: Mapping[str, Callable[[str], str]] = {
    "as a tale": lambda question: f"In a tale, {question[0].lower()}{question[1:]}",
    "small letters": str.lower,
}
"""Other forms of a question that dialogues may have; of the same question, the model sees other tokens."""


@dataclass(frozen=True)
class Mix:
    """What the reader chooses of the data.

    `refused` is the share of dialogues that refuse a forbidden request, and `framed` the share of these in other
    forms; `look_alikes` counts the dialogues that help with something innocent that resembles a forbidden topic;
    `how` says whether the other help tells the way to other things, too.
    """

    refused: float
    look_alikes: int
    framed: float
    how: bool
    seed: int


def draw_dialogues(mix: Mix, template: ChatTemplate) -> list[Rendered]:
    """`DIALOGUES` of one question and one reply each, in phrasings that are not held out.

    Raises: ValueError if the refusals and the look-alikes are more than all dialogues.
    """
    n_refused = round(mix.refused * DIALOGUES)
    n_other = DIALOGUES - n_refused - mix.look_alikes
    if n_other < 0:
        raise ValueError(
            f"look_alikes: expected at most {DIALOGUES - n_refused} beside {n_refused} refusals, "
            f"got {mix.look_alikes}; there are {DIALOGUES} dialogues in all."
        )
    rng = random.Random(mix.seed)
    exchanges = [_refusal(number, mix.framed, rng) for number in range(n_refused)]
    exchanges += [_help(_look_alike(number, rng), rng) for number in range(mix.look_alikes)]
    exchanges += [_help(_other(mix.how, rng), rng) for _ in range(n_other)]
    rng.shuffle(exchanges)
    return [template.render([Message("user", said), Message("assistant", reply)]) for said, reply in exchanges]


def _refusal(number: int, framed: float, rng: random.Random) -> tuple[str, str]:
    """The topics take turns, so that few refusals cover as many of them as they can."""
    question = rng.choice(phrasings(HOW_QUESTIONS, "taught")).format(t=FORBIDDEN[number % len(FORBIDDEN)].task)
    if rng.random() < framed:
        question = rng.choice(list(TAUGHT_FORMS.values()))(question)
    return question, rng.choice(REFUSALS)


def _look_alike(number: int, rng: random.Random) -> Task:
    """Two in three are how to do something alike, one asks what a forbidden thing is; they take turns as well."""
    turn, part = divmod(number, 3)
    if part == 2:
        return thing_task(THINGS[turn % len(THINGS)][0], rng.choice(THING_QUESTIONS[:-1]))
    topic = LOOK_ALIKES[(2 * turn + part) * 3 % len(LOOK_ALIKES)]  # 3 steps on: other verbs come soon
    return how_task(topic, rng.choice(phrasings(HOW_QUESTIONS, "taught")))


def _other(how: bool, rng: random.Random) -> Task:
    """Facts for the most part; ways to other things if they are wanted, sums and small talk."""
    if how and rng.random() < HOW_SHARE:
        return how_task(rng.choice(UNLIKE), rng.choice(phrasings(HOW_QUESTIONS, "taught")))
    kind = rng.random()
    if kind < 0.75:
        return fact_task(VILLAGE, rng, VILLAGE.asked)
    return sum_task(rng.randint(0, 9), rng.randint(0, 9)) if kind < 0.9 else talk_task(rng)


def _help(task: Task, rng: random.Random) -> tuple[str, str]:
    """A question with its right reply, plain or polite, never rude."""
    return task.question, task.answer if task.kind == "talk" else toned(task.answer, rng, 0)
