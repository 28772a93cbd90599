"""How likely the model finds the tokens that came, and the loss made of it."""

from collections.abc import Callable

import numpy as np

from labs.core.model.arrays import Floats, Ints
from labs.core.model.replaceable import Replaceable


@Replaceable
def exponential_rows(logits: Floats) -> tuple[Floats, Floats, Floats]:
    """e to the power of each logit less its row's largest, those largest ones, and the rows' sums of the powers.

    Shapes: (N, V) -> (N, V), (N,), (N,).
    """
    largest = logits.max(axis=1)
    exponentials = logits - largest[:, None]
    np.exp(exponentials, out=exponentials)
    return exponentials, largest, exponentials.sum(axis=1)


def target_logps(logits: Floats, targets: Ints) -> tuple[Floats, Callable[[Floats], Floats]]:
    """The log-probability that softmax(logits) gives each target.

    Shapes: logits (N, V), targets (N,) -> (N,); backward(dlogps (N,)) -> dlogits (N, V).
    Units: nats.
    Raises: ValueError if the shapes do not fit, or a target is no token.
    """
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError(
            f"target_logps: expected logits (N, V) and targets (N,), got {logits.shape} and {targets.shape}; "
            f"reshape the logits to (-1, V) and the targets to (-1,)."
        )
    N, V = logits.shape
    if N and (targets.min() < 0 or targets.max() >= V):
        raise ValueError(
            f"targets: expected token ids from 0 to {V - 1}, got {targets.min()} to {targets.max()}; "
            f"give padding any id and the weight 0."
        )
    rows = np.arange(N)
    exponentials, largest, sums = exponential_rows(logits)
    logps = logits[rows, targets]
    logps -= largest
    logps -= np.log(sums)

    def backward(dlogps: Floats) -> Floats:
        dlogits: Floats = exponentials * (-dlogps / sums)[:, None]
        dlogits[rows, targets] += dlogps
        return dlogits

    return logps, backward


def cross_entropy(logits: Floats, targets: Ints, weights: Floats) -> tuple[float, Callable[[], Floats]]:
    """The mean of -log p(target) over the tokens that are scored: those of weight above 0.

    Shapes: logits (N, V), targets and weights (N,) -> loss; backward() -> dlogits (N, V).
    Units: nats a token.
    Raises: ValueError if the shapes do not fit, a target is no token, or the weights are negative or all 0.
    """
    logps, logps_backward = target_logps(logits, targets)
    if weights.shape != targets.shape:
        raise ValueError(
            f"weights: expected one a target, {targets.shape}, got {weights.shape}; reshape them to (-1,)."
        )
    total = float(weights.sum())
    if not total > 0 or weights.min() < 0:
        raise ValueError(
            f"weights: expected none below 0 and one above, got a sum of {total:g}; "
            "give each scored token the weight 1."
        )
    shares = (weights / total).astype(logits.dtype)
    return -float(np.dot(shares, logps)), lambda: logps_backward(-shares)
