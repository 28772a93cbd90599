"""What each template does to replies: the same questions in every one of them, answered greedily."""

import random
from dataclasses import dataclass
from functools import cache

from labs.chat_template.wrong import TEMPLATES
from labs.core.measures import Measure, mean_of
from labs.core.model.assistant import GREEDY
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.generation import generate_batch
from labs.core.recipe import VILLAGE
from labs.core.world import evaluation
from labs.core.world.judge import is_right
from labs.core.world.tasks import Task

QUESTIONS = 24
"""How many questions: a third of them one-digit sums, all of which training dialogues have too; the others facts in
phrasings that none of these has."""
REPLY_TOKENS = 40
"""How long a reply may become here; a right one takes about ten."""


@dataclass(frozen=True)
class Shares:
    """Of the replies in one template: how many are right, how many end, and how many the parser can read."""

    right: Measure
    ended: Measure
    read: Measure


@cache
def chat() -> Checkpoint:
    """The chat model."""
    return load_checkpoint("chat")


def questions(seed: int, n: int = QUESTIONS) -> list[Task]:
    """Facts in held-out phrasings, and one-digit sums, no sum twice; each is a conversation of one message."""
    facts = evaluation.known_facts(VILLAGE, n - n // 3, seed)
    return [*facts, *random.Random(seed).sample(evaluation.one_digit_sums(), n // 3)]


@cache
def shares(name: str, seed: int) -> Shares:
    """What becomes of the questions of this seed in the template of this name."""
    checkpoint, tasks = chat(), questions(seed)
    prompts = [TEMPLATES[name](checkpoint.template, task.prompt, (), "absent").ids for task in tasks]
    written = generate_batch(
        checkpoint.model,
        prompts,
        max_new_tokens=REPLY_TOKENS,
        sampling=GREEDY,
        stop_ids=(checkpoint.assistant.end_id,),
    )
    replies = [checkpoint.assistant.read(ids) for ids in written]
    return Shares(
        mean_of(is_right(task, reply.content) for task, reply in zip(tasks, replies, strict=True)),
        mean_of(reply.ended for reply in replies),
        mean_of(reply.message is not None for reply in replies),
    )
