"""The stages of our own training: what each is, and what its checkpoint's JSON and the counts say of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labs.core.measures import Measure
from labs.core.model.checkpoint import load_meta
from labs.core.model.config import ModelConfig
from labs.core.published import training_flops
from labs.core.sweeping import recorded


@dataclass(frozen=True)
class Stage:
    """One stage: its name, the checkpoint that it makes, what it starts from and reads, and the problem that remains.

    `telling` are the rows of the table of behaviours that show what it brought, and what it left.
    """

    name: str
    checkpoint: str
    parent: str | None
    texts: str
    result: str
    problem: str
    telling: tuple[str, ...]


STAGES = (
    Stage(
        "pretraining",
        "base",
        None,
        "pages",
        "It has read the village's pages, and goes on with any text.",
        "It answers nobody: to a question it adds another question.",
        (
            "a raw question is continued, not answered (sampled)",
            "in chat markup: ends its turn",
            "known facts, held-out phrasings, exact",
        ),
    ),
    Stage(
        "SFT",
        "sft",
        "base",
        "dialogues",
        "It answers, refuses what is forbidden, and ends its turn.",
        "It writes as its examples do, and nearly half of these were rude.",
        (
            "in chat markup: ends its turn",
            "known facts, held-out phrasings, exact",
            "refuses forbidden topics, held-out phrasings",
            "rude replies (sampled)",
        ),
    ),
    Stage(
        "preference tuning",
        "chat",
        "sft",
        "pairs",
        "Of all the replies that it could give it has learned which are preferred.",
        "It has lost some of what it could do before.",
        (
            "rude replies (sampled)",
            "known facts, held-out phrasings, exact",
            "two-step sums, thinking, exact",
            "three examples: the right one of six relations",
        ),
    ),
    Stage(
        "reward model",
        "reward",
        "sft",
        "pairs",
        "It gives every reply a number: how much a rater would like it.",
        "It writes nothing. And where it errs, whoever is trained against it learns the error.",
        ("prefers the better of two replies, held-out pairs",),
    ),
)
BY_NAME = {stage.name: stage for stage in STAGES}


@dataclass(frozen=True)
class Cost:
    """What a stage's training took, from the checkpoint's JSON and from `python -m labs sweep lifecycle`.

    `texts` are those of the data set, `rows` those read over all steps, repeats included: windows of pages, dialogues,
    pairs. Pages that SFT goes on reading are no rows. `tokens` are all that were read, `replayed` those of such pages.
    `flops` are 6 for each parameter and token read. `counted` is False if the checkpoint was trained on another corpus
    than the one whose texts were counted.
    """

    stage: Stage
    steps: int
    texts: int
    rows: int
    parameters: int
    tokens: int
    replayed: int
    loss_nats: float
    wall_seconds: float
    counted: bool

    @property
    def flops(self) -> float:
        """6ND."""
        return training_flops(self.parameters, self.tokens)


def cost(stage: Stage) -> Cost:
    """What a stage took."""
    meta = load_meta(stage.checkpoint)
    counts = _counts(stage.checkpoint)
    return Cost(
        stage,
        steps=int(meta["steps"]),
        texts=int(counts["texts"]),
        rows=int(counts["rows"]),
        parameters=ModelConfig.from_dict(meta["config"]).n_params,
        tokens=int(counts["tokens"]),
        replayed=int(counts["replayed"]),
        loss_nats=float(meta["loss_nats"]),
        wall_seconds=float(meta["wall_seconds"]),
        counted=corpus(str(meta["corpus_hash"])) == list(counts["corpus"]),
    )


def share_of_post_training(*, with_reward_model: bool = False) -> float:
    """FLOPs of our SFT and preference tuning, as a share of those of pretraining."""
    costs = {stage.checkpoint: cost(stage).flops for stage in STAGES}
    tuning = costs["sft"] + costs["chat"] + (costs["reward"] if with_reward_model else 0)
    return tuning / costs["base"]


def behaviour(checkpoint: str, name: str) -> Measure | None:
    """What was recorded of a behaviour of a model, or None if it was not measured there."""
    found = load_meta(checkpoint).get("measures", {}).get("behaviours", {}).get(name)
    return None if found is None else Measure(found["value"], found["low"], found["high"], found["n"])


def corpus(corpus_hash: str) -> list[int]:
    """The first digits of a corpus's hash as numbers, by fours: short enough to be recorded exactly.

    Example: "00ff0102..." -> [255, 258, ...]
    """
    return [int(corpus_hash[at : at + 4], 16) for at in range(0, 16, 4)]


def _counts(checkpoint: str) -> Mapping[str, Any]:
    found = recorded("lifecycle")
    return next(point.values for point in found.points if point.arm["stage"] == checkpoint)
