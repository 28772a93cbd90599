"""Trained models as files: weights in float16, and beside them a JSON that says what they are, checked on loading.

A folder of checkpoints holds NAME.npz and NAME.json for each model, and one tokenizer.json for all of them.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from labs.core.course_cache import cache_folder
from labs.core.files import write_whole
from labs.core.model.arrays import Floats
from labs.core.model.assistant import Assistant
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.checkpoint_files import (
    FORMAT,
    TOKENIZER_FILE,
    CheckpointError,
    CheckpointFiles,
    Read,
    to_json,
    to_npz,
)
from labs.core.model.checkpoint_source import source
from labs.core.model.checkpoint_source import use_source as use_source
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer

NAMES = ("base", "sft", "chat", "reward")
"""The checkpoints that are part of the package."""
MINE = "mine"
"""The one that the reader trained, see my_model.py."""
PACKAGED = Path(__file__).parents[2] / "checkpoints"
REWARD_HEAD = "reward_head"


@dataclass(frozen=True)
class Checkpoint:
    """A trained model with its tokenizer; `meta` is what its JSON says.

    Shapes: reward_head (C,), which only a reward model has.
    """

    name: str
    model: Transformer
    tokenizer: Tokenizer
    meta: Mapping[str, object] = field(default_factory=dict)
    reward_head: Floats | None = None

    @cached_property
    def template(self) -> ChatTemplate:
        """The chat template with this tokenizer."""
        return ChatTemplate(self.tokenizer)

    @cached_property
    def assistant(self) -> Assistant:
        """The model as one that replies to messages."""
        return Assistant(self.model, self.template)


def save_checkpoint(
    folder: Path | str,
    name: str,
    model: Transformer,
    tokenizer: Tokenizer,
    meta: Mapping[str, object],
    extra: Mapping[str, Floats] | None = None,
) -> Path:
    """Write NAME.npz, NAME.json and tokenizer.json, and return the path of the first. Equal weights give equal bytes.

    `meta` is kept in the JSON, beside what loading checks; `extra` holds trained weights that are not the model's.
    Raises: ValueError if vocabulary and tokenizer differ, or a weight is beyond float16.
    """
    if model.config.vocab_size != tokenizer.vocab_size:
        raise ValueError(
            f"tokenizer: expected a vocabulary of {model.config.vocab_size}, the model's, got {tokenizer.vocab_size}; "
            "save a model with the tokenizer that it was trained with."
        )
    extra = dict(extra or {})
    weights = to_npz(model.params | extra)
    described = {
        **meta,
        "format": FORMAT,
        "config": model.config.to_dict(),
        "extra": {key: list(array.shape) for key, array in extra.items()},
        "weights_bytes": len(weights),
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "tokenizer_sha256": tokenizer.hash,
    }
    path = Path(folder) / f"{name}.npz"
    write_whole(path, weights)
    write_whole(path.with_name(TOKENIZER_FILE), to_json(tokenizer.to_dict(), indent=None))
    write_whole(path.with_name(f"{name}.json"), to_json(described))
    return path


def load_checkpoint(name_or_path: str | Path) -> Checkpoint:
    """One of the package's checkpoints by its name, "mine", or one in any folder by its path; it computes in float32.

    Raises: CheckpointError, a ValueError, if a file is missing, damaged, or not what the others belong to; a plain
    ValueError for a name that is none, or "mine" while there is none.
    Example: `load_checkpoint("chat")`, `load_checkpoint("my_folder/chat")`.
    """
    name, files = _files_of(name_or_path)
    meta = files.meta(f"{name}.json")
    try:
        config = ModelConfig.from_dict(meta["config"])
        extra: dict[str, tuple[int, ...]] = {key: tuple(shape) for key, shape in meta["extra"].items()}
    except (ValueError, TypeError) as error:
        raise CheckpointError(files.where(f"{name}.json"), f"expected sizes of a model, got others: {error}") from error
    tokenizer = files.tokenizer(str(meta["tokenizer_sha256"]))
    if config.vocab_size != tokenizer.vocab_size:
        raise CheckpointError(
            files.where(TOKENIZER_FILE),
            f"expected a vocabulary of {config.vocab_size}, that of {name}, got {tokenizer.vocab_size}",
        )
    arrays = files.weights(f"{name}.npz", meta, config.shapes() | extra)
    model = Transformer(config, {key: arrays[key] for key in config.shapes()})
    return Checkpoint(name, model, tokenizer, meta, arrays.get(REWARD_HEAD))


def load_meta(name_or_path: str | Path) -> dict[str, Any]:
    """What a checkpoint's JSON says, without its weights.

    Raises: CheckpointError if there is no such JSON, or it is damaged.
    """
    name, files = _files_of(name_or_path)
    return files.meta(f"{name}.json")


def update_meta(path: Path, **changes: object) -> None:
    """Change entries of the JSON of a checkpoint in a folder.

    Raises: CheckpointError if there is no such JSON, or it is damaged.
    """
    name, files = _files_of(path)
    described = files.meta(f"{name}.json")
    write_whole(Path(files.folder) / f"{name}.json", to_json({**described, **changes}))


def my_folder() -> Path:
    """Where the model that the reader trained is kept; LLM_MASTERCLASS_MINE names another folder."""
    named = os.environ.get("LLM_MASTERCLASS_MINE")
    return Path(named) if named else cache_folder("my_model")


def _files_of(name_or_path: str | Path) -> tuple[str, CheckpointFiles]:
    if name_or_path in NAMES:
        return str(name_or_path), CheckpointFiles(str(PACKAGED), source() or _reader(PACKAGED))
    if name_or_path == MINE:
        folder = my_folder()
        if not (folder / f"{MINE}.json").is_file():
            raise ValueError(
                'Model "mine": expected a model that you trained, got none yet; train one in the lab "SFT, live": '
                "on its page, or with `python -m labs run sft_live`."
            )
        return MINE, CheckpointFiles(str(folder), _reader(folder))
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and path.name == name_or_path and not path.with_suffix(".json").is_file():
        raise ValueError(
            f"Model: expected one of {', '.join((*NAMES, MINE))}, or a path to a checkpoint, got {name_or_path!r}; "
            "choose one of these."
        )
    name = path.stem if path.suffix in (".npz", ".json") else path.name
    return name, CheckpointFiles(str(path.parent), _reader(path.parent))


def _reader(folder: Path) -> Read:
    return lambda file: (folder / file).read_bytes()
