"""From texts as token ids to the rectangles that a model trains on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from labs.core.model.arrays import Floats, Ints
from labs.core.model.config import ModelConfig
from labs.core.training.checking import check_ids


class Dialogue(Protocol):
    """Token ids and which of them are scored; `Rendered`, from the chat template, is one."""

    @property
    def ids(self) -> Sequence[int]:
        """The whole dialogue."""

    @property
    def loss_mask(self) -> Sequence[int]:
        """1 for each token that the model learns to write, else 0."""


@dataclass(frozen=True)
class Scored:
    """A text to learn from: its ids, and for each of them 1 if it is scored, else 0."""

    ids: Sequence[int]
    loss_mask: Sequence[int]


@dataclass(frozen=True)
class Pair:
    """A prompt with two replies to it, of which one was preferred."""

    prompt: Sequence[int]
    chosen: Sequence[int]
    rejected: Sequence[int]


@dataclass(frozen=True)
class Batch:
    """What a model reads, the token that follows each position, and how much that token counts.

    Shapes: all (B, T). Rows are padded on the right. That is harmless: attention looks only to the left, so no
    real token sees the padding, and what the padding itself predicts has the weight 0.
    """

    inputs: Ints
    targets: Ints
    weights: Floats

    @property
    def scored(self) -> npt.NDArray[np.bool]:
        """Where a token counts (B, T)."""
        return self.weights > 0

    @property
    def rows(self) -> Ints:
        """For each scored token, in order, the row that it is in (N,)."""
        return np.nonzero(self.weights)[0]


def pad(sequences: Sequence[Sequence[int]]) -> Ints:
    """Sequences in one rectangle, filled up on the right with id 0.

    Shapes: B sequences of up to T ids -> (B, T).
    """
    table = np.zeros((len(sequences), max(len(ids) for ids in sequences)), np.intp)
    for row, ids in zip(table, sequences, strict=True):
        row[: len(ids)] = ids
    return table


def make_batch(ids: Sequence[Sequence[int]], loss_masks: Sequence[Sequence[int]]) -> Batch:
    """Sequences as next-token predictions, padded on the right to the longest.

    Shapes: B sequences of up to T + 1 tokens -> (B, T) each.
    Example: ids [[5, 6, 7]], masks [[0, 0, 1]] -> inputs [[5, 6]], targets [[6, 7]], weights [[0, 1]].
    """
    tokens, weights = pad(ids), pad(loss_masks).astype(np.float32)
    return Batch(tokens[:, :-1], tokens[:, 1:], weights[:, 1:])


def reply_batch(prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> Batch:
    """Each reply behind its prompt, with the weight 1 on the reply's tokens and 0 on the prompt's."""
    pairs = list(zip(prompts, replies, strict=True))
    return make_batch(
        [[*prompt, *reply] for prompt, reply in pairs],
        [[0] * len(prompt) + [1] * len(reply) for prompt, reply in pairs],
    )


def random_windows(tokens: Ints, batch_size: int, length: int, rng: np.random.Generator) -> Ints:
    """Stretches of a stream of tokens, from random places.

    Shapes: (N,) -> (batch_size, length).
    """
    starts = rng.integers(0, len(tokens) - length + 1, batch_size)
    windows: Ints = tokens[starts[:, None] + np.arange(length)].astype(np.intp, copy=False)
    return windows


def draw(count: int, size: int, rng: np.random.Generator) -> list[int]:
    """`size` random indices below `count`, no two alike unless there are too few."""
    drawn: list[int] = rng.choice(count, size, replace=size > count).tolist()
    return drawn


def check_pairs(pairs: Sequence[Pair], config: ModelConfig, longest: int) -> None:
    """Refuse pairs that have an empty part, are too long with their prompt, or hold ids that are no tokens.

    Raises: ValueError, naming the first bad one by its index.
    """
    for i, pair in enumerate(pairs):
        if not (len(pair.prompt) and len(pair.chosen) and len(pair.rejected)):
            raise ValueError(f"pairs[{i}]: expected a prompt and two replies, got an empty part; leave it out.")
    check_ids("chosen", [[*pair.prompt, *pair.chosen] for pair in pairs], config, longest)
    check_ids("rejected", [[*pair.prompt, *pair.rejected] for pair in pairs], config, longest)


def check_tokens(tokens: Ints, vocab_size: int, length: int) -> None:
    """Refuse a stream that has no window of `length` + 1 tokens, or ids that are no tokens.

    Raises: ValueError.
    """
    if tokens.ndim != 1 or not np.issubdtype(tokens.dtype, np.integer) or len(tokens) < length + 1:
        raise ValueError(
            f"tokens: expected a row of at least {length + 1} token ids (length + 1), "
            f"got {tokens.dtype} {tokens.shape}; join more documents or choose a smaller length."
        )
    if tokens.min() < 0 or tokens.max() >= vocab_size:
        raise ValueError(
            f"tokens: expected token ids from 0 to {vocab_size - 1}, got {tokens.min()} to {tokens.max()}; "
            f"encode with the model's own tokenizer."
        )
