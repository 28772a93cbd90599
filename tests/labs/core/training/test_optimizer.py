import itertools
import math

import numpy as np
import pytest

from labs.core.training.optimizer import AdamW, clip_by_global_norm, learning_rate_at


def test_three_updates_equal_the_textbook_written_out_for_one_number() -> None:
    grads, rate, decay, (beta1, beta2), epsilon = [0.5, -2.0, 3.0], 0.01, 0.1, (0.9, 0.95), 1e-8
    matrix, gain = np.array([[1.5]]), np.array([1.5])
    optimizer = AdamW({"matrix": matrix, "gain": gain}, weight_decay=decay)

    expected = {"matrix": 1.5, "gain": 1.5}
    m = v = 0.0
    for t, grad in enumerate(grads, start=1):
        optimizer.update(
            {"matrix": matrix, "gain": gain}, {"gain": np.array([grad]), "matrix": np.array([[grad]])}, rate
        )
        m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
        step = rate * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + epsilon)
        expected["matrix"] -= rate * decay * expected["matrix"] + step
        expected["gain"] -= step
    assert matrix.item() == pytest.approx(expected["matrix"], rel=1e-12)
    assert gain.item() == pytest.approx(expected["gain"], rel=1e-12), "a gain is not decayed"


def test_each_weight_gets_its_own_gradient() -> None:
    params = {"a": np.zeros((2, 3), np.float32), "b": np.zeros(4, np.float32)}
    grads = {"b": np.full(4, -1, np.float32), "a": np.ones((2, 3), np.float32)}
    AdamW(params).update(params, grads, 0.25)
    np.testing.assert_allclose(params["a"], np.full((2, 3), -0.25), rtol=1e-6)
    np.testing.assert_allclose(params["b"], np.full(4, 0.25), rtol=1e-6)


def test_an_update_keeps_float32_and_refuses_a_float64_gradient() -> None:
    params = {"a": np.ones((2, 2), np.float32)}
    optimizer = AdamW(params)
    optimizer.update(params, {"a": np.ones((2, 2), np.float32)}, 1e-3)
    assert {array.dtype for array in (params["a"], optimizer.first_moment, optimizer.second_moment)} == {
        np.dtype(np.float32)
    }
    with pytest.raises(TypeError, match="Cannot cast"):
        optimizer.update(params, {"a": np.ones((2, 2))}, 1e-3)


def test_clipping_scales_to_the_limit_in_place_and_returns_the_length_before() -> None:
    grads = {"a": np.array([[3.0, 0.0]], np.float32), "b": np.array([4.0], np.float32)}
    assert clip_by_global_norm(grads, 10.0) == 5.0
    assert grads["b"].item() == 4.0
    assert clip_by_global_norm(grads, 1.0) == 5.0
    np.testing.assert_allclose([grads["a"][0, 0], grads["b"][0]], [0.6, 0.8], rtol=1e-6)
    assert grads["a"].dtype == np.float32


def test_the_rate_rises_in_a_line_and_falls_in_half_a_cosine() -> None:
    rates = [learning_rate_at(step, peak=2.0, steps=12, warmup=4, floor=0.1) for step in range(14)]
    np.testing.assert_allclose(rates[:5], [0.5, 1.0, 1.5, 2.0, 2.0])
    assert rates[8] == pytest.approx(1.1), "half-way down: the mean of peak and floor"
    np.testing.assert_allclose(rates[12:], [0.2, 0.2])
    assert all(earlier > later for earlier, later in itertools.pairwise(rates[4:13]))


def test_bad_arguments_are_refused() -> None:
    params = {"a": np.ones(2, np.float32)}
    for make in (
        lambda: AdamW(params, betas=(0.9, 1.0)),
        lambda: AdamW(params, epsilon=0.0),
        lambda: AdamW(params, weight_decay=-1.0),
        lambda: AdamW(params).update(params, {"b": params["a"]}, 0.1),
        lambda: AdamW(params).restore({}),
        lambda: clip_by_global_norm(params, 0.0),
        lambda: clip_by_global_norm({"a": np.array([np.inf])}, 1.0),
        lambda: learning_rate_at(0, peak=1.0, steps=5, warmup=6),
        lambda: learning_rate_at(0, peak=-1.0, steps=5, warmup=0),
        lambda: learning_rate_at(0, peak=1.0, steps=5, warmup=0, floor=2.0),
    ):
        with pytest.raises(ValueError, match=r"expected .*, got .*; "):
            make()
