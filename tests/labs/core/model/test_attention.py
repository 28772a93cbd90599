"""Attention looks backwards only, by distance, with weights that sum to 1; and its gradient is right."""

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.attention import causal_attention, causal_mask, rotary_tables, rotate
from tests.labs.core.model.gradient_check import check_layer, kept_arrays

rng = np.random.default_rng(0)
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
HEADS = [(4, 4), (4, 2), (4, 1), (1, 1)]


def inputs(n_head: int, n_kv_head: int, T: int = 5, D: int = 4, B: int = 2) -> tuple[Floats, Floats, Floats]:
    return (
        rng.normal(size=(B, n_head, T, D)),
        rng.normal(size=(B, n_kv_head, T, D)),
        rng.normal(size=(B, n_kv_head, T, D)),
    )


def attention_by_hand(Q: Floats, K: Floats, V: Floats) -> Floats:
    """The definition, a query at a time."""
    B, n_head, T, D = Q.shape
    group = n_head // K.shape[1]
    Y = np.empty_like(Q)
    for b, h, t in np.ndindex(B, n_head, T):
        scores = K[b, h // group, : t + 1] @ Q[b, h, t] / np.sqrt(D)
        weights = np.exp(scores) / np.exp(scores).sum()
        Y[b, h, t] = weights @ V[b, h // group, : t + 1]
    return Y


@pytest.mark.parametrize(("n_head", "n_kv_head"), HEADS)
def test_attention_is_the_mean_of_earlier_values_weighted_by_the_softmax(n_head: int, n_kv_head: int) -> None:
    Q, K, V = inputs(n_head, n_kv_head)
    np.testing.assert_allclose(causal_attention(Q, K, V)[0], attention_by_hand(Q, K, V))


@pytest.mark.parametrize(("n_head", "n_kv_head"), HEADS)
def test_attention_has_the_right_gradient(n_head: int, n_kv_head: int) -> None:
    Q, K, V = inputs(n_head, n_kv_head, T=4, D=2)
    check_layer(causal_attention, Q=Q, K=K, V=V)


def test_attention_takes_the_views_that_splitting_heads_makes() -> None:
    Q, K, V = (X.swapaxes(1, 2).copy().swapaxes(1, 2) for X in inputs(4, 2, T=3, D=2))
    np.testing.assert_allclose(causal_attention(Q, K, V)[0], attention_by_hand(Q, K, V))
    check_layer(causal_attention, Q=Q, K=K, V=V)


def test_a_later_token_changes_nothing_earlier_and_the_first_sees_only_itself() -> None:
    Q, K, V = inputs(2, 2)
    before = causal_attention(Q, K, V)[0]
    for X in (Q, K, V):
        X[:, :, 3:] = 1e3
    np.testing.assert_array_equal(causal_attention(Q, K, V)[0][:, :, :3], before[:, :, :3])
    np.testing.assert_allclose(before[:, :, 0], V[:, :, 0])


def test_huge_scores_overflow_nowhere() -> None:
    Q, K, V = (X.astype(np.float32) for X in inputs(2, 1))
    Y, backward = causal_attention(Q * 1e4, K * 1e4, V)
    assert np.isfinite(Y).all()
    assert all(np.isfinite(gradient).all() for gradient in backward(np.ones_like(Y)))


def test_products_of_turned_vectors_depend_on_the_distance_only() -> None:
    cos, sin = rotary_tables(20, 8, 100.0, FLOAT64)
    q, k = rng.normal(size=8), rng.normal(size=8)
    Q, _ = rotate(np.tile(q, (1, 1, 20, 1)), cos, sin)
    K, _ = rotate(np.tile(k, (1, 1, 20, 1)), cos, sin)
    products = (Q @ K.swapaxes(-1, -2))[0, 0]
    for distance in range(-19, 20):
        diagonal = products.diagonal(distance)
        np.testing.assert_allclose(diagonal, diagonal[0])
    assert np.ptp(products[0]) > 0.1


def test_turning_keeps_lengths_pairs_i_with_half_a_head_on_and_starts_at_nothing() -> None:
    cos, sin = rotary_tables(4, 6, 10_000.0, FLOAT64)
    X = rng.normal(size=(1, 1, 4, 6))
    Y, backward = rotate(X, cos, sin)
    np.testing.assert_allclose((Y**2)[..., :3] + (Y**2)[..., 3:], (X**2)[..., :3] + (X**2)[..., 3:])
    np.testing.assert_array_equal(Y[:, :, 0], X[:, :, 0])
    # At position 1 the first pair turns by 1 radian: from (1, 0) to (cos 1, sin 1).
    east = np.zeros((1, 1, 4, 6))
    east[..., 0] = 1
    np.testing.assert_allclose(rotate(east, cos, sin)[0][0, 0, 1], [np.cos(1), 0, 0, np.sin(1), 0, 0])
    np.testing.assert_allclose(backward(Y)[0], X)


def test_rotate_has_the_right_gradient() -> None:
    cos, sin = rotary_tables(3, 4, 10.0, FLOAT64)
    check_layer(lambda X: rotate(X, cos, sin), X=rng.normal(size=(2, 2, 3, 4)))


def test_tables_are_shared_and_cannot_be_changed() -> None:
    tables = (*rotary_tables(3, 4, 10.0, FLOAT32), causal_mask(3, 2, FLOAT32))
    assert rotary_tables(3, 4, 10.0, FLOAT32)[0] is tables[0]
    for table in tables:
        assert table.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_stays_in_the_dtype_of_the_inputs(dtype: type[np.floating]) -> None:
    Q, K, V = (X.astype(dtype) for X in inputs(4, 2))
    Q, turn_back = rotate(Q, *rotary_tables(5, 4, 10.0, np.dtype(dtype)))
    Y, backward = causal_attention(Q, K, V)
    arrays = [Q, Y, *turn_back(Q), *backward(Y), *kept_arrays(turn_back), *kept_arrays(backward)]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_nothing_given_is_changed_and_backward_may_be_called_again() -> None:
    given = [*inputs(4, 2), rng.normal(size=(2, 4, 5, 4))]
    copies = [X.copy() for X in given]
    Q, K, V, dY = given
    rotate(Q, *rotary_tables(5, 4, 10.0, FLOAT64))
    _, backward = causal_attention(Q, K, V)
    for first, second in zip(backward(dY), backward(dY), strict=True):
        np.testing.assert_array_equal(first, second)
    for array, copy in zip(given, copies, strict=True):
        np.testing.assert_array_equal(array, copy)
