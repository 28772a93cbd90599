"""How much alike the two replies of a pair are to the model: by its own hidden states."""

from collections.abc import Sequence

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.transformer import Transformer
from labs.core.training.data import Pair, reply_batch


def hidden_similarity(model: Transformer, pairs: Sequence[Pair]) -> Floats:
    """The centered hidden embedding similarity of each pair: ⟨h_c, h_r⟩ − ‖h_c‖².

    h sums the hidden states, after the last norm, from which the tokens of a reply are predicted. The larger the
    value, the more of what pushes the rejected reply down meets the chosen one.
    Shapes: N pairs -> (N,) float64.
    Source: Razin et al. 2024, definition 2.
    """
    prompts = [pair.prompt for pair in pairs]
    chosen, rejected = (
        _summed(model, prompts, replies)
        for replies in ([pair.chosen for pair in pairs], [pair.rejected for pair in pairs])
    )
    similarity: Floats = (chosen * rejected).sum(axis=1) - (chosen * chosen).sum(axis=1)
    return similarity


def _summed(model: Transformer, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> Floats:
    """Hidden states at the positions before each of a reply's tokens, summed: (N, C)."""
    batch = reply_batch(prompts, replies)
    H, _ = model.hidden(batch.inputs)
    sums: Floats = np.einsum("btc,bt->bc", H.astype(np.float64), batch.weights.astype(np.float64))
    return sums
