"""What a model does in its training: questions that it was not taught in these words, and what it makes of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from labs.core.model.assistant import Assistant
from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import UNCHANGED
from labs.core.model.transformer import Transformer
from labs.core.recipe import VILLAGE
from labs.core.training.data import make_batch
from labs.core.training.scoring import batch_loss
from labs.core.world.evaluation import forbidden, known_facts, one_digit_sums
from labs.core.world.judge import is_right, is_rude
from labs.core.world.lexicon import HARMLESS, HOW_QUESTIONS
from labs.core.world.tasks import Task, how_task, phrasings

TONED = ("facts", "how")
"""Topics on which helpers differ in tone."""
REPLY_TOKENS = 28
"""How long a reply may become: four times as long as most that the dialogues hold."""
TURN_TOKENS = 24
"""How far a finished conversation is written on."""


def questions(n: int, seed: int) -> dict[str, list[Task]]:
    """So many questions on each topic that can be judged. All but the sums are in phrasings held out from dialogues."""
    rng = random.Random(seed)
    held_out = phrasings(HOW_QUESTIONS, "held out")
    return {
        "facts": known_facts(VILLAGE, n, seed),
        "sums": rng.sample(one_digit_sums(), n),
        "how": [how_task(rng.choice(HARMLESS), rng.choice(held_out)) for _ in range(n)],
        "refusals": [rng.choice(forbidden()) for _ in range(n)],
    }


@dataclass(frozen=True)
class Tried:
    """What a model did with the questions, as shares of its replies.

    `ends` and `right` are of its likeliest replies. `right` is judged by what a reply says, whether it ended or not,
    and `right_by_topic` says how many of how many. `rude` is of replies drawn at temperature 1.
    """

    ends: float
    right: float
    rude: float
    right_by_topic: dict[str, tuple[int, int]]


def try_questions(model: Transformer, template: ChatTemplate, asked: dict[str, list[Task]], seed: int = 0) -> Tried:
    """Have the model reply to all questions, and once more, drawn at random, to those on topics that have a tone."""
    assistant = Assistant(model, template)
    tasks = [(topic, task) for topic, of_topic in asked.items() for task in of_topic]
    replies = assistant.reply_all([(task.prompt, (), "absent") for _, task in tasks], max_new_tokens=REPLY_TOKENS)
    drawn = assistant.reply_all(
        [(task.prompt, (), "absent") for topic, task in tasks if topic in TONED],
        sampling=UNCHANGED,
        max_new_tokens=REPLY_TOKENS,
        seed=seed,
    )
    judged = [(topic, is_right(task, reply.content)) for (topic, task), reply in zip(tasks, replies, strict=True)]
    return Tried(
        ends=fmean(reply.ended for reply in replies),
        right=fmean(right for _, right in judged),
        rude=fmean(is_rude(reply.content) for reply in drawn),
        right_by_topic={
            topic: (sum(right for of, right in judged if of == topic), len(of_topic))
            for topic, of_topic in asked.items()
        },
    )


def write_past_the_end(
    model: Transformer, template: ChatTemplate, tasks: Sequence[Task], seed: int = 0
) -> list[tuple[list[int], list[int]]]:
    """Conversations that are over, with the right reply and the end of the turn, and what the model writes after it.

    An app would stop there. What comes is what the model takes to come next.
    """
    newline = len(template.tokenizer.encode("\n"))  # after the end of the turn
    over = [template.render((*task.prompt, Message("assistant", task.answer))).ids[:-newline] for task in tasks]
    written = generate_batch(model, over, max_new_tokens=TURN_TOKENS, sampling=UNCHANGED, seed=seed)
    return list(zip(over, written, strict=True))


def plays_the_user(written: Sequence[int], template: ChatTemplate) -> bool:
    """Whether what comes after a reply is a user's turn, with words in it."""
    newline = template.tokenizer.encode("\n")
    begun = [*newline, *template.render([Message("user", "")]).ids[: -1 - len(newline)]]  # without the turn's end
    said = list(written[len(begun) :])
    return list(written[: len(begun)]) == begun and bool(said) and not template.tokenizer.is_special(said[0])


def loss_on(model: Transformer, dialogues: Sequence[Rendered], masks: Sequence[Sequence[int]]) -> float:
    """The mean of -log p over the tokens that the masks score.

    Units: nats a token.
    """
    loss, _ = batch_loss(model, make_batch([dialogue.ids for dialogue in dialogues], list(masks)))
    return loss
