import math
from typing import Any

import numpy as np
import pytest

from labs.core.model.generation import continuation_logps
from labs.core.training.data import Pair
from labs.core.training.dpo import dpo, dpo_loss, reference_margins
from labs.core.training.loop import Schedule, TrainingState
from tests.labs.core.model.gradient_check import check_gradients
from tests.labs.core.training.tiny import CONFIG, PAIRS, SCHEDULE, check_slopes, first_gradients, tiny_model


def test_the_loss_has_its_numerical_gradient() -> None:
    rng = np.random.default_rng(0)
    policy, ref = rng.normal(0, 5, 4), rng.normal(0, 5, 4)
    check_gradients(
        lambda: dpo_loss(policy, ref, 0.3)[0],
        {"policy_margin": policy},
        {"policy_margin": dpo_loss(policy, ref, 0.3)[1]},
    )


def test_the_gradient_weighs_a_pair_by_how_wrong_its_implicit_rewards_are() -> None:
    beta, policy, ref = 0.5, np.array([3.0, -1.0]), np.array([1.0, 2.0])
    _, dmargin = dpo_loss(policy, ref, beta)
    rejected_minus_chosen = -beta * (policy - ref)
    np.testing.assert_allclose(dmargin, -beta / (1 + np.exp(-rejected_minus_chosen)) / 2)


def test_at_the_reference_the_loss_is_ln_2_and_the_weight_one_half() -> None:
    margin = np.array([4.0, -7.0, 0.0])
    assert dpo_loss(margin, margin, 0.1)[0] == pytest.approx(math.log(2), rel=1e-12)
    first = next(dpo(tiny_model(), PAIRS, schedule=SCHEDULE, batch_size=3, seed=0))
    assert first.loss_nats == pytest.approx(math.log(2), abs=1e-5)
    assert first.gradient_weight == pytest.approx(0.5, abs=1e-5)
    assert first.margin == pytest.approx(0, abs=1e-5)


def test_the_first_record_has_the_replies_own_logps() -> None:
    model, pair = tiny_model(), PAIRS[1]
    first = next(dpo(model, [pair], schedule=SCHEDULE, batch_size=1, seed=0, nll_weight=0.5))
    chosen = continuation_logps(model, pair.prompt, pair.chosen)
    rejected = continuation_logps(model, pair.prompt, pair.rejected)
    assert first.chosen_logps == pytest.approx(chosen.sum(), rel=1e-4)
    assert first.rejected_logps == pytest.approx(rejected.sum(), rel=1e-4)
    assert first.nll_nats == pytest.approx(-chosen.mean(), rel=1e-4)
    assert first.loss_nats == pytest.approx(math.log(2) - 0.5 * chosen.mean(), rel=1e-4)
    assert first.tokens == 2 + 4


def test_the_whole_step_has_its_numerical_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    model, policy, beta, nll_weight = tiny_model().astype(np.float64), tiny_model(1).astype(np.float64), 0.3, 0.5
    steps = dpo(
        model,
        PAIRS,
        schedule=SCHEDULE,
        batch_size=3,
        seed=0,
        beta=beta,
        nll_weight=nll_weight,
        resume=TrainingState(policy),
    )
    step, grads = first_gradients(steps, monkeypatch)
    start = reference_margins(model, PAIRS)

    def loss() -> float:
        chosen = [continuation_logps(policy, pair.prompt, pair.chosen) for pair in PAIRS]
        preference, _ = dpo_loss(reference_margins(policy, PAIRS), start, beta)
        return preference - nll_weight * float(np.concatenate(chosen).mean())

    assert step.loss_nats == pytest.approx(loss(), rel=1e-12)
    check_slopes(loss, policy.params, grads)


def test_training_widens_the_margin_of_every_pair() -> None:
    model = tiny_model()
    *_, last = dpo(model, PAIRS, schedule=Schedule(30, 3e-3, 2), batch_size=3, seed=0)
    assert last.accuracy == 1
    assert (reference_margins(last.state.model, PAIRS) > reference_margins(model, PAIRS)).all()


def test_the_nll_term_holds_up_the_chosen_replies() -> None:
    def chosen_logps(nll_weight: float) -> float:
        schedule = Schedule(30, 3e-3, 2)
        *_, last = dpo(tiny_model(), PAIRS, schedule=schedule, batch_size=3, seed=0, nll_weight=nll_weight)
        return last.chosen_logps

    assert chosen_logps(1.0) > chosen_logps(0.0)


def test_reference_margins_do_not_depend_on_the_batch() -> None:
    pairs = [Pair([1 + i % 3], [i % 7, 2], [3] * (1 + i % 4)) for i in range(9)]
    np.testing.assert_allclose(
        reference_margins(tiny_model(), pairs), reference_margins(tiny_model(), pairs, batch_size=2), atol=1e-4
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": 0.0}, "beta"),
        ({"nll_weight": -1.0}, "nll_weight"),
        ({"pairs": []}, "chosen"),
        ({"pairs": [Pair([1], [], [2])]}, "pairs"),
        ({"pairs": [Pair([1], [2], [3] * (CONFIG.context_length + 1))]}, "rejected"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"pairs": PAIRS, "schedule": SCHEDULE, "batch_size": 2, "seed": 0}
    with pytest.raises(ValueError, match=message):
        dpo(tiny_model(), **good | options)
    with pytest.raises(ValueError, match="beta"):
        dpo_loss(np.zeros(1), np.zeros(1), -0.1)
