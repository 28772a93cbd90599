"""The equivalent size: how large a base model reaches a tuned one's score, read off between measured sizes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from labs.core.model.arrays import Floats

RESAMPLES = 2_000


def equivalent_size(sizes: Sequence[float], scores: Sequence[float], target: float) -> float | None:
    """The smallest size whose score reaches the target, interpolated in log(size); None if none in range does.

    Where the smallest size reaches it already, that size: the answer is then "at most".
    Raises: ValueError if sizes are not positive and rising, or scores are not as many.
    Example: sizes 10, 1000, scores 0.2, 0.6, target 0.4 -> 100.
    """
    if not sizes or sizes[0] <= 0 or any(a >= b for a, b in pairwise(sizes)):
        raise ValueError(f"sizes: expected positive numbers that rise, got {list(sizes)!r}; sort them.")
    if len(scores) != len(sizes):
        raise ValueError(f"scores: expected {len(sizes)}, one a size, got {len(scores)}; measure every size.")
    reached = next((place for place, score in enumerate(scores) if score >= target), None)
    if reached is None:
        return None
    if reached == 0:
        return float(sizes[0])
    below, above = scores[reached - 1], scores[reached]
    share = (target - below) / (above - below)
    return math.exp((1 - share) * math.log(sizes[reached - 1]) + share * math.log(sizes[reached]))


@dataclass(frozen=True)
class Equivalent:
    """An equivalent size with its 95 % interval: None is beyond the largest size, the smallest size is "at most"."""

    sizes: tuple[float, ...]
    size: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """As it is printed: 52k [38k, 110k]; none in range [280k, none]; at most 15k."""
        if self.size == self.low == self.high:
            return self._said(self.size)
        ends = ", ".join("none" if end is None else self._said(end) for end in (self.low, self.high))
        return f"{self._said(self.size)} [{ends}]"

    def _said(self, size: float | None) -> str:
        if size is None:
            return "none in range"
        return f"at most {in_thousands(size)}" if size <= self.sizes[0] else in_thousands(size)


def with_interval(
    sizes: Sequence[float], base: Floats, tuned: Floats, cases: Sequence[int], seed: int = 0
) -> Equivalent:
    """The equivalent size of the mean scores, and the middle 95 % of what a bootstrap makes of it.

    Each resample draws seeds anew for each size, and each drawn score's cases anew. Several abilities are averaged.
    Where all cases agree, the draws agree too: it knows nothing of cases that never occurred.
    Shapes: base (abilities, seeds, sizes), tuned (abilities, seeds), cases (abilities,).
    Source: Efron 1979 (percentile bootstrap).
    """
    size = equivalent_size(sizes, list(base.mean(axis=(0, 1))), float(tuned.mean()))
    rng = np.random.default_rng(seed)
    curves = np.stack([_resampled(base[:, :, place], cases, rng) for place in range(len(sizes))], axis=1)
    targets = _resampled(tuned, cases, rng)
    found = [equivalent_size(sizes, list(curve), target) for curve, target in zip(curves, targets, strict=True)]
    drawn = sorted(math.inf if one is None else one for one in found)
    low, high = (drawn[round(share * (RESAMPLES - 1))] for share in (0.025, 0.975))
    return Equivalent(tuple(sizes), size, *(None if end == math.inf else end for end in (low, high)))


def in_thousands(size: float) -> str:
    """A number of parameters as it is printed: 137k."""
    return f"{size / 1000:.0f}k"


def _resampled(scores: Floats, cases: Sequence[int], rng: np.random.Generator) -> Floats:
    """Means of scores (abilities, seeds) whose seeds and cases are drawn anew: (RESAMPLES,)."""
    seeds = scores.shape[1]
    drawn = scores[:, rng.integers(seeds, size=(RESAMPLES, seeds))]  # (abilities, RESAMPLES, seeds)
    n = np.asarray(cases)[:, None, None]
    means: Floats = (rng.binomial(n, np.clip(drawn, 0, 1)) / n).mean(axis=(0, 2))
    return means
