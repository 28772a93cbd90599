"""A model writes: one reply token by token, or many replies at once; and how likely it finds a given reply."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats, Ints
from labs.core.model.cache import KVCache, forward_cached
from labs.core.model.losses import target_logps
from labs.core.model.sampling import UNCHANGED, Sampling
from labs.core.model.transformer import Transformer

CROWDED = 0.75
"""A batch is repacked when no more than this share of its rows still writes: repacking copies the cache."""


def generate(
    model: Transformer,
    ids: Sequence[int],
    *,
    max_new_tokens: int,
    sampling: Sampling = UNCHANGED,
    stop_ids: Collection[int] = (),
    seed: int = 0,
) -> Iterator[int]:
    """Write a reply to a prompt, a token each time the next one is asked for.

    It ends after a stop token (which is yielded too), after max_new_tokens, or when prompt and reply fill the context.
    It is what `generate_batch` writes to this prompt alone, to the bit.
    Shapes: ids (T,) -> at most max_new_tokens ids.
    Raises: ValueError at once for a prompt that is empty or longer than the context, an id outside the vocabulary,
    max_new_tokens below 1 or a negative seed.
    """
    steps = _steps(model, [ids], max_new_tokens, sampling, stop_ids, seed)
    return (token for step in steps for _, token in step.tokens)


def generate_with_probabilities(
    model: Transformer,
    ids: Sequence[int],
    *,
    max_new_tokens: int,
    sampling: Sampling = UNCHANGED,
    stop_ids: Collection[int] = (),
    seed: int = 0,
) -> Iterator[tuple[int, Floats]]:
    """What `generate` writes, and with each token the probabilities of all that could have come in its place.

    They are the model's own, whatever the sampling makes of them before the draw.
    Shapes: ids (T,) -> at most max_new_tokens pairs of an id and (V,), in float64, sum 1.
    Raises: ValueError as `generate` does.
    """
    steps = _steps(model, [ids], max_new_tokens, sampling, stop_ids, seed)
    return ((token, UNCHANGED.distribution(step.logits[0])) for step in steps for _, token in step.tokens)


def generate_batch(
    model: Transformer,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    sampling: Sampling = UNCHANGED,
    stop_ids: Collection[int] = (),
    seed: int = 0,
) -> list[list[int]]:
    """Write one reply to each prompt, all of them together; each ends as in `generate`.

    Row i draws from default_rng((seed, i)), one number a token, whatever the other rows are. Its logits depend on them
    only by rounding: matrix products of other sizes add in another order, which moves float32 probabilities by a few
    1e-7. So another batch writes the same reply, unless a draw (or a greedy tie) falls within that of a boundary.
    The same batch on the same machine repeats to the bit.
    Shapes: N prompts of any lengths -> N replies.
    Raises: ValueError as `generate` does, for any of the prompts.
    """
    replies: list[list[int]] = [[] for _ in prompts]
    for step in _steps(model, prompts, max_new_tokens, sampling, stop_ids, seed):
        for row, token in step.tokens:
            replies[row].append(token)
    return replies


def next_token_distribution(model: Transformer, ids: Sequence[int]) -> Floats:
    """Probabilities of every token to come next, as the model has them.

    Shapes: ids (T,) -> (V,), in float64, sum 1.
    Raises: ValueError for ids that are empty, longer than the context or outside the vocabulary.
    """
    prompt = _checked(model, ids)
    cache = KVCache(model.config, 1, prompt.size, model.dtype)
    return UNCHANGED.distribution(forward_cached(model, prompt[None], cache)[0])


def continuation_logps(model: Transformer, ids: Sequence[int], continuation: Sequence[int]) -> Floats:
    """Log-probability of each token of a given continuation, after the prompt and what of it came before.

    Shapes: ids (T,), continuation (n,) -> (n,).
    Units: nats.
    Raises: ValueError if either is empty or outside the vocabulary, or together they are longer than the context.
    """
    prompt, targets = _checked(model, ids), _checked(model, continuation)
    text = _checked(model, np.concatenate([prompt, targets]).tolist())
    logits = model.forward_only(text[None, :-1])[0, prompt.size - 1 :]
    return target_logps(logits, targets)[0]


@dataclass(frozen=True)
class _Step:
    """(row, token) of each row that still writes, and the logits that the tokens were chosen from.

    Shapes: logits (rows of the cache, V).
    """

    tokens: list[tuple[int, int]]
    logits: Floats


def _steps(
    model: Transformer,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    sampling: Sampling,
    stop_ids: Collection[int],
    seed: int,
) -> Iterator[_Step]:
    """Check what was asked for, then write a step at a time."""
    if max_new_tokens < 1:
        raise ValueError(f"max_new_tokens: expected 1 or more, got {max_new_tokens!r}; ask for at least one.")
    if seed < 0:
        raise ValueError(f"seed: expected a whole number of 0 or more, got {seed!r}; 0 will do.")
    if strange := [stop for stop in stop_ids if not 0 <= stop < model.config.vocab_size]:
        raise ValueError(
            f"stop_ids: expected ids from 0 to {model.config.vocab_size - 1}, got {strange[0]!r}; "
            "take them from this model's tokenizer."
        )
    checked = [_checked(model, ids) for ids in prompts]
    room = [min(max_new_tokens, model.config.context_length - ids.size) for ids in checked]
    return _write(model, checked, room, sampling, frozenset(stop_ids), seed)


def _write(
    model: Transformer, prompts: list[Ints], room: list[int], sampling: Sampling, stop_ids: frozenset[int], seed: int
) -> Iterator[_Step]:
    """The loop of it; room says how many tokens each row may still write."""
    rows = [row for row in range(len(prompts)) if room[row]]  # which prompt each row of the cache belongs to
    if not rows:
        return
    rngs = [np.random.default_rng((seed, row)) for row in range(len(prompts))]
    longest = max(prompts[row].size for row in rows)
    starts = np.array([longest - prompts[row].size for row in rows])
    ids: Ints = np.zeros((len(rows), longest), np.intp)
    for padded, start, row in zip(ids, starts, rows, strict=True):
        padded[start:] = prompts[row]
    cache = KVCache(model.config, len(rows), longest + max(room) - 1, model.dtype)
    while True:
        logits = forward_cached(model, ids, cache, starts if starts.any() else None)
        tokens = sampling.choose(logits, np.array([rngs[row].random() for row in rows]))
        step = [(row, token) for row, token in zip(rows, tokens.tolist(), strict=True) if room[row]]
        yield _Step(step, logits)
        for row, token in step:
            room[row] = 0 if token in stop_ids else room[row] - 1
        writing = np.array([room[row] > 0 for row in rows])
        if not writing.any():
            return
        if writing.mean() <= CROWDED:
            cache.keep(writing)
            rows = [row for row in rows if room[row]]
            tokens, starts = tokens[writing], starts[writing]
        ids = tokens[:, None]


def _checked(model: Transformer, ids: Sequence[int]) -> Ints:
    config = model.config
    checked: Ints = np.asarray(ids)
    if checked.ndim != 1 or not checked.size or not np.issubdtype(checked.dtype, np.integer):
        raise ValueError(
            f"ids: expected one or more token ids, got {checked.dtype} of shape {checked.shape}; "
            "encode the text, or begin with <|endoftext|>."
        )
    if checked.size > config.context_length:
        raise ValueError(
            f"ids: expected at most {config.context_length} tokens (context_length), got {checked.size}; "
            "shorten the text or leave out its oldest turns."
        )
    if checked.min() < 0 or checked.max() >= config.vocab_size:
        raise ValueError(
            f"ids: expected token ids from 0 to {config.vocab_size - 1}, got {checked.min()} to {checked.max()}; "
            "encode the text with this model's own tokenizer."
        )
    return checked
