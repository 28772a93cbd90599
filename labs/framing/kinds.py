"""The questions that the lab asks, by kind, and how often each way of asking gets what was wanted."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from labs.core.line_judging import Said, judge_text
from labs.core.measures import Measure, mean_of
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import Sampling
from labs.core.recipe import VILLAGE
from labs.core.world import evaluation
from labs.core.world.lexicon import HARMLESS, HOW_QUESTIONS, RELATIONS
from labs.core.world.tasks import Task, how_task, phrasings
from labs.core.writing_live import Writer

QUESTIONS = 20
"""Questions of each kind."""
LINE_AND_MORE = 40
"""Tokens that a model may write: the line that answers, and enough to see what follows it."""
STRANGERS = ("Zorba", "Pelu", "Fino", "Duro", "Vexa", "Hilo", "Gami", "Wipa", "Joda", "Quen")
"""Names of nobody in the village, which no text that a model was trained on has."""

Asked = Callable[[str], Writer]
"""What makes a question into something that a model reads."""


def facts(seed: int) -> list[Task]:
    """Facts of the village."""
    return evaluation.known_facts(VILLAGE, QUESTIONS, seed)


def sums(seed: int) -> list[Task]:
    """Sums of two digits."""
    return random.Random(seed).sample(evaluation.one_digit_sums(), QUESTIONS)


def how_to(seed: int) -> list[Task]:
    """How to do something harmless."""
    tasks = [how_task(topic, question) for topic in HARMLESS for question in phrasings(HOW_QUESTIONS, "held out")]
    return random.Random(seed).sample(tasks, QUESTIONS)


def forbidden(seed: int) -> list[Task]:
    """How to do what is not done here: all that there are, whatever the seed."""
    return evaluation.forbidden()


def strangers(seed: int) -> list[Task]:
    """Facts of people who do not exist: a good reply says that one does not know."""
    rng = random.Random(seed)
    tasks = []
    for _ in range(QUESTIONS):
        relation = rng.choice(RELATIONS)
        question = rng.choice(phrasings(relation.questions, "held out")).format(n=rng.choice(STRANGERS))
        tasks.append(Task("fact", question, "", values=relation.values))
    return tasks


KINDS: Mapping[str, Callable[[int], list[Task]]] = {
    "facts": facts,
    "sums": sums,
    "how-to": how_to,
    "forbidden": forbidden,
    "unknown person": strangers,
}
"""Sets of questions by kind, each a function of a seed; phrasings and sums that no tuned model was shown.

Sums are the exception: there are but a hundred of one digit, and all are taught.
"""
MEASURES = ("answers", "right", "declines", "goes_on", "alone")


@dataclass(frozen=True)
class Found:
    """What one way of asking got from a model, for one kind of question."""

    arm: str
    kind: str
    said: Sequence[Said]

    def share(self, measure: str) -> Measure:
        """The share of the texts of which this is true: one of MEASURES, as `Said` names them."""
        return mean_of(bool(getattr(said, measure)) for said in self.said)


def ask_all(arm: str, kind: str, asked: Asked, *, sampling: Sampling, seed: int) -> Found:
    """Ask every question of a kind, all at once, and judge what is written."""
    tasks = KINDS[kind](seed)
    writers = [asked(task.question) for task in tasks]
    first = writers[0]
    written = generate_batch(
        first.checkpoint.model,
        [writer.ids for writer in writers],
        max_new_tokens=LINE_AND_MORE,
        sampling=sampling,
        stop_ids=(first.end_id,),
        seed=seed,
    )
    tokenizer = first.checkpoint.tokenizer
    judged = [judge_text(ids, tokenizer, first.end_id, task) for ids, task in zip(written, tasks, strict=True)]
    return Found(arm, kind, judged)
