"""What the stages ask of their arguments."""

from collections.abc import Sequence

import numpy as np

from labs.core.model.config import ModelConfig


def check_whole(name: str, value: int, minimum: int = 1) -> None:
    """Refuse what is no whole number, or one below the minimum.

    Raises: ValueError, naming the argument.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < minimum:
        raise ValueError(f"{name}: expected a whole number from {minimum} up, got {value!r}; give at least {minimum}.")


def check_share(name: str, value: float) -> None:
    """Refuse a share outside 0 to 1.

    Raises: ValueError, naming the argument.
    """
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: expected a share from 0 to 1, got {value!r}; 0.1 is a tenth.")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a word that is none of the choices.

    Raises: ValueError, naming the argument.
    """
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(choices)}, got {value!r}; choose one of them.")


def check_ids(name: str, sequences: Sequence[Sequence[int]], config: ModelConfig, longest: int) -> None:
    """Refuse sequences that the model cannot read: none at all, an empty or too long one, ids that are no tokens.

    Raises: ValueError, naming the first bad one by its index.
    """
    if not len(sequences):
        raise ValueError(f"{name}: expected at least one, got none; is the data set empty?")
    for i, ids in enumerate(sequences):
        if not 1 <= len(ids) <= longest:
            raise ValueError(
                f"{name}[{i}]: expected 1 to {longest} tokens (context_length is {config.context_length}), "
                f"got {len(ids)}; leave it out or cut it."
            )
        if min(ids) < 0 or max(ids) >= config.vocab_size:
            raise ValueError(
                f"{name}[{i}]: expected token ids from 0 to {config.vocab_size - 1}, got {min(ids)} to {max(ids)}; "
                f"encode with the model's own tokenizer."
            )
