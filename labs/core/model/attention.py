"""Attention: where a token looks (rotary positions) and what it takes from there (causal attention)."""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from labs.core.model.arrays import Backward, Floats
from labs.core.model.matmul import matmul
from labs.core.model.replaceable import Replaceable

DType = np.dtype[np.floating[Any]]


@lru_cache(maxsize=8)
def rotary_tables(length: int, head_size: int, base: float, dtype: DType) -> tuple[Floats, Floats]:
    """The cosines and signed sines by which `rotate` turns the positions 0 … length - 1.

    Shapes: both (length, D); components i and i + D/2 turn by base ** (-2i / D) radians a position,
    and the first of them gets minus the sine.
    Source: Su et al. 2021, eq. 15.
    """
    speeds = base ** (-np.arange(0, head_size, 2) / head_size)
    angles = np.arange(length)[:, None] * speeds
    cos = np.concatenate([np.cos(angles), np.cos(angles)], axis=1).astype(dtype)
    sin = np.concatenate([-np.sin(angles), np.sin(angles)], axis=1).astype(dtype)
    return _frozen(cos), _frozen(sin)


def rotate(X: Floats, cos: Floats, sin: Floats) -> tuple[Floats, Backward[Floats]]:
    """Turn each vector by its position; component i pairs with i + D/2, as in Llama.

    Shapes: X (B, n_head, T, D), cos and sin (T, D) from `rotary_tables` -> (B, n_head, T, D).
    Source: Su et al. 2021, eq. 34: products of turned vectors depend on the distance of their positions only.
    """
    return turn(X, cos, sin), lambda dY: (turn(dY, cos, -sin),)


@Replaceable
def turn(X: Floats, cos: Floats, sin: Floats) -> Floats:
    """X with its halves' components turned in pairs: X * cos + (X with its halves exchanged) * sin.

    Shapes: X (B, n_head, T, D), cos and sin (T, D) -> (B, n_head, T, D), without gaps.
    """
    half = X.shape[-1] // 2
    Y: Floats = np.empty(X.shape, X.dtype)
    Y[..., :half] = X[..., half:]
    Y[..., half:] = X[..., :half]
    Y *= sin
    Y += X * cos
    return Y


@lru_cache(maxsize=8)
def causal_mask(length: int, group: int, dtype: DType) -> Floats:
    """What is added to the scores: -inf where a query would see a later key, else 0.

    Shapes: (length, group * length), keys by queries, once for each query head that shares the keys.
    """
    later: Floats = np.tril(np.full((length, length), -np.inf, dtype), k=-1)
    return _frozen(np.tile(later, (1, group)))


def _frozen(table: Floats) -> Floats:
    table.flags.writeable = False  # the cache hands the same table to everybody
    return table


@Replaceable
def causal_softmax(scores: Floats, group: int) -> Floats:
    """Down each column: a query's scores of the keys up to its own, made into shares of 1, in place.

    Shapes: (…, T, group * T), keys by queries, once for each query head that shares the keys.
    """
    scores += causal_mask(scores.shape[-2], group, scores.dtype)
    scores -= scores.max(axis=-2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-2, keepdims=True)
    return scores


@Replaceable
def softmax_backward(dshares: Floats, shares: Floats, means: Floats) -> Floats:
    """The gradient through a softmax down each column, in place: shares * (dshares - its mean under the shares).

    Shapes: dshares and shares (…, T, N), means (…, N).
    """
    dshares -= means[..., None, :]
    dshares *= shares
    return dshares


def causal_attention(Q: Floats, K: Floats, V: Floats) -> tuple[Floats, Backward[Floats, Floats, Floats]]:
    """For every query the mean of the values up to its position, weighted by softmax(Q @ Kᵀ / √D).

    Shapes: Q (B, n_head, T, D), K and V (B, n_kv_head, T, D) -> (B, n_head, T, D);
    n_head / n_kv_head neighbouring query heads share a key-value head.
    Source: Vaswani et al. 2017, eq. 1; Ainslie et al. 2023 for the sharing.
    """
    B, n_head, T, D = shape = Q.shape
    n_kv_head = K.shape[1]
    group = n_head // n_kv_head
    rows = (B, n_kv_head, group * T, D)  # the queries that share keys, one head's below the other's
    scale = 1 / math.sqrt(D)
    scaled_Q = (Q * scale).reshape(rows)
    # Keys down, queries across (B, n_kv_head, T, group * T): NumPy is quicker at sums down than at sums across.
    P = causal_softmax(matmul(K, scaled_Q.swapaxes(-1, -2)), group)
    Y = matmul(P.swapaxes(-1, -2), V)

    def backward(dY: Floats) -> tuple[Floats, Floats, Floats]:
        dY = dY.reshape(rows)
        dV = matmul(P, dY)
        # The mean of dP under P is dY · Y.
        dscores = matmul(V, dY.swapaxes(-1, -2))
        dscores = softmax_backward(dscores, P, np.vecdot(dY, Y))
        dQ = matmul(dscores.swapaxes(-1, -2), K)
        dQ *= scale
        return dQ.reshape(shape), matmul(dscores, scaled_Q), dV

    return Y.reshape(shape), backward
