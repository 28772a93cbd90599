"""What the reward model finds of a pair, and how it learns that a reader prefers one reply."""

from dataclasses import dataclass

import numpy as np

from labs.core.model.checkpoint import Checkpoint
from labs.core.training.data import Pair, pad
from labs.core.training.reward_model import bradley_terry_loss

AGREES = 2.0
"""The margin at which it counts as agreed: by Bradley and Terry the reader's reply then wins 88 times in 100."""
HEAD_RATE = 0.003
MOST_STEPS = 1_000


@dataclass(frozen=True)
class Judgement:
    """Rewards of the preferred and of the other reply, as shipped and after `steps` steps on the reader's choice."""

    before: tuple[float, float]
    after: tuple[float, float]
    steps: int

    @property
    def shipped_margin(self) -> float:
        """How much higher the shipped reward model scores the reader's reply: below 0, it disagrees."""
        return self.before[0] - self.before[1]

    @property
    def margin(self) -> float:
        """The same after it learned."""
        return self.after[0] - self.after[1]


def judge(reward: Checkpoint, pair: Pair) -> Judgement:
    """Score both replies; where the reward model does not side with the reader, teach its head first.

    Each step is one of plain gradient descent on the Bradley-Terry loss of this pair, in the head alone, until the
    preferred reply (`chosen`) is ahead by AGREES. That is how RLHF goes: a reward model learns from people's choices,
    and then the policy learns from the reward model.
    Raises: ValueError if the checkpoint has no reward head.
    """
    if reward.reward_head is None:
        raise ValueError(f"reward: expected a reward model, got {reward.name} without a head; load `reward`.")
    sequences = [[*pair.prompt, *pair.chosen], [*pair.prompt, *pair.rejected]]
    H, _ = reward.model.hidden(pad(sequences))
    last = H[np.arange(2), [len(ids) - 1 for ids in sequences]]  # (2, T, C) -> (2, C)
    head = reward.reward_head.copy()
    before = rewards = last @ head
    steps = 0
    while rewards[0] - rewards[1] < AGREES and steps < MOST_STEPS:
        _, dchosen = bradley_terry_loss(rewards[:1], rewards[1:])
        head -= HEAD_RATE * dchosen[0] * (last[0] - last[1])
        rewards = last @ head
        steps += 1
    return Judgement((float(before[0]), float(before[1])), (float(rewards[0]), float(rewards[1])), steps)
