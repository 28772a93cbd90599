"""The training: DPO on what raters prefer, and then, if wished, on counterexamples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.training.dpo import DpoStep, dpo, reference_margins
from labs.core.training.loop import Schedule
from labs.core.world.preferences import Preference
from labs.sycophancy.rating import Cure, cure_pairs, encode, rated_pairs

BATCH_SIZE = 8
LEARNING_RATE = 3e-4
WARMUP = 5
CURE_STEPS = 24


@dataclass(frozen=True)
class Settings:
    """What the reader chooses."""

    p: float
    pairs: int
    other: float
    beta: float
    nll: float
    steps: int
    cure: Cure
    counterexamples: int
    seed: int


def prefer(sft: Checkpoint, settings: Settings) -> Iterator[DpoStep]:
    """The steps on the raters' pairs, from the fine-tuned model."""
    pairs = rated_pairs(settings.pairs, settings.p, settings.other, settings.seed)
    return _dpo(sft, sft.model, pairs, settings.steps, settings)


def cured(sft: Checkpoint, model: Transformer, settings: Settings) -> Iterator[DpoStep]:
    """The steps on counterexamples, from the model that the raters made; that model is now the reference."""
    pairs = cure_pairs(settings.counterexamples, settings.cure, settings.seed)
    return _dpo(sft, model, pairs, CURE_STEPS, settings)


def _dpo(
    sft: Checkpoint, model: Transformer, pairs: Sequence[Preference], steps: int, settings: Settings
) -> Iterator[DpoStep]:
    schedule = Schedule(steps, LEARNING_RATE, warmup=min(WARMUP, steps // 2))
    ids = encode(pairs, sft.template)
    return dpo(
        model,
        ids,
        schedule=schedule,
        batch_size=BATCH_SIZE,
        seed=settings.seed,
        beta=settings.beta,
        nll_weight=settings.nll,
    )


def head_starts(sft: Checkpoint, n: int, seed: int) -> Floats:
    """How much likelier the fine-tuned model finds the right reply than the agreeing one, on n wrong opinions.

    Shapes: -> (n,).
    Units: nats.
    """
    return reference_margins(sft.model, encode(rated_pairs(n, 0.0, 0.0, seed), sft.template))


def predicted_flips(head_start: Floats, p: float, beta: float) -> float:
    """The share of questions that would flip if DPO came to its optimum on them.

    There the agreeing reply has gained log(p / (1 - p)) / beta nats on the right one, so a question flips when that
    is more than the right reply's head start. The added loss of the chosen replies is not in it.
    Source: Rafailov et al. 2023, eq. 5 and 6, solved for two replies.
    """
    if p in (0.0, 1.0):
        return p
    return float((head_start < np.log(p / (1 - p)) / beta).mean())
