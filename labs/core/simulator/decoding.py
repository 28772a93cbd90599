"""A base model in small: it knows how texts go on, and nothing else."""

import math
from collections.abc import Iterator, Mapping, Sequence

from labs.core.simulator.table import TABLE, Continuation

SAMPLES_PER_BATCH = 100


def distribution(prefix: str, table: Mapping[str, Sequence[Continuation]] = TABLE) -> tuple[Continuation, ...]:
    """The continuations of a prefix with their probabilities, as the table has them.

    Raises: ValueError for a prefix that the table lacks: a real model continues anything.
    """
    known = prefix.strip()
    if known in table:
        return tuple(table[known])
    from labs.core.contract.controls import nearest

    close = nearest(known, list(table))
    listed = "; ".join(repr(key) for key in table)
    fix = f"Did you mean {close!r}?" if close else "Choose one of them."
    raise ValueError(
        f"Unknown prefix {prefix!r}: a real model continues anything; this table knows only {listed}. {fix}"
    )


def greedy(prefix: str, table: Mapping[str, Sequence[Continuation]] = TABLE) -> Continuation:
    """The most likely continuation; the first of them if several are."""
    return max(distribution(prefix, table), key=lambda continuation: continuation.probability)


def apply_temperature(probabilities: Sequence[float], temperature: float) -> list[float]:
    """Sharpen (temperature below 1) or flatten (above 1) a distribution: softmax of log p / temperature.

    Shapes: (V,) -> (V,). At 0 the most likely get everything, ties in equal parts; what had 0 keeps 0.
    Raises: ValueError if the temperature is negative or the probabilities are none.
    Example: `apply_temperature([0.8, 0.2], 0.5)` -> `[0.941…, 0.058…]`.
    """
    if not temperature >= 0:
        raise ValueError(f"temperature: expected 0 or more, got {temperature!r}; 1 leaves the table as it is.")
    if any(not 0 <= p <= 1 for p in probabilities) or not math.isclose(math.fsum(probabilities), 1):
        raise ValueError(
            f"probabilities: expected numbers from 0 to 1 that sum to 1, got {list(probabilities)!r} "
            f"(sum {math.fsum(probabilities):.6g}); divide each by their sum."
        )
    most = max(probabilities)
    if temperature == 0:
        weights = [float(p == most) for p in probabilities]
    else:
        # Relative to the most likely one every exponent is at most 0, so nothing overflows.
        weights = [math.exp((math.log(p) - math.log(most)) / temperature) if p > 0 else 0.0 for p in probabilities]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def sample(
    prefix: str,
    temperature: float = 1.0,
    num_samples: int = 1,
    seed: int = 0,
    table: Mapping[str, Sequence[Continuation]] = TABLE,
) -> list[Continuation]:
    """Draw continuations at random; the same seed draws the same ones.

    Raises: ValueError for an unknown prefix, a negative temperature, or num_samples below 1.
    """
    return [drawn for batch in sample_batches(prefix, temperature, num_samples, seed, table) for drawn in batch]


def sample_batches(
    prefix: str,
    temperature: float,
    num_samples: int,
    seed: int,
    table: Mapping[str, Sequence[Continuation]] = TABLE,
) -> Iterator[list[Continuation]]:
    """The draws of `sample`, SAMPLES_PER_BATCH at a time."""
    if num_samples < 1:
        raise ValueError(f"num_samples: expected 1 or more, got {num_samples!r}; ask for at least one.")
    import numpy as np  # only sampling needs it, and a page loads it when it is needed

    continuations = distribution(prefix, table)
    probabilities = apply_temperature([c.probability for c in continuations], temperature)
    rng = np.random.default_rng(seed)
    for start in range(0, num_samples, SAMPLES_PER_BATCH):
        size = min(SAMPLES_PER_BATCH, num_samples - start)
        yield [continuations[i] for i in rng.choice(len(continuations), size, p=probabilities)]


def harmful_mass(prefix: str, temperature: float = 1.0, table: Mapping[str, Sequence[Continuation]] = TABLE) -> float:
    """The probability that a prefix is continued harmfully at this temperature."""
    continuations = distribution(prefix, table)
    probabilities = apply_temperature([c.probability for c in continuations], temperature)
    return math.fsum(p for p, c in zip(probabilities, continuations, strict=True) if c.harmful)
