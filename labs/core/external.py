"""The installed packages that add labs, as the build needs them to put them into the site."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse
from urllib.request import url2pathname

from labs.core.finding import added_labs, refuse_clash

if TYPE_CHECKING:
    from importlib.metadata import Distribution

NOT_PART_OF_A_WHEEL = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


@dataclass(frozen=True)
class ExternalDistribution:
    """A package that adds labs, and where its files are.

    A wheel is made in one of two ways. If `editable`, `root` is the project's own folder, with its
    pyproject.toml, and its build backend makes the wheel: `pip wheel --no-deps --no-build-isolation -w OUT ROOT`.
    If not, `root` is the folder that it is installed in (site-packages), and `files` are the paths below it
    that its wheel had: zip them as NAME-VERSION-py3-none-any.whl, with a new RECORD in the .dist-info folder.
    In both cases the files to watch and to hash are `files`.
    """

    name: str
    version: str
    root: Path
    editable: bool
    files: tuple[Path, ...]  # relative to root, in order of their names
    slugs: tuple[str, ...]


def external_distributions() -> list[ExternalDistribution]:
    """The packages that add labs, by name.

    Raises: ValueError if a slug is bad, is one of the course's own, or is given by two packages.
    """
    found: dict[str, tuple[Distribution, list[str]]] = {}
    for slug, entries in sorted(added_labs().items()):
        refuse_clash(slug, entries)
        distribution = entries[0].dist
        if distribution is not None:
            found.setdefault(distribution.name, (distribution, []))[1].append(slug)
    return [_described(distribution, slugs) for _, (distribution, slugs) in sorted(found.items())]


def _described(distribution: "Distribution", slugs: list[str]) -> ExternalDistribution:
    source = _editable_source(distribution)
    root = source or Path(str(distribution.locate_file("")))
    files = _source_files(source) if source else _installed_files(distribution, root)
    return ExternalDistribution(
        name=distribution.name,
        version=distribution.version,
        root=root.resolve(),
        editable=source is not None,
        files=tuple(sorted(files)),
        slugs=tuple(slugs),
    )


def _editable_source(distribution: "Distribution") -> Path | None:
    """The folder that an editable install points to, by the record that every installer leaves (PEP 610)."""
    record = json.loads(distribution.read_text("direct_url.json") or "{}")
    if not record.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlparse(record["url"]).path))


def _source_files(source: Path) -> Iterator[Path]:
    for path in source.rglob("*"):
        inside = path.relative_to(source)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        if path.is_file() and not hidden:
            yield inside


def _installed_files(distribution: "Distribution", root: Path) -> Iterator[Path]:
    for path in distribution.files or ():
        inside = Path(path)
        if ".." in inside.parts or inside.suffix == ".pyc" or inside.name in NOT_PART_OF_A_WHEEL:
            continue  # scripts lie outside; the rest was written by the installer
        if (root / inside).is_file():
            yield inside
