"""What stands above a module: its reading time and its figures."""

from pathlib import Path

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from overrides.hooks import modules
from tests.hooks.test_panels import markdown


def page_at(tmp_path: Path, path: str, text: str) -> Page:
    page = Page("x", File(path, str(tmp_path), str(tmp_path), True), MkDocsConfig())
    page.content = markdown(text)
    return page


def test_reading_time_counts_prose_and_neither_code_nor_what_is_folded() -> None:
    prose = "<p>" + "word " * 400 + "</p>"
    folded = "<details><summary>More</summary><p>" + "word " * 400 + "</p></details>"
    assert modules.words_of(prose) == 400
    assert modules.words_of(prose + folded + "<pre><code>" + "word " * 50 + "</code></pre>") == 400
    assert modules.minutes_to_read(prose + folded) == 2
    assert modules.minutes_to_read("<p>Short.</p>") == 1


@pytest.mark.parametrize(
    ("fences", "said"),
    [
        ("", "About 1 minute to read."),
        ("```lab\nname: gap\n```\n", "About 1 minute to read, and more for one live figure."),
        ("```lab\nname: gap\n```\n\n```chat\nmodels: base\n```\n", "and more for 2 live figures."),
    ],
)
def test_a_module_says_how_long_it_takes_below_its_heading(tmp_path: Path, fences: str, said: str) -> None:
    page = page_at(tmp_path, "modules/x/index.md", f"# Title\n\nSome words.\n\n{fences}")
    made = modules.on_page_content(page.content or "", page, MkDocsConfig(), Files([])) or ""
    assert made.index("</h1>") < made.index("<module-tools>") < made.index("Some words")
    assert said in made


@pytest.mark.parametrize("path", ["guides/x.md", "modules/review_practice/index.md"])
def test_other_pages_and_reviews_stay_as_they_are(tmp_path: Path, path: str) -> None:
    page = page_at(tmp_path, path, "# Title\n\nSome words.\n")
    assert modules.on_page_content(page.content or "", page, MkDocsConfig(), Files([])) is None
