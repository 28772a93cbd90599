"""What decides the result of a sweep's task: the source of all that its module may import, and the trained models."""

import ast
import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from labs.core.model.checkpoint import PACKAGED


def sources_hash(module: str) -> str:
    """Hash of a module's source, of all modules of its package and of `labs` that it leads to, and of the checkpoints.

    So a task that was measured stays measured while somebody edits what it does not use.
    """
    packages = {"labs", module.partition(".")[0]}
    files: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in files or name.partition(".")[0] not in packages or (path := _source(name)) is None:
            continue
        files[name] = path
        waiting += _imported(name, path)
    digest = hashlib.sha256()
    checkpoints = sorted(path for path in PACKAGED.glob("*") if path.suffix in (".npz", ".json"))
    for name, path in [*sorted(files.items()), *((path.name, path) for path in checkpoints)]:
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _source(name: str) -> Path | None:
    """A module's file, or None if there is no such module: an imported name may be a function's."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # of a "package" that is a module
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None and spec.has_location else None


def _imported(name: str, path: Path) -> Iterator[str]:
    """All that a module may import, wherever in its code, with the packages that this loads first."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            home = ".".join([*above, *([node.module] if node.module else [])])
            named = [home, *(f"{home}.{alias.name}" for alias in node.names)]
        else:
            continue
        for one in named:
            parts = one.split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))
