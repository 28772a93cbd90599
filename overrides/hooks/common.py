"""What the build steps share: where things are kept, how a build stops, how files are hashed and written."""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mkdocs.exceptions import PluginError

ROOT = Path(__file__).parents[2]
BUILD_CACHE = ROOT / ".cache"


class BuildStop(PluginError):
    """The build can't go on. Says what is wrong, where, and how to mend it."""

    def __init__(self, what: str, where: str, fix: str) -> None:
        super().__init__(f"{what}\n  where: {where}\n  fix:   {fix}")


def download_cache() -> Path:
    """Folder for files fetched once and used by every build and clone: never inside the repository."""
    named = os.environ.get("LLM_MASTERCLASS_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llm-masterclass"


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; read once in a build, as long as size and time say that it is the same."""
    found = path.stat()
    return _sha256(path, found.st_size, found.st_mtime_ns)


@functools.cache
def _sha256(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree_hash(paths: Iterable[Path], *extra: str) -> str:
    """Twelve hexadecimal digits that change with any name or byte below `paths`, or with `extra`."""
    digest = hashlib.sha256()
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in inside:
            if "__pycache__" in file.parts:
                continue
            digest.update(f"{file.relative_to(path.parent)}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    digest.update("\0".join(extra).encode())
    return digest.hexdigest()[:12]


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes the name `path` only once it is filled without an error.

    Two builds may fill one at the same time: the first to end is kept, and the other's content is the same.
    """
    part = fresh_folder(path.with_name(f".{path.name}.{os.getpid()}.part"))
    shutil.rmtree(path, ignore_errors=True)  # if it is there, the caller found it broken
    try:
        yield part
        with suppress(OSError):
            part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def fresh_folder(path: Path) -> Path:
    """An empty folder at `path`."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def node() -> str:
    """The Node.js program: the fitting one that set-up put beside this Python, or else PATH's.

    Raises: BuildStop if there is neither.
    """
    beside = str(Path(sys.executable).parent)
    found = shutil.which("node", path=beside) or shutil.which("node")
    if found is None:
        raise BuildStop("Node.js was not found.", f"{beside} and PATH", "run `make setup`, or install Node.js 20.")
    return found


def run(command: list[str], what: str, fix: str) -> str:
    """Run a program of the build from the project's root and return what it prints.

    Raises: BuildStop with the program's own last lines if it fails.
    """
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-30:])
        raise BuildStop(f"{what} failed:\n{said}", " ".join(command[:3]), fix)
    return done.stdout
