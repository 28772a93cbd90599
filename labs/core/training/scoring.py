"""How likely a model finds the scored tokens of a batch, with gradients."""

from collections.abc import Callable

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.layers import linear
from labs.core.model.losses import cross_entropy, target_logps
from labs.core.model.transformer import Transformer
from labs.core.training.data import Batch

Grads = dict[str, Floats]


def scored_logits(model: Transformer, batch: Batch) -> tuple[Floats, Callable[[Floats], Grads]]:
    """The logits at the scored positions only: prompts and padding cost no product with the vocabulary.

    Shapes: N scored tokens -> (N, V); backward(dlogits (N, V)) -> gradients shaped like the weights.
    """
    H, hidden_backward = model.hidden(batch.inputs)
    scored = batch.scored
    logits, head_backward = linear(H[scored], model.head)  # (B, T, C) -> (N, C) -> (N, V)

    def backward(dlogits: Floats) -> Grads:
        dH = np.zeros_like(H)
        dH[scored], dhead = head_backward(dlogits)
        grads = hidden_backward(dH)
        if model.config.tied:
            grads["embedding"] += dhead.T
        else:
            grads["head"] = dhead
        return grads

    return logits, backward


def batch_loss(model: Transformer, batch: Batch) -> tuple[float, Callable[[], Grads]]:
    """The mean of -log p over the scored tokens.

    Units: nats a token.
    Raises: ValueError if no token is scored.
    """
    logits, logits_backward = scored_logits(model, batch)
    loss, loss_backward = cross_entropy(logits, batch.targets[batch.scored], batch.weights[batch.scored])
    return loss, lambda: logits_backward(loss_backward())


def token_logps(model: Transformer, batch: Batch) -> tuple[Floats, Callable[[Floats], Grads]]:
    """The log-probability of each scored token, row after row.

    Shapes: -> (N,); backward(dlogps (N,)) -> gradients shaped like the weights.
    Units: nats.
    """
    logits, logits_backward = scored_logits(model, batch)
    logps, logps_backward = target_logps(logits, batch.targets[batch.scored])
    return logps, lambda dlogps: logits_backward(logps_backward(dlogps))


def sum_rows(values: Floats, batch: Batch) -> Floats:
    """Sums of what the scored tokens have, row by row.

    Shapes: (N,) -> (B,).
    """
    table = np.zeros(batch.weights.shape, values.dtype)
    table[batch.scored] = values
    sums: Floats = table.sum(axis=1)
    return sums
