"""The labs' folders in a page: each is an archive of the site, fetched and put in its place when it is first imported.

What pip installs has all folders, and nothing here is used. Python boots with this in the page, so it imports little.
"""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from labs.core.cells.tracebacks import hide_frames_of


class Fetched(Protocol):
    """Bytes as a page's worker hands them over."""

    def to_bytes(self) -> bytes:
        """The same as Python's."""


Hash = Callable[[Fetched], str]
Place = Callable[[str, Hash], str]
"""Fetches a lab's archive, checks its hash and puts its files into their place; or else says why it could not."""


class LabNotFetched(ImportError):
    """A lab's archive could not be had; the message is for the reader."""

    for_people = True


class LabFinder:
    """Has a lab's folder put in its place before Python looks for it; a lab that could not be had stays waiting."""

    def __init__(self, waiting: dict[str, list[str]], place: Place) -> None:
        self.waiting = waiting
        self.place = place

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """Find nothing, but see that those who look next find a lab.

        Raises: LabNotFetched if its archive could not be had.
        """
        package, _, slug = name.partition(".")
        if package != "labs" or slug not in self.waiting:
            return
        if fault := self.place(slug, sha256):
            raise LabNotFetched(fault, name=name)
        del self.waiting[slug]
        from importlib import invalidate_caches

        invalidate_caches()


_finder: LabFinder | None = None


def fetch_labs_with(place: Place | None, labs_json: str = "{}") -> None:
    """Have this function put labs in their places, which are named with the modules that hold their exercises, as JSON.

    With None, only the folders that are there are labs.
    """
    global _finder
    if _finder is not None and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    _finder = LabFinder(json.loads(labs_json), place) if place else None
    if _finder is not None:
        sys.meta_path.insert(0, _finder)


def waiting_labs() -> dict[str, list[str]]:
    """The labs that are yet to be fetched, each with the modules that hold its exercises."""
    return _finder.waiting if _finder else {}


def sha256(fetched: Fetched) -> str:
    """SHA-256 of bytes, in base64."""
    import hashlib
    from binascii import b2a_base64

    return b2a_base64(hashlib.sha256(fetched.to_bytes()).digest(), newline=False).decode()


hide_frames_of(LabFinder.find_spec)
