"""Pretraining: learn to continue whatever was written, from nothing but text."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from labs.core.model.arrays import Floats, Ints
from labs.core.model.losses import cross_entropy
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_whole
from labs.core.training.data import Batch, check_tokens, random_windows
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, begin, train
from labs.core.training.scoring import batch_loss


@dataclass(frozen=True, kw_only=True)
class PretrainStep(StepRecord):
    """A step of pretraining; the held-out loss, in nats a token, only on the steps that measure it."""

    held_out_loss_nats: float | None = None


def pretrain(
    model: Transformer,
    tokens: Ints,
    *,
    schedule: Schedule,
    batch_size: int,
    length: int,
    seed: int,
    held_out: Ints | None = None,
    held_out_every: int = 100,
    adapter_rank: int = 0,
    resume: TrainingState | None = None,
) -> Iterator[PretrainStep]:
    """Train a copy of the model to predict each next token of random windows of the stream.

    Shapes: tokens (N,), documents one after the other with their end token between; windows of length + 1.
    Raises: ValueError if a stream is shorter than a window or holds ids that are no tokens, or a number is out of
    range.
    """
    check_whole("batch_size", batch_size)
    check_whole("held_out_every", held_out_every)
    _check_length(length, model)
    for stream in (tokens,) if held_out is None else (tokens, held_out):
        check_tokens(stream, model.config.vocab_size, length)
    state = begin(model, schedule, seed=seed, resume=resume, adapter_rank=adapter_rank)
    weights = np.ones((batch_size, length), np.float32)

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        windows = random_windows(tokens, batch_size, length + 1, rng)
        loss, backward = batch_loss(state.model, Batch(windows[:, :-1], windows[:, 1:], weights))
        yield {"loss_nats": loss, "tokens": weights.size}, backward()

    def steps() -> Iterator[PretrainStep]:
        for done in train(state, gradients, schedule, seed, PretrainStep):
            if held_out is not None and (done.step % held_out_every == 0 or done.step == schedule.steps):
                yield replace(done, held_out_loss_nats=held_out_loss(state.model, held_out, length))
            else:
                yield done

    return steps()


def held_out_loss(model: Transformer, tokens: Ints, length: int, batch_size: int = 16) -> float:
    """The mean loss on a stream cut into windows that do not overlap; what is left at its end is not read.

    Units: nats a token.
    Raises: ValueError if the stream is shorter than a window, or holds ids that are no tokens.
    """
    _check_length(length, model)
    check_tokens(tokens, model.config.vocab_size, length)
    starts = np.arange(0, len(tokens) - length, length)
    total = 0.0
    for first in range(0, len(starts), batch_size):
        windows = tokens[starts[first : first + batch_size, None] + np.arange(length + 1)]
        logits = model.forward_only(windows[:, :-1])
        targets = windows[:, 1:].reshape(-1)
        loss, _ = cross_entropy(logits.reshape(len(targets), -1), targets, np.ones(targets.shape, logits.dtype))
        total += loss * len(windows)
    return total / len(starts)


def _check_length(length: int, model: Transformer) -> None:
    check_whole("length", length)
    if length > model.config.context_length:
        raise ValueError(
            f"length: expected at most {model.config.context_length} (context_length), got {length}; choose less."
        )
