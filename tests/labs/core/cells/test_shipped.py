"""An import that finds nothing: the reader is told what there is."""

import sys
from collections.abc import Iterator

import pytest

from labs.core.bridge import set_loadable
from labs.core.cells.shipped import importable
from tests.labs.conftest import RunCell


@pytest.fixture(autouse=True)
def nothing_loads_by_itself() -> Iterator[None]:
    yield
    set_loadable("[]")


def traceback_of(run: RunCell, source: str) -> str:
    status, outputs = run(source)
    assert status == "error"
    text: str = outputs[-1]["traceback"]
    return text


def test_a_missing_module_is_answered_with_what_is_there(run: RunCell) -> None:
    last = traceback_of(run, "import pandas.io").splitlines()[-1]
    assert last == "'pandas' is not here. What can be imported: the standard library, labs, numpy and matplotlib."


def test_what_loads_on_import_is_there_too(run: RunCell) -> None:
    set_loadable('["scipy", "matplotlib"]')
    assert importable() == ["labs", "numpy", "matplotlib", "scipy"]
    assert "numpy, matplotlib and scipy." in traceback_of(run, "import pandas")


def test_what_is_not_there_is_not_named(run: RunCell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labs.core.cells.shipped.OURS_AND_THIRD_PARTY", ("labs", "nowhere"))
    assert "the standard library and labs." in traceback_of(run, "import pandas")


def test_looking_imports_nothing(run: RunCell) -> None:
    before = "colorsys" in sys.modules
    set_loadable('["colorsys"]')
    traceback_of(run, "import pandas")
    assert ("colorsys" in sys.modules) is before


@pytest.mark.parametrize(("typed", "meant"), [("numpi", "numpy"), ("jsson", "json"), ("matplotlab", "matplotlib")])
def test_a_slip_of_the_pen_is_recognized(run: RunCell, typed: str, meant: str) -> None:
    assert f"Did you mean {meant!r}?" in traceback_of(run, f"import {typed}")


@pytest.mark.parametrize(
    "source",
    ["from math import nothing", "import json.nothing", "raise ModuleNotFoundError", "raise ImportError('no')"],
)
def test_other_import_errors_are_left_as_they_are(run: RunCell, source: str) -> None:
    assert "What can be imported" not in traceback_of(run, source)


@pytest.mark.parametrize("names", ["{}", "[1]", '"numpy"'])
def test_no_list_of_names_is_refused(names: str) -> None:
    with pytest.raises(ValueError, match="expected a JSON list of names"):
        set_loadable(names)
