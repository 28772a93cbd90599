"""What training costs: operations, hours, and money."""

from labs.core.published import training_flops as training_flops

SECONDS_PER_HOUR = 3600


def gpu_hours(flops: float, peak_flops_per_second: float, utilisation: float) -> float:
    """The hours that the operations take one GPU, which reaches a share of its peak.

    Raises: ValueError if the peak is not positive or the utilisation not above 0 and up to 1.
    """
    if not peak_flops_per_second > 0:
        raise ValueError(f"peak: expected operations per second above 0, got {peak_flops_per_second!r}.")
    if not 0 < utilisation <= 1:
        raise ValueError(f"utilisation: expected above 0 and up to 1, got {utilisation!r}; 40 % is 0.4.")
    return flops / (peak_flops_per_second * utilisation) / SECONDS_PER_HOUR
