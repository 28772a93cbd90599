"""A page's labs: their names are known at once, a folder is fetched when it is first imported, and once only."""

import base64
import hashlib
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import labs
from labs.core.bridge import check_exercise, exercises, fetch_labs_with, lab_slugs, load_exercise, load_lab, show_lab
from labs.core.lab_archives import Hash, LabNotFetched
from labs.core.sweeping import lab_folder
from tests.labs.conftest import Collect

LAB = """
from labs.core.contract import Lab, Table
LAB = Lab("A die", "Six?", "live", ())
def run():
    yield Table(["six"], [[1]])
"""
EXERCISE = """
from labs.core.contract import Check, Exercise
EXERCISE = Exercise("T", "t", "a = 0", "a = 1", (Check("One", lambda names: 1 / names["a"]),), (), ())
"""
OFFERED = {"far_die": ["exercise", "exercise_loaded"], "far_dice": []}
REFUSAL = "The file far_die.zip could not be fetched. Check your connection and run this again."


class Answer:
    """Bytes as JavaScript's would be."""

    def to_bytes(self) -> bytes:
        return b"an archive"


class Site:
    """A site that has the archive of one lab, and may be out of reach."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.fault = ""

    def place(self, slug: str, sha256: Hash) -> str:
        """Put the lab's folder where Python looks, as the page's worker does."""
        self.asked.append(slug)
        assert base64.b64decode(sha256(Answer())) == hashlib.sha256(b"an archive").digest()
        if not self.fault:
            home = self.folder / slug
            home.mkdir()
            files = {"__init__": "", "lab": LAB, "exercise": EXERCISE, "exercise_loaded": EXERCISE}
            for name, source in files.items():
                (home / f"{name}.py").write_text(source)
        return self.fault


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A page's Python, whose labs are this package's and two that the site has."""
    monkeypatch.setattr(labs, "__path__", [*labs.__path__, str(tmp_path)])
    made = Site(tmp_path)
    fetch_labs_with(made.place, json.dumps(OFFERED))
    yield made
    fetch_labs_with(None)
    for name in [name for name in sys.modules if name.startswith("labs.far_")]:
        del sys.modules[name]
    for slug in OFFERED:
        vars(labs).pop(slug, None)


def test_names_are_known_before_anything_is_fetched(site: Site) -> None:
    assert {"far_die", "far_dice", "gap"} <= set(lab_slugs()) and lab_slugs() == sorted(lab_slugs())
    assert [name for name in exercises() if name.startswith("far_")] == ["far_die", "far_die.loaded"]
    with pytest.raises(ValueError, match=r"Unknown lab: .*far_dice, far_die, .*did you mean 'far_die'"):
        load_lab("far_dies")
    with pytest.raises(ValueError, match=r"Unknown exercise: .*got 'far_dice'"):
        load_exercise("far_dice")
    assert load_lab("gap").LAB.title == "The gap"
    assert site.asked == []


def test_an_import_of_any_kind_fetches_it_once(site: Site) -> None:
    importlib.import_module("labs.far_die.exercise")
    assert site.asked == ["far_die"]
    assert load_lab("far_die").LAB.title == "A die"
    assert lab_folder("far_die") == site.folder / "far_die"
    assert [name for name in exercises() if name.startswith("far_")] == ["far_die", "far_die.loaded"]
    assert lab_slugs().count("far_die") == 1
    fetched = "from labs import far_dice"
    exec(fetched)
    assert site.asked == ["far_die", "far_dice"]


def test_panels_and_exercises_fetch_it(site: Site, collect: Collect) -> None:
    assert collect(lambda emit: show_lab("far_die", "{}", emit))[0] == "ok"
    assert collect(lambda emit: check_exercise("far_die.loaded", "a = 1", "1", emit))[0] == "ok"
    assert site.asked == ["far_die"]


def test_a_failure_is_told_in_its_own_words_and_the_next_time_may_work(site: Site, collect: Collect) -> None:
    site.fault = REFUSAL
    for ask in (
        lambda emit: show_lab("far_die", "{}", emit),
        lambda emit: check_exercise("far_die", "a = 1", "1", emit),
    ):
        status, (output,) = collect(ask)
        assert status == "error"
        assert output["traceback"] == REFUSAL
    with pytest.raises(LabNotFetched, match=REFUSAL):
        importlib.import_module("labs.far_die.lab")
    assert "far_die" in lab_slugs()
    site.fault = ""
    assert load_lab("far_die").LAB.title == "A die"


def test_a_library_without_a_page_fetches_nothing(site: Site) -> None:
    before = len(sys.meta_path)
    fetch_labs_with(None)
    assert len(sys.meta_path) == before - 1
    assert "far_die" not in lab_slugs()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("labs.far_die")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("far_die")
