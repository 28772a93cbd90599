"""The models of several sizes, pretrained and then tuned: trained once, and kept in the course's cache."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np

from labs.core import recipe
from labs.core.course_cache import cache_folder
from labs.core.encoding import pack, render_all
from labs.core.files import write_whole
from labs.core.model.arrays import Floats, Ints
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule, StepRecord
from labs.core.training.pretrain import pretrain
from labs.core.training.sft import sft


def _config(n_layer: int, n_head: int, n_kv_head: int, n_embd: int, n_hidden: int) -> ModelConfig:
    return ModelConfig(
        vocab_size=recipe.VOCAB_SIZE,
        n_layer=n_layer,
        n_head=n_head,
        n_kv_head=n_kv_head,
        n_embd=n_embd,
        n_hidden=n_hidden,
        context_length=recipe.CONFIG.context_length,
    )


CONFIGS = {
    config.n_params: config
    for config in (
        _config(2, 2, 1, 16, 40),
        _config(3, 4, 2, 32, 84),
        _config(3, 4, 2, 56, 152),
        _config(3, 4, 2, 80, 216),
        recipe.CONFIG,
    )
}
"""The models by their number of parameters: fewer and narrower layers than the shipped one, and at last its own."""

PAGES = 30_000
PRETRAINING = Schedule(1_200, 3e-3, warmup=50)
LENGTH = 128
"""Tokens in a stretch of pages."""
DIALOGUES = 4_000
TUNING = Schedule(300, 1e-3, warmup=30)
REPLAY = recipe.SIZES["sft"].replay
BATCH_SIZE = 16


def model_of(n_params: int, seed: int, *, tuned: bool) -> Transformer:
    """The base model of this size and seed, or what SFT made of it: from the cache, or trained now.

    Raises: ValueError for a size that the lab does not have.
    """
    if n_params not in CONFIGS:
        sizes = ", ".join(map(str, CONFIGS))
        raise ValueError(f"n_params: expected one of {sizes}; got {n_params!r}; add a config for another size.")
    config = CONFIGS[n_params]
    path = _kept_in(config, seed, tuned)
    if (weights := _read(path, config)) is not None:
        return Transformer(config, weights)
    model = trained(tuning(n_params, seed) if tuned else pretraining(n_params, seed))
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **model.params)
    write_whole(path, content.getvalue())
    return model


def pretraining(n_params: int, seed: int) -> Iterator[StepRecord]:
    """The steps that make a base model."""
    model = Transformer.initialize(CONFIGS[n_params], seed)
    return pretrain(model, pages(), schedule=PRETRAINING, batch_size=BATCH_SIZE, length=LENGTH, seed=seed)


def tuning(n_params: int, seed: int) -> Iterator[StepRecord]:
    """The steps that make an assistant of the base model of the same size and seed."""
    return sft(
        model_of(n_params, seed, tuned=False),
        dialogues(),
        schedule=TUNING,
        batch_size=BATCH_SIZE,
        seed=seed,
        replay=REPLAY,
        replay_tokens=replayed(),
    )


def trained(steps: Iterator[StepRecord]) -> Transformer:
    """The model at the end of a training."""
    *_, last = steps
    return last.state.model


@cache
def tokenizer() -> Tokenizer:
    """The tokenizer of the shipped models."""
    return load_checkpoint("base").tokenizer


@cache
def pages() -> Ints:
    """The beginning of what the shipped base model read, as one stream of tokens. All sizes read the same."""
    return pack(recipe.pretraining_documents(PAGES), tokenizer())


@cache
def replayed() -> Ints:
    """The pages that are read on in tuning."""
    return pack(recipe.replayed_documents(PAGES // 3), tokenizer())


@cache
def dialogues() -> tuple[Rendered, ...]:
    """The beginning of what the shipped SFT model read."""
    rendered = render_all(recipe.sft_dialogues(DIALOGUES), ChatTemplate(tokenizer()))
    return tuple(one for one in rendered if len(one.ids) <= recipe.CONFIG.context_length)


def _kept_in(config: ModelConfig, seed: int, tuned: bool) -> Path:
    """The file of a model; its name changes with everything that the training is made of."""
    made_of: dict[str, object] = {"config": config.to_dict(), "seed": seed, "batch_size": BATCH_SIZE, "pages": PAGES}
    made_of |= {"pretraining": asdict(PRETRAINING), "length": LENGTH, "numpy": np.__version__}
    if tuned:
        made_of |= {"tuning": asdict(TUNING), "dialogues": DIALOGUES, "replay": REPLAY}
    key = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:16]
    return cache_folder("measured_gap") / f"{config.n_params}-{'tuned' if tuned else 'base'}-{seed}-{key}.npz"


def _read(path: Path, config: ModelConfig) -> dict[str, Floats] | None:
    """A kept model's weights, or None if there is no sound file of them."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            weights: dict[str, Floats] = {name: kept[name] for name in kept.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    return weights if {name: array.shape for name, array in weights.items()} == config.shapes() else None
