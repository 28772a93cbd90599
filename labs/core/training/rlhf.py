"""RLHF: the model writes, a reward judges, and what was better than its siblings becomes likelier.

The objective is E[reward] - beta * KL(policy || reference). The KL's part is taken off the rewards, as sums of
log(policy / reference) over a reply, because that has the objective's own gradient; a k3 term in the loss, as in
the GRPO paper, has another one (Tang & Munos 2025, arXiv:2506.09477). k3 is what the records measure KL with.
Losses are summed over a reply's tokens: no reply counts less for being long (Liu et al. 2025, arXiv:2503.20783).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.generation import generate_batch
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_choice, check_ids, check_whole
from labs.core.training.data import draw, reply_batch
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, begin, train
from labs.core.training.rewards import Reward, rewards_of
from labs.core.training.scoring import sum_rows, token_logps

Method = Literal["reinforce", "ppo", "grpo"]


def k3(logps: Floats, ref_logps: Floats) -> Floats:
    """KL(policy || reference), estimated from each sampled token: q/p - 1 - log(q/p), never negative.

    Shapes: (N,), (N,) -> (N,).
    Units: nats.
    Source: Schulman 2020, "Approximating KL divergence".
    """
    log_ratio = ref_logps - logps
    estimates: Floats = np.expm1(log_ratio) - log_ratio
    return estimates


def group_advantages(
    rewards: Floats, log_ratios: Floats, *, beta: float, method: Method, scale_rewards: bool = True
) -> Floats:
    """How much better than its siblings each reply was, with its distance from the reference taken off.

    REINFORCE and PPO compare with the mean of the other replies, GRPO with the mean of all, in units of their
    standard deviation unless `scale_rewards` is off (Dr. GRPO).
    Shapes: rewards and log(policy / reference) of replies (P prompts, G replies each) -> (P, G).
    Raises: ValueError if the shapes differ, or there are fewer than two replies a prompt.
    Source: Ahmadian et al. 2024 (arXiv:2402.14740) for the others' mean; Shao et al. 2024 (arXiv:2402.03300);
    Liu et al. 2025 (arXiv:2503.20783).
    """
    if rewards.ndim != 2 or rewards.shape != log_ratios.shape or rewards.shape[1] < 2:
        raise ValueError(
            f"rewards: expected (P, G) with G of 2 or more, and log_ratios of that shape, got {rewards.shape} and "
            f"{log_ratios.shape}; sample several replies a prompt."
        )
    advantages = _centred(rewards)
    if method == "grpo" and scale_rewards:
        advantages /= rewards.std(axis=1, keepdims=True) + 1e-4  # a group of equal rewards stays at 0
    advantages -= beta * _centred(log_ratios)
    if method != "grpo":
        G = rewards.shape[1]
        advantages *= G / (G - 1)  # own minus the mean of all -> own minus the mean of the others
    return advantages


def _centred(X: Floats) -> Floats:
    centred: Floats = X - X.mean(axis=1, keepdims=True)
    return centred


def policy_gradient_loss(
    logps: Floats, old_logps: Floats, advantages: Floats, n_replies: int, clip_range: float | None = None
) -> tuple[float, Floats, float]:
    """-ratio * advantage, summed over tokens, a reply; with clip_range, of ratio and clipped ratio the worse one.

    Where the policy is the one that sampled, ratio is 1 and the gradient is REINFORCE's, clipped or not.
    Shapes: all (N,), tokens of all replies -> loss, d loss / d logps (N,), the share of tokens that clipping silenced.
    Raises: ValueError if the shapes differ or clip_range is not between 0 and 1.
    Source: Williams 1992; Schulman et al. 2017 (arXiv:1707.06347), eq. 7.
    """
    if not logps.shape == old_logps.shape == advantages.shape:
        raise ValueError(
            f"policy_gradient_loss: expected three rows of one length, got {logps.shape}, {old_logps.shape} and "
            f"{advantages.shape}; give each token its reply's advantage."
        )
    ratio = np.exp(logps - old_logps)
    objective = ratio * advantages
    if clip_range is None:
        return -float(objective.sum()) / n_replies, -objective / n_replies, 0.0
    _check_clip_range(clip_range)
    clipped = np.clip(ratio, 1 - clip_range, 1 + clip_range) * advantages
    silenced = clipped < objective
    loss = -float(np.minimum(objective, clipped).sum()) / n_replies
    return loss, np.where(silenced, 0, -objective / n_replies), float(silenced.mean())


@dataclass(frozen=True, kw_only=True)
class RlhfStep(StepRecord):
    """A step of RLHF: what was sampled, and means over it. Loss and clip_fraction are of the step's last update.

    Units: kl in nats a reply (k3, to the model that training began with), entropy in nats a token (estimated by
    -log p of what was sampled), reply_length in tokens. zero_variance_groups is the share of prompts whose replies
    all got the same reward: they teach nothing.
    """

    reward_mean: float
    kl: float
    entropy: float
    clip_fraction: float
    zero_variance_groups: float
    reply_length: float
    prompts: Sequence[Sequence[int]]
    replies: Sequence[Sequence[int]]
    rewards: Floats


def rlhf(
    model: Transformer,
    prompts: Sequence[Sequence[int]],
    reward: Reward,
    *,
    schedule: Schedule,
    batch_size: int,
    max_new_tokens: int,
    seed: int,
    stop_ids: Collection[int] = (),
    beta: float = 0.05,
    method: Method = "reinforce",
    num_generations: int = 8,
    clip_range: float = 0.2,
    ppo_epochs: int = 1,
    scale_rewards: bool = True,
    adapter_rank: int = 0,
    resume: TrainingState | None = None,
) -> Iterator[RlhfStep]:
    """Train a copy of the model to earn reward, held by beta to the model given.

    Each step samples num_generations replies (G in the GRPO paper) to batch_size prompts, at temperature 1, and
    updates ppo_epochs times on them; clipping, of ppo and grpo, acts from the second update on. There is no value
    model: a reply's siblings are its baseline.
    Raises: ValueError if a prompt leaves no room for a reply, an argument is out of range, or a reward is not finite.
    Source: Ziegler et al. 2019 (arXiv:1909.08593), eq. 2, and the sources of the functions above.
    """
    for name, value in (("batch_size", batch_size), ("max_new_tokens", max_new_tokens), ("ppo_epochs", ppo_epochs)):
        check_whole(name, value)
    check_whole("num_generations", num_generations, 2)
    check_choice("method", method, ("reinforce", "ppo", "grpo"))
    check_ids("prompts", prompts, model.config, model.config.context_length - 1)
    _check_clip_range(clip_range)
    if not beta >= 0:
        raise ValueError(f"beta: expected 0 or more, got {beta!r}; 0 lets the policy go where it likes.")
    if method == "reinforce" and ppo_epochs > 1:
        raise ValueError(f"ppo_epochs: expected 1 with reinforce, got {ppo_epochs}; choose ppo or grpo, which clip.")
    state = begin(model, schedule, seed=seed, resume=resume, adapter_rank=adapter_rank)

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        asked = [prompts[i] for i in draw(len(prompts), batch_size, rng) for _ in range(num_generations)]
        replies = generate_batch(
            state.model, asked, max_new_tokens=max_new_tokens, stop_ids=stop_ids, seed=int(rng.integers(2**31))
        )
        rewards = rewards_of(reward, asked, replies)
        groups = rewards.reshape(batch_size, num_generations)  # (P * G,) -> (P, G)
        batch = reply_batch(asked, replies)
        ref_logps, _ = token_logps(model, batch)
        old_logps, backward = token_logps(state.model, batch)
        log_ratios = sum_rows(old_logps - ref_logps, batch).reshape(groups.shape)
        advantages = group_advantages(groups, log_ratios, beta=beta, method=method, scale_rewards=scale_rewards)
        fields: Fields = {
            "tokens": sum(len(prompt) + len(reply) - 1 for prompt, reply in zip(asked, replies, strict=True)),
            "reward_mean": float(rewards.mean()),
            "kl": float(k3(old_logps, ref_logps).sum()) / len(replies),
            "entropy": -float(old_logps.mean()),
            "zero_variance_groups": float((np.ptp(groups, axis=1) == 0).mean()),
            "reply_length": len(old_logps) / len(replies),
            "prompts": asked,
            "replies": replies,
            "rewards": rewards,
        }
        logps = old_logps
        for epoch in range(ppo_epochs):
            if epoch:  # the weights have moved since the last
                logps, backward = token_logps(state.model, batch)
            loss, dlogps, clip_fraction = policy_gradient_loss(
                logps,
                old_logps,
                advantages.reshape(-1)[batch.rows],
                len(replies),
                None if method == "reinforce" else clip_range,
            )
            yield fields | {"loss_nats": loss, "clip_fraction": clip_fraction}, backward(dlogps)

    return train(state, gradients, schedule, seed, RlhfStep)


def _check_clip_range(clip_range: float) -> None:
    if not 0 < clip_range < 1:
        raise ValueError(f"clip_range: expected a number between 0 and 1, got {clip_range!r}; 0.2 is usual.")
