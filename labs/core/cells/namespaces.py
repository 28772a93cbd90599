"""The names that a page's cells share, and the source that its tracebacks quote."""

import builtins
import linecache
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

from labs.core.cells.running import source_lines
from labs.core.contract.publishing import display, show


class Namespace:
    """One page's `__main__`: its variables and the source of its cells, kept for the whole visit."""

    def __init__(self) -> None:
        """Start with Python's builtins, `display` and `show`."""
        self.module = ModuleType("__main__")
        # exit() from the site module would close stdin for every later cell.
        extras = {"display": display, "show": show, "exit": sys.exit, "quit": sys.exit}
        self.names["__builtins__"] = {**vars(builtins), **extras}
        self._sources: dict[str, str] = {}

    @property
    def names(self) -> dict[str, object]:
        """The global variables of the page's cells."""
        return vars(self.module)

    @contextmanager
    def entered(self, filename: str, source: str) -> Generator[None]:
        """Be `__main__` for one run, with every cell of the page quotable under its file name.

        Pages number their cells alike, so each run puts its own page's sources in place.
        """
        self._sources[filename] = source
        for name, text in self._sources.items():
            linecache.cache[name] = (len(text), None, source_lines(text), name)
        outer = sys.modules.get("__main__")
        sys.modules["__main__"] = self.module
        try:
            yield
        finally:
            if outer is not None:
                sys.modules["__main__"] = outer


_namespaces: dict[str, Namespace] = {}


def namespace(page: str) -> Namespace:
    """The page's names, made when first asked for."""
    if page not in _namespaces:
        _namespaces[page] = Namespace()
    return _namespaces[page]


def forget(page: str) -> None:
    """Drop a page's variables; its next cell starts afresh."""
    _namespaces.pop(page, None)
