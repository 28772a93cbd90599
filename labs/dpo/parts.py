"""Where in a reply its log-probability changes: before the place where the two replies part, at it, or after it."""

from collections.abc import Sequence

import numpy as np

from labs.core.model.transformer import Transformer
from labs.core.training.data import Pair
from labs.dpo.looking import token_probabilities

PARTS = ("shared", "parting", "rest")


def parting(pair: Pair) -> int:
    """How many tokens both replies begin with alike."""
    both = enumerate(zip(pair.chosen, pair.rejected, strict=False))
    return next((place for place, (one, other) in both if one != other), min(len(pair.chosen), len(pair.rejected)))


def changes_by_part(model: Transformer, start: Transformer, pairs: Sequence[Pair]) -> dict[str, float]:
    """By how much the chosen replies' log-probability has changed: in the beginning that both share, at the token where
    they part, and in the rest.

    Units: nats a reply, mean over the pairs; the three add up to the whole change.
    """
    sums = dict.fromkeys(PARTS, 0.0)
    for pair in pairs:
        now, before = (np.log(np.maximum(token_probabilities(one, pair), 1e-45)) for one in (model, start))
        place, change = parting(pair), now - before
        for part, some in zip(PARTS, (change[:place], change[place : place + 1], change[place + 1 :]), strict=True):
            sums[part] += float(some.sum()) / len(pairs)
    return sums
