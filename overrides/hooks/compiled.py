"""Archives of Python modules, byte-compiled by the page's own Python: the page starts without compiling a line."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from labs.core.files import write_whole
from overrides.hooks.common import node, run, sha256, tree_hash

SCRIPTS = (Path(__file__).with_name("compile.mjs"), Path(__file__).with_name("compiling.py"))
STDLIB_ROOT = "/lib/python314.zip"
PACKAGES_ROOT = "/lib/python3.14/site-packages"


class Compiler(Protocol):
    """What makes byte-compiled copies; tests put others in its place."""

    def __call__(
        self, sources: Sequence[Path], root: str, keep_sources: bool, pyodide: Path, cache: Path
    ) -> list[Path]:
        """The copy of each archive."""


def byte_compiled(sources: Sequence[Path], root: str, keep_sources: bool, pyodide: Path, cache: Path) -> list[Path]:
    """The byte-compiled copy of each archive, under its own name, from the cache or else made by one start of Pyodide.

    `root` is the folder or archive from which the page imports them. A copy is kept under a hash of its original,
    of the scripts that made it, and of Pyodide.

    Raises: BuildStop with the module and the line if one does not compile.
    """
    made_by = tree_hash(SCRIPTS, root, str(keep_sources), sha256(pyodide / "pyodide.asm.wasm"))
    targets = [cache / "compiled" / f"{made_by}-{sha256(source)[:12]}" / source.name for source in sources]
    missing = [(source, target) for source, target in zip(sources, targets, strict=True) if not target.exists()]
    if missing:
        _compile(missing, root, keep_sources, pyodide)
    return targets


def _compile(missing: list[tuple[Path, Path]], root: str, keep_sources: bool, pyodide: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        fresh = [Path(temporary) / str(number) for number in range(len(missing))]
        archives = [[str(source), str(made)] for (source, _), made in zip(missing, fresh, strict=True)]
        jobs = Path(temporary) / "jobs.json"
        jobs.write_text(json.dumps({"root": root, "keep_sources": keep_sources, "archives": archives}))
        names = ", ".join(source.name for source, _ in missing)
        fix = "mend the module named above; if none is, run `make setup`, which installs Node.js and Pyodide anew."
        run([node(), str(SCRIPTS[0]), str(pyodide), str(jobs)], f"Byte-compiling {names}", fix)
        for (_, target), made in zip(missing, fresh, strict=True):
            write_whole(target, made.read_bytes())
