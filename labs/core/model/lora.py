"""Low-rank adapters: a frozen model, and for each of its matrices a small change that is learned."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.config import MATRICES
from labs.core.model.matmul import matmul
from labs.core.model.transformer import Transformer


class Lora:
    """Adapters for the matrices of a model's blocks: each becomes W + alpha / rank * a @ b.

    `a` starts at random and `b` at 0, so that at first nothing changes; alpha, left out, is the rank.
    Shapes: adapters `NAME.a` (in, rank) and `NAME.b` (rank, out), for a matrix NAME (in, out).
    Raises: ValueError if rank is below 1, alpha not positive, or names are none or no matrices of a block.
    Source: Hu et al. 2021, section 4.1.
    """

    def __init__(
        self, model: Transformer, rank: int, seed: int, alpha: float | None = None, names: Sequence[str] = MATRICES
    ) -> None:
        if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
            raise ValueError(f"rank: expected a whole number from 1 up, got {rank!r}; 4 or 8 is usual.")
        if alpha is not None and not 0 < alpha < math.inf:
            raise ValueError(f"alpha: expected a positive number, got {alpha!r}; leave it out for alpha = rank.")
        if not names or not set(names) <= set(MATRICES):
            raise ValueError(f"names: expected some of {MATRICES}, got {tuple(names)}; name matrices of a block.")
        self.model = model
        self.scale = 1.0 if alpha is None else alpha / rank
        self.adapters: dict[str, Floats] = {}
        rng = np.random.default_rng(seed)
        for name, W in model.params.items():
            if name.rpartition(".")[2] in names and name.startswith("blocks."):
                self.adapters[f"{name}.a"] = rng.normal(0, 1 / math.sqrt(len(W)), (len(W), rank)).astype(W.dtype)
                self.adapters[f"{name}.b"] = np.zeros((rank, W.shape[1]), W.dtype)

    def merged(self) -> Transformer:
        """The model with its changes added in; the weights without adapters are the frozen model's own arrays."""
        params = dict(self.model.params)
        for name in self._adapted():
            change = matmul(self.adapters[f"{name}.a"], self.adapters[f"{name}.b"])
            change *= self.scale
            change += params[name]
            params[name] = change
        return Transformer(self.model.config, params)

    def pullback(self, grads: Mapping[str, Floats]) -> dict[str, Floats]:
        """The adapters' gradients, from the gradients of the merged model's weights.

        Shapes: as the model's weights -> as the adapters.
        """
        pulled: dict[str, Floats] = {}
        for name in self._adapted():
            dW = grads[name] * self.scale
            pulled[f"{name}.a"] = matmul(dW, self.adapters[f"{name}.b"].T)
            pulled[f"{name}.b"] = matmul(self.adapters[f"{name}.a"].T, dW)
        return pulled

    def _adapted(self) -> list[str]:
        return [name.removesuffix(".a") for name in self.adapters if name.endswith(".a")]
