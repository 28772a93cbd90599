"""Log-probabilities of targets, and the mean that training lowers."""

import math

import numpy as np
import pytest

from labs.core.model.losses import cross_entropy, target_logps
from tests.labs.core.model.gradient_check import check_gradients, check_layer, kept_arrays

rng = np.random.default_rng(0)
TARGETS = np.array([2, 0, 4, 2])
WEIGHTS = np.array([1.0, 0.0, 0.5, 2.0])


def test_logps_are_the_logs_of_the_softmax() -> None:
    logits = rng.normal(size=(4, 5)) * 3
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(target_logps(logits, TARGETS)[0], np.log(probabilities[range(4), TARGETS]))


def test_adding_the_same_to_all_logits_changes_nothing_however_much() -> None:
    logits = rng.normal(size=(4, 5))
    np.testing.assert_allclose(target_logps(logits + 1e4, TARGETS)[0], target_logps(logits, TARGETS)[0], rtol=1e-9)


def test_an_impossible_target_costs_its_distance_and_overflows_nowhere() -> None:
    logits = np.array([[0, 1e4]], np.float32)
    logps, backward = target_logps(logits, np.array([0]))
    np.testing.assert_array_equal(logps, [-1e4])
    np.testing.assert_array_equal(backward(np.ones(1, np.float32)), [[1, -1]])


def test_target_logps_has_the_right_gradient() -> None:
    def layer(logits: np.ndarray) -> tuple[np.ndarray, object]:
        logps, backward = target_logps(logits, TARGETS)
        return logps, lambda dlogps: (backward(dlogps),)

    check_layer(layer, logits=rng.normal(size=(4, 5)) * 3)  # type: ignore[arg-type]


def test_knowing_nothing_costs_the_log_of_the_vocabulary() -> None:
    loss, _ = cross_entropy(np.zeros((4, 5)), TARGETS, np.ones(4))
    assert loss == pytest.approx(math.log(5), abs=1e-12)


def test_the_loss_is_the_weighted_mean_over_scored_tokens() -> None:
    logits = rng.normal(size=(4, 5))
    logps, _ = target_logps(logits, TARGETS)
    loss, backward = cross_entropy(logits, TARGETS, WEIGHTS)
    assert loss == pytest.approx(-(logps[0] + 0.5 * logps[2] + 2 * logps[3]) / 3.5, abs=1e-12)
    assert cross_entropy(logits, TARGETS, WEIGHTS * 10)[0] == pytest.approx(loss, abs=1e-12)
    dlogits = backward()
    assert not dlogits[1].any()
    np.testing.assert_allclose(dlogits.sum(axis=1), 0, atol=1e-15)


def test_cross_entropy_has_the_right_gradient() -> None:
    logits = rng.normal(size=(4, 5)) * 3
    _, backward = cross_entropy(logits, TARGETS, WEIGHTS)
    check_gradients(lambda: cross_entropy(logits, TARGETS, WEIGHTS)[0], {"logits": logits}, {"logits": backward()})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_stays_in_the_dtype_of_the_logits_whatever_that_of_the_weights(dtype: type[np.floating]) -> None:
    logits = rng.normal(size=(4, 5)).astype(dtype)
    kept = logits.copy()
    logps, logps_backward = target_logps(logits, TARGETS)
    loss, backward = cross_entropy(logits, TARGETS, np.array([1.0, 0.0, 1.0, 1.0]))
    arrays = [logps, backward(), backward(), logps_backward(logps), *kept_arrays(backward)]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert isinstance(loss, float)
    np.testing.assert_array_equal(arrays[1], arrays[2])
    np.testing.assert_array_equal(logits, kept)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected logits \(N, V\) and targets \(N,\), got \(2, 4, 5\) and \(4,\)"):
        target_logps(np.zeros((2, 4, 5)), TARGETS)
    with pytest.raises(ValueError, match=r"got \(3, 5\) and \(4,\)"):
        target_logps(np.zeros((3, 5)), TARGETS)
    with pytest.raises(ValueError, match=r"weights: expected one a target, \(4,\), got \(1,\)"):
        cross_entropy(np.zeros((4, 5)), TARGETS, np.ones(1))


@pytest.mark.parametrize("target", [-1, 5])
def test_a_target_that_is_no_token_is_refused(target: int) -> None:
    with pytest.raises(ValueError, match=rf"expected token ids from 0 to 4, got .*{target}"):
        target_logps(np.zeros((1, 5)), np.array([target]))


@pytest.mark.parametrize("weights", [[0, 0, 0, 0], [1, -0.5, 1, 1], [math.nan, 1, 1, 1]])
def test_weights_below_zero_or_all_zero_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights: expected none below 0 and one above"):
        cross_entropy(np.zeros((4, 5)), TARGETS, np.array(weights))
