"""Each layer does what its formula says, and its gradient is that of its output."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.layers import embed, linear, rms_norm, swiglu
from tests.labs.core.model.gradient_check import check_gradients, check_layer, kept_arrays

rng = np.random.default_rng(0)
IDS = np.array([[3, 1, 3], [0, 3, 4]])  # 2 never comes, 3 three times


def test_embed_looks_rows_up() -> None:
    table = rng.normal(size=(5, 2))
    Y, _ = embed(IDS, table)
    np.testing.assert_array_equal(Y[1, 2], table[4])
    assert Y.shape == (2, 3, 2)


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint16])
def test_a_row_of_the_table_gets_the_gradients_of_all_its_tokens(dtype: type[np.integer]) -> None:
    _, backward = embed(IDS.astype(dtype), np.zeros((5, 2)))
    dY = rng.normal(size=(2, 3, 2))
    expected = np.zeros((5, 2))
    np.add.at(expected, IDS, dY)
    np.testing.assert_allclose(backward(dY)[0], expected)


def test_embed_has_the_right_gradient() -> None:
    check_layer(lambda table: embed(IDS, table), table=rng.normal(size=(5, 2)))


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)])
def test_linear_is_a_product_row_by_row_with_the_right_gradient(shape: tuple[int, ...]) -> None:
    X, W = rng.normal(size=shape), rng.normal(size=(4, 5))
    np.testing.assert_allclose(linear(X, W)[0], np.einsum("...i,io->...o", X, W))
    check_layer(linear, X=X, W=W)


def test_linear_takes_views() -> None:
    X, W = rng.normal(size=(3, 2, 4)).swapaxes(0, 1), rng.normal(size=(5, 4)).T
    np.testing.assert_allclose(linear(X, W)[0], np.einsum("...i,io->...o", X, W))
    check_layer(linear, X=X, W=W)


def test_rms_norm_gives_every_row_the_root_mean_square_of_the_gain() -> None:
    X = rng.normal(size=(2, 3, 64)) * 100
    Y, _ = rms_norm(X, np.full(64, 2.0), 1e-5)
    np.testing.assert_allclose(np.sqrt((Y**2).mean(axis=-1)), 2.0)
    np.testing.assert_allclose(rms_norm(X * 7, np.full(64, 2.0), 1e-12)[0], Y, rtol=1e-6)


def test_rms_norm_keeps_a_row_of_zeros_at_zero() -> None:
    Y, backward = rms_norm(np.zeros((1, 4)), np.ones(4), 1e-5)
    assert not Y.any()
    assert np.isfinite(backward(np.ones((1, 4)))[0]).all()


@pytest.mark.parametrize("epsilon", [1e-5, 1.0])
def test_rms_norm_has_the_right_gradient_even_where_the_gain_is_zero(epsilon: float) -> None:
    gain = rng.normal(size=6)
    gain[2] = 0
    check_layer(lambda X, gain: rms_norm(X, gain, epsilon), X=rng.normal(size=(2, 3, 6)), gain=gain)


def test_swiglu_is_silu_of_the_gate_times_up() -> None:
    gate, up = rng.normal(size=(2, 8)) * 3, rng.normal(size=(2, 8))
    np.testing.assert_allclose(swiglu(gate, up)[0], gate / (1 + np.exp(-gate)) * up)


def test_swiglu_has_the_right_gradient() -> None:
    check_layer(swiglu, gate=rng.normal(size=(3, 4)) * 3, up=rng.normal(size=(3, 4)))


def test_swiglu_overflows_nowhere() -> None:
    gate = np.array([-1e4, -100, 0, 100, 1e4], np.float32)
    Y, backward = swiglu(gate, np.ones_like(gate))
    np.testing.assert_array_equal(Y, [0, 0, 0, 100, 1e4])
    np.testing.assert_array_equal(backward(np.ones_like(gate))[0], [0, 0, 0.5, 1, 1])


LAYERS: list[tuple[Callable[..., Any], list[tuple[int, ...]]]] = [
    (lambda table: embed(IDS, table), [(5, 4)]),
    (linear, [(2, 3, 4), (4, 5)]),
    (lambda X, gain: rms_norm(X, gain, 1e-5), [(2, 3, 4), (4,)]),
    (swiglu, [(2, 3), (2, 3)]),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("layer", "shapes"), LAYERS)
def test_all_stays_in_the_dtype_of_the_inputs(
    layer: Callable[..., Any], shapes: list[tuple[int, ...]], dtype: type[np.floating]
) -> None:
    Y, backward = layer(*(rng.normal(size=shape).astype(dtype) for shape in shapes))
    gradients = backward(np.ones_like(Y))
    assert {array.dtype for array in (Y, *gradients, *kept_arrays(backward))} == {np.dtype(dtype)}


@pytest.mark.parametrize(("layer", "shapes"), LAYERS)
def test_a_layer_changes_no_input_and_its_backward_may_be_called_again(
    layer: Callable[..., Any], shapes: list[tuple[int, ...]]
) -> None:
    inputs: list[Floats] = [rng.normal(size=shape) for shape in shapes]
    copies = [X.copy() for X in inputs]
    Y, backward = layer(*inputs)
    dY = rng.normal(size=Y.shape)
    kept = dY.copy()
    for first, second in zip(backward(dY), backward(dY), strict=True):
        np.testing.assert_array_equal(first, second)
    for array, copy in zip((*inputs, dY), (*copies, kept), strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_failed_check_prints_both_values_and_the_place() -> None:
    X = np.array([1.0, 2.0])
    with pytest.raises(AssertionError, match=r"X\[1\]: backward .*5\.0.*, numerical .*(4\.0|3\.99)"):
        check_gradients(lambda: float((X**2).sum()), {"X": X}, {"X": np.array([2.0, 5.0])})
