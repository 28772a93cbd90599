"""What best-of-n and RLHF ask of a reward: any function of prompts and replies, learned or programmed."""

from collections.abc import Callable, Sequence

import numpy as np

from labs.core.model.arrays import Floats

# N prompts and a reply to each (token ids) -> (N,) rewards.
type Reward = Callable[[Sequence[Sequence[int]], Sequence[Sequence[int]]], Floats]


def rewards_of(reward: Reward, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> Floats:
    """What the function gives for each reply, in float32.

    Shapes: N prompts, N replies -> (N,).
    Raises: ValueError if it returns another number of rewards, or one that is not finite.
    """
    rewards: Floats = np.asarray(reward(prompts, replies), np.float32)
    if rewards.shape != (len(replies),) or not np.isfinite(rewards).all():
        raise ValueError(
            f"reward: expected {len(replies)} finite numbers, one a reply, got {rewards.shape}: {rewards!r}; "
            f"mend the reward function."
        )
    return rewards
