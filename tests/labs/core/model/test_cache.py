"""The KV cache changes nothing but the time: its logits are those of the whole forward pass."""

import numpy as np
import pytest

from labs.core.model.arrays import Floats, Ints
from labs.core.model.cache import KVCache, forward_cached
from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer

SHAPES = [(4, 4, None, True), (4, 2, None, False), (4, 1, None, True), (2, 1, 6, False)]
RNG = np.random.default_rng(5)
IDS = RNG.integers(0, 30, (3, 14))


def lively(
    n_head: int = 4, n_kv_head: int = 2, head_size: int | None = None, tied: bool = True, seed: int = 0
) -> Transformer:
    """A model whose attention looks at different places, with gains of all sizes."""
    config = ModelConfig(30, 2, n_head, n_kv_head, 16, 24, 14, head_size, tied=tied)
    model = Transformer.initialize(config, seed)
    rng = np.random.default_rng(seed)
    for name, array in model.params.items():
        if array.ndim == 1:
            model.params[name] = rng.uniform(0.5, 1.5, array.shape).astype(np.float32)
    return model


def one_row(model: Transformer, ids: Ints) -> Floats:
    logits: Floats = model.forward_only(ids[None])[0, -1]
    return logits


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("chunks", [(14,), (1,) * 14, (5, 1, 1, 4, 3)])
def test_cache_equals_no_cache(shape: tuple[int, int, int | None, bool], chunks: tuple[int, ...]) -> None:
    model = lively(*shape)
    expected = model.forward_only(IDS)
    assert expected.std() > 0.1
    cache = KVCache(model.config, 3, 14, np.float32)
    for chunk in chunks:
        logits = forward_cached(model, IDS[:, cache.filled : cache.filled + chunk], cache)
        assert logits.dtype == np.float32
        assert logits == pytest.approx(expected[:, cache.filled - 1], abs=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("chunks", [(6,), (2, 4), (1,) * 6])
def test_left_padded_rows_equal_each_row_alone(
    shape: tuple[int, int, int | None, bool], chunks: tuple[int, ...]
) -> None:
    model = lively(*shape)
    starts = np.array([0, 2, 5])
    cache = KVCache(model.config, 3, 14, np.float32)
    for chunk in (*chunks, 1, 3, 1):
        logits = forward_cached(model, IDS[:, cache.filled : cache.filled + chunk], cache, starts)
        for row, start in enumerate(starts):
            if start < cache.filled:
                assert logits[row] == pytest.approx(one_row(model, IDS[row, start : cache.filled]), abs=1e-5)


def test_what_stands_in_the_padding_changes_no_bit() -> None:
    model = lively()
    starts = np.array([0, 2, 5])
    other = IDS.copy()
    other[1, :2], other[2, :5] = 7, 29
    caches = [KVCache(model.config, 3, 14, np.float32) for _ in range(2)]
    for columns in (slice(0, 6), slice(6, 7)):
        one, two = (
            forward_cached(model, ids[:, columns], cache, starts)
            for ids, cache in zip((IDS, other), caches, strict=True)
        )
        assert (one == two).all()


def test_padding_may_push_a_row_past_the_columns_of_the_context() -> None:
    model = lively()
    padded = np.concatenate([np.zeros((3, 9), np.intp), IDS], axis=1)
    cache = KVCache(model.config, 3, 23, np.float32)
    logits = forward_cached(model, padded, cache, np.array([9, 9, 20]))
    assert logits[0] == pytest.approx(one_row(model, IDS[0]), abs=1e-5)
    assert logits[2] == pytest.approx(one_row(model, IDS[2, 11:]), abs=1e-5)


def test_rows_that_are_kept_go_on_as_before() -> None:
    model = lively()
    cache = KVCache(model.config, 3, 14, np.float32)
    forward_cached(model, IDS[:, :6], cache)
    cache.keep(np.array([True, False, True]))
    logits = forward_cached(model, IDS[[0, 2], 6:7], cache)
    assert logits == pytest.approx(model.forward_only(IDS[[0, 2], :7])[:, -1], abs=1e-5)


def test_float64_stays_float64() -> None:
    model = lively().astype(np.float64)
    cache = KVCache(model.config, 3, 14, np.float64)
    forward_cached(model, IDS[:, :9], cache)
    logits = forward_cached(model, IDS[:, 9:], cache)
    assert logits == pytest.approx(model.forward_only(IDS)[:, -1], abs=1e-13)


def test_a_cache_that_does_not_fit_is_refused() -> None:
    model = lively()
    cache = KVCache(model.config, 2, 4, np.float32)
    with pytest.raises(ValueError, match=r"expected ids of 2 rows .* got \(3, 1\)"):
        forward_cached(model, IDS[:, :1], cache)
    forward_cached(model, IDS[:2, :3], cache)
    with pytest.raises(ValueError, match=r"at most 1 columns, got \(2, 2\)"):
        forward_cached(model, IDS[:2, 3:5], cache)
    with pytest.raises(ValueError, match="expected batch and length of 1 or more, got 0 and 4"):
        KVCache(model.config, 0, 4, np.float32)
