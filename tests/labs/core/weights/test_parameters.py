"""From published names and shapes to ours, and files that do not fit the config."""

import json
from pathlib import Path

import numpy as np
import pytest

from labs.core.weights.faults import WeightsError
from labs.core.weights.parameters import published_name, read_parameters
from labs.core.weights.published_config import read_config
from labs.core.weights.shards import Shard
from tests.labs.core.weights.conftest import FIXTURES, Change, Copy, WriteShard

type Tensors = dict[str, tuple[str, list[int], bytes]]
KEY = "model.layers.1.self_attn.k_proj.weight"


def stored(path: Path) -> Tensors:
    """What a shard holds, as `write_shard` takes it: float32."""
    shard = Shard(path)
    return {name: ("F32", list(shard.shape(name)), shard.read(name).tobytes()) for name in shard.names}


def test_names() -> None:
    assert published_name("embedding") == "model.embed_tokens.weight"
    assert published_name("blocks.12.mlp_norm") == "model.layers.12.post_attention_layernorm.weight"
    assert published_name("blocks.0.down") == "model.layers.0.mlp.down_proj.weight"


def test_matrices_are_transposed_views() -> None:
    folder = FIXTURES / "full_heads"
    params = read_parameters(folder, read_config(folder))
    shard = Shard(folder / "model.safetensors")
    for name in ("blocks.1.gate", "head"):
        np.testing.assert_array_equal(params[name], shard.read(published_name(name)).T)
        assert params[name].flags.f_contiguous
    np.testing.assert_array_equal(params["embedding"], shard.read("model.embed_tokens.weight"))
    assert not any(array.flags.owndata for array in params.values())


def test_missing_tensor(copy: Copy, write_shard: WriteShard) -> None:
    path = copy("base") / "model.safetensors"
    tensors = stored(path)
    del tensors[KEY]
    write_shard(tensors, path)
    with pytest.raises(WeightsError, match=r"model\.safetensors: model\.layers\.1\..*: expected this tensor") as caught:
        read_parameters(path.parent, read_config(path.parent))
    assert (caught.value.file, caught.value.key) == (path, KEY)


def test_untied_output_that_is_not_there(copy: Copy, change: Change) -> None:
    folder = copy("base")
    change(folder / "config.json", {"tie_word_embeddings": False})
    with pytest.raises(WeightsError, match=r"lm_head\.weight: expected this tensor, got none.*tie_word_embeddings"):
        read_parameters(folder, read_config(folder))


@pytest.mark.parametrize("shape", [[16, 8], [128], [9, 16]])
def test_shape_that_is_not_the_config_s(copy: Copy, write_shard: WriteShard, shape: list[int]) -> None:
    path = copy("base") / "model.safetensors"
    write_shard(stored(path) | {KEY: ("F32", shape, bytes(4 * int(np.prod(shape))))}, path)
    with pytest.raises(WeightsError, match=r"model\.safetensors: .*k_proj\.weight: expected the shape \(8, 16\)"):
        read_parameters(path.parent, read_config(path.parent))


def test_config_of_another_model(copy: Copy, change: Change) -> None:
    folder = copy("base")
    change(folder / "config.json", {"vocab_size": 300})
    with pytest.raises(WeightsError, match=r"embed_tokens\.weight: expected the shape \(300, 16\) of config\.json"):
        read_parameters(folder, read_config(folder))


def test_tensor_that_our_model_does_not_have(copy: Copy, write_shard: WriteShard) -> None:
    path = copy("base") / "model.safetensors"
    write_shard(stored(path) | {"model.layers.0.self_attn.q_norm.weight": ("F32", [4], bytes(16))}, path)
    with pytest.raises(WeightsError, match=r"model\.safetensors: model\.layers\.0\.self_attn\.q_norm\.weight: .*ours"):
        read_parameters(path.parent, read_config(path.parent))


def test_tensors_that_change_nothing(copy: Copy, write_shard: WriteShard) -> None:
    path = copy("base") / "model.safetensors"
    config = read_config(path.parent)
    before = read_parameters(path.parent, config)
    again = {"lm_head.weight": ("F32", [280, 16], bytes(4 * 280 * 16))}
    speeds = {"model.layers.0.self_attn.rotary_emb.inv_freq": ("F32", [2], bytes(8))}
    write_shard(stored(path) | again | speeds, path)
    after = read_parameters(path.parent, config)
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)


def test_no_weights(copy: Copy) -> None:
    folder = copy("base")
    (folder / "model.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"model\.safetensors: expected this file, got none"):
        read_parameters(folder, read_config(folder))


def test_missing_shard(copy: Copy) -> None:
    folder = copy("sharded")
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"model-00002-of-00003\.safetensors: expected this file, got none"):
        read_parameters(folder, read_config(folder))


def test_truncated_shard(copy: Copy) -> None:
    folder = copy("sharded")
    path = folder / "model-00003-of-00003.safetensors"
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(WeightsError, match=r"model-00003-of-00003\.safetensors: expected .*cut short"):
        read_parameters(folder, read_config(folder))


def test_index_without_a_tensor(copy: Copy, change: Change) -> None:
    index = copy("sharded") / "model.safetensors.index.json"
    places = json.loads(index.read_text())["weight_map"]
    del places[KEY]
    change(index, {"weight_map": places})
    with pytest.raises(WeightsError, match=r"index\.json: model\.layers\.1\..*: expected this tensor"):
        read_parameters(index.parent, read_config(index.parent))


def test_index_that_points_to_the_wrong_shard(copy: Copy, change: Change) -> None:
    index = copy("sharded") / "model.safetensors.index.json"
    places = json.loads(index.read_text())["weight_map"]
    change(index, {"weight_map": places | {KEY: "model-00003-of-00003.safetensors"}})
    with pytest.raises(WeightsError, match=rf"model-00003-of-00003\.safetensors: {KEY}: .*which .*index\.json places"):
        read_parameters(index.parent, read_config(index.parent))


@pytest.mark.parametrize("places", [KeyError, [], {KEY: 3}, {KEY: "../model.safetensors"}])
def test_index_that_is_none(copy: Copy, change: Change, places: object) -> None:
    index = copy("sharded") / "model.safetensors.index.json"
    change(index, {"weight_map": places})
    with pytest.raises(WeightsError, match=r"index\.json: weight_map: expected"):
        read_parameters(index.parent, read_config(index.parent))
