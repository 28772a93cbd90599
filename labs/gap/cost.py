"""What training costs: operations, hours, and money."""

SECONDS_PER_HOUR = 3600
FLOPS_PER_PETAFLOP_DAY = 1e15 * 24 * SECONDS_PER_HOUR


def training_flops(parameters: float, tokens: float) -> float:
    """The operations that training takes: 6 for each parameter and token.

    Units: parameters and tokens as they are, not in billions -> floating-point operations.
    Raises: ValueError if either is not positive.
    Source: Kaplan et al. 2020; 2 for the forward pass and 4 for the backward pass.
    """
    if not (parameters > 0 and tokens > 0):
        given = (parameters, tokens)
        raise ValueError(f"parameters and tokens: expected numbers above 0, got {given!r}; give both in full.")
    return 6 * parameters * tokens


def gpu_hours(flops: float, peak_flops_per_second: float, utilisation: float) -> float:
    """The hours that the operations take one GPU, which reaches a share of its peak.

    Raises: ValueError if the peak is not positive or the utilisation not above 0 and up to 1.
    """
    if not peak_flops_per_second > 0:
        raise ValueError(f"peak: expected operations per second above 0, got {peak_flops_per_second!r}.")
    if not 0 < utilisation <= 1:
        raise ValueError(f"utilisation: expected above 0 and up to 1, got {utilisation!r}; 40 % is 0.4.")
    return flops / (peak_flops_per_second * utilisation) / SECONDS_PER_HOUR
