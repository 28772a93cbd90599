"""What turns gradients into new weights: clipping, AdamW, and the learning rate's path."""

import math
from collections.abc import Mapping

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.replaceable import Replaceable

Params = Mapping[str, Floats]


def learning_rate_at(step: int, *, peak: float, steps: int, warmup: int, floor: float = 0.1) -> float:
    """The rate for a step, counted from 0: linear warm-up to the peak, then half a cosine down to floor * peak.

    Raises: ValueError unless 0 <= warmup <= steps, peak > 0 and floor is from 0 to 1.
    Source: Loshchilov & Hutter 2017 (SGDR), eq. 5, without its restarts.
    Example: `learning_rate_at(0, peak=1.0, steps=10, warmup=2)` -> `0.5`.
    """
    if not 0 <= warmup <= steps:
        raise ValueError(f"warmup: expected a number of steps from 0 to {steps}, got {warmup!r}; warm up for fewer.")
    if not 0 < peak < math.inf:
        raise ValueError(f"peak: expected a positive learning rate, got {peak!r}; 1e-3 is a start.")
    if not 0 <= floor <= 1:
        raise ValueError(f"floor: expected a share of the peak from 0 to 1, got {floor!r}; 1 keeps the rate constant.")
    if step < warmup:
        return peak * (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, steps - warmup))
    return peak * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done)))


def clip_by_global_norm(grads: Params, limit: float) -> float:
    """Scale all gradients, in place, so that their joint length is at most the limit; return the length they had.

    Raises: ValueError if the limit is not positive, or a gradient is not finite.
    Source: Pascanu et al. 2013, algorithm 1.
    """
    if not limit > 0:
        raise ValueError(f"clip: expected a positive limit, got {limit!r}; math.inf clips nothing.")
    norm = math.sqrt(math.fsum(float(np.vdot(grad, grad)) for grad in grads.values()))
    if not math.isfinite(norm):
        raise ValueError(f"gradients: expected finite numbers, got a norm of {norm}; try a lower learning rate.")
    if norm > limit:
        for grad in grads.values():
            grad *= limit / norm
    return norm


@Replaceable
def adam_step(
    grad: Floats,
    first_moment: Floats,
    second_moment: Floats,
    step: Floats,
    betas: tuple[float, float],
    epsilon: float,
    rate: float,
) -> None:
    """Move both moments, in place, towards the gradient and its square; write rate * first / (√second + epsilon).

    Shapes: all vectors of one length; `grad` is used up.
    """
    beta1, beta2 = betas
    first_moment *= beta1
    np.multiply(grad, 1 - beta1, out=step)
    first_moment += step

    second_moment *= beta2
    np.multiply(grad, grad, out=grad)
    grad *= 1 - beta2
    second_moment += grad

    np.sqrt(second_moment, out=step)
    step += epsilon
    np.divide(first_moment, step, out=step)
    step *= rate


class AdamW:
    """Adam with decoupled weight decay; the decay is on matrices only, for a norm's gain has nothing to shrink to.

    The moments of all weights lie in two vectors, so that an update is a few operations however many weights
    there are by name.
    Raises: ValueError if a constant is out of range.
    Source: Loshchilov & Hutter 2019, algorithm 2; Kingma & Ba 2015 for the order that spares two divisions.
    """

    def __init__(
        self,
        params: Params,
        *,
        betas: tuple[float, float] = (0.9, 0.95),
        epsilon: float = 1e-8,
        weight_decay: float = 0.1,
    ) -> None:
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas: expected two numbers from 0 to below 1, got {betas!r}; (0.9, 0.95) is usual.")
        if not epsilon > 0:
            raise ValueError(f"epsilon: expected a positive number, got {epsilon!r}; 1e-8 is usual.")
        if not weight_decay >= 0:
            raise ValueError(f"weight_decay: expected 0 or more, got {weight_decay!r}; 0 turns it off.")
        self.betas, self.epsilon, self.weight_decay = betas, epsilon, weight_decay
        size = sum(param.size for param in params.values())
        dtype = next(iter(params.values())).dtype
        self.first_moment, self.second_moment = np.zeros(size, dtype), np.zeros(size, dtype)
        self._scratch, self._grad = np.empty(size, dtype), np.empty(size, dtype)
        self.updates = 0

    def update(self, params: Params, grads: Params, learning_rate: float) -> None:
        """Change the weights, in place, by one step against their gradients.

        Raises: ValueError if the gradients' names are not the weights'.
        """
        if params.keys() != grads.keys():
            odd = sorted(params.keys() ^ grads.keys())
            raise ValueError(f"grads: expected one for each weight, got a mismatch in {odd}; take both from one model.")
        self.updates += 1
        beta1, beta2 = self.betas
        grad, scratch = self._grad, self._scratch
        np.concatenate([grads[name].reshape(-1) for name in params], out=grad, casting="equiv")

        # Both moments start at 0 and are too small at first; their corrections are folded into two plain numbers.
        correction = math.sqrt(1 - beta2**self.updates)
        rate = learning_rate * correction / (1 - beta1**self.updates)
        adam_step(grad, self.first_moment, self.second_moment, scratch, self.betas, self.epsilon * correction, rate)

        start = 0
        for param in params.values():
            if param.ndim > 1:
                param *= 1 - learning_rate * self.weight_decay
            param -= scratch[start : start + param.size].reshape(param.shape)
            start += param.size

    def state(self) -> dict[str, np.ndarray]:
        """What an update remembers of those before it, as copies."""
        return {
            "first_moment": self.first_moment.copy(),
            "second_moment": self.second_moment.copy(),
            "updates": np.array(self.updates, np.int32),
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from what `state` returned.

        Raises: ValueError if a part is missing or the moments are for other weights.
        """
        if missing := [name for name in ("first_moment", "second_moment", "updates") if name not in state]:
            raise ValueError(f"optimizer: expected what state() returned, got none of {missing}; save all of it.")
        for name in ("first_moment", "second_moment"):
            mine = getattr(self, name)
            if state[name].shape != mine.shape or state[name].dtype != mine.dtype:
                raise ValueError(
                    f"{name}: expected {mine.dtype} {mine.shape}, got {state[name].dtype} {state[name].shape}; "
                    f"resume with the model and adapter_rank that the state was saved with."
                )
            mine[:] = state[name]
        self.updates = int(state["updates"])
