"""Best-of-n: write n replies, keep the one that the reward likes most. No weight changes."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import Sampling
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_ids, check_whole
from labs.core.training.rewards import Reward, rewards_of


@dataclass(frozen=True)
class BestOfN:
    """The candidates for one prompt, their rewards (n,), which was best, and how far that can be from the model.

    Units: kl_bound_nats in nats a reply.
    """

    prompt: Sequence[int]
    candidates: Sequence[Sequence[int]]
    rewards: Floats
    best: int
    kl_bound_nats: float

    @property
    def reply(self) -> Sequence[int]:
        """The candidate that was kept; the first of them if several are best."""
        return self.candidates[self.best]


def best_of_n_kl(n: int) -> float:
    """KL from the best of n samples to a single one: log n - (n-1)/n, an upper bound where outputs can tie.

    Units: nats.
    Raises: ValueError for n below 1.
    Source: Gao et al. 2022 (arXiv:2210.10760); Beirami et al. 2024 (arXiv:2401.01879) for the bound.
    Example: 1 -> 0.0; 4 -> 0.636.
    """
    check_whole("n", n)
    return math.log(n) - (n - 1) / n


def best_of_n(
    model: Transformer,
    prompts: Sequence[Sequence[int]],
    reward: Reward,
    *,
    n: int,
    max_new_tokens: int,
    stop_ids: Collection[int] = (),
    sampling: Sampling | None = None,
    seed: int = 0,
) -> Iterator[BestOfN]:
    """For each prompt, sample n replies and keep the one of the highest reward.

    Raises: ValueError if a prompt leaves no room for a reply, a number is out of range, or a reward is not finite.
    """
    kl_bound = best_of_n_kl(n)
    check_whole("seed", seed, 0)
    check_whole("max_new_tokens", max_new_tokens)
    check_ids("prompts", prompts, model.config, model.config.context_length - 1)

    def choose() -> Iterator[BestOfN]:
        for i, prompt in enumerate(prompts):
            candidates = generate_batch(
                model,
                [prompt] * n,
                max_new_tokens=max_new_tokens,
                sampling=sampling or Sampling(),
                stop_ids=stop_ids,
                seed=int(np.random.default_rng((seed, i)).integers(2**31)),
            )
            rewards = rewards_of(reward, [prompt] * n, candidates)
            yield BestOfN(prompt, candidates, rewards, int(rewards.argmax()), kl_bound)

    return choose()
