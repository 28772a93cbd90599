"""The page's kernels: what the model computes most, done by WebAssembly beside Python, which works in its memory.

NumPy for the page has no BLAS and uses no vector instructions. Each method here does what the replaceable function of
its name does, for float32 arrays, and leaves to that one what it is not made for. The kernels' source lies in
`overrides/kernels`; `labs.core.kernel_check` puts them to use.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from labs.core.model import attention, layers, losses
from labs.core.model.arrays import Backward, Floats
from labs.core.model.matmul import matmul
from labs.core.training import optimizer

FLOAT32 = np.dtype(np.float32)
# Below these, NumPy has finished before a kernel has begun.
FEW_ROWS = 2  # of a product's first operand; a token that is written brings one
SMALL_PRODUCT = 2**14  # multiplications
SMALL_ARRAY = 2**12  # numbers


class Exports(Protocol):
    """The functions of the WebAssembly module; they take numbers, most of them addresses in bytes."""

    matmul: Callable[..., None]
    scratch_bytes: Callable[[int], int]
    swiglu: Callable[..., None]
    swiglu_backward: Callable[..., None]
    rms_norm: Callable[..., None]
    rms_norm_backward: Callable[..., None]
    causal_softmax: Callable[..., None]
    softmax_backward: Callable[..., None]
    turn: Callable[..., None]
    exponential_rows: Callable[..., None]
    adam: Callable[..., None]


def address(array: np.ndarray) -> int:
    """Where the array's first number lies, in bytes."""
    where: int = array.__array_interface__["data"][0]
    return where


def fits(largest: Floats, *others: Floats) -> bool:
    """Whether these are worth a kernel, float32 and without gaps, as the kernels other than the product want them."""
    return largest.size >= SMALL_ARRAY and all(is_plain(array) for array in (largest, *others))


def is_plain(array: Floats) -> bool:
    """Whether it is float32 and without gaps."""
    return array.dtype == FLOAT32 and array.flags.c_contiguous


def laid_out_like(array: Floats, gradient: Floats) -> Floats:
    """The gradient as float32 without gaps, in the array's shape.

    Raises: ValueError if its shape does not fit.
    """
    laid_out: Floats = np.ascontiguousarray(np.broadcast_to(gradient, array.shape), FLOAT32)
    return laid_out


class Kernels:
    """The module's functions, on arrays."""

    def __init__(self, exports: Exports) -> None:
        self.exports = exports
        self.widest = -1
        self.scratch_for(0)

    def matmul(self, A: Floats, B: Floats) -> Floats:
        """`labs.core.model.matmul.matmul`, for operands of equal batches and any strides, of two to four axes."""
        if (
            not 2 <= A.ndim == B.ndim <= 4
            or A.shape[-2] < FEW_ROWS
            or A.size * B.shape[-1] < SMALL_PRODUCT
            or A.dtype != FLOAT32
            or B.dtype != FLOAT32
            or A.shape[:-2] != B.shape[:-2]
            or A.shape[-1] != B.shape[-2]
        ):
            return matmul.plain(A, B)
        *batch, m, k = A.shape
        n = B.shape[-1]
        C = np.empty((*batch, m, n), FLOAT32)
        outer, inner = (1, 1, *batch)[-2:]
        A_strides, B_strides = (0, 0, *A.strides)[-4:], (0, 0, *B.strides)[-4:]
        where = address(A), *A_strides, address(B), *B_strides, address(C), self.scratch_for(n)
        self.exports.matmul(outer, inner, m, k, n, *where)
        return C

    def scratch_for(self, n: int) -> int:
        """Where there is room for what `matmul` packs when its product has n columns."""
        if n > self.widest:
            self.scratch = np.empty(self.exports.scratch_bytes(n), np.uint8)
            self.widest, self.where = n, address(self.scratch)
        return self.where

    def swiglu(self, gate: Floats, up: Floats) -> tuple[Floats, Backward[Floats, Floats]]:
        """`labs.core.model.layers.swiglu`."""
        if gate.shape != up.shape or not fits(gate, up):
            return layers.swiglu.plain(gate, up)
        sigmoid, Y = np.empty_like(gate), np.empty_like(gate)
        self.exports.swiglu(gate.size, address(gate), address(up), address(sigmoid), address(Y))

        def backward(dY: Floats) -> tuple[Floats, Floats]:
            dY = laid_out_like(gate, dY)
            dgate, dup = np.empty_like(gate), np.empty_like(up)
            self.exports.swiglu_backward(gate.size, *map(address, (dY, gate, up, sigmoid, dgate, dup)))
            return dgate, dup

        return Y, backward

    def rms_norm(self, X: Floats, gain: Floats, epsilon: float) -> tuple[Floats, Backward[Floats, Floats]]:
        """`labs.core.model.layers.rms_norm`."""
        if gain.shape != X.shape[-1:] or not fits(X, gain):
            return layers.rms_norm.plain(X, gain, epsilon)
        rows, width = X.size // gain.size, gain.size
        inverse, normed, Y = np.empty(rows, FLOAT32), np.empty_like(X), np.empty_like(X)
        self.exports.rms_norm(rows, width, float(epsilon), *map(address, (X, gain, inverse, normed, Y)))

        def backward(dY: Floats) -> tuple[Floats, Floats]:
            dY = laid_out_like(X, dY)
            dX, dgain = np.empty_like(X), np.zeros_like(gain)
            self.exports.rms_norm_backward(rows, width, *map(address, (dY, gain, inverse, normed, dX, dgain)))
            return dX, dgain

        return Y, backward

    def causal_softmax(self, scores: Floats, group: int) -> Floats:
        """`labs.core.model.attention.causal_softmax`."""
        *_, length, width = scores.shape
        if width != group * length or not fits(scores) or not scores.flags.writeable:
            return attention.causal_softmax.plain(scores, group)
        self.exports.causal_softmax(scores.size // (length * width), length, group, address(scores))
        return scores

    def softmax_backward(self, dshares: Floats, shares: Floats, means: Floats) -> Floats:
        """`labs.core.model.attention.softmax_backward`."""
        *batch, length, width = dshares.shape
        shapes_fit = shares.shape == dshares.shape and means.shape == (*batch, width)
        if not shapes_fit or not fits(dshares, shares, means) or not dshares.flags.writeable:
            return attention.softmax_backward.plain(dshares, shares, means)
        planes = dshares.size // (length * width)
        self.exports.softmax_backward(planes, length, width, *map(address, (dshares, shares, means)))
        return dshares

    def turn(self, X: Floats, cos: Floats, sin: Floats) -> Floats:
        """`labs.core.model.attention.turn`, for heads that lie anyhow but each without gaps."""
        if (
            X.ndim != 4
            or X.size < SMALL_ARRAY
            or X.dtype != FLOAT32
            or X.strides[3] != X.itemsize
            or X.shape[3] % 2
            or not cos.shape == sin.shape == X.shape[2:]
            or not (is_plain(cos) and is_plain(sin))
        ):
            return attention.turn.plain(X, cos, sin)
        Y = np.empty(X.shape, FLOAT32)
        self.exports.turn(*X.shape, address(X), *X.strides[:3], address(cos), address(sin), address(Y))
        return Y

    def exponential_rows(self, logits: Floats) -> tuple[Floats, Floats, Floats]:
        """`labs.core.model.losses.exponential_rows`."""
        if logits.ndim != 2 or not fits(logits):
            return losses.exponential_rows.plain(logits)
        N, V = logits.shape
        exponentials = np.empty_like(logits)
        largest, sums = np.empty(N, FLOAT32), np.empty(N, FLOAT32)
        self.exports.exponential_rows(N, V, *map(address, (logits, exponentials, largest, sums)))
        return exponentials, largest, sums

    def adam_step(
        self,
        grad: Floats,
        first_moment: Floats,
        second_moment: Floats,
        step: Floats,
        betas: tuple[float, float],
        epsilon: float,
        rate: float,
    ) -> None:
        """`labs.core.training.optimizer.adam_step`."""
        arrays = grad, first_moment, second_moment, step
        if fits(*arrays) and all(array.shape == grad.shape and array.flags.writeable for array in arrays):
            constants = map(float, (*betas, epsilon, rate))
            self.exports.adam(grad.size, *constants, *map(address, arrays))
        else:
            optimizer.adam_step.plain(*arrays, betas, epsilon, rate)
