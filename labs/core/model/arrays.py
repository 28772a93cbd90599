"""The array types that the model's signatures speak of, and where their memory comes from."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]

# A layer returns its output and one of these: the output's gradient in, the gradients of its inputs out, in order.
type Backward[*Gradients] = Callable[[Floats], tuple[*Gradients]]


def reuse_freed_memory() -> None:
    """Have Linux's allocator keep what one training step frees for the next, which makes it up to a third quicker.

    Otherwise what is freed goes back to the system, and comes again a page at a time. An allocator that was once
    given back a block of nearly 32 MB keeps up to 64 MB for itself; the block here is never touched, so costs nothing.
    Source: mallopt(3), on M_MMAP_THRESHOLD.
    """
    if sys.platform == "linux":
        np.empty(32 * 2**20 - 2**16, np.uint8)
