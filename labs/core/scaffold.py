"""Make a new lab: its folder, its page, its test and its line in the nav, all of them or nothing."""

import json
import keyword
import re
import shutil
import tempfile
from pathlib import Path

from labs.core import scaffold_texts as texts
from labs.core.finding import SLUG

MAX_SLUG_CHARS = 40
YAML_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}  # YAML reads more into these


def new_lab(slug: str, start: Path) -> list[Path]:
    """Write the files of a new lab into the checkout around `start`, and return them; mkdocs.yml comes last.

    Raises: ValueError if the slug can't be used, something of that name exists, or there is no checkout.
    """
    _check_slug(slug)
    root = _checkout(start)
    config = root / "mkdocs.yml"
    places: dict[Path, str | dict[str, str]] = {
        root / "labs" / slug: _package(slug),
        root / "docs" / "labs" / f"{slug}.py": _filled(
            texts.PAGE, slug, ("core.contract", "show"), (f"{slug}.lab", "run")
        ),
        root / "tests" / "labs" / slug: {f"test_{slug}.py": _test(slug)},
    }
    for place in places:
        if place.exists():
            there = place.relative_to(root)
            raise ValueError(
                f"Slug: expected a new name, got {slug!r}, and {there} exists; choose another or delete it."
            )
    nav = with_nav_line(config.read_bytes().decode(), f"labs/{slug}.py", title_of(slug))
    _place_all({**places, config: nav}, root)
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.iterdir()))]
    return [*files, config]


def title_of(slug: str) -> str:
    """A slug as a title: `coin_toss` -> `Coin toss`."""
    return slug.replace("_", " ").capitalize()


def with_nav_line(config: str, page: str, title: str) -> str:
    """The text of mkdocs.yml with one more page under `Labs:`, and not a character changed elsewhere.

    Raises: ValueError if there is no such place or the page is there already.
    """
    lines = config.splitlines(keepends=True)
    if any(re.search(rf"\s{re.escape(page)}\s*(#.*)?$", line) for line in lines):
        raise ValueError(f"mkdocs.yml: expected no page {page} in the nav yet, and there is one; take out its line.")
    start = next((n for n, line in enumerate(lines) if re.match(r"nav:\s*(#.*)?$", line)), None)
    labs = next((n for n in range((start or 0) + 1, len(lines)) if re.match(r"\s*- Labs:\s*(#.*)?$", lines[n])), None)
    if start is None or labs is None:
        raise ValueError("mkdocs.yml: expected a line '- Labs:' in the nav, found none; add it with a page below.")
    depth, last, indent = _indent(lines[labs]), labs, ""
    for number in range(labs + 1, len(lines)):
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if _indent(line) <= depth:
            break
        last = number
        indent = indent or " " * _indent(line)
    ending = "\r\n" if lines[labs].endswith("\r\n") else "\n"
    if not lines[last].endswith("\n"):
        lines[last] += ending
    key = json.dumps(title) if title.lower() in YAML_WORDS else title
    lines.insert(last + 1, f"{indent or ' ' * (depth + 4)}- {key}: {page}{ending}")
    return "".join(lines)


def _check_slug(slug: str) -> None:
    fix = "write lower-case words joined by underscores, such as coin_toss"
    if not SLUG.fullmatch(slug) or keyword.iskeyword(slug) or len(slug) > MAX_SLUG_CHARS or slug == "core":
        raise ValueError(
            f"Slug: expected a name of up to {MAX_SLUG_CHARS} letters, no word of Python's, got {slug!r}; {fix}."
        )


def _checkout(start: Path) -> Path:
    """The folder around `start` that holds the whole project."""
    for folder in (start, *start.parents):
        if (folder / "mkdocs.yml").is_file() and (folder / "labs" / "core" / "bridge.py").is_file():
            missing = [name for name in ("docs/labs", "tests/labs") if not (folder / name).is_dir()]
            if missing:
                raise ValueError(
                    f"Checkout: expected the folders docs/labs and tests/labs in {folder}, no {missing[0]}."
                )
            return folder
    raise ValueError(
        f"Checkout: expected to be inside one, with mkdocs.yml and labs, got {start}; change folder first."
    )


def _package(slug: str) -> dict[str, str]:
    files = {"__init__.py": texts.INIT, "lab.py": texts.LAB, "exercise.py": texts.EXERCISE}
    return {name: _filled(text, slug) for name, text in files.items()}


def _test(slug: str) -> str:
    return _filled(texts.TEST, slug, ("core.contract", "Table"), (f"{slug}.lab", "relative_frequency, run"))


def _filled(text: str, slug: str, *imports: tuple[str, str]) -> str:
    """A text with its places filled in; imports stand in alphabetical order, whatever the slug."""
    lines = [f"from labs.{module} import {names}" for module, names in sorted(imports)]
    return text.replace("IMPORTS", "\n".join(lines)).replace("SLUG", slug).replace("TITLE", title_of(slug))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _place_all(contents: dict[Path, str | dict[str, str]], root: Path) -> None:
    """Write everything beside its place first, then move it there; what was moved goes away if a move fails."""
    workshop = Path(tempfile.mkdtemp(prefix=".new-lab-", dir=root))
    moved: list[Path] = []
    try:
        drafts = {place: workshop / str(number) for number, place in enumerate(contents)}
        for place, draft in drafts.items():
            _write(draft, contents[place])
            if place.exists():
                shutil.copymode(place, draft)
        for place, draft in drafts.items():
            existed = place.exists()
            draft.replace(place)
            if not existed:
                moved.append(place)
    except BaseException:
        for place in moved:
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        raise
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _write(draft: Path, content: str | dict[str, str]) -> None:
    if isinstance(content, str):
        draft.write_bytes(content.encode())
        return
    draft.mkdir()
    for name, text in content.items():
        (draft / name).write_bytes(text.encode())
