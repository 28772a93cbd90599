"""The base model with the attention of some layers taken out: which of them does a pattern need?"""

from collections.abc import Collection, Iterator
from itertools import combinations

from labs.core.measures import Measure, next_word_rate
from labs.core.model.transformer import Transformer
from labs.pattern_completion.accuracy import CASES, base
from labs.pattern_completion.patterns import random_labels


def with_attention_in(layers: Collection[int]) -> Transformer:
    """A copy of the base model in which attention adds something only in these layers, the first being 1.

    What attention writes is multiplied by a matrix of zeros elsewhere. All other parts work as before.
    Raises: ValueError for a layer that the model does not have.
    """
    n_layer = base().model.config.n_layer
    if strange := [layer for layer in layers if layer not in range(1, n_layer + 1)]:
        raise ValueError(f"layers: expected numbers from 1 to {n_layer}, got {strange[0]!r}; leave it out.")
    model = base().model.copy()
    for i in range(n_layer):
        if i + 1 not in layers:
            model.params[f"blocks.{i}.output"][:] = 0
    return model


def accuracy_with_attention_in(layers: Collection[int], shots: int = 4, seed: int = 0, cases: int = CASES) -> Measure:
    """How often such a copy gets a fresh mapping right."""
    prompts = random_labels(cases, seed, shots)
    return next_word_rate(with_attention_in(layers), base().tokenizer, prompts)


def choices(how_many: int) -> Iterator[tuple[int, ...]]:
    """Every choice of so many of the base model's layers."""
    return combinations(range(1, base().model.config.n_layer + 1), how_many)
