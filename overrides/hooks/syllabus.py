"""Build step: the syllabus. The ```syllabus on a page becomes the list of all that the course covers, with links.

The list is tests/site/coverage.yml, where a test follows every link.
"""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import yaml
from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from overrides.hooks.common import ROOT, BuildStop
from overrides.hooks.fences import fill_places, find_fences

COVERAGE = ROOT / "tests/site/coverage.yml"


class Row(TypedDict):
    """One thing that the course covers, and where: pages below docs/, with anchors."""

    what: str
    at: list[str]


class Group(TypedDict):
    """Rows that belong together, by their keys."""

    group: str
    rows: dict[str, Row]


def read_coverage(path: Path = COVERAGE) -> list[Group]:
    """What the course has to cover.

    Raises: BuildStop if a row has no text or no place.
    """
    groups: list[Group] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for group in groups:
        for key, row in group["rows"].items():
            if not row.get("what") or not row.get("at"):
                said = f"The row {key} of “{group['group']}”: expected `what` and at least one place, got {row}."
                raise BuildStop(said, str(path), "write both.")
    return groups


def render_place(place: str, page: Page, files: Files) -> str:
    """A link from `page` to a place of the course, named as its page and, if it has one, its section.

    Raises: BuildStop if there is no such page.
    """
    path, _, anchor = place.partition("#")
    file = files.get_file_from_path(path)
    if file is None or file.page is None:
        raise BuildStop(f"The syllabus leads to {place}, which is no page.", str(COVERAGE), "correct the path.")
    section = next((item for item in _sections(file.page) if item.id == anchor), None) if anchor else None
    title = str(file.page.title)
    name = title if section is None else f"{title}: {section.title}"
    url = file.page.file.url_relative_to(page.file)
    return f'<a href="{html.escape(url)}{"#" + anchor if anchor else ""}">{html.escape(html.unescape(name))}</a>'


def _sections(page: Page) -> Iterator[AnchorLink]:
    waiting = list(page.toc)
    while waiting:
        item = waiting.pop(0)
        yield item
        waiting += item.children


def render_syllabus(groups: list[Group], page: Page, files: Files) -> str:
    """The groups as headings with a list of rows each."""
    parts = []
    for number, group in enumerate(groups, start=1):
        parts.append(f'<h2 id="part-{number}">{html.escape(group["group"])}</h2><ul>')
        for row in group["rows"].values():
            places = " · ".join(render_place(place, page, files) for place in row["at"])
            parts.append(f"<li><p>{html.escape(row['what'])}<br>{places}</p></li>")
        parts.append("</ul>")
    return "".join(parts)


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """MkDocs: all pages are read and none is written, so that the names of sections are known."""
    for file in files.documentation_pages():
        if file.page is not None and (fences := list(find_fences(file.page, ("syllabus",)))):
            made = [render_syllabus(read_coverage(), file.page, files) for _ in fences]
            fill_places(file.page, iter(made), ("syllabus",))
    return env
