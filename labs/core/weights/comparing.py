"""A base model and the model that was tuned from it, side by side: how far the weights moved, what changed its mind."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.generation import continuation_logps, next_token_distribution
from labs.core.model.transformer import Transformer
from labs.core.weights.loading import Published
from labs.core.weights.published_tokenizer import BROKEN, PublishedTokenizer

AT_ONCE = 2**20  # numbers: the difference of a whole matrix would take as much memory as the matrix


def check_pair(base: Published, tuned: Published) -> None:
    """See that one can have been tuned from the other.

    Raises: ValueError if their weights differ in shape, or their tokenizers.
    """
    shapes, others = base.model.config.shapes(), tuned.model.config.shapes()
    differing = [name for name in shapes | others if shapes.get(name) != others.get(name)]
    if differing:
        name = differing[0]
        raise ValueError(
            f"Compare: expected two models of one shape, got {name} with {shapes.get(name)} in {base.name} and "
            f"{others.get(name)} in {tuned.name}; choose a base model and what was tuned from it."
        )
    if base.tokenizer.ids != tuned.tokenizer.ids:
        raise ValueError(
            f"Compare: expected two models with one vocabulary, got different ones in {base.tokenizer.path} and "
            f"{tuned.tokenizer.path}; choose a base model and what was tuned from it."
        )


def relative_differences(base: Transformer, tuned: Transformer) -> dict[str, float]:
    """How far each kind of weight moved, all layers together: |tuned − base| / |base|; "all" is the whole model.

    Raises: KeyError if the two have different weights; `check_pair` says so in words.
    Example: every number 1 % larger -> 0.01 for each kind.
    """
    moved: dict[str, float] = defaultdict(float)
    length: dict[str, float] = defaultdict(float)
    for name, array in base.params.items():
        other = tuned.params[name]
        n_rows = max(1, AT_ONCE * len(array) // array.size)
        for first in range(0, len(array), n_rows):
            rows, others = array[first : first + n_rows], other[first : first + n_rows]
            for kind in (name.rpartition(".")[2], "all"):
                moved[kind] += _sum_of_squares(others - rows)
                length[kind] += _sum_of_squares(rows)
    return {kind: math.sqrt(moved[kind] / length[kind]) for kind in sorted(moved, key="all".__eq__)}


def next_tokens(
    base: Published, tuned: Published, ids: Sequence[int], n: int = 3, always: Sequence[int] = ()
) -> list[tuple[str, float, float]]:
    """The next tokens that either finds likeliest, n of each and those of `always`: text, P in base, P in tuned.

    Raises: ValueError for ids that are empty, longer than the context or outside the vocabulary.
    """
    P_base, P_tuned = (next_token_distribution(published.model, ids) for published in (base, tuned))
    likely = [token for P in (P_base, P_tuned) for token in np.argsort(-P, kind="stable")[:n].tolist()]
    tokens = dict.fromkeys([*always, *likely])
    return [(token_text(base.tokenizer, token), float(P_base[token]), float(P_tuned[token])) for token in tokens]


def token_text(tokenizer: PublishedTokenizer, token: int) -> str:
    """A token as a person can tell it from others: in quotes, or by its id if it is part of a character."""
    text = tokenizer.decode([token])
    return f"token {token}" if BROKEN in text else repr(text)


def mean_logp(published: Published, ids: Sequence[int], reply: Sequence[int]) -> float:
    """How likely a model finds a reply, per token.

    Units: nats; exp of it is a mean probability.
    Raises: ValueError if either is empty, or together they are longer than the context.
    """
    return float(continuation_logps(published.model, ids, reply).mean())


def _sum_of_squares(X: Floats) -> float:
    return float(np.square(X, dtype=np.float64).sum())
