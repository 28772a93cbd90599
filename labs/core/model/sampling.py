"""From logits to the next token: temperature, top-k, top-p, and the draw."""

import math
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats, Ints

ROUNDING = 1e-12
"""What float64 may lose in a sum of probabilities: 0.6 + 0.2 has to reach top_p = 0.8."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen: temperature first, then top_k, then top_p of what top_k left.

    temperature 0 is greedy. top_k 0 and top_p 1 leave out nothing.
    Raises: ValueError if the temperature is negative or not finite, top_k negative or top_p outside (0, 1].
    Source: Fan et al. 2018 (top-k); Holtzman et al. 2020 (top-p, "nucleus").
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers as soon as they are given."""
        if not 0 <= self.temperature < math.inf:
            raise ValueError(
                f"temperature: expected a finite number of 0 or more, got {self.temperature!r}; "
                "0 is greedy, 1 leaves the model's probabilities as they are."
            )
        if self.top_k < 0 or self.top_k != int(self.top_k):
            raise ValueError(f"top_k: expected a whole number of 0 or more, got {self.top_k!r}; 0 keeps every token.")
        if not 0 < self.top_p <= 1:
            raise ValueError(
                f"top_p: expected a number above 0 and up to 1, got {self.top_p!r}; 1 keeps every token, "
                "and a small one only the most likely."
            )

    def distribution(self, logits: Floats) -> Floats:
        """Probabilities that the next token is drawn from, in float64 whatever the logits are.

        top_k keeps that many tokens, top_p the fewest that together reach it; of equally likely ones the first.
        Shapes: (..., V) -> (..., V), each row sums to 1.
        Raises: ValueError if a row of logits has a NaN, an infinity, or nothing but -infinity.
        Example: Sampling(top_k=2).distribution(np.log([0.5, 0.1, 0.4])) -> [0.556, 0, 0.444]
        """
        if self.temperature == 0:
            certain: Floats = np.zeros(logits.shape)
            np.put_along_axis(certain, _most_likely(logits)[..., None], 1, axis=-1)
            return certain
        best = _finite(logits.max(axis=-1, keepdims=True))
        with np.errstate(over="ignore"):  # a temperature near 0 may send all but the best to -infinity: rightly
            weights = np.exp((logits - best.astype(np.float64)) / self.temperature)
        probabilities: Floats = weights / weights.sum(axis=-1, keepdims=True)
        if 0 < self.top_k < logits.shape[-1] or self.top_p < 1:
            probabilities = self._truncated(probabilities)
        return probabilities

    def _truncated(self, probabilities: Floats) -> Floats:
        order = np.argsort(-probabilities, axis=-1, kind="stable")
        likely_first = np.take_along_axis(probabilities, order, axis=-1)
        if self.top_k:
            likely_first[..., self.top_k :] = 0
            likely_first /= likely_first.sum(axis=-1, keepdims=True)
        if self.top_p < 1:
            before = likely_first.cumsum(axis=-1) - likely_first
            before[..., 0] = -1  # the most likely one stays, however small top_p is
            likely_first[before >= self.top_p - ROUNDING] = 0
            likely_first /= likely_first.sum(axis=-1, keepdims=True)
        kept = np.empty_like(probabilities)
        np.put_along_axis(kept, order, likely_first, axis=-1)
        return kept

    def choose(self, logits: Floats, uniform: Floats) -> Ints:
        """The next token of each row: the most likely one if greedy, otherwise where a uniform number falls.

        Shapes: logits (B, V), uniform (B,) from [0, 1) -> ids (B,).
        Raises: ValueError as `distribution` does.
        """
        if self.temperature == 0:
            return _most_likely(logits)
        cumulative = self.distribution(logits).cumsum(axis=-1)
        cumulative /= cumulative[:, -1:]  # exactly 1 at the last token that can be drawn, so none after it is
        chosen: Ints = (cumulative <= uniform[:, None]).sum(axis=-1)
        return chosen


UNCHANGED = Sampling()
"""Draw from the model's own probabilities."""


def _most_likely(logits: Floats) -> Ints:
    _finite(logits.max(axis=-1))
    chosen: Ints = logits.argmax(axis=-1)
    return chosen


def _finite(best: Floats) -> Floats:
    if not np.isfinite(best).all():
        raise ValueError(
            f"logits: expected a finite largest one in every row, got {best[~np.isfinite(best)][0]}; "
            "the weights have probably diverged in training: lower the learning rate or load a checkpoint."
        )
    return best
