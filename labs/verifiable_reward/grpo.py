"""GRPO on whole turns: as `rlhf` of labs.core, for turns in which a tool may answer in the middle.

Only tokens that the model wrote carry a gradient. Without tools it takes the same steps as `rlhf`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.assistant import Assistant
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.training.data import Batch, draw, make_batch
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, begin, train
from labs.core.training.rlhf import group_advantages, policy_gradient_loss
from labs.core.training.scoring import sum_rows, token_logps
from labs.core.world.tasks import Task
from labs.verifiable_reward.sums import Checker, is_solved
from labs.verifiable_reward.turns import MOST_CALLS, Turn, write_turns


@dataclass(frozen=True, kw_only=True)
class GrpoStep(StepRecord):
    """A step: its groups, and means over them.

    Shapes: rewards and advantages (P prompts, G replies each); turns are P * G, group after group.
    Units: length in tokens that the model wrote; calls and zero_variance are shares of turns and of groups.
    """

    length: float
    calls: float
    zero_variance: float
    tasks: Sequence[Task]
    turns: Sequence[Turn]
    rewards: Floats
    advantages: Floats


def grpo(
    start: Checkpoint,
    model: Transformer,
    tasks: Sequence[Task],
    *,
    schedule: Schedule,
    prompts: int,
    group_size: int,
    seed: int,
    scale: bool = True,
    beta: float = 0.0,
    checker: Checker = "strict",
) -> Iterator[GrpoStep]:
    """Train a copy of the model to earn the checker's reward, one update on the groups of each step.

    Source: Shao et al. 2024 (arXiv:2402.03300); without `scale`, Liu et al. 2025 (arXiv:2503.20783).
    """
    state = begin(model, schedule, seed=seed, resume=None, adapter_rank=0)
    assistant = Assistant(model, start.template)
    most_calls = MOST_CALLS if any(task.tools for task in tasks) else 0

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        asked = [tasks[i] for i in draw(len(tasks), prompts, rng) for _ in range(group_size)]
        seeds = [int(rng.integers(2**31)) for _ in range(1 + most_calls)]
        turns = write_turns(state.model, assistant, asked, seeds=seeds)
        solved = [float(is_solved(task, turn.reply, checker)) for task, turn in zip(asked, turns, strict=True)]
        rewards = np.array(solved, np.float32).reshape(prompts, group_size)
        # Without beta a group of zero variance has no gradient at all: scoring it would be for nothing.
        mixed = np.ptp(rewards, axis=1) > 0
        counted = np.flatnonzero(np.repeat(mixed | (beta > 0), group_size))
        if not len(counted):
            counted = np.arange(1)  # its advantage is 0, and so are the gradients
        batch = turn_batch([turns[i] for i in counted])
        logps, backward = token_logps(state.model, batch)
        log_ratios = np.zeros_like(rewards)
        if beta > 0:
            ref_logps, _ = token_logps(model, batch)
            log_ratios = sum_rows(logps - ref_logps, batch).reshape(rewards.shape)
        advantages = group_advantages(rewards, log_ratios, beta=beta, method="grpo", scale_rewards=scale)
        by_token = advantages.reshape(-1)[counted][batch.rows]
        loss, dlogps, _ = policy_gradient_loss(logps, logps, by_token, len(turns))
        fields: Fields = {
            "loss_nats": loss,
            "tokens": sum(len(turn.prompt) + len(turn.ids) - 1 for turn in turns),
            "length": sum(turn.length for turn in turns) / len(turns),
            "calls": sum(turn.calls > 0 for turn in turns) / len(turns),
            "zero_variance": 1 - float(mixed.mean()),
            "tasks": asked,
            "turns": turns,
            "rewards": rewards,
            "advantages": advantages,
        }
        yield fields, backward(dlogps)

    return train(state, gradients, schedule, seed, GrpoStep)


def turn_batch(turns: Sequence[Turn]) -> Batch:
    """Whole turns behind their prompts, with the weight 1 on what the model wrote, 0 on prompts, results and markup."""
    return make_batch(
        [[*turn.prompt, *turn.ids] for turn in turns], [[0] * len(turn.prompt) + [*turn.written] for turn in turns]
    )
