"""The page's kernels against the plain functions. Tests take this file into the page's Python and run it there."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.core import kernels as kernels_module
from labs.core.kernel_check import REPLACED, in_use, use, use_if_right
from labs.core.kernels import Exports, Kernels
from labs.core.model.arrays import Floats
from labs.core.model.attention import causal_softmax, softmax_backward, turn
from labs.core.model.config import ModelConfig
from labs.core.model.layers import rms_norm, swiglu
from labs.core.model.losses import exponential_rows
from labs.core.model.matmul import matmul
from labs.core.model.transformer import Transformer
from labs.core.training.optimizer import adam_step

matmul(np.ones((1, 1)), np.ones((1, 1)))  # an offer is taken up at the first use
kernels_in_use = in_use()
assert kernels_in_use is not None, "kernels were expected here, and none are in use"
EXPORTS = kernels_in_use.exports
LIMITS = {name: getattr(kernels_module, name) for name in ("FEW_ROWS", "SMALL_PRODUCT", "SMALL_ARRAY")}

sides = st.integers(0, 40)
batches = st.sampled_from([(), (3,), (2, 3), (1, 1), (0, 2)])
seeds = st.integers(0, 2**32 - 1)


class Counting:
    """The module's functions, and how often each was called."""

    def __init__(self, exports: Exports) -> None:
        self.exports = exports
        self.calls = Counter[str]()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.calls[name] += 1
        function: Callable[..., Any] = getattr(self.exports, name)
        return function


def counted() -> tuple[Kernels, Counter[str]]:
    """Kernels of their own, and the calls of the module's functions from now on."""
    counting = Counting(EXPORTS)
    made = Kernels(cast(Exports, counting))
    counting.calls.clear()
    return made, counting.calls


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_too_small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for limit in LIMITS:
            patch.setattr(kernels_module, limit, int(limit == "SMALL_ARRAY"))
        yield


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    use_if_right(EXPORTS)


def lying(rng: np.random.Generator, shape: tuple[int, ...], low: float = -2, high: float = 2) -> Floats:
    """Random numbers of this shape that lie somewhere in a larger array: with gaps, axes in any order and direction."""
    order = rng.permutation(len(shape))
    steps = rng.choice([1, 1, 2, 3, -1, -2], len(shape))
    whole = rng.uniform(low, high, [shape[axis] * abs(step) for axis, step in zip(order, steps, strict=True)])
    cut: Floats = whole.astype(np.float32)[tuple(slice(None, None, step) for step in steps)]
    found: Floats = cut.transpose(np.argsort(order))
    assert found.shape == shape
    return found


def random(rng: np.random.Generator, *shape: int, size: float = 2) -> Floats:
    """Random numbers up to this size, without gaps."""
    return rng.uniform(-size, size, shape).astype(np.float32)


def close(got: Floats, expected: Floats, tolerance: float = 1e-5) -> None:
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@settings(max_examples=100)
@given(m=sides, k=st.integers(0, 600), n=sides, batch=batches, seed=seeds)
def test_products_of_operands_that_lie_anyhow(m: int, k: int, n: int, batch: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    A, B = lying(rng, (*batch, m, k)), lying(rng, (*batch, k, n))
    kernels, calls = counted()
    C = kernels.matmul(A, B)
    assert calls["matmul"] == 1
    assert C.flags.c_contiguous
    close(C, np.matmul(A.astype(np.float64), B.astype(np.float64)), 1e-4)


def test_a_product_far_larger_than_the_one_before_finds_room() -> None:
    rng = np.random.default_rng(0)
    kernels, _ = counted()
    for n in (40, 5000, 7):
        A, B = random(rng, 64, 300), random(rng, n, 300).T
        close(kernels.matmul(A, B), np.matmul(A.astype(np.float64), B), 1e-4)


def test_the_memory_may_grow_between_two_products() -> None:
    rng = np.random.default_rng(0)
    kernels, _ = counted()
    A, B = random(rng, 64, 64), random(rng, 64, 64)
    before = kernels.matmul(A, B)
    grown = [np.ones(2**24, np.float32) for _ in range(4)]
    np.testing.assert_array_equal(kernels.matmul(A, B), before)
    close(kernels.matmul(grown[-1][:4096].reshape(64, 64), B), np.ones((64, 64)) @ B, 1e-4)


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, ">f4"])
def test_numbers_of_another_kind_are_left_to_numpy(dtype: npt.DTypeLike) -> None:
    A = (np.arange(64 * 64).reshape(64, 64) % 7).astype(dtype)
    kernels, calls = counted()
    np.testing.assert_array_equal(kernels.matmul(A, A), np.matmul(A, A))
    assert kernels.matmul(A, A).dtype == np.matmul(A, A).dtype
    assert not calls


def test_batches_that_broadcast_and_vectors_are_left_to_numpy() -> None:
    rng = np.random.default_rng(0)
    kernels, calls = counted()
    A, B, v = random(rng, 5, 64, 64), random(rng, 64, 64), random(rng, 64)
    np.testing.assert_array_equal(kernels.matmul(A, B), np.matmul(A, B))
    np.testing.assert_array_equal(kernels.matmul(B, v), np.matmul(B, v))
    assert not calls


def test_operands_that_do_not_fit_raise_what_numpy_raises() -> None:
    kernels, _ = counted()
    with pytest.raises(ValueError, match="mismatch"):
        kernels.matmul(np.ones((64, 65), np.float32), np.ones((64, 64), np.float32))


@given(rows=sides, width=sides, size=st.sampled_from([1.0, 30.0, 200.0]), seed=seeds)
def test_swiglu(rows: int, width: int, size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    gate, up, dY = random(rng, rows, width, size=size), random(rng, rows, width), lying(rng, (rows, width))
    kernels, calls = counted()
    Y, backward = kernels.swiglu(gate, up)
    expected, plain_backward = swiglu.plain(gate, up)
    close(Y, expected)
    for got, wanted in zip(backward(dY), plain_backward(dY), strict=True):
        close(got, wanted)
    assert calls["swiglu"] == calls["swiglu_backward"] == (gate.size > 0)


@given(batch=batches, rows=sides, width=st.integers(1, 40), seed=seeds)
def test_rms_norm(batch: tuple[int, ...], rows: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, gain, dY = random(rng, *batch, rows, width), random(rng, width), lying(rng, (*batch, rows, width))
    kernels, calls = counted()
    Y, backward = kernels.rms_norm(X, gain, 1e-5)
    expected, plain_backward = rms_norm.plain(X, gain, 1e-5)
    dX, dgain = backward(dY)
    expected_dX, expected_dgain = plain_backward(dY)
    close(Y, expected)
    close(dX, expected_dX, 1e-4)
    close(dgain, expected_dgain, 1e-4)
    assert calls["rms_norm"] == (X.size > 0)


@given(batch=batches, length=sides, group=st.integers(1, 3), size=st.sampled_from([1.0, 30.0, 1000.0]), seed=seeds)
def test_causal_softmax(batch: tuple[int, ...], length: int, group: int, size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = random(rng, *batch, length, group * length, size=size)
    kernels, calls = counted()
    if scores.size:
        expected = causal_softmax.plain(scores.copy(), group)
        got = kernels.causal_softmax(scores, group)
        assert got is scores
        close(got, expected)
        assert calls["causal_softmax"] == 1


@given(batch=batches, length=sides, width=sides, seed=seeds)
def test_softmax_backward(batch: tuple[int, ...], length: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dshares, shares = random(rng, *batch, length, width), random(rng, *batch, length, width)
    means = random(rng, *batch, width)
    expected = softmax_backward.plain(dshares.copy(), shares, means)
    kernels, calls = counted()
    got = kernels.softmax_backward(dshares, shares, means)
    assert got is dshares
    close(got, expected)
    assert calls["softmax_backward"] == (dshares.size > 0)


@given(batch=st.integers(0, 3), heads=st.integers(0, 3), length=sides, half=st.integers(1, 17), seed=seeds)
def test_turn(batch: int, heads: int, length: int, half: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = random(rng, batch, length, heads, 2 * half).transpose(0, 2, 1, 3)
    cos, sin = random(rng, length, 2 * half), random(rng, length, 2 * half)
    kernels, calls = counted()
    Y = kernels.turn(X, cos, sin)
    close(Y, turn.plain(X, cos, sin))
    assert Y.flags.c_contiguous
    assert calls["turn"] == (X.size > 0)


def test_heads_with_gaps_and_tables_of_another_shape_are_left_to_numpy() -> None:
    rng = np.random.default_rng(0)
    kernels, calls = counted()
    X, cos, sin = random(rng, 2, 3, 5, 16)[..., ::2], random(rng, 5, 8), random(rng, 5, 8)
    close(kernels.turn(X, cos, sin), turn.plain(X, cos, sin))
    X = X.copy()
    close(kernels.turn(X, cos[:1], sin[:1]), turn.plain(X, cos[:1], sin[:1]))
    assert not calls


@given(rows=sides, width=st.integers(1, 40), size=st.sampled_from([1.0, 30.0, 1000.0]), seed=seeds)
def test_exponential_rows(rows: int, width: int, size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = random(rng, rows, width, size=size) - np.float32(500)
    kernels, calls = counted()
    for got, wanted in zip(kernels.exponential_rows(logits), exponential_rows.plain(logits), strict=True):
        close(got, wanted)
    assert calls["exponential_rows"] == (rows > 0)


@given(size=sides, rate=st.floats(1e-6, 1e-1), seed=seeds)
def test_adam_step(size: int, rate: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grad, first, second = random(rng, size), random(rng, size), np.abs(random(rng, size))
    kernels, calls = counted()
    found = []
    for function in (kernels.adam_step, adam_step.plain):
        m, v, step = first.copy(), second.copy(), np.empty_like(grad)
        function(grad.copy(), m, v, step, (0.9, 0.95), 1e-8, rate)
        found.append((m, v, step))
    for got, wanted in zip(*found, strict=True):
        close(got, wanted)
    assert calls["adam"] == (size > 0)


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_the_other_kernels_leave_other_kinds_to_numpy(dtype: type[np.floating]) -> None:
    kernels, calls = counted()
    X = (np.arange(12, dtype=dtype).reshape(3, 4) + 1) / 8
    assert kernels.swiglu(X, X)[0].dtype == dtype
    assert kernels.rms_norm(X, X[0], 1e-5)[0].dtype == dtype
    assert kernels.causal_softmax(np.ones((3, 3), dtype), 1).dtype == dtype
    kernels.adam_step(X[0].copy(), X[1].copy(), X[2].copy(), X[0].copy(), (0.9, 0.95), 1e-8, 0.1)
    assert not calls


def test_shapes_that_do_not_fit_raise_what_numpy_raises() -> None:
    kernels, _ = counted()
    rng = np.random.default_rng(0)
    X = random(rng, 4, 6)
    with pytest.raises(ValueError, match="broadcast"):
        kernels.swiglu(X, random(rng, 4, 5))
    with pytest.raises(ValueError, match="broadcast"):
        kernels.rms_norm(X, random(rng, 4), 1e-5)
    with pytest.raises(ValueError, match="broadcast"):
        kernels.causal_softmax(X, 2)
    with pytest.raises(ValueError, match="broadcast"):
        kernels.softmax_backward(X, X.copy(), random(rng, 4))
    with pytest.raises(ValueError, match="broadcast"):
        kernels.adam_step(X, X.copy(), X[:3].copy(), X.copy(), (0.9, 0.95), 1e-8, 0.1)
    for _, backward in (kernels.swiglu(X, X), kernels.rms_norm(X, X[0], 1e-5)):
        with pytest.raises(ValueError, match="broadcast"):
            backward(random(rng, 4, 5))


class Guarded:
    """Arrays that lie among other numbers, which nobody may change."""

    GUARD = 9

    def __init__(self) -> None:
        self.wholes: list[np.ndarray] = []

    def empty(self, shape: int | tuple[int, ...], dtype: npt.DTypeLike = np.float32) -> np.ndarray:
        size = int(np.prod(shape))
        whole = np.full(size + 2 * self.GUARD, 77, dtype)
        self.wholes.append(whole)
        inside: np.ndarray = whole[self.GUARD : self.GUARD + size].reshape(shape)
        return inside

    def copy(self, array: Floats) -> Floats:
        made = self.empty(array.shape)
        made[...] = array
        return made

    def check(self) -> None:
        for whole in self.wholes:
            assert (whole[: self.GUARD] == 77).all()
            assert (whole[-self.GUARD :] == 77).all()


@pytest.mark.parametrize("size", range(1, 10))
def test_nothing_is_written_beyond_an_array(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(size)
    kernels, calls = counted()
    guarded = Guarded()
    X, Y, cube = random(rng, 5, size), random(rng, 5, size), random(rng, 2, size, size)
    A, B, heads = random(rng, 7, 3), random(rng, 3, size), random(rng, 1, 2, 3, 2 * size)
    adam = [guarded.copy(np.abs(array)) for array in (X, Y, X, Y)]
    scores, dshares = guarded.copy(cube), guarded.copy(cube)
    with monkeypatch.context() as patch:
        patch.setattr(np, "empty", guarded.empty)
        patch.setattr(np, "empty_like", lambda array: guarded.empty(array.shape, array.dtype))
        patch.setattr(np, "zeros_like", lambda array: guarded.copy(0 * array))
        kernels.matmul(A, B)
        kernels.swiglu(X, Y)[1](X)
        kernels.rms_norm(X, Y[0], 1e-5)[1](X)
        kernels.causal_softmax(scores, 1)
        kernels.softmax_backward(dshares, cube, cube[:, 0].copy())
        kernels.turn(heads, heads[0, 0], heads[0, 1])
        kernels.exponential_rows(X)
        kernels.adam_step(adam[0], adam[1], adam[2], adam[3], (0.9, 0.95), 1e-8, 0.1)
    guarded.check()
    assert len(calls) == 11, "some kernel was not called"


def test_what_must_not_be_changed_is_left_to_numpy_which_refuses() -> None:
    kernels, calls = counted()
    frozen = np.ones((4, 4), np.float32)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        kernels.causal_softmax(frozen, 1)
    with pytest.raises(ValueError, match="read-only"):
        kernels.softmax_backward(frozen, frozen, frozen[0])
    with pytest.raises(ValueError, match="read-only"):
        kernels.adam_step(frozen.copy(), frozen, frozen.copy(), frozen.copy(), (0.9, 0.95), 1e-8, 0.1)
    assert not calls


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_stays_none(odd: float) -> None:
    kernels, _ = counted()
    X = np.linspace(-3, 3, 35, dtype=np.float32).reshape(5, 7)
    X[2, 3] = odd
    with np.errstate(all="ignore"):
        for got, wanted in zip(kernels.exponential_rows(X), exponential_rows.plain(X), strict=True):
            np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))
        got, wanted = kernels.swiglu(X, X)[0], swiglu.plain(X, X)[0]
        np.testing.assert_array_equal(np.isfinite(got), np.isfinite(wanted))
        square = np.ascontiguousarray(X[:5, :5])
        got, wanted = kernels.causal_softmax(square.copy(), 1), causal_softmax.plain(square.copy(), 1)
        np.testing.assert_array_equal(np.isnan(got).any(axis=0), np.isnan(wanted).any(axis=0))


def test_a_model_computes_the_same_with_kernels_and_without() -> None:
    config = ModelConfig(64, n_layer=2, n_head=4, n_kv_head=2, n_embd=32, n_hidden=48, context_length=40)
    model = Transformer.initialize(config, seed=0)
    ids = np.random.default_rng(0).integers(0, 64, (3, 37), np.int32)
    found = []
    for kernels in (None, Kernels(EXPORTS)):
        use(kernels)
        logits, backward = model.forward(ids)
        found.append((logits, backward(np.cos(logits))))
    (logits, grads), (kernel_logits, kernel_grads) = found
    close(kernel_logits, logits, 1e-4)
    for name, grad in grads.items():
        close(kernel_grads[name], grad, 1e-3)


@pytest.mark.parametrize(
    "name",
    [
        *("matmul", "swiglu", "swiglu_backward", "rms_norm", "rms_norm_backward"),
        *("causal_softmax", "softmax_backward", "turn", "exponential_rows", "adam"),
    ],
)
def test_one_wrong_kernel_is_enough(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, value in LIMITS.items():
        monkeypatch.setattr(kernels_module, limit, value)
    wrong = Counting(EXPORTS)
    setattr(wrong, name, lambda *args: None)
    use(None)
    assert "differs from NumPy" in use_if_right(cast(Exports, wrong))
    assert in_use() is None
    assert use_if_right(EXPORTS) == ""
    assert all(function.used is not function.plain for function in REPLACED.values())
