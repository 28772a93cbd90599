"""A filter outside the model: it sets probabilities to zero, and has to mend what that breaks."""

from collections.abc import Sequence

from labs.assistant_simulator.replies import BLOCKED
from labs.assistant_simulator.rows import Row, mass, with_probabilities


def is_blocked(text: str, phrases: Sequence[str] = BLOCKED) -> bool:
    """True if one of the phrases occurs in the text, in capitals or not."""
    return any(phrase.lower() in text.lower() for phrase in phrases)


def zeroed(row: Row, phrases: Sequence[str] = BLOCKED) -> Row:
    """The row with 0 for every blocked line. It sums to less than 1: it is no distribution any more."""
    return with_probabilities(row, [0.0 if is_blocked(line.text, phrases) else line.probability for line in row])


def renormalised(row: Row) -> Row:
    """The row divided by its sum, so that it sums to 1 again.

    Raises: ValueError if nothing is left to divide.
    """
    total = mass(row)
    if not total > 0:
        raise ValueError(f"A row to renormalise: expected some probability, got a sum of {total!r}; block fewer lines.")
    return with_probabilities(row, [line.probability / total for line in row])
