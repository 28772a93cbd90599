"""config.json: what is read, where it may stand, and what is refused."""

import re
from pathlib import Path

import pytest

from labs.core.model.config import ModelConfig
from labs.core.weights.faults import WeightsError
from labs.core.weights.published_config import read_config
from tests.labs.core.weights.conftest import FIXTURES, Change, Copy


def test_every_field() -> None:
    assert read_config(FIXTURES / "sharded") == ModelConfig(
        vocab_size=280,
        n_layer=2,
        n_head=4,
        n_kv_head=2,
        n_embd=16,
        n_hidden=24,
        context_length=128,
        head_size=6,
        rope_base=100_000.0,
        norm_epsilon=1e-6,
        tied=False,
    )


def test_smollm2_has_the_parameters_that_its_guide_says(copy: Copy, change: Change) -> None:
    folder = copy("base")
    sizes = {"vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30}
    heads = {"num_attention_heads": 9, "num_key_value_heads": 3, "head_dim": KeyError}
    change(folder / "config.json", sizes | heads)
    guide = Path(__file__).parents[4] / "docs" / "guides" / "published_weights.md"
    n_params = read_config(folder).n_params
    assert f"Each has {n_params:,} parameters" in guide.read_text()
    assert f"{n_params * 4 / 1e6:.0f} MB for SmolLM2-135M" in guide.read_text()


@pytest.mark.parametrize(
    ("values", "base"),
    [
        ({"rope_parameters": {"rope_type": "default", "rope_theta": 7.0}}, 7.0),
        ({"rope_parameters": KeyError, "rope_theta": 8.0}, 8.0),
        ({"rope_parameters": None, "rope_scaling": None, "rope_theta": 9}, 9.0),
        ({"rope_parameters": KeyError, "rope_scaling": {"type": "default"}, "rope_theta": 5.0}, 5.0),
        ({"rope_parameters": KeyError}, 10_000.0),
    ],
)
def test_rotary_base_in_its_old_and_its_new_place(
    copy: Copy, change: Change, values: dict[str, object], base: float
) -> None:
    folder = copy("base")
    change(folder / "config.json", values)
    assert read_config(folder).rope_base == base


@pytest.mark.parametrize("value", [KeyError, None])
def test_left_out_are_one_key_head_for_each_head_and_the_plain_head_size(
    copy: Copy, change: Change, value: object
) -> None:
    folder = copy("base")
    change(folder / "config.json", dict.fromkeys(["num_key_value_heads", "head_dim", "tie_word_embeddings"], value))
    config = read_config(folder)
    assert (config.n_kv_head, config.head_width, config.tied) == (4, 4, False)


@pytest.mark.parametrize(
    ("key", "value", "supported"),
    [
        ("model_type", "qwen3", "'llama' or 'mistral'"),
        ("hidden_act", "gelu", "'silu' or 'swish'"),
        ("attention_bias", True, "False"),
        ("mlp_bias", True, "False"),
        ("sliding_window", 4096, "none"),
        ("rope_interleaved", True, "False"),
        ("partial_rotary_factor", 0.5, "1.0"),
        ("quantization_config", {"bits": 4}, "none"),
        ("architectures", ["LlamaForSequenceClassification"], "'LlamaForCausalLM' or 'MistralForCausalLM'"),
    ],
)
def test_other_arithmetic(copy: Copy, change: Change, key: str, value: object, supported: str) -> None:
    folder = copy("base")
    change(folder / "config.json", {key: value})
    with pytest.raises(WeightsError, match=re.escape(f"config.json: {key}: expected {supported}, got {value!r}")):
        read_config(folder)


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [
        ("rope_scaling", "type", "linear"),
        ("rope_scaling", "rope_type", "llama3"),
        ("rope_parameters", "rope_type", "yarn"),
        ("rope_parameters", "partial_rotary_factor", 0.5),
    ],
)
def test_other_rotary_arithmetic(copy: Copy, change: Change, place: str, key: str, value: object) -> None:
    folder = copy("base")
    change(folder / "config.json", {place: {key: value, "factor": 8.0}})
    with pytest.raises(WeightsError, match=rf"config\.json: {place}\.{key}: expected .*, got {value!r}"):
        read_config(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model_type", KeyError),
        ("vocab_size", KeyError),
        ("hidden_size", "16"),
        ("num_hidden_layers", 0),
        ("num_attention_heads", 4.0),
        ("num_key_value_heads", True),
        ("max_position_embeddings", None),
        ("rms_norm_eps", -1e-5),
        ("rope_parameters", "default"),
        ("rope_parameters.rope_theta", 0),
    ],
)
def test_missing_or_impossible(copy: Copy, change: Change, key: str, value: object) -> None:
    folder = copy("base")
    outer, _, inner = key.partition(".")
    change(folder / "config.json", {outer: {inner: value} if inner else value})
    shown = "none" if key == "model_type" else repr(None if value is KeyError else value)
    with pytest.raises(WeightsError, match=rf"config\.json: {re.escape(key)}: expected .*, got {re.escape(shown)}"):
        read_config(folder)


def test_sizes_that_do_not_go_together(copy: Copy, change: Change) -> None:
    folder = copy("base")
    change(folder / "config.json", {"num_key_value_heads": 3})
    with pytest.raises(WeightsError, match=r"config\.json: n_kv_head: expected a divisor of n_head \(4\), got 3"):
        read_config(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "got none"), ('{"model_type": "lla', "expected JSON"), ("[]", "expected a JSON object, got list")],
)
def test_missing_truncated_or_foreign_file(copy: Copy, content: str | None, message: str) -> None:
    path = copy("base") / "config.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(WeightsError, match=rf"config\.json: .*{message}"):
        read_config(path.parent)
