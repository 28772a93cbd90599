"""Adapters: nothing at first, small, and trained through the merged model's gradients."""

from typing import Any

import numpy as np
import pytest

from labs.core.model.config import ModelConfig
from labs.core.model.lora import Lora
from labs.core.model.transformer import Transformer
from tests.labs.core.model.gradient_check import check_gradients

CONFIG = ModelConfig(vocab_size=7, n_layer=2, n_head=2, n_kv_head=1, n_embd=4, n_hidden=6, context_length=8)
MODEL = Transformer.initialize(CONFIG, seed=0, dtype=np.float64)
IDS = np.array([[1, 5, 3, 0]])


def test_adapters_have_the_shapes_of_their_matrices_and_the_models_dtype() -> None:
    lora = Lora(MODEL.astype(np.float32), rank=3, seed=0)
    assert len(lora.adapters) == 2 * 7 * CONFIG.n_layer
    assert lora.adapters["blocks.1.gate.a"].shape == (4, 3)
    assert lora.adapters["blocks.1.gate.b"].shape == (3, 6)
    merged = lora.merged()
    _, backward = merged.forward(IDS)
    grads = lora.pullback(backward(np.ones((1, 4, 7), np.float32)))
    assert {array.dtype for array in (*lora.adapters.values(), *grads.values(), *merged.params.values())} == {
        np.dtype(np.float32)
    }


def test_at_first_nothing_changes_though_a_is_random() -> None:
    lora = Lora(MODEL, rank=2, seed=0)
    np.testing.assert_array_equal(lora.merged().forward_only(IDS), MODEL.forward_only(IDS))
    assert all(lora.adapters[name].any() == name.endswith(".a") for name in lora.adapters)
    same, other = Lora(MODEL, rank=2, seed=0), Lora(MODEL, rank=2, seed=1)
    np.testing.assert_array_equal(same.adapters["blocks.0.up.a"], lora.adapters["blocks.0.up.a"])
    assert (other.adapters["blocks.0.up.a"] != lora.adapters["blocks.0.up.a"]).all()


def test_merging_adds_alpha_over_rank_times_the_product_and_leaves_the_model_alone() -> None:
    before = MODEL.copy()
    lora = Lora(MODEL, rank=2, seed=0, alpha=6, names=("query",))
    assert set(lora.adapters) == {f"blocks.{i}.query.{part}" for i in range(2) for part in "ab"}
    lora.adapters["blocks.1.query.b"][:] = 1
    merged = lora.merged()
    change = merged.params["blocks.1.query"] - MODEL.params["blocks.1.query"]
    np.testing.assert_allclose(change, 3 * lora.adapters["blocks.1.query.a"] @ np.ones((2, 4)))
    for name, W in MODEL.params.items():
        np.testing.assert_array_equal(W, before.params[name])
        assert np.array_equal(merged.params[name], W) == (name != "blocks.1.query")


@pytest.mark.parametrize("alpha", [None, 5.0])
def test_adapters_get_the_right_gradients(alpha: float | None) -> None:
    lora = Lora(MODEL, rank=2, seed=0, alpha=alpha, names=("query", "value", "down"))
    rng = np.random.default_rng(0)
    for name, adapter in lora.adapters.items():
        adapter += rng.normal(size=adapter.shape) * name.endswith(".b")
    dlogits = rng.normal(size=(1, 4, 7))
    _, backward = lora.merged().forward(IDS)
    check_gradients(
        lambda: float((lora.merged().forward_only(IDS) * dlogits).sum()),
        lora.adapters,
        lora.pullback(backward(dlogits)),
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rank": 0}, "rank: expected a whole number from 1 up, got 0"),
        ({"rank": 1.5}, "rank: expected a whole number from 1 up, got 1.5"),
        ({"rank": 2, "alpha": 0}, "alpha: expected a positive number, got 0"),
        ({"rank": 2, "names": ()}, r"names: expected some of .*, got \(\)"),
        ({"rank": 2, "names": ("query", "embedding")}, r"got \('query', 'embedding'\)"),
    ],
)
def test_what_makes_no_adapter_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Lora(MODEL, seed=0, **arguments)
