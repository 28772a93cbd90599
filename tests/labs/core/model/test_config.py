"""A model's sizes: what they imply, and which are refused."""

import json
from dataclasses import replace
from typing import Any

import pytest

from labs.core.model.config import ModelConfig

CONFIG = ModelConfig(vocab_size=50, n_layer=2, n_head=4, n_kv_head=2, n_embd=16, n_hidden=24, context_length=32)


def test_the_parameters_are_those_of_the_published_models() -> None:
    # The counts that the model cards of SmolLM2-135M and Llama 3.2 1B give.
    smollm2 = ModelConfig(49152, 30, 9, 3, 576, 1536, 8192, rope_base=100_000.0)
    llama = ModelConfig(128256, 16, 32, 8, 2048, 8192, 131072, rope_base=500_000.0)
    assert (smollm2.n_params, llama.n_params) == (134_515_008, 1_235_814_400)


def test_a_head_of_its_own_adds_a_matrix() -> None:
    untied = replace(CONFIG, tied=False)
    assert "head" not in CONFIG.shapes()
    assert untied.shapes()["head"] == (16, 50)
    assert untied.n_params - CONFIG.n_params == 16 * 50


def test_heads_are_as_wide_as_the_embedding_shares_out_unless_told() -> None:
    assert CONFIG.head_width == 4
    wide = replace(CONFIG, head_size=10)
    assert wide.head_width == 10
    assert wide.shapes()["blocks.1.query"] == (16, 4 * 10)
    assert wide.shapes()["blocks.1.key"] == wide.shapes()["blocks.1.value"] == (16, 2 * 10)
    assert wide.shapes()["blocks.1.output"] == (4 * 10, 16)


def test_a_config_survives_json() -> None:
    config = replace(CONFIG, head_size=6, rope_base=500.0, tied=False)
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    "name", ["vocab_size", "n_layer", "n_head", "n_kv_head", "n_embd", "n_hidden", "context_length", "head_size"]
)
@pytest.mark.parametrize("size", [0, -4, 2.0, True])
def test_a_size_is_a_whole_number_from_1_up(name: str, size: object) -> None:
    with pytest.raises(ValueError, match=rf"{name}: expected a whole number from 1 up, got {size!r}"):
        replace(CONFIG, **{name: size})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["rope_base", "norm_epsilon"])
@pytest.mark.parametrize("number", [0.0, -1.0, float("inf"), float("nan")])
def test_a_constant_is_positive(name: str, number: float) -> None:
    with pytest.raises(ValueError, match=f"{name}: expected a positive number, got {number}"):
        replace(CONFIG, **{name: number})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_kv_head": 3}, r"n_kv_head: expected a divisor of n_head \(4\), got 3"),
        ({"n_embd": 18}, r"n_embd: expected a multiple of n_head \(4\), got 18"),
        ({"n_embd": 20}, "head_size: expected an even number, got 5"),
        ({"head_size": 7}, "head_size: expected an even number, got 7"),
    ],
)
def test_sizes_that_do_not_divide_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(CONFIG, **changes)


def test_unknown_and_missing_fields_are_named() -> None:
    fields = CONFIG.to_dict()
    with pytest.raises(ValueError, match=r"got \['dropout'\]"):
        ModelConfig.from_dict(fields | {"dropout": 0.1})
    del fields["n_head"]
    with pytest.raises(ValueError, match=r"got none for \['n_head'\]"):
        ModelConfig.from_dict(fields)
