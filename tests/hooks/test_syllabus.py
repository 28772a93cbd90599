"""The syllabus at build: links are named as their page and section, and a wrong row stops the build."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from overrides.hooks import syllabus
from tests.hooks.conftest import Stops


def page_at(tmp_path: Path, path: str, title: str) -> Page:
    page = Page(title, File(path, str(tmp_path), str(tmp_path), True), MkDocsConfig())
    page.toc = get_toc([{"level": 2, "id": "loss", "name": "The loss", "children": []}])
    return page


def files_of(*pages: Page) -> Files:
    return Files([page.file for page in pages])


def test_a_place_is_named_as_its_page_and_section(tmp_path: Path) -> None:
    here, there = page_at(tmp_path, "syllabus.md", "Syllabus"), page_at(tmp_path, "modules/dpo/index.md", "DPO & more")
    files = files_of(here, there)
    assert (
        syllabus.render_place("modules/dpo/index.md#loss", here, files)
        == '<a href="../modules/dpo/#loss">DPO &amp; more: The loss</a>'
    )
    assert syllabus.render_place("modules/dpo/index.md", here, files) == '<a href="../modules/dpo/">DPO &amp; more</a>'
    made = syllabus.render_syllabus(
        [{"group": "One", "rows": {"a": {"what": "What <it> is", "at": ["modules/dpo/index.md#loss"]}}}], here, files
    )
    assert '<h2 id="part-1">One</h2>' in made and "What &lt;it&gt; is<br><a" in made


def test_a_page_that_is_not_there_stops_the_build(tmp_path: Path, stops: Stops) -> None:
    here = page_at(tmp_path, "syllabus.md", "Syllabus")
    with stops("leads to modules/gone.md, which is no page", "coverage.yml", "correct the path"):
        syllabus.render_place("modules/gone.md", here, files_of(here))


def test_a_row_without_a_place_stops_the_build(tmp_path: Path, stops: Stops) -> None:
    path = tmp_path / "coverage.yml"
    path.write_text("- group: One\n  rows:\n    a: {what: Something, at: []}\n")
    with stops("The row a of “One”: expected `what` and at least one place", "coverage.yml", "write both"):
        syllabus.read_coverage(path)
