"""Kernels that fail or compute something else; those that are right are tested in the page's Python (tests/pyodide)."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from labs.core.bridge import offer_kernels
from labs.core.kernel_check import REPLACED, in_use, use, use_if_right
from labs.core.kernels import Exports
from labs.core.model import replaceable
from labs.core.model.matmul import matmul

matmul(np.ones((1, 1)), np.ones((1, 1)))  # an offer of the page's is taken up at the first use
BEFORE = in_use()


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    use(None)
    yield
    use(BEFORE)


def fake(**functions: object) -> Exports:
    """Exports that write nothing at all, or do what is given."""
    names = [
        "matmul",
        "swiglu",
        "swiglu_backward",
        "rms_norm",
        "rms_norm_backward",
        "causal_softmax",
        "softmax_backward",
    ]
    names += ["turn", "exponential_rows", "adam"]
    return SimpleNamespace(
        **{**dict.fromkeys(names, lambda *args: None), "scratch_bytes": lambda n: 64 * n, **functions}
    )


def test_kernels_that_compute_something_else_are_named_and_not_used() -> None:
    said = use_if_right(fake())
    assert said.startswith("What they compute differs from NumPy: matmul, ")
    assert in_use() is None
    assert all(function.used is function.plain for function in REPLACED.values())


def test_kernels_that_fail_are_not_used_and_the_failure_is_said() -> None:
    def trap(*args: object) -> None:
        raise RuntimeError("memory access out of bounds")

    assert use_if_right(fake(matmul=trap)) == "They failed: memory access out of bounds"
    assert use_if_right(fake(scratch_bytes=trap)) == "They failed: memory access out of bounds"
    assert in_use() is None


def test_an_offer_is_checked_when_a_model_first_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaceable, "_offers", [])
    said: list[str] = []
    offer_kernels(fake(), said.append)
    assert said == []
    A = np.ones((2, 2), np.float32)
    np.testing.assert_array_equal(matmul(A, A), A @ A)
    assert len(said) == 1
    assert "differs" in said[0]
