"""The one matrix product: NumPy's, or in the page a kernel's."""

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.matmul import matmul


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
