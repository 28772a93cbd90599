"""The training: what is chosen, which pairs there are, and the steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labs.core.encoding import pair_all
from labs.core.model.checkpoint import Checkpoint
from labs.core.training.data import Pair
from labs.core.training.dpo import DpoStep, dpo
from labs.core.training.loop import Schedule
from labs.dpo.looking import HeldOut
from labs.dpo.pairs import draw_pairs

N_PAIRS = 200
BATCH_SIZE = 8
WARMUP = 10
HELD_OUT = 20
"""Pairs of the same kind that are never trained on, in phrasings that no training pair has."""
HELD_OUT_SEED = 1_000_000
"""Added to a seed, so that they are other draws."""


@dataclass(frozen=True)
class Settings:
    """What the reader chooses."""

    pairs: str
    beta: float
    nll_weight: float
    learning_rate: float
    steps: int
    seed: int


def training_pairs(sft: Checkpoint, settings: Settings) -> list[Pair]:
    """The pairs to learn from."""
    return pair_all(draw_pairs(settings.pairs, N_PAIRS, settings.seed), sft.template)


def held_out_pairs(sft: Checkpoint, settings: Settings) -> HeldOut:
    """Pairs of the same kind, asked in other words."""
    return HeldOut(draw_pairs(settings.pairs, HELD_OUT, settings.seed + HELD_OUT_SEED, "held out"), sft.template)


def tune(sft: Checkpoint, pairs: Sequence[Pair], settings: Settings) -> Iterator[DpoStep]:
    """The steps of DPO, one record each. The model given is start and reference at once."""
    steps = settings.steps
    return dpo(
        sft.model,
        pairs,
        schedule=Schedule(steps, settings.learning_rate, warmup=min(WARMUP, steps // 2)),
        batch_size=BATCH_SIZE,
        seed=settings.seed,
        beta=settings.beta,
        nll_weight=settings.nll_weight,
    )
