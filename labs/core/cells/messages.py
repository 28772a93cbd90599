"""Outputs as JSON: whatever a program shows becomes plain data that any page can parse."""

import json
import math
from base64 import b64encode
from collections.abc import Mapping

MAX_PLAIN_CHARS = 100_000  # a repr longer than this is cut, and says so


def output_json(output: Mapping[str, object]) -> str:
    """One output as JSON in ASCII, so that even half a character pair passes."""
    return json.dumps(_plain(output), allow_nan=False, separators=(",", ":"))


def cut_text(text: str, limit: int = MAX_PLAIN_CHARS) -> str:
    """The text, or its beginning and how much is missing.

    Example: `cut_text("abcdef", 4)` -> `abcd… (2 more characters)`.
    """
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def _plain(value: object) -> object:
    """Data that JSON has: NumPy becomes lists, NaN and infinity become null, anything else its text."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, int):
        # Past the digits that Python itself will write, the nearest float or nothing.
        return int(value) if value.bit_length() < 10_000 else None
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode("ascii")
    tolist = getattr(value, "tolist", None)
    return _plain(tolist()) if callable(tolist) else str(value)
