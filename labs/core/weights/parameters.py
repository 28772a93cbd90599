"""The weights in a folder, under our names and in our shapes."""

from pathlib import Path

from labs.core.model.arrays import Floats
from labs.core.model.config import ModelConfig
from labs.core.weights.faults import WeightsError, read_json
from labs.core.weights.shards import Shard

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"

OUTSIDE = {"embedding": "model.embed_tokens.weight", "final_norm": "model.norm.weight", "head": "lm_head.weight"}
IN_BLOCK = {
    "attention_norm": "input_layernorm",
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "output": "self_attn.o_proj",
    "mlp_norm": "post_attention_layernorm",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}


def published_name(name: str) -> str:
    """What a weight of ours is called in published files.

    Example: `blocks.3.query` -> `model.layers.3.self_attn.q_proj.weight`.
    """
    if name in OUTSIDE:
        return OUTSIDE[name]
    _, layer, kind = name.split(".")
    return f"model.layers.{layer}.{IN_BLOCK[kind]}.weight"


def read_parameters(folder: Path, config: ModelConfig) -> dict[str, Floats]:
    """Every weight of the model, in float32; stored in float32 it is a view of the mapped file.

    Published matrices are (out, in), ours (in, out): each is looked at transposed, and nothing moves in memory.
    Raises: WeightsError if a file or tensor is missing, of another shape or dtype, or not part of such a model.
    """
    shards = find_shards(folder)
    wanted = {published_name(name): name for name in config.shapes()}
    for published, shard in shards.items():
        if published not in wanted and not _does_nothing(published, config):
            reason = "expected no such tensor, got one; this model computes something that ours does not."
            raise WeightsError(shard.path, published, reason)
    params: dict[str, Floats] = {}
    for published, name in wanted.items():
        if published not in shards:
            file = folder / (SINGLE if (folder / SINGLE).is_file() else INDEX)
            reason = "expected this tensor, got none; the file is incomplete, or config.json is another model's"
            hint = ", or lacks tie_word_embeddings" if name == "head" else ""
            raise WeightsError(file, published, reason + hint + ".")
        shape = config.shapes()[name]
        turned = len(shape) == 2 and name != "embedding"
        stored = shape[::-1] if turned else shape
        if shards[published].shape(published) != stored:
            reason = f"expected the shape {stored} of config.json, got {shards[published].shape(published)}"
            raise WeightsError(shards[published].path, published, f"{reason}; do the two files belong together?")
        array = shards[published].read(published)
        params[name] = array.T if turned else array
    return params


def find_shards(folder: Path) -> dict[str, Shard]:
    """Which file holds each tensor, by its published name.

    Raises: WeightsError if there are no weights, or the index names a file or tensor that is not there.
    """
    single, index = folder / SINGLE, folder / INDEX
    if single.is_file() or not index.is_file():
        shard = Shard(single)
        return dict.fromkeys(shard.names, shard)
    places = read_json(index).get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(file, str) for file in places.values()):
        raise WeightsError(index, "weight_map", "expected an object of file names; download the file again.")
    if outside := sorted({file for file in places.values() if Path(file).name != file}):
        raise WeightsError(index, "weight_map", f"expected files of the same folder, got {outside[0]!r}.")
    shards = {file: Shard(folder / file) for file in sorted(set(places.values()))}
    for published, file in places.items():
        if published not in shards[file].names:
            reason = f"expected this tensor, which {INDEX} places here, got none; download both files again."
            raise WeightsError(folder / file, published, reason)
    return {published: shards[file] for published, file in places.items()}


def _does_nothing(published: str, config: ModelConfig) -> bool:
    """Some files store the rotary speeds, which follow from the config, or a tied output a second time."""
    return published.endswith("rotary_emb.inv_freq") or (config.tied and published == OUTSIDE["head"])
