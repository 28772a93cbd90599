"""Trainings that were interrupted: their states in the user's cache, to go on from."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labs.core.course_cache import cache_folder
from labs.core.files import write_whole
from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer
from labs.core.training.loop import TrainingState

META = "meta"
DIGEST_BYTES = 32


@dataclass(frozen=True)
class Kept:
    """A stage as it was left: its state, and what it is a state of."""

    state: TrainingState
    meta: Mapping[str, object]


def state_file(stage: str, seed: int, *, check: bool = False) -> Path:
    """Where a stage's state is kept; a check keeps its own, so that it never compares a training with itself."""
    return cache_folder("training") / f"{stage}-seed{seed}{'-check' if check else ''}.state"


def keep(path: Path, state: TrainingState, meta: Mapping[str, object]) -> None:
    """Write a state whole, with its hash in front, so that a damaged one is told from a sound one."""
    content = io.BytesIO()
    described = {**meta, "config": state.model.config.to_dict()}
    arrays = state.to_arrays() | {META: np.array(json.dumps(described))}
    np.savez(content, allow_pickle=False, **arrays)
    write_whole(path, hashlib.sha256(content.getvalue()).digest() + content.getvalue())


def kept(path: Path, parent: Transformer | None) -> Kept | None:
    """The state that was kept of a stage that starts from this parent, or None if there is none.

    Raises: ValueError if it is damaged.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    digest, saved = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    if hashlib.sha256(saved).digest() != digest:
        raise ValueError(f"{path}: expected the state of a training, got a damaged file")
    with np.load(io.BytesIO(saved), allow_pickle=False) as loaded:
        arrays = {name: loaded[name] for name in loaded.files}
    meta = json.loads(str(arrays.pop(META)))
    model = parent or Transformer.initialize(ModelConfig.from_dict(meta["config"]), seed=0)
    return Kept(TrainingState.from_arrays(arrays, model), meta)
