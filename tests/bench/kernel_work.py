"""The matrix products of a training step, taken down as they come, and done again singly against the clock.

It runs in this Python and, sent there as text, in the page's.
"""

import json
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from labs.core.model.arrays import Floats
from labs.core.model.matmul import matmul

SECONDS = 0.05  # for which each product is repeated
KINDS = ("both as they lie", "second transposed", "first transposed", "attention's, batched", "with a vector")
FUNCTIONS: dict[str, Callable[[Floats, Floats], Floats]] = {"ours": matmul, "numpy": np.matmul}


def products_of_a_step(shape: str) -> dict[str, list[dict[str, Any]]]:
    """The products of a training step, by their kind: both operands' shapes and strides, in numbers, and how many."""
    from tests.bench.model_work import started

    running = started(shape)
    found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}

    def note(A: Floats, B: Floats) -> Floats:
        found[kind_of(A, B)][json.dumps({"A": layout(A), "B": layout(B)})] += 1
        product: Floats = np.matmul(A, B)
        return product

    matmul.use(note)
    next(running)
    matmul.use(None)
    return {
        kind: [json.loads(product) | {"count": count} for product, count in products.items()]
        for kind, products in found.items()
    }


def kind_of(A: Floats, B: Floats) -> str:
    """Of which kind a product is."""
    plain, second, first, attention, vector = KINDS
    if B.shape[-1] == 1:
        return vector
    if B.ndim > 2:
        return attention
    if A.strides[-1] > A.itemsize:
        return first
    return second if B.strides[-1] > B.itemsize else plain


def layout(array: Floats) -> list[list[int]]:
    """An array's shape and strides, in numbers."""
    return [list(array.shape), [stride // array.itemsize for stride in array.strides]]


def operand(shape: list[int], strides: list[int]) -> Floats:
    """Random numbers that lie as told."""
    size = 1 + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))
    numbers = np.random.default_rng(0).standard_normal(size, np.float32)
    return as_strided(numbers, shape, [4 * stride for stride in strides])


def gflops(products: str, function: str) -> float:
    """Billions of operations a second over these products (as JSON), each repeated for a while.

    An operation is a multiplication or an addition: 2 × M × K × N in a product.
    """
    multiply = FUNCTIONS[function]
    operations, seconds = 0.0, 0.0
    for product in json.loads(products):
        A, B = operand(*product["A"]), operand(*product["B"])
        operations += product["count"] * 2 * math.prod(product["A"][0]) * product["B"][0][-1]
        seconds += product["count"] * seconds_of(multiply, A, B)
    return operations / seconds / 1e9


def seconds_of(multiply: Callable[[Floats, Floats], Floats], A: Floats, B: Floats) -> float:
    """Seconds of one product, the mean of as many as fit into the time."""
    multiply(A, B)
    count, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SECONDS:
        multiply(A, B)
        count += 1
    return spent / count


if __name__ == "__main__":
    from tests.bench.worker import answer

    answer(globals())
