"""The training: narrow SFT under one remedy or none, and the revival by pages that comes after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labs.alignment_tax.distance import sft_with_distance
from labs.core.model.arrays import Ints
from labs.core.model.chat_template import Rendered
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule, StepRecord
from labs.core.training.pretrain import pretrain
from labs.core.training.sft import sft

REMEDIES = ("none", "replay", "KL on pages", "KL on replies", "LoRA")
BATCH_SIZE = 8
WARMUP = 10
REVIVE_LENGTH = 64
"""Tokens of a stretch of pages in the revival."""
REVIVE_RATE = 3e-4
"""Its highest learning rate: the base model's own training ended there."""


@dataclass(frozen=True)
class Settings:
    """What the reader chooses. Share, weight and rank count only with the remedy that has them."""

    kind: str
    remedy: str
    share: float
    weight: float
    rank: int
    learning_rate: float
    steps: int
    seed: int


def tune(model: Transformer, dialogues: Sequence[Rendered], pages: Ints, settings: Settings) -> Iterator[StepRecord]:
    """The steps of narrow SFT, one record each.

    Raises: ValueError for a remedy that there is not, or a setting out of its range.
    """
    steps, remedy = settings.steps, settings.remedy
    schedule = Schedule(steps, settings.learning_rate, warmup=min(WARMUP, steps // 2))
    if remedy not in REMEDIES:
        raise ValueError(f"remedy: expected one of {', '.join(REMEDIES)}; got {remedy!r}; choose one of them.")
    if remedy.startswith("KL"):
        return sft_with_distance(
            model,
            dialogues,
            schedule=schedule,
            batch_size=BATCH_SIZE,
            seed=settings.seed,
            weight=settings.weight,
            on=remedy.removeprefix("KL on "),
            pages=pages,
            share=settings.share,
        )
    return sft(
        model,
        dialogues,
        schedule=schedule,
        batch_size=BATCH_SIZE,
        seed=settings.seed,
        replay=settings.share if remedy == "replay" else 0.0,
        replay_tokens=pages,
        adapter_rank=settings.rank if remedy == "LoRA" else 0,
    )


def revive(
    model: Transformer, pages: Ints, steps: int, seed: int, learning_rate: float = REVIVE_RATE
) -> Iterator[StepRecord]:
    """Steps of pretraining, on pages alone: no dialogue among them."""
    return pretrain(
        model,
        pages,
        schedule=Schedule(steps, learning_rate, warmup=min(5, steps // 2), floor=1.0),
        batch_size=BATCH_SIZE,
        length=REVIVE_LENGTH,
        seed=seed,
    )
