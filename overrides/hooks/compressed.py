"""Compressed copies of files, for hosts that send them as they lie there: brotli and gzip, as small as they get."""

import json
import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path

from labs.core.files import write_whole
from overrides.hooks.common import node, run, sha256, tree_hash

SCRIPT = Path(__file__).with_name("compress.mjs")
SUFFIXES = (".br", ".gz")
LEAST_BYTES = 1_000
WORTH_IT = 0.95  # a copy larger than this share of its original is not worth its place


log = logging.getLogger("mkdocs.hooks.compressed")


def compressed(paths: Iterable[Path], cache: Path) -> dict[Path, dict[str, Path]]:
    """The copies of each file that are worth having, by suffix; kept by its hash and the script's.

    Raises: BuildStop with the program's own words if that fails.
    """
    folder = cache / "compressed" / tree_hash([SCRIPT])
    bases = {path: folder / sha256(path) for path in paths if path.stat().st_size >= LEAST_BYTES}
    missing = {base: path for path, base in bases.items() if not all(_copy(base, one).exists() for one in SUFFIXES)}
    if missing:
        _compress(missing)
    return {path: _worth_it(path, base) for path, base in bases.items()}


def _copy(base: Path, suffix: str) -> Path:
    return base.with_name(base.name + suffix)


def _worth_it(path: Path, base: Path) -> dict[str, Path]:
    most = path.stat().st_size * WORTH_IT
    return {one: copy for one in SUFFIXES if (copy := _copy(base, one)).stat().st_size <= most}


def _compress(missing: dict[Path, Path]) -> None:
    total = sum(path.stat().st_size for path in missing.values())
    log.info("Compressing %d files of %.0f MB for hosts; the copies are kept", len(missing), total / 1e6)
    with tempfile.TemporaryDirectory() as temporary:
        jobs = Path(temporary) / "jobs.json"
        jobs.write_text(json.dumps([[str(path), str(Path(temporary) / base.name)] for base, path in missing.items()]))
        run([node(), str(SCRIPT), str(jobs)], "Compressing files", "run `make setup`, which installs Node.js anew.")
        for base in missing:
            for suffix in SUFFIXES:
                write_whole(_copy(base, suffix), _copy(Path(temporary) / base.name, suffix).read_bytes())
