"""How options that several commands share are read."""

from collections.abc import Sequence


def names_among(known: Sequence[str], text: str) -> tuple[str, ...]:
    """Names separated by commas, in the order in which they are known.

    Raises: ValueError for one that isn't.
    Example: "chat,base" -> ("base", "chat")
    """
    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"Names: expected some of {','.join(known)}, got {unknown[0]!r}; separate them by commas.")
    return tuple(name for name in known if name in names)


def seed_number(text: str) -> int:
    """A whole number of 0 or more.

    Raises: ValueError for anything else.
    """
    if not text.strip().isdecimal():
        raise ValueError(f"Seed: expected a whole number of 0 or more, got {text!r}; 0 will do.")
    return int(text)
