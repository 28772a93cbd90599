"""Build step: the table of models. Each ```models on a page becomes a dated table of docs/models.yml."""

import calendar
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

import yaml
from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

from overrides.hooks.common import ROOT, BuildStop
from overrides.hooks.fences import WRITE, Fence, fill_places, find_fences

DATA = ROOT / "docs/models.yml"
SOURCES = "sources.md"
GROUPS = ("historic", "current")
WEIGHTS = {"public": "yes", "some": "of some sizes", "none": "no", "service": "no, a service"}
"""What may be said of weights, and what the table says."""
ALLOWED = {"shown": GROUPS, "base": ("public", "some", "none"), "tuned": tuple(WEIGHTS)}
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
SOURCE = re.compile(r"^#{2,4} (.+?) \{ #([\w-]+) \}$", re.MULTILINE)
HEADS = ("Model and maker", "Base weights", "Tuned weights", "Parameters", "Released", "Licence")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Model:
    """A row of docs/models.yml; its head says what the values mean."""

    name: str
    maker: str
    family: str
    released: str
    shown: str
    base: str
    tuned: str
    parameters: str
    source: str
    base_note: str = ""
    licence: str = ""


NEEDED = tuple(field.name for field in fields(Model) if field.default is MISSING)
KNOWN = tuple(field.name for field in fields(Model))


@dataclass(frozen=True)
class Models:
    """What docs/models.yml holds: its rows, and the month in which they were right."""

    as_of: str
    rows: tuple[Model, ...]

    def shown(self, fence: Fence) -> list[Model]:
        """The rows that a fence asks for: all, the historic, the current ones, or those of a family.

        Raises: BuildStop if it asks for something else.
        """
        content = fence.content("show")
        for key in content:
            if key != "show":
                said = f"The fence ```models: expected show and nothing else, got {str(key)[:40]!r}."
                raise fence.stop(said, WRITE["models"], fence.offset(str(key)))
        wanted = content["show"]
        rows = [row for row in self.rows if wanted in ("all", row.shown, row.family)]
        if not rows:
            families = ", ".join(dict.fromkeys(row.family for row in self.rows))
            known = f"all, {', '.join(GROUPS)} or a family ({families})"
            said = f"The fence ```models: expected show: {known}; got {wanted!r}."
            raise fence.stop(said, WRITE["models"], fence.offset("show"))
        return rows


def read_models(path: Path, sources: Mapping[str, str]) -> Models:
    """The rows of a file, oldest first; `sources` are the titles of docs/sources.md by their anchors.

    Raises: BuildStop with file, line and entry if something is missing, unknown, or of another kind than expected.
    """
    text = path.read_text(encoding="utf-8")
    where = str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
    try:
        content = yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{where}, line {mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or str(error)
        raise BuildStop(f"The YAML can't be read: {problem}.", at, "mend the line, or one above.") from error
    if not isinstance(content, dict) or set(content) != {"as_of", "models"}:
        got = sorted(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise BuildStop(f"Expected the keys as_of and models, got {got}.", where, "write as_of: 2025-12, then models:.")
    as_of, entries = content["as_of"], content["models"]
    if not (isinstance(as_of, str) and MONTH.fullmatch(as_of)):
        raise BuildStop(f"as_of: expected a year and a month, got {as_of!r}.", where, "write as_of: 2025-12.")
    if not isinstance(entries, list) or not entries:
        raise BuildStop(f"models: expected a list of models, got {entries!r}.", where, "begin each with `- name:`.")
    rows: list[Model] = []
    for number, entry in enumerate(entries):
        fault = _fault(entry, as_of, sources, {row.name for row in rows})
        if fault:
            name = entry.get("name", "without a name") if isinstance(entry, dict) else "no mapping"
            line = _line(text, number)
            raise BuildStop(fault[0], f"{where}, line {line}, entry {number + 1} ({name})", fault[1])
        rows.append(Model(**entry))
    return Models(as_of, tuple(sorted(rows, key=lambda row: row.released)))


def _fault(entry: object, as_of: str, sources: Mapping[str, str], names: set[str]) -> tuple[str, str] | None:
    """What is wrong with an entry and how to mend it, or None."""
    if not isinstance(entry, dict):
        return f"A model: expected a mapping, got {entry!r}.", f"give it the keys {', '.join(NEEDED)}."
    missing = [key for key in NEEDED if key not in entry]
    unknown = [str(key) for key in entry if key not in KNOWN]
    if missing or unknown:
        said = f"A model: expected the keys {', '.join(NEEDED)}; got {', '.join(map(str, entry))}."
        return said, f"add {', '.join(missing) or 'none'}; take out {', '.join(unknown) or 'none'}."
    for key, value in entry.items():
        if not (isinstance(value, str) and value.strip()):
            return f"{key}: expected some words, got {value!r}.", f"write words, in quotes if need be: {key}: '…'"
        if key in ALLOWED and value not in ALLOWED[key]:
            choice = ", ".join(ALLOWED[key])
            return (
                f"{key}: expected one of {choice}; got {value!r}.",
                f"write one of them; {DATA.name} says at its head what they mean.",
            )
    released, source = entry["released"], entry["source"]
    if not MONTH.fullmatch(released) or released > as_of:
        return f"released: expected a month like 2024-07, up to {as_of}, got {released!r}.", "mend it, or as_of."
    if source not in sources:
        return (
            f"source: expected an anchor of docs/{SOURCES}, got {source!r}.",
            f"add the entry to docs/{SOURCES}, or mend the anchor.",
        )
    if entry["name"] in names:
        return f"name: expected each model once, got {entry['name']!r} again.", "take one of the two out."
    return None


def _line(text: str, number: int) -> int:
    """The line on which an entry begins, from 1."""
    root = yaml.compose(text, Loader=LOADER)
    assert isinstance(root, yaml.MappingNode)  # it was read as a mapping
    entries = next(value for key, value in root.value if key.value == "models")
    line: int = entries.value[number].start_mark.line
    return line + 1


def titles(text: str) -> dict[str, str]:
    """The titles of a page's sections by their anchors, here those of docs/sources.md."""
    return {anchor: title for title, anchor in SOURCE.findall(text)}


def render_models(rows: Sequence[Model], as_of: str, sources: Mapping[str, str], sources_url: str) -> str:
    """The rows as a table in a box that scrolls where it is too narrow."""
    year, month = as_of.split("-")
    date = f"{calendar.month_name[int(month)]} {year}"
    first, last = rows[0].released[:4], rows[-1].released[:4]
    caption = (
        f"Models of {first} to {last}, and which of their weights were published: as of {date}, from "
        f"<code>docs/{DATA.name}</code>. Not a complete list. Each name leads to its source."
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    body = "".join(_row(row, sources[row.source], f"{sources_url}#{row.source}") for row in rows)
    return (
        f'<lab-wide><div class="lab-html"><table class="lab-table">'
        f"<caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></lab-wide>"
    )


def _row(row: Model, title: str, url: str) -> str:
    said = html.escape
    base = WEIGHTS[row.base] + (f" ({row.base_note})" if row.base_note else "")
    licence = row.licence or ("terms of the service" if row.tuned == "service" else "see the source")
    cells = [base, WEIGHTS[row.tuned], row.parameters, row.released, licence]
    shown = "".join(f"<td>{said(cell)}</td>" for cell in cells)
    link = f'<a href="{said(url)}" title="Source: {said(title)}">{said(row.name)}</a>'
    return f'<tr><th scope="row">{link}<br>{said(row.maker)}</th>{shown}</tr>'


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """MkDocs: all pages are read and none is written, so make the tables."""
    asking = [file for file in files.documentation_pages() if file.page and any(find_fences(file.page, ("models",)))]
    if asking:
        page_of_sources = files.get_file_from_path(SOURCES)
        if page_of_sources is None:
            raise BuildStop(f"Expected a page {SOURCES}, got none.", "docs", "put it back: the table links to it.")
        sources = titles(page_of_sources.content_string)
        models = read_models(DATA, sources)
        for file in asking:
            if file.page is not None:
                url = page_of_sources.url_relative_to(file)
                fences = find_fences(file.page, ("models",))
                made = [render_models(models.shown(fence), models.as_of, sources, url) for fence in fences]
                fill_places(file.page, iter(made), ("models",))
    return env
