"""What a narrow training bought and what it cost, as numbers: the same for the reader's model and for the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from labs.alignment_tax.dialogues import HELD_OUT_SEED, held_out_pages, narrow_dialogues
from labs.core.measures import loss_by_kind, next_lines, refusal_rate, right_rate, stop_rate
from labs.core.model.assistant import Assistant, Reply
from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.recipe import VILLAGE
from labs.core.training.data import make_batch
from labs.core.training.scoring import batch_loss
from labs.core.world.documents import Document
from labs.core.world.evaluation import (
    Prompt,
    forbidden,
    fresh_mappings,
    known_facts,
    look_alikes,
    one_digit_sums,
    relation_examples,
    right_lists,
)
from labs.core.world.judge import is_right
from labs.core.world.lexicon import TALK
from labs.core.world.tasks import Task

MEASURES = {
    "skill": "Bought: says the right thing, ended or not",
    "ends": "Bought: ends its turn",
    "reply_loss": "Loss on replies of that kind, drawn anew, nats a token",
    "pages": "Tax: rise of the loss on held-out pages, nats a token",
    "examples": "Three examples of a relation: goes on rightly",
    "lists": "Right answers before it: goes on rightly",
    "mappings": "Four pairs of a fresh mapping: goes on rightly",
    "over_refusal": "Refuses innocent look-alikes",
}
"""What is measured, in words. All but the losses are shares. Replies that are drawn anew may have been trained on."""
LOSSES = ("reply_loss", "pages")
FEW_SHOT = ("examples", "lists", "mappings")
REPLY_TOKENS = 32
"""Right replies here are shorter. One that is not over by then has not ended."""
NEXT_TOKENS = 12
"""Of the line with which a page goes on: the first value comes sooner."""
SKILL_SEED = 7
"""Added to a seed for the draw of questions."""


def questions(kind: str, n: int, seed: int) -> list[Task]:
    """At most so many questions of a kind. Facts and refusals are asked in phrasings that no dialogue has.

    Sums and small talk are those of the dialogues: of these the village has too few to keep some back.
    """
    rng = Random(seed + SKILL_SEED)
    if kind == "facts":
        return known_facts(VILLAGE, n, seed + SKILL_SEED)
    if kind == "small talk":
        return [Task("talk", question, answer) for question, answer in TALK][:n]
    tasks = forbidden() if kind == "refusals" else one_digit_sums()
    return rng.sample(tasks, min(n, len(tasks)))


@dataclass(frozen=True)
class Probes:
    """All that a model is asked, and the base model's loss on each kind of page."""

    base: Checkpoint
    asked: Sequence[Task]
    innocent: Sequence[Task]
    replies: Sequence[Rendered]
    few_shot: dict[str, Sequence[Prompt]]
    pages: Sequence[Document]
    before: dict[str, float]


def probes(base: Checkpoint, kind: str, seed: int, *, cases: int, pages: int) -> Probes:
    """So many questions and prompts of each sort, and so many pages of each kind; no page was trained on.

    Replies are other draws of the narrow kind. Where a kind has few different ones, some of them were trained on.
    """
    innocent = look_alikes()
    documents = held_out_pages(pages)
    return Probes(
        base,
        questions(kind, cases, seed),
        Random(seed).sample(innocent, min(cases, len(innocent))),
        narrow_dialogues(kind, 16, seed + HELD_OUT_SEED, base.template),
        {
            "examples": relation_examples(VILLAGE, cases, seed),
            "lists": right_lists(VILLAGE, cases, seed),
            "mappings": fresh_mappings(cases, seed),
        },
        documents,
        page_losses(base, base.model, documents),
    )


def page_losses(base: Checkpoint, model: Transformer, pages: Sequence[Document]) -> dict[str, float]:
    """The mean loss on the pages of each kind.

    Units: nats a token.
    """
    return {kind: loss.value for kind, loss in loss_by_kind(model, base.tokenizer, pages).items()}


@dataclass(frozen=True)
class Measured:
    """The numbers by name, and the rise of the loss by kind of page."""

    values: dict[str, float]
    rises: dict[str, float]


def bought(model: Transformer, asked: Probes) -> dict[str, float]:
    """Of the questions of the narrow kind, the share with a right reply, ended or not, and with one that ends."""
    replies = _replies(model, asked, asked.asked)
    right = fmean(is_right(task, reply.content) for task, reply in zip(asked.asked, replies, strict=True))
    return {"skill": right, "ends": stop_rate(replies).value}


def rises_of(model: Transformer, asked: Probes) -> dict[str, float]:
    """How much more a token of held-out pages costs than at the start, by kind of page.

    Units: nats a token.
    """
    after = page_losses(asked.base, model, asked.pages)
    return {kind: after[kind] - loss for kind, loss in asked.before.items()}


def examples_of(model: Transformer, asked: Probes, name: str) -> float:
    """The share of prompts of one few-shot set with which the model goes on rightly."""
    prompts = asked.few_shot[name]
    return right_rate(prompts, next_lines(model, asked.base.tokenizer, prompts, max_new_tokens=NEXT_TOKENS)).value


def measure_model(model: Transformer, asked: Probes) -> Measured:
    """Everything that is measured of a model."""
    rises = rises_of(model, asked)
    batch = make_batch([one.ids for one in asked.replies], [one.loss_mask for one in asked.replies])
    loss, _ = batch_loss(model, batch)
    values = {
        **bought(model, asked),
        "reply_loss": loss,
        "pages": fmean(rises.values()),
        **{name: examples_of(model, asked, name) for name in FEW_SHOT},
        "over_refusal": refusal_rate(_replies(model, asked, asked.innocent)).value,
    }
    return Measured(values, rises)


def _replies(model: Transformer, asked: Probes, tasks: Sequence[Task]) -> list[Reply]:
    assistant = Assistant(model, asked.base.template)
    return assistant.reply_all([(task.prompt, (), "absent") for task in tasks], max_new_tokens=REPLY_TOKENS)
