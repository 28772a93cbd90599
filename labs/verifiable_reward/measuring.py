"""What a model does with sums that it was never trained on: one likeliest reply, and many drawn at random."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import fmean

import numpy as np

from labs.core.model.assistant import GREEDY, Assistant
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.sampling import UNCHANGED, Sampling
from labs.core.model.transformer import Transformer
from labs.core.world.tasks import Task
from labs.verifiable_reward.sums import is_solved
from labs.verifiable_reward.turns import MOST_CALLS, Turn, write_turns


@dataclass(frozen=True)
class Measured:
    """Of sums that no step trained on.

    `right` is the share of likeliest replies that are right. The others are of replies drawn at temperature 1:
    `sampled` the share that is right, `accepted` that which the lenient checker would take, `unclosed` that which
    can't be read (a think block or a call that never closes), `called` that with a call of the calculator, `length`
    the tokens that the model wrote, `pass_at` by k the share of sums that one of k replies solves.
    """

    right: float
    sampled: float
    accepted: float
    unclosed: float
    called: float
    length: float
    pass_at: dict[int, float]


def answer(start: Checkpoint, model: Transformer, tasks: Sequence[Task], sampling: Sampling, seed: int) -> list[Turn]:
    """One turn to each task."""
    most_calls = MOST_CALLS if any(task.tools for task in tasks) else 0
    seeds = np.random.default_rng(seed).integers(2**31, size=1 + most_calls).tolist()
    return write_turns(model, Assistant(model, start.template), tasks, seeds=seeds, sampling=sampling)


def share_right(start: Checkpoint, model: Transformer, tasks: Sequence[Task]) -> float:
    """How many of the likeliest replies are right."""
    turns = answer(start, model, tasks, GREEDY, 0)
    return fmean(is_solved(task, turn.reply) for task, turn in zip(tasks, turns, strict=True))


def measure_model(start: Checkpoint, model: Transformer, tasks: Sequence[Task], samples: int, seed: int) -> Measured:
    """Put every task to a model once at temperature 0 and so many times at temperature 1."""
    drawn = [answer(start, model, tasks, UNCHANGED, 1000 * seed + place) for place in range(samples)]
    turns = [turn for one in drawn for turn in one]
    solved = np.array([[is_solved(task, turn.reply) for task, turn in zip(tasks, one, strict=True)] for one in drawn])
    return Measured(
        right=share_right(start, model, tasks),
        sampled=float(solved.mean()),
        accepted=fmean(
            is_solved(task, turn.reply, "lenient") for one in drawn for task, turn in zip(tasks, one, strict=True)
        ),
        unclosed=fmean(turn.reply.message is None for turn in turns),
        called=fmean(turn.calls > 0 for turn in turns),
        length=fmean(turn.length for turn in turns),
        pass_at={
            k: fmean(pass_at(k, samples, int(right)) for right in solved.sum(axis=0))
            for k in (1, 2, 4, 8, 16)
            if k <= samples
        },
    )


def pass_at(k: int, samples: int, right: int) -> float:
    """The chance that k of these samples, drawn without putting back, hold a right one.

    Example: pass_at(1, 4, 1) -> 0.25; pass_at(2, 4, 1) -> 0.5.
    """
    return 1 - comb(samples - right, k) / comb(samples, k)
