"""Where the files of the package's checkpoints come from: its own folder, unless a page of the site says otherwise.

Python boots with this in the page, so it imports little.
"""

from collections.abc import Callable
from typing import Protocol

_source: Callable[[str], bytes] | None = None


class Fetched(Protocol):
    """Bytes as a page's worker hands them over."""

    def to_bytes(self) -> bytes:
        """The same as Python's."""


def use_source(read: Callable[[str], bytes] | None) -> None:
    """Have this function read the files of the package's checkpoints, by their names; None reads from the package."""
    global _source
    _source = read


def source() -> Callable[[str], bytes] | None:
    """The function that was put in the package's place, if any."""
    return _source


def fetch_checkpoints_with(fetch: Callable[[str], Fetched | str]) -> None:
    """Have this function fetch what the package lacks, by its name: bytes, or text that says why it could not.

    That text is the ValueError of whoever asked for the file.
    """

    def read(file: str) -> bytes:
        from pathlib import Path

        packaged = Path(__file__).parents[2] / "checkpoints" / file
        if packaged.is_file():
            return packaged.read_bytes()
        found = fetch(file)
        if isinstance(found, str):
            raise ValueError(found)
        return found.to_bytes()

    use_source(read)
