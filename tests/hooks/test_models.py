"""The table of models at build: what a ```models fence becomes, and what wrong data or a wrong fence say."""

import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from overrides.hooks import models
from overrides.hooks.common import ROOT
from overrides.hooks.fences import PLACE
from tests.hooks.conftest import Stops
from tests.hooks.test_panels import markdown

SOURCES = {"lee-2024": "Lee 2024 (Ape)"}
APE = {
    "name": "Ape 1",
    "maker": "Trees & Co",
    "family": "Ape",
    "released": "2024-05",
    "shown": "current",
    "base": "public",
    "tuned": "service",
    "parameters": "7B",
    "source": "lee-2024",
}
BEE = {**APE, "name": "Bee", "family": "Bee", "released": "2023-01", "shown": "historic", "tuned": "public"}
PAGE = "# Page\n\n```models\nshow: all\n```\n"


def data(tmp_path: Path, *entries: object, as_of: object = "2025-12") -> Path:
    path = tmp_path / "models.yml"
    path.write_text(yaml.safe_dump({"as_of": as_of, "models": list(entries)}, sort_keys=False))
    return path


def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, path: Path) -> BeautifulSoup:
    """What a page of a module becomes."""
    monkeypatch.setattr(models, "DATA", path)
    config = MkDocsConfig()
    config.load_dict({"site_name": "x"})
    config.validate()
    (tmp_path / "m").mkdir(exist_ok=True)
    (tmp_path / "m/index.md").write_text(text)
    (tmp_path / "sources.md").write_text("# Sources\n\n### Lee 2024 (Ape) { #lee-2024 }\n\nA book.\n")
    files = Files([File(name, str(tmp_path), str(tmp_path), True) for name in ("m/index.md", "sources.md")])
    page = Page("x", next(iter(files)), config)
    page.content = markdown(text)
    models.on_env(Environment(autoescape=True), config, files)
    return BeautifulSoup(page.content or "", "html.parser")


def rows_of(soup: BeautifulSoup) -> list[list[str]]:
    return [[cell.get_text("|") for cell in row.find_all(["th", "td"])] for row in soup.select("tbody tr")]


def names_of(soup: BeautifulSoup) -> list[str]:
    return [link.get_text() for link in soup.select("tbody a")]


def test_a_fence_becomes_a_table_oldest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ape = {**APE, "base": "some", "base_note": "not <i>40B"}
    soup = built(tmp_path, monkeypatch, PAGE, data(tmp_path, ape, {**BEE, "licence": "MIT"}))
    assert [head.get_text() for head in soup.select("thead th[scope=col]")] == list(models.HEADS)
    assert rows_of(soup) == [
        ["Bee|Trees & Co", "yes", "yes", "7B", "2023-01", "MIT"],
        ["Ape 1|Trees & Co", "of some sizes (not <i>40B)", "no, a service", "7B", "2024-05", "terms of the service"],
    ]
    assert len(soup.select("tbody th[scope=row]")) == 2


def test_the_caption_names_the_date_and_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soup = built(tmp_path, monkeypatch, PAGE, data(tmp_path, APE, BEE))
    caption = soup.select_one("table > caption")
    assert caption is not None
    assert "Models of 2023 to 2024" in caption.get_text()
    assert "as of December 2025, from docs/models.yml" in caption.get_text()


def test_sources_are_linked_from_where_the_page_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soup = built(tmp_path, monkeypatch, PAGE, data(tmp_path, APE))
    link = soup.select_one("tbody a")
    assert link is not None and link["href"] == "../sources/#lee-2024"
    assert "Lee 2024 (Ape)" in link["title"]


def test_a_wide_table_scrolls_in_a_box_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soup = built(tmp_path, monkeypatch, PAGE, data(tmp_path, APE))
    assert isinstance(soup.select_one("lab-wide > .lab-html > table.lab-table"), Tag)


@pytest.mark.parametrize(
    ("show", "names"),
    [("all", ["Bee", "Ape 1"]), ("historic", ["Bee"]), ("current", ["Ape 1"]), ("Ape", ["Ape 1"])],
)
def test_a_fence_chooses_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, show: str, names: list[str]) -> None:
    text = PAGE.replace("all", show)
    assert names_of(built(tmp_path, monkeypatch, text, data(tmp_path, APE, BEE))) == names


def test_two_tables_of_a_page_each_show_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.replace("all", "historic") + "\n" + PAGE.replace("all", "current")
    soup = built(tmp_path, monkeypatch, text, data(tmp_path, APE, BEE))
    assert names_of(soup) == ["Bee", "Ape 1"]
    assert not PLACE.search(str(soup))


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("", 3, "expected a mapping with the key show, got None"),
        ("show: old", 4, "expected show: all, historic, current or a family (Bee, Ape); got 'old'"),
        ("show: [all]", 4, "got ['all']"),
        ("show: all\nsort: maker", 5, "expected show and nothing else, got 'sort'"),
    ],
)
def test_a_wrong_fence_stops_the_build_at_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: Stops, body: str, line: int, said: str
) -> None:
    with stops(said, f"index.md, line {line}", "```models"):
        built(tmp_path, monkeypatch, f"# Page\n\n```models\n{body}\n```\n", data(tmp_path, APE, BEE))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base": "yes"}, "base: expected one of public, some, none; got 'yes'"),
        ({"tuned": False}, "tuned: expected some words, got False"),
        ({"shown": "old"}, "shown: expected one of historic, current; got 'old'"),
        ({"released": "May 2024"}, "released: expected a month like 2024-07, up to 2025-12, got 'May 2024'"),
        ({"released": "2026-01"}, "released: expected a month like 2024-07, up to 2025-12, got '2026-01'"),
        ({"source": "li-2024"}, "source: expected an anchor of docs/sources.md, got 'li-2024'"),
        ({"maker": " "}, "maker: expected some words, got ' '"),
        ({"size": "7B"}, "take out size"),
        ({"name": "Bee"}, "name: expected each model once, got 'Bee' again"),
    ],
)
def test_a_wrong_entry_stops_the_build_at_its_line(
    tmp_path: Path, stops: Stops, change: dict[str, object], said: str
) -> None:
    path = data(tmp_path, BEE, {**APE, **change})
    line = 1 + [n for n, text in enumerate(path.read_text().splitlines()) if text.startswith("- name")][1]
    with stops(said, f"models.yml, line {line}, entry 2 ({change.get('name', 'Ape 1')})"):
        models.read_models(path, SOURCES)


def test_an_entry_that_lacks_something_stops_the_build(tmp_path: Path, stops: Stops) -> None:
    with stops("expected the keys name, maker", "entry 1 (Bee)", "add tuned; take out none"):
        models.read_models(data(tmp_path, {key: value for key, value in BEE.items() if key != "tuned"}), SOURCES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("as_of: [", "can't be read"),
        ("- name: Ape", "Expected the keys as_of and models, got list"),
        ("as_of: 2025-12", "Expected the keys as_of and models, got ['as_of']"),
        ("as_of: 2025-12-01\nmodels: [a]", "as_of: expected a year and a month"),
        ("as_of: 2025-12\nmodels: []", "expected a list of models, got []"),
        ("as_of: 2025-12\nmodels: [ape]", "expected a mapping, got 'ape'"),
    ],
)
def test_a_wrong_file_stops_the_build(tmp_path: Path, stops: Stops, text: str, said: str) -> None:
    path = tmp_path / "models.yml"
    path.write_text(text)
    with stops(said, "models.yml"):
        models.read_models(path, SOURCES)


def test_our_own_data_can_be_read_and_say_of_each_tuned_model_whether_its_base_is_public() -> None:
    ours = models.read_models(models.DATA, models.titles((ROOT / "docs/sources.md").read_text()))
    kinds = {(row.base, row.tuned) for row in ours.rows}
    assert {("public", "public"), ("some", "public"), ("none", "public"), ("none", "service")} <= kinds
    historic = " ".join(row.name for row in ours.rows if row.shown == "historic")
    assert [name for name in ("GPT-4", "Claude", "Llama 2", "Mistral", "MPT", "Falcon") if name not in historic] == []
    assert [row.name for row in ours.rows if row.tuned == "service" and re.search(r"\d", row.parameters)] == []
