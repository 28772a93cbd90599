import math
from typing import Any

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.generation import continuation_logps, next_token_distribution
from labs.core.training.data import reply_batch
from labs.core.training.loop import Schedule, TrainingState
from labs.core.training.rlhf import Method, RlhfStep, group_advantages, k3, policy_gradient_loss, rlhf
from labs.core.training.scoring import token_logps
from tests.labs.core.model.gradient_check import check_gradients
from tests.labs.core.training.tiny import (
    CONFIG,
    END,
    PROMPTS,
    SCHEDULE,
    STAGES,
    check_slopes,
    count_threes,
    first_gradients,
    tiny_model,
)


def test_k3_averages_to_the_kl_is_never_negative_and_zero_where_the_models_agree() -> None:
    rng = np.random.default_rng(0)
    policy, ref = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    estimates = k3(np.log(policy), np.log(ref))
    assert (estimates >= 0).all()
    assert policy @ estimates == pytest.approx(policy @ np.log(policy / ref), rel=1e-12)
    assert not k3(np.log(policy), np.log(policy)).any()


def test_the_advantages_of_a_group_by_hand() -> None:
    rewards, nothing = np.array([[1.0, 0.0, 0.0, 3.0], [2.0, 2.0, 2.0, 2.0]]), np.zeros((2, 4))
    leave_one_out = [1 - 3 / 3, 0 - 4 / 3, 0 - 4 / 3, 3 - 1 / 3]  # own minus the mean of the other three
    standardized = [x / math.sqrt(1.5) for x in (0, -1, -1, 2)]  # minus the mean of all, in standard deviations
    methods: list[tuple[Method, list[float]]] = [
        ("reinforce", leave_one_out),
        ("ppo", leave_one_out),
        ("grpo", standardized),
    ]
    for method, row in methods:
        advantages = group_advantages(rewards, nothing, beta=0.1, method=method)
        np.testing.assert_allclose(advantages, np.array([row, [0] * 4]), rtol=2e-4, err_msg=method)
    dr_grpo = group_advantages(rewards, nothing, beta=0.1, method="grpo", scale_rewards=False)
    np.testing.assert_allclose(dr_grpo, [[0, -1, -1, 2], [0, 0, 0, 0]])


def test_equal_rewards_leave_only_the_pull_to_the_reference_and_scaling_does_not_inflate_it() -> None:
    rewards, log_ratios = np.ones((1, 2)), np.array([[0.3, 0.1]])
    for scale_rewards in (True, False):
        advantages = group_advantages(rewards, log_ratios, beta=0.5, method="grpo", scale_rewards=scale_rewards)
        np.testing.assert_allclose(advantages, [[-0.05, 0.05]])
    np.testing.assert_allclose(group_advantages(rewards, log_ratios, beta=0.5, method="ppo"), [[-0.1, 0.1]])


@pytest.mark.parametrize("clip_range", [None, 0.2])
def test_the_loss_has_its_numerical_gradient(clip_range: float | None) -> None:
    rng = np.random.default_rng(1)
    old, advantages = -rng.exponential(1, 12), rng.normal(size=12)
    logps = old + rng.normal(0, 0.4, 12)
    _, dlogps, clip_fraction = policy_gradient_loss(logps, old, advantages, 3, clip_range)
    check_gradients(
        lambda: policy_gradient_loss(logps, old, advantages, 3, clip_range)[0], {"logps": logps}, {"logps": dlogps}
    )
    assert (clip_fraction > 0) == (clip_range is not None)


def test_clipping_silences_what_has_gone_far_enough_and_only_that() -> None:
    ratios, advantages = np.array([1.5, 1.5, 0.5, 0.5, 1.1]), np.array([1.0, -1.0, 1.0, -1.0, 1.0])
    loss, dlogps, clip_fraction = policy_gradient_loss(np.log(ratios), np.zeros(5), advantages, 1, 0.2)
    np.testing.assert_allclose(dlogps, [0, 1.5, -0.5, 0, -1.1])
    assert loss == pytest.approx(-(1.2 - 1.5 + 0.5 - 0.8 + 1.1))
    assert clip_fraction == 0.4


def test_where_the_policy_sampled_the_gradient_is_reinforces_clipped_or_not() -> None:
    logps, advantages = np.array([-1.0, -2.0], np.float32), np.array([0.5, -2.0], np.float32)
    for clip_range in (None, 0.2):
        _, dlogps, clip_fraction = policy_gradient_loss(logps, logps, advantages, 2, clip_range)
        np.testing.assert_allclose(dlogps, -advantages / 2)
        assert dlogps.dtype == np.float32
        assert clip_fraction == 0


def test_the_whole_step_has_its_numerical_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    ref, policy, beta = tiny_model().astype(np.float64), tiny_model(1).astype(np.float64), 0.3
    steps = rlhf(
        ref,
        PROMPTS,
        count_threes,
        schedule=SCHEDULE,
        batch_size=2,
        seed=0,
        num_generations=3,
        max_new_tokens=5,
        stop_ids=[END],
        beta=beta,
        resume=TrainingState(policy),
    )
    step, grads = first_gradients(steps, monkeypatch)
    texts = list(zip(step.prompts, step.replies, strict=True))

    def reply_logps() -> Floats:
        return np.array([continuation_logps(policy, prompt, reply).sum() for prompt, reply in texts])

    log_ratios = reply_logps() - [continuation_logps(ref, prompt, reply).sum() for prompt, reply in texts]
    total = (step.rewards - beta * log_ratios).reshape(2, 3)
    advantages = (total - (total.sum(axis=1, keepdims=True) - total) / 2).reshape(-1)
    check_slopes(lambda: -float((advantages * reply_logps()).mean()), policy.params, grads)


def test_training_goes_to_the_closed_form_optimum_of_reward_and_kl() -> None:
    model, prompt, beta = tiny_model(), [1, 2], 0.5
    worth = np.random.default_rng(0).normal(0, 0.7, CONFIG.vocab_size).astype(np.float32)
    steps = list(
        rlhf(
            model,
            [prompt],
            lambda prompts, replies: worth[[reply[0] for reply in replies]],
            schedule=Schedule(steps=150, peak=3e-3, warmup=5, weight_decay=0.0, floor=0.0),
            batch_size=1,
            num_generations=128,
            max_new_tokens=1,
            beta=beta,
            seed=0,
        )
    )
    start, end = (next_token_distribution(m, prompt) for m in (model, steps[-1].state.model))
    optimum = start * np.exp(worth / beta)
    optimum /= optimum.sum()

    def distance(policy: Floats) -> float:
        return float(policy @ np.log(policy / optimum))

    assert distance(start) > 0.3
    assert distance(end) < 0.02
    measured = np.mean([step.kl for step in steps[-20:]])  # the rate falls to 0: little changes any more
    assert measured == pytest.approx(float(end @ np.log(end / start)), rel=0.15)


@pytest.mark.parametrize("stage", ["rlhf", "ppo", "grpo"])
def test_every_method_earns_reward_and_leaves_its_reference_by_a_measured_kl(stage: str) -> None:
    records = list(STAGES[stage](tiny_model(), schedule=Schedule(25, 1e-2, 2), beta=0.01))
    first, last = records[0], records[-1]
    assert isinstance(first, RlhfStep)
    assert isinstance(last, RlhfStep)
    assert last.reward_mean > first.reward_mean + 1
    assert first.kl == 0
    assert last.kl > 0.1


def test_clipping_begins_with_the_second_update_on_the_same_replies() -> None:
    def clip_fraction(ppo_epochs: int) -> float:
        step = next(STAGES["ppo"](tiny_model(), ppo_epochs=ppo_epochs, schedule=Schedule(1, 3e-2)))
        assert isinstance(step, RlhfStep)
        return step.clip_fraction

    assert clip_fraction(1) == 0
    assert clip_fraction(2) > 0


def test_a_record_measures_what_was_sampled() -> None:
    model = tiny_model()
    step = next(
        rlhf(
            model,
            PROMPTS,
            count_threes,
            schedule=SCHEDULE,
            batch_size=3,
            num_generations=2,
            max_new_tokens=4,
            stop_ids=[END],
            seed=1,
        )
    )
    assert len(step.replies) == 6
    assert [step.prompts[i] for i in (0, 2, 4)] == [step.prompts[i] for i in (1, 3, 5)]
    assert sorted(map(str, step.prompts[::2])) == sorted(map(str, PROMPTS))
    np.testing.assert_array_equal(step.rewards, count_threes(step.prompts, step.replies))
    assert step.reward_mean == pytest.approx(step.rewards.mean())
    assert step.reply_length == pytest.approx(np.mean([len(reply) for reply in step.replies]))
    logps, _ = token_logps(model, reply_batch(step.prompts, step.replies))
    assert step.entropy == pytest.approx(-logps.mean(), rel=1e-5)
    pairs = step.rewards.reshape(3, 2)
    assert step.zero_variance_groups == pytest.approx((pairs[:, 0] == pairs[:, 1]).mean())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": -0.1}, "beta"),
        ({"method": "trpo"}, "method"),
        ({"num_generations": 1}, "num_generations"),
        ({"clip_range": 1.0}, "clip_range"),
        ({"ppo_epochs": 0}, "ppo_epochs"),
        ({"ppo_epochs": 2}, "ppo_epochs"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"prompts": []}, "prompts"),
        ({"prompts": [[1] * CONFIG.context_length]}, "prompts"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        STAGES["rlhf"](tiny_model(), **options)


def test_bad_rewards_and_shapes_are_refused() -> None:
    for rewards in (np.zeros(3), np.full(16, np.nan)):
        with pytest.raises(ValueError, match="reward: expected 16"):
            next(STAGES["rlhf"](tiny_model(), reward=lambda prompts, replies, r=rewards: r))
    with pytest.raises(ValueError, match="several replies"):
        group_advantages(np.zeros((2, 1)), np.zeros((2, 1)), beta=0.1, method="grpo")
    with pytest.raises(ValueError, match="three rows"):
        policy_gradient_loss(np.zeros(2), np.zeros(2), np.zeros(3), 1)
    with pytest.raises(ValueError, match="clip_range"):
        policy_gradient_loss(np.zeros(2), np.zeros(2), np.zeros(2), 1, clip_range=0.0)
