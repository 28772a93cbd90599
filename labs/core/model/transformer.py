"""The language model: a Llama in small, from token ids to the logits of the next token, and back to gradients.

Source: Touvron et al. 2023 (Llama), whose layers these are: rotary positions, RMS norm, SwiGLU, no biases.
"""

import math
from collections.abc import Callable, Mapping
from typing import Self

import numpy as np
import numpy.typing as npt

from labs.core.model.arrays import Floats, Ints, reuse_freed_memory
from labs.core.model.attention import causal_attention, rotary_tables, rotate
from labs.core.model.config import ModelConfig
from labs.core.model.layers import embed, linear, rms_norm, swiglu
from labs.core.model.matmul import matmul

Gradients = dict[str, Floats]

EMBEDDING_DEVIATION = 0.1

reuse_freed_memory()


class Transformer:
    """A decoder-only language model: its config and its weights by name.

    Shapes: the weights have `config.shapes()`; B texts, T tokens, C = n_embd, V = vocab_size.
    Raises: ValueError if a weight is missing, unknown, of another shape or of another dtype than the rest.
    """

    def __init__(self, config: ModelConfig, params: Mapping[str, Floats]) -> None:
        shapes = config.shapes()
        if params.keys() != shapes.keys():
            missing, unknown = sorted(shapes.keys() - params.keys()), sorted(params.keys() - shapes.keys())
            raise ValueError(
                f"params: expected the weights of config.shapes(), got none for {missing} and unknown {unknown}; "
                f"take config and weights from the same model."
            )
        for name, shape in shapes.items():
            if params[name].shape != shape:
                raise ValueError(f"{name}: expected the shape {shape}, got {params[name].shape}; is this its config?")
        dtypes = {array.dtype for array in params.values()}
        if len(dtypes) > 1 or not np.issubdtype(next(iter(dtypes)), np.floating):
            raise ValueError(
                f"params: expected one floating dtype, got {sorted(map(str, dtypes))}; use astype on the arrays."
            )
        self.config = config
        self.params: dict[str, Floats] = {name: params[name] for name in shapes}

    @classmethod
    def initialize(cls, config: ModelConfig, seed: int, dtype: npt.DTypeLike = np.float32) -> Self:
        """A model that has learned nothing: normal weights that keep the size of what passes through, gains 1.

        A matrix from n inputs has the deviation 1/√n, the embedding 0.1. What adds to the residual stream starts
        smaller, by √(2 n_layer), for it adds up that many times. (The usual fixed 0.02 suits wide models: in one as
        narrow as ours attention would start flat, and learn to look back far later.)
        Source: LeCun et al. 1998, "Efficient BackProp", section 4.6; Radford et al. 2019 (GPT-2), section 2.3.
        """
        rng = np.random.default_rng(seed)
        params: dict[str, Floats] = {}
        for name, shape in config.shapes().items():
            if len(shape) == 1:
                params[name] = np.ones(shape, dtype)
                continue
            deviation = EMBEDDING_DEVIATION if name == "embedding" else 1 / math.sqrt(shape[0])
            if name.endswith((".output", ".down")):
                deviation /= math.sqrt(2 * config.n_layer)
            params[name] = rng.normal(0, deviation, shape).astype(dtype)
        return cls(config, params)

    @property
    def n_params(self) -> int:
        """How many numbers the model learns."""
        return self.config.n_params

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The dtype of the weights, and so of everything computed from them."""
        return self.params["embedding"].dtype

    @property
    def head(self) -> Floats:
        """The matrix from hidden states to logits (C, V): the embedding's transpose where they are tied."""
        return self.params["embedding"].T if self.config.tied else self.params["head"]

    def copy(self) -> Self:
        """The same model with weights of its own."""
        return type(self)(self.config, {name: array.copy() for name, array in self.params.items()})

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """A copy that computes in another dtype."""
        return type(self)(self.config, {name: array.astype(dtype) for name, array in self.params.items()})

    def forward(self, ids: Ints) -> tuple[Floats, Callable[[Floats], Gradients]]:
        """The logits of the token after each position, and backward from their gradient to the weights'.

        Shapes: ids (B, T) -> (B, T, V); backward(dlogits (B, T, V)) -> gradients shaped like the weights.
        Raises: ValueError if ids are not (B, T), longer than the context or outside the vocabulary.
        """
        H, hidden_backward = self.hidden(ids)
        logits, head_backward = linear(H, self.head)

        def backward(dlogits: Floats) -> Gradients:
            dH, dhead = head_backward(dlogits)
            grads = hidden_backward(dH)
            if self.config.tied:
                grads["embedding"] += dhead.T
            else:
                grads["head"] = dhead
            return grads

        return logits, backward

    def hidden(self, ids: Ints) -> tuple[Floats, Callable[[Floats], Gradients]]:
        """The hidden states after the final norm, from which the head reads the logits.

        Shapes: ids (B, T) -> (B, T, C); backward(dH (B, T, C)) -> gradients shaped like the weights.
        Raises: ValueError if ids are not (B, T), longer than the context or outside the vocabulary.
        """
        X, embed_backward = embed(self._checked(ids), self.params["embedding"])
        parts = [add(i, X) for i in range(self.config.n_layer) for add in (self._add_attention, self._add_mlp)]
        H, norm_backward = rms_norm(X, self.params["final_norm"], self.config.norm_epsilon)

        def backward(dH: Floats) -> Gradients:
            dX, dfinal_norm = norm_backward(dH)
            grads = {"final_norm": dfinal_norm}
            for part_backward in reversed(parts):
                grads |= part_backward(dX)
            (grads["embedding"],) = embed_backward(dX)
            if not self.config.tied:
                grads["head"] = np.zeros_like(self.params["head"])
            return {name: grads[name] for name in self.params}

        return H, backward

    def forward_only(self, ids: Ints) -> Floats:
        """The logits of `forward`, with nothing kept for a backward.

        Shapes: ids (B, T) -> (B, T, V).
        Raises: ValueError if ids are not (B, T), longer than the context or outside the vocabulary.
        """
        X, _ = embed(self._checked(ids), self.params["embedding"])
        for i in range(self.config.n_layer):
            self._add_attention(i, X)
            self._add_mlp(i, X)
        H, _ = rms_norm(X, self.params["final_norm"], self.config.norm_epsilon)
        return matmul(H, self.head)

    def _add_attention(self, i: int, X: Floats) -> Callable[[Floats], Gradients]:
        """Add block i's attention to the residual stream X, in place.

        Shapes: X (B, T, C); backward(dX (B, T, C)) -> the part's gradients, and dX, in place, is that of X before.
        """
        part, W = f"blocks.{i}.", self.params
        cos, sin = (table[: X.shape[1]] for table in self._rotary_tables())
        N, norm_backward = rms_norm(X, W[part + "attention_norm"], self.config.norm_epsilon)
        Q, query_backward = linear(N, W[part + "query"])
        K, key_backward = linear(N, W[part + "key"])
        V, value_backward = linear(N, W[part + "value"])
        Q, query_turn_backward = rotate(self._split(Q), cos, sin)
        K, key_turn_backward = rotate(self._split(K), cos, sin)
        A, attention_backward = causal_attention(Q, K, self._split(V))
        Y, output_backward = linear(self._join(A), W[part + "output"])
        X += Y

        def backward(dX: Floats) -> Gradients:
            dA, doutput = output_backward(dX)
            dQ, dK, dV = attention_backward(self._split(dA))
            dN, dquery = query_backward(self._join(*query_turn_backward(dQ)))
            dN_key, dkey = key_backward(self._join(*key_turn_backward(dK)))
            dN_value, dvalue = value_backward(self._join(dV))
            dN += dN_key
            dN += dN_value
            dX_part, dnorm = norm_backward(dN)
            dX += dX_part
            return {
                part + "attention_norm": dnorm,
                part + "query": dquery,
                part + "key": dkey,
                part + "value": dvalue,
                part + "output": doutput,
            }

        return backward

    def _add_mlp(self, i: int, X: Floats) -> Callable[[Floats], Gradients]:
        """Add block i's MLP to the residual stream X, in place; shapes as for its attention."""
        part, W = f"blocks.{i}.", self.params
        N, norm_backward = rms_norm(X, W[part + "mlp_norm"], self.config.norm_epsilon)
        gate, gate_backward = linear(N, W[part + "gate"])
        up, up_backward = linear(N, W[part + "up"])
        G, swiglu_backward = swiglu(gate, up)
        Y, down_backward = linear(G, W[part + "down"])
        X += Y

        def backward(dX: Floats) -> Gradients:
            dG, ddown = down_backward(dX)
            dgate, dup = swiglu_backward(dG)
            dN, dgate_weights = gate_backward(dgate)
            dN_up, dup_weights = up_backward(dup)
            dN += dN_up
            dX_part, dnorm = norm_backward(dN)
            dX += dX_part
            return {
                part + "mlp_norm": dnorm,
                part + "gate": dgate_weights,
                part + "up": dup_weights,
                part + "down": ddown,
            }

        return backward

    def _rotary_tables(self) -> tuple[Floats, Floats]:
        return rotary_tables(self.config.context_length, self.config.head_width, self.config.rope_base, self.dtype)

    def _split(self, X: Floats) -> Floats:
        # (B, T, heads * D) -> (B, heads, T, D)
        B, T, _ = X.shape
        return X.reshape(B, T, -1, self.config.head_width).transpose(0, 2, 1, 3)

    def _join(self, X: Floats) -> Floats:
        # (B, heads, T, D) -> (B, T, heads * D)
        B, _, T, _ = X.shape
        return X.transpose(0, 2, 1, 3).reshape(B, T, -1)

    def _checked(self, ids: Ints) -> Ints:
        ids = np.asarray(ids)
        if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer) or not ids.size:
            raise ValueError(
                f"ids: expected whole numbers (B, T), got {ids.dtype} {ids.shape}; wrap one text's ids in a list."
            )
        if ids.shape[1] > self.config.context_length:
            raise ValueError(
                f"ids: expected at most {self.config.context_length} tokens (context_length), got {ids.shape[1]}; "
                f"cut the text."
            )
        if ids.min() < 0 or ids.max() >= self.config.vocab_size:
            raise ValueError(
                f"ids: expected token ids from 0 to {self.config.vocab_size - 1}, got {ids.min()} to {ids.max()}; "
                f"encode the text with this model's own tokenizer."
            )
        return ids
