"""A model small enough that a test trains it in a blink, and every stage called on it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer
from labs.core.training.data import Pair, Scored
from labs.core.training.dpo import dpo
from labs.core.training.loop import Schedule, StepRecord, TrainingState
from labs.core.training.pretrain import pretrain
from labs.core.training.reward_model import reward_model
from labs.core.training.rlhf import rlhf
from labs.core.training.sft import sft

CONFIG = ModelConfig(vocab_size=16, n_layer=2, n_head=2, n_kv_head=1, n_embd=16, n_hidden=24, context_length=24)
END = 15
SCHEDULE = Schedule(steps=4, peak=1e-2, warmup=2)
TOKENS = np.random.default_rng(0).integers(0, 16, 200)
DIALOGUES = [Scored([1, 2, 3, 4, END], [0, 0, 1, 1, 1]), Scored([1, 5, 6, END], [0, 0, 1, 1]), Scored([9, 8], [0, 1])]
PAIRS = [Pair([1, 2], [3, 4, END], [5, END]), Pair([7], [8, END], [9, 10, 11, END]), Pair([1, 3, 2], [6], [12])]
PROMPTS = [[1, 2], [3], [4, 5, 6]]


def tiny_model(seed: int = 0, config: ModelConfig = CONFIG) -> Transformer:
    """A model that has learned nothing; yet what it finds likely depends on what it read."""
    return Transformer.initialize(config, seed)


def count_threes(prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> Floats:
    """A reward: how many of a reply's tokens are 3."""
    return np.array([list(reply).count(3) for reply in replies], np.float32)


def first_gradients[R: StepRecord](steps: Iterator[R], monkeypatch: pytest.MonkeyPatch) -> tuple[R, dict[str, Floats]]:
    """The first record of a stage, and the gradients that its update would have used; no weight is changed."""
    seen: list[dict[str, Floats]] = []

    def keep(state: TrainingState, grads: dict[str, Floats], learning_rate: float, clip: float) -> float:
        seen.append(grads)
        return 1.0

    monkeypatch.setattr(TrainingState, "update", keep)
    return next(steps), seen[0]


def check_slopes(loss: Callable[[], float], params: Mapping[str, Floats], grads: Mapping[str, Floats]) -> None:
    """Fail if the loss rises along a random direction, one weight's at a time, otherwise than its gradient says."""
    rng = np.random.default_rng(0)
    assert params.keys() == grads.keys()
    for name, array in params.items():
        assert array.dtype == np.float64
        direction, kept = rng.normal(size=array.shape), array.copy()
        array += 1e-6 * direction
        above = loss()
        array[:] = kept - 1e-6 * direction
        below = loss()
        array[:] = kept
        expected, got = (above - below) / 2e-6, float((grads[name] * direction).sum())
        assert abs(got - expected) < 1e-6 * (1 + abs(expected)), f"{name}: backward {got!r}, numerical {expected!r}"


_common: dict[str, Any] = {"schedule": SCHEDULE, "seed": 0, "batch_size": 2}
_rlhf = partial(rlhf, prompts=PROMPTS, reward=count_threes, max_new_tokens=5, stop_ids=[END], **_common)

STAGES: dict[str, Callable[..., Iterator[StepRecord]]] = {
    "pretrain": partial(pretrain, tokens=TOKENS, length=12, **_common),
    "sft": partial(sft, dialogues=DIALOGUES, **_common),
    "reward_model": partial(reward_model, pairs=PAIRS, **_common),
    "dpo": partial(dpo, pairs=PAIRS, nll_weight=0.1, **_common),
    "rlhf": _rlhf,
    "ppo": partial(_rlhf, method="ppo", ppo_epochs=3),
    "grpo": partial(_rlhf, method="grpo", ppo_epochs=2),
}
