"""The one function that every matrix product of the model goes through."""

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.replaceable import Replaceable


@Replaceable
def matmul(A: Floats, B: Floats) -> Floats:
    """The matrix product of the last two axes; transposed views are multiplied as they lie, without a copy.

    Shapes: (…, n, k), (…, k, m) -> (…, n, m), with the operands' own dtype.
    """
    product: Floats = np.matmul(A, B)
    return product
