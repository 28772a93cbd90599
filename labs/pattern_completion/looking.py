"""Where the base model looks: what share of its attention each head gives to which token."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.measures import END_OF_TEXT
from labs.core.model.arrays import Floats
from labs.core.model.attention import causal_softmax
from labs.core.model.transformer import Transformer
from labs.core.world.evaluation import Prompt
from labs.pattern_completion.accuracy import CASES, base
from labs.pattern_completion.patterns import random_labels


@dataclass(frozen=True)
class Looks:
    """Mean shares of attention, by layer and head.

    `before`: from each word of the page to the token just before it. `answer`: from the last token, a key that stands
    on the page for the second time, to the token after its first place, which is the answer.
    Shapes: both (n_layer, n_head).
    """

    before: Floats
    answer: Floats


def attention_shares(model: Transformer, ids: Sequence[int]) -> Floats:
    """What share of its attention each head gives, at each token, to that token and to all before it.

    Shapes: ids (T,) -> (n_layer, n_head, T, T), queries by keys; each row sums to 1.
    """
    seen: list[Floats] = []
    causal_softmax(np.zeros((1, 1, 1), model.dtype), 1)  # a kernel that waits for the first use takes its place now
    used = causal_softmax.used

    def noting(scores: Floats, group: int) -> Floats:
        shares = used(scores, group)
        # Keys by queries, and the queries of heads that share keys side by side: (1, n_kv_head, T, group * T).
        seen.append(np.concatenate(np.split(shares[0].copy(), group, axis=-1), axis=1).reshape(-1, *[len(ids)] * 2))
        return shares

    causal_softmax.use(noting)
    try:
        model.forward_only(np.array([ids]))
    finally:
        causal_softmax.use(used)
    return np.stack(seen).swapaxes(-1, -2)


def looks(shots: int = 4, seed: int = 0, cases: int = CASES) -> Looks:
    """Where the base model's heads look on pages with a fresh random mapping."""
    prompts = random_labels(cases, seed, shots)
    each = [_looks_at(prompt) for prompt in prompts]
    return Looks(np.mean([one.before for one in each], axis=0), np.mean([one.answer for one in each], axis=0))


def _looks_at(prompt: Prompt) -> Looks:
    tokenizer = base().tokenizer
    header = 1 + len(tokenizer.encode(prompt.text.split()[0]))
    ids = [tokenizer.special_id(END_OF_TEXT), *tokenizer.encode(prompt.text)]
    shares = attention_shares(base().model, ids)
    words = np.arange(header, len(ids) - 1)
    return Looks(shares[:, :, words, words - 1].mean(axis=-1), shares[:, :, -1, ids.index(ids[-1]) + 1])
