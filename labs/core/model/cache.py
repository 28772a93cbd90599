"""The KV cache: keys and values of earlier tokens are kept, so that each new token costs one column of work.

The forward pass is that of `transformer.py` without its backward; tests hold the two together.
"""

import numpy as np
import numpy.typing as npt

from labs.core.model.arrays import Floats, Ints
from labs.core.model.attention import rotary_tables, rotate
from labs.core.model.config import ModelConfig
from labs.core.model.layers import rms_norm, swiglu
from labs.core.model.matmul import matmul
from labs.core.model.transformer import Transformer


class KVCache:
    """Keys and values of every layer: `filled` columns so far, with room for `length`.

    Shapes: keys, values (n_layer, B, n_kv_head, length, D).
    Raises: ValueError if batch or length is below 1.
    """

    def __init__(self, config: ModelConfig, batch: int, length: int, dtype: npt.DTypeLike) -> None:
        if batch < 1 or length < 1:
            raise ValueError(f"expected batch and length of 1 or more, got {batch} and {length}; raise them.")
        shape = (config.n_layer, batch, config.n_kv_head, length, config.head_width)
        self.keys: Floats = np.empty(shape, dtype)
        self.values: Floats = np.empty(shape, dtype)
        self.filled = 0
        # Padding on the left may push columns beyond the context.
        turns = max(length, config.context_length)
        self.cos, self.sin = rotary_tables(turns, config.head_width, config.rope_base, self.keys.dtype)

    def keep(self, rows: npt.NDArray[np.bool]) -> None:
        """Keep these sequences only: a reply that has ended needs no more work.

        Shapes: rows (B,).
        """
        self.keys, self.values = self.keys[:, rows], self.values[:, rows]


def forward_cached(model: Transformer, ids: Ints, cache: KVCache, starts: Ints | None = None) -> Floats:
    """Logits of the token after the last column of ids; the cache then holds these columns too.

    A prompt may come in one chunk or in several. Prompts of different lengths are padded on the left with any id,
    and `starts` tells the column where each begins: nothing before it is looked at. Rotary positions are relative, so
    they need no change. Ids are trusted to be in the vocabulary: `generate` checks them once.
    Shapes: ids (B, t), starts (B,) -> (B, V).
    Raises: ValueError if the cache is for another batch size or has no room for t more columns.
    """
    config, params = model.config, model.params
    B, t = ids.shape
    first, end = cache.filled, cache.filled + t
    _, batch, _, length, D = cache.keys.shape
    if batch != B or end > length:
        raise ValueError(
            f"expected ids of {batch} rows and at most {length - first} columns, got {ids.shape}; "
            "make a KVCache of that batch or with more length."
        )
    cos, sin = cache.cos[first:end], cache.sin[first:end]
    unseen = _unseen(first, end, starts)
    X = params["embedding"][ids.reshape(-1)]  # (B, t, C) -> (B * t, C): each weight then is one product
    for i in range(config.n_layer):
        block = f"blocks.{i}."
        N, _ = rms_norm(X, params[block + "attention_norm"], config.norm_epsilon)
        # (B * t, heads * D) -> (B, heads, t, D)
        Q, K, V = (
            matmul(N, params[block + name]).reshape(B, t, -1, D).transpose(0, 2, 1, 3)
            for name in ("query", "key", "value")
        )
        keys, values = cache.keys[i, :, :, :end], cache.values[i, :, :, :end]
        keys[:, :, first:], _ = rotate(K, cos, sin)
        values[:, :, first:] = V
        A = _attend(rotate(Q, cos, sin)[0], keys, values, unseen)
        X += matmul(A.transpose(0, 2, 1, 3).reshape(B * t, -1), params[block + "output"])
        N, _ = rms_norm(X, params[block + "mlp_norm"], config.norm_epsilon)
        G, _ = swiglu(matmul(N, params[block + "gate"]), matmul(N, params[block + "up"]))
        X += matmul(G, params[block + "down"])
    cache.filled = end
    H, _ = rms_norm(X[t - 1 :: t], params["final_norm"], config.norm_epsilon)
    return matmul(H, model.head)


def _attend(Q: Floats, keys: Floats, values: Floats, unseen: npt.NDArray[np.bool] | None) -> Floats:
    """Attention of Q (B, n_head, t, D) to keys and values (B, n_kv_head, end, D) -> (B, n_head, t, D)."""
    B, n_head, t, D = Q.shape
    _, n_kv_head, end, _ = keys.shape
    # The queries that share a key head, one below the other.
    P = matmul(Q.reshape(B, n_kv_head, -1, D), keys.swapaxes(-1, -2))
    P *= D**-0.5
    if unseen is not None:
        # A finite number, for a query in the padding sees nothing at all and still has to be one.
        np.copyto(P.reshape(B, n_head, t, end), np.finfo(P.dtype).min, where=unseen)
    P -= P.max(axis=-1, keepdims=True)
    np.exp(P, out=P)
    P /= P.sum(axis=-1, keepdims=True)
    return matmul(P, values).reshape(Q.shape)


def _unseen(first: int, end: int, starts: Ints | None) -> npt.NDArray[np.bool] | None:
    """Which columns the new ones must not look at, later ones and padding: (1, t, end) or (B, 1, t, end)."""
    if starts is None and end - first == 1:
        return None
    columns = np.arange(end)
    unseen = columns > columns[first:, None]
    if starts is not None:
        unseen = unseen | (columns < starts[:, None, None])
    return unseen[..., None, :, :]
