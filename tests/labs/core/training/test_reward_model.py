import math

import numpy as np
import pytest

from labs.core.training.data import Pair
from labs.core.training.loop import Schedule, TrainingState
from labs.core.training.reward_model import HEAD, RewardModel, bradley_terry_loss, reward_model
from tests.labs.core.model.gradient_check import check_gradients
from tests.labs.core.training.tiny import CONFIG, PAIRS, SCHEDULE, check_slopes, first_gradients, tiny_model


def test_the_loss_has_its_numerical_gradient() -> None:
    rng = np.random.default_rng(0)
    chosen, rejected = rng.normal(0, 2, 5), rng.normal(0, 2, 5)
    _, dchosen = bradley_terry_loss(chosen, rejected)
    check_gradients(
        lambda: bradley_terry_loss(chosen, rejected)[0],
        {"chosen": chosen, "rejected": rejected},
        {"chosen": dchosen, "rejected": -dchosen},
    )


def test_a_constant_added_to_all_rewards_changes_nothing() -> None:
    chosen, rejected = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    loss, dchosen = bradley_terry_loss(chosen, rejected)
    shifted_loss, shifted = bradley_terry_loss(chosen + 8, rejected + 8)
    assert shifted_loss == loss
    np.testing.assert_array_equal(shifted, dchosen)


def test_equal_rewards_lose_ln_2_and_far_ones_neither_overflow_nor_lose_their_dtype() -> None:
    zero = np.zeros(3, np.float32)
    assert bradley_terry_loss(zero, zero)[0] == pytest.approx(math.log(2), rel=1e-6)
    loss, dchosen = bradley_terry_loss(np.array([900, -900], np.float32), np.zeros(2, np.float32))
    assert loss == pytest.approx(450)
    np.testing.assert_allclose(dchosen, [0, -0.5])
    assert dchosen.dtype == np.float32


def test_the_first_step_stands_at_ln_2_and_training_orders_the_pairs() -> None:
    records = list(reward_model(tiny_model(), PAIRS, schedule=Schedule(40, 1e-2, 2), batch_size=3, seed=0))
    assert records[0].loss_nats == pytest.approx(math.log(2), rel=1e-6)
    assert records[-1].accuracy == 1
    rewards = records[-1].reward_model.score([[*p.prompt, *r] for p in PAIRS for r in (p.chosen, p.rejected)])
    assert (rewards[::2] > rewards[1::2]).all()
    prompts, chosen = [pair.prompt for pair in PAIRS], [pair.chosen for pair in PAIRS]
    np.testing.assert_allclose(records[-1].reward_model.rewards(prompts, chosen), rewards[::2], rtol=1e-4, atol=1e-5)


def test_the_whole_step_has_its_numerical_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model().astype(np.float64)
    state = TrainingState(model, extra={HEAD: np.random.default_rng(0).normal(size=CONFIG.n_embd)})
    steps = reward_model(model, PAIRS, schedule=SCHEDULE, batch_size=3, seed=0, resume=state)
    step, grads = first_gradients(steps, monkeypatch)

    def loss() -> float:
        rewards = RewardModel(model, state.extra[HEAD]).score(
            [[*p.prompt, *r] for p in PAIRS for r in (p.chosen, p.rejected)]
        )
        return bradley_terry_loss(rewards[::2], rewards[1::2])[0]

    assert step.loss_nats == pytest.approx(loss(), rel=1e-12)
    check_slopes(loss, state.params, grads)


def test_a_score_is_read_at_the_last_token_whatever_the_batch() -> None:
    rng = np.random.default_rng(0)
    scorer = RewardModel(tiny_model(), rng.normal(size=CONFIG.n_embd).astype(np.float32))
    sequences = [[1, 2, 3], [4], [5, 6, 7, 8, 9], [10, 11]]
    alone = [scorer.score([ids]).item() for ids in sequences]
    np.testing.assert_allclose(scorer.score(sequences), alone, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(scorer.score(sequences, batch_size=3), alone, rtol=1e-4, atol=1e-5)
    hidden, _ = scorer.model.hidden(np.array([[1, 2, 3]]))
    assert alone[0] == pytest.approx(float(hidden[0, 2] @ scorer.head), rel=1e-5)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [Pair([], [1], [2])],
        [Pair([1], [], [2])],
        [Pair([1], [2], [])],
        [Pair([1], [2], [16])],
        [Pair([1], [2] * CONFIG.context_length, [3])],
    ],
)
def test_pairs_that_cannot_be_read_are_refused(pairs: list[Pair]) -> None:
    with pytest.raises(ValueError, match=r"expected .*, got .*; "):
        reward_model(tiny_model(), pairs, schedule=SCHEDULE, batch_size=2, seed=0)


def test_rewards_that_do_not_pair_up_are_refused() -> None:
    with pytest.raises(ValueError, match="rewards"):
        bradley_terry_loss(np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="sequences"):
        RewardModel(tiny_model(), np.zeros(CONFIG.n_embd, np.float32)).score([[1], []])
