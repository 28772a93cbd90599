"""The training itself: the base model, the reader's dialogues, and what the loss counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import Checkpoint
from labs.core.training.loop import Schedule
from labs.core.training.sft import Mask, SftStep, scored_mask, sft
from labs.sft_live.dialogues import draw_dialogues

BATCH_SIZE = 8
WARMUP = 10
HELD_OUT = 32
"""Dialogues that are never trained on, to tell the loss on others."""
HELD_OUT_SEED = 1_000_000
"""Added to a seed, so that they are other draws."""


@dataclass(frozen=True)
class Settings:
    """What the reader chooses."""

    dialogues: int
    topics: tuple[str, ...]
    rude: float
    mask: Mask
    learning_rate: float
    steps: int
    seed: int


def end_id(base: Checkpoint) -> int:
    """The token that ends a turn."""
    return base.tokenizer.special_id("<|im_end|>")


def training_dialogues(base: Checkpoint, settings: Settings) -> list[Rendered]:
    """The dialogues to learn from."""
    return draw_dialogues(settings.dialogues, settings.topics, settings.rude, settings.seed, base.template)


def held_out_dialogues(base: Checkpoint, settings: Settings) -> list[Rendered]:
    """Other dialogues of the same kind. The village is small: some of their questions occur in both."""
    seed = settings.seed + HELD_OUT_SEED
    return draw_dialogues(HELD_OUT, settings.topics, settings.rude, seed, base.template)


def counted(base: Checkpoint, dialogue: Rendered, mask: Mask) -> list[int]:
    """1 for each token of a dialogue that this mask counts."""
    return scored_mask(dialogue, mask, (end_id(base),))


def tune(base: Checkpoint, dialogues: Sequence[Rendered], settings: Settings) -> Iterator[SftStep]:
    """The steps of supervised fine-tuning, one record each."""
    steps = settings.steps
    return sft(
        base.model,
        dialogues,
        schedule=Schedule(steps, settings.learning_rate, warmup=min(WARMUP, steps // 2)),
        batch_size=BATCH_SIZE,
        seed=settings.seed,
        mask=settings.mask,
        end_ids=(end_id(base),),
    )
