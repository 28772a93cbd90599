"""The one function that every matrix product of the model goes through."""

from collections.abc import Callable

import numpy as np

from labs.core.model.arrays import Floats

_slot: list[Callable[[Floats, Floats], Floats]] = [np.matmul]


def matmul(A: Floats, B: Floats) -> Floats:
    """The matrix product of the last two axes; transposed views are multiplied as they lie, without a copy.

    Shapes: (…, n, k), (…, k, m) -> (…, n, m), with the operands' own dtype.
    """
    return _slot[0](A, B)


def use_matmul(function: Callable[[Floats, Floats], Floats] | None) -> None:
    """Put another product in NumPy's place: a browser's NumPy has no BLAS to hand it to. None puts NumPy's back."""
    _slot[0] = np.matmul if function is None else function
