"""config.json of a published model as our ModelConfig, or the reason why its arithmetic is not ours."""

from pathlib import Path
from typing import Any

from labs.core.model.config import ModelConfig
from labs.core.weights.faults import WeightsError, read_json

CONFIG = "config.json"
DEFAULT_ROPE_BASE = 10_000.0  # these three are what `transformers` takes for a Llama whose file is silent
DEFAULT_NORM_EPSILON = 1e-6
DEFAULT_TIED = False

ONLY: dict[str, tuple[object, ...]] = {
    "model_type": ("llama", "mistral"),  # one arithmetic under two names, as long as no sliding window is set
    "hidden_act": ("silu", "swish"),
    "attention_bias": (False, None),
    "mlp_bias": (False, None),
    "sliding_window": (None,),
    "rope_interleaved": (False, None),
    "partial_rotary_factor": (1.0, None),
    "quantization_config": (None,),
}
ARCHITECTURES = ("LlamaForCausalLM", "MistralForCausalLM")


def read_config(folder: Path) -> ModelConfig:
    """The sizes and constants of the model in a folder.

    Raises: WeightsError if the file is missing or damaged, or a key is missing or set to what our layers don't compute.
    """
    path = folder / CONFIG
    values = read_json(path)
    if "model_type" not in values:
        raise WeightsError(path, "model_type", f"expected one of {list(ONLY['model_type'])}, got none.")
    for key, allowed in ONLY.items():
        if key in values and values[key] not in allowed:
            raise _unsupported(path, key, values[key], allowed)
    architectures = values.get("architectures") or ARCHITECTURES
    if not any(name in architectures for name in ARCHITECTURES):
        raise _unsupported(path, "architectures", architectures, ARCHITECTURES)
    n_head = _whole(path, values, "num_attention_heads")
    try:
        return ModelConfig(
            vocab_size=_whole(path, values, "vocab_size"),
            n_layer=_whole(path, values, "num_hidden_layers"),
            n_head=n_head,
            n_kv_head=_whole(path, values, "num_key_value_heads", n_head),
            n_embd=_whole(path, values, "hidden_size"),
            n_hidden=_whole(path, values, "intermediate_size"),
            context_length=_whole(path, values, "max_position_embeddings"),
            head_size=None if values.get("head_dim") is None else _whole(path, values, "head_dim"),
            rope_base=_rope_base(path, values),
            norm_epsilon=_positive(path, "rms_norm_eps", values.get("rms_norm_eps", DEFAULT_NORM_EPSILON)),
            tied=bool(values.get("tie_word_embeddings", DEFAULT_TIED)),
        )
    except WeightsError:
        raise
    except ValueError as error:  # sizes that are fine one by one, and do not go together
        raise WeightsError(path, "", str(error)) from error


def _rope_base(path: Path, values: dict[str, Any]) -> float:
    """The rotary base, which stands in `rope_parameters` in newer files; any scaling is refused."""
    base: object = values.get("rope_theta", DEFAULT_ROPE_BASE)
    key = "rope_theta"
    for place in ("rope_scaling", "rope_parameters"):
        rotary = values.get(place) or {}
        if not isinstance(rotary, dict):
            raise WeightsError(path, place, f"expected an object, got {rotary!r}.")
        for kind in ("type", "rope_type"):
            if rotary.get(kind, "default") != "default":
                raise _unsupported(path, f"{place}.{kind}", rotary[kind], ("default",))
        if rotary.get("partial_rotary_factor", 1.0) != 1.0:
            raise _unsupported(path, f"{place}.partial_rotary_factor", rotary["partial_rotary_factor"], (1.0,))
        if "rope_theta" in rotary:
            base, key = rotary["rope_theta"], f"{place}.rope_theta"
    return _positive(path, key, base)


def _whole(path: Path, values: dict[str, Any], key: str, default: int | None = None) -> int:
    value = values.get(key)
    if value is None:
        value = default
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise WeightsError(path, key, f"expected a whole number from 1 up, got {value!r}.")
    return value


def _positive(path: Path, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise WeightsError(path, key, f"expected a positive number, got {value!r}.")
    return float(value)


def _unsupported(path: Path, key: str, value: object, allowed: tuple[object, ...]) -> WeightsError:
    supported = " or ".join(repr(choice) for choice in allowed if choice is not None) or "none"
    return WeightsError(path, key, f"expected {supported}, got {value!r}; our layers compute nothing else.")
