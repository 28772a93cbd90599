"""The layers of a Transformer, each with its gradient: a call returns its output and `backward`.

`backward` takes the output's gradient and returns the inputs' gradients, in the order of the inputs.
It may be called more than once. All arithmetic stays in the dtype of the inputs.
"""

import numpy as np

from labs.core.model.arrays import Backward, Floats, Ints
from labs.core.model.matmul import matmul
from labs.core.model.replaceable import Replaceable


def embed(ids: Ints, table: Floats) -> tuple[Floats, Backward[Floats]]:
    """Each token's row of the table.

    Shapes: ids (…), table (V, C) -> (…, C); backward -> the table's gradient (V, C).
    """

    def backward(dY: Floats) -> tuple[Floats]:
        # Sorted, a token's rows lie together, and one sum each is quicker than adding them singly.
        order = np.argsort(ids, axis=None, kind="stable")
        sorted_ids = ids.reshape(-1)[order]
        starts = np.flatnonzero(np.diff(sorted_ids, prepend=-1))
        dtable = np.zeros_like(table)
        dtable[sorted_ids[starts]] = np.add.reduceat(dY.reshape(-1, table.shape[1])[order], starts, axis=0)
        return (dtable,)

    return table[ids], backward


def linear(X: Floats, W: Floats) -> tuple[Floats, Backward[Floats, Floats]]:
    """X @ W: every row of X times the same matrix.

    Shapes: X (…, in), W (in, out) -> (…, out).
    """
    rows = X.reshape(-1, W.shape[0])  # (…, in) -> (N, in): one large product is quicker than many small ones

    def backward(dY: Floats) -> tuple[Floats, Floats]:
        dY = dY.reshape(-1, W.shape[1])
        return matmul(dY, W.T).reshape(X.shape), matmul(rows.T, dY)

    return matmul(rows, W).reshape(*X.shape[:-1], W.shape[1]), backward


@Replaceable
def rms_norm(X: Floats, gain: Floats, epsilon: float) -> tuple[Floats, Backward[Floats, Floats]]:
    """Each row of X at length √C (root mean square 1), times the gain.

    Shapes: X (…, C), gain (C,) -> (…, C).
    Source: Zhang & Sennrich 2019, eq. 4, with epsilon inside the root as in Llama.
    """
    C = gain.size
    inverse_rms = 1 / np.sqrt(np.vecdot(X, X)[..., None] / C + epsilon)
    normed = X * inverse_rms

    def backward(dY: Floats) -> tuple[Floats, Floats]:
        product = dY * normed
        dgain = product.reshape(-1, C).sum(axis=0)
        # A longer row is normed to the same: the part of the gradient along the row itself drops out.
        along = matmul(product, gain[:, None]) / C
        np.multiply(normed, along, out=product)
        dX = dY * gain
        dX -= product
        dX *= inverse_rms
        return dX, dgain

    return normed * gain, backward


@Replaceable
def swiglu(gate: Floats, up: Floats) -> tuple[Floats, Backward[Floats, Floats]]:
    """silu(gate) * up, where silu(x) = x * sigmoid(x).

    Shapes: both (…) -> (…).
    Source: Shazeer 2020, eq. 6.
    """
    # The sigmoid written with tanh: no exponential that could overflow.
    sigmoid = gate * 0.5
    np.tanh(sigmoid, out=sigmoid)
    sigmoid += 1
    sigmoid *= 0.5
    Y = gate * sigmoid
    Y *= up

    def backward(dY: Floats) -> tuple[Floats, Floats]:
        silu = gate * sigmoid
        # silu' = sigmoid + silu * (1 - sigmoid)
        dgate = 1 - sigmoid
        dgate *= silu
        dgate += sigmoid
        dgate *= up
        dgate *= dY
        silu *= dY
        return dgate, silu

    return Y, backward
