"""The one matrix product: NumPy's, unless another is slotted in."""

from collections.abc import Iterator

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.matmul import matmul, use_matmul


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    yield
    use_matmul(None)


def sum_of_products(A: Floats, B: Floats) -> Floats:
    total: Floats = (A[..., :, :, None] * B[..., None, :, :]).sum(axis=-2)
    return total


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("left", "right"), [((3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((6, 2, 1, 4), (6, 2, 4, 1))]
)
def test_a_product_sums_over_the_inner_axis_in_the_dtype_of_its_operands(
    left: tuple[int, ...], right: tuple[int, ...], dtype: type[np.floating]
) -> None:
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=left).astype(dtype), rng.normal(size=right).astype(dtype)
    product = matmul(A, B)
    assert product.dtype == dtype
    np.testing.assert_allclose(product, sum_of_products(A, B), rtol=1e-4, atol=1e-5)


def test_transposed_views_are_multiplied_as_they_lie() -> None:
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(2, 4, 3)).swapaxes(-1, -2), rng.normal(size=(2, 5, 4)).swapaxes(-1, -2)
    np.testing.assert_allclose(matmul(A, B), sum_of_products(A, B))


def test_another_product_takes_its_place_and_none_puts_numpys_back() -> None:
    A, B = np.ones((2, 3)), np.ones((3, 2))
    use_matmul(lambda A, B: np.full((len(A), B.shape[1]), 42.0))
    np.testing.assert_array_equal(matmul(A, B), np.full((2, 2), 42.0))
    use_matmul(None)
    np.testing.assert_array_equal(matmul(A, B), np.full((2, 2), 3.0))
