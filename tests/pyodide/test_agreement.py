"""Every cell, lab and exercise does the same under CPython and in the runtime that the site ships."""

import re
from pathlib import Path
from typing import Any

import jupytext  # type: ignore[import-untyped]
import numpy
import pytest

from labs.core.bridge import describe_exercise, describe_labs, exercises, load_exercise
from labs.core.judging import CHECK_MIME
from overrides.hooks.common import ROOT
from tests.pyodide.comparing import EXACT, MODEL, differences, frames, settled
from tests.pyodide.conftest import Answer, Native, Python, Shipped

PAGES = sorted((ROOT / "docs/labs").glob("*.py"))
LABS: dict[str, dict[str, Any]] = {str(lab["slug"]): lab for lab in describe_labs()}
EXERCISES = exercises()
TRAINING = {slug for slug, lab in LABS.items() if lab["waits"]}
"""Labs that wait for their button train a model, and two trainings agree in their frames alone."""
SEEDED = [
    slug
    for slug, lab in LABS.items()
    if slug not in TRAINING and any(control["name"] == "seed" for control in lab["controls"])
]


@pytest.fixture(params=["native", "shipped"])
def python(request: pytest.FixtureRequest) -> Python:
    """Either Python."""
    found: Python = request.getfixturevalue(request.param)
    return found


def assert_same(native: Answer, shipped: Answer, where: str, tolerance: float = EXACT) -> None:
    """Both ended alike and show the same."""
    assert native[0] == shipped[0], f"{where}: {native} and {shipped}"
    assert differences(settled(native[1]), settled(shipped[1]), where, tolerance) == []


def tolerance_of(slug: str) -> float:
    """How far numbers of a lab, and of its page, may be apart."""
    return MODEL if LABS.get(slug, {}).get("label") == "live" else EXACT


def test_only_what_is_needed_is_loaded_at_the_start(shipped: Shipped) -> None:
    assert shipped.packages == ["labs", "numpy"]


def test_numpy_is_of_the_same_minor_version(native: Native, shipped: Shipped) -> None:
    minor = re.compile(r"\d+\.\d+")
    versions = [minor.match(str(one.evaluate("import numpy\nnumpy.__version__"))) for one in (native, shipped)]
    assert [found and found[0] for found in versions] == [".".join(numpy.__version__.split(".")[:2])] * 2


def test_the_labs_are_those_of_the_wheel(shipped: Shipped) -> None:
    assert "site-packages/labs/" in str(shipped.evaluate("import labs\nlabs.__file__"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_cell_of_a_page_does_the_same(path: Path, native: Native, shipped: Shipped) -> None:
    cells = [cell for cell in jupytext.read(path).cells if cell.cell_type == "code"]
    assert cells
    for number, cell in enumerate(cells, start=1):
        ours = native.cell(cell.source, f"agreement-{path.stem}", str(number))
        theirs = shipped.cell(cell.source, f"agreement-{path.stem}", str(number))
        if path.stem in TRAINING:
            assert ours[0] == theirs[0]
            assert frames(settled(ours[1])) == frames(settled(theirs[1]))
        else:
            assert_same(ours, theirs, f"{path.stem}, cell {number}", tolerance_of(path.stem))
        assert ours[0] == ("error" if "raises-exception" in cell.metadata.get("tags", ()) else "ok")


@pytest.mark.parametrize("slug", LABS)
def test_every_lab_shows_the_same_by_default(slug: str, native: Native, shipped: Shipped) -> None:
    ours, theirs = native.lab(slug, {}), shipped.lab(slug, {})
    assert ours[0] == theirs[0] == "ok"
    assert ours[1]
    if slug in TRAINING:
        assert frames(settled(ours[1])) == frames(settled(theirs[1]))
    else:
        assert_same(ours, theirs, slug, tolerance_of(slug))


@pytest.mark.parametrize("slug", SEEDED)
def test_a_seed_draws_the_same_in_both_and_another_seed_draws_others(
    slug: str, native: Native, shipped: Shipped
) -> None:
    shown = []
    for seed in (0, 1, 2**31):
        ours = native.lab(slug, {"seed": seed})
        assert_same(ours, shipped.lab(slug, {"seed": seed}), f"{slug}, seed {seed}", tolerance_of(slug))
        shown.append(settled(ours[1]))
    assert shown[0] != shown[1] != shown[2]


def test_numpys_generators_agree_bit_by_bit(native: Native, shipped: Shipped) -> None:
    source = """import hashlib, numpy as np
rng = np.random.default_rng(1234567)
drawn = [rng.random(1000), rng.normal(size=1000), rng.integers(0, 2**40, 1000), rng.permutation(1000)]
drawn += [rng.choice(50, 1000, p=np.full(50, 0.02)), rng.random(1000, dtype=np.float32)]
hashlib.sha256(b"".join(np.round(part, 9).astype("<f8").tobytes() for part in drawn)).hexdigest()"""
    assert native.evaluate(source) == shipped.evaluate(source)


@pytest.mark.parametrize("slug", LABS)
def test_a_value_out_of_bounds_is_refused_in_the_same_words(slug: str, native: Native, shipped: Shipped) -> None:
    ours, theirs = (one.lab(slug, {"no_such_control": 1}) for one in (native, shipped))
    assert ours[0] == "error"
    assert_same(ours, theirs, slug)


def verdict(answer: Answer) -> dict[str, Any]:
    """What the checks found; there must be one verdict."""
    status, outputs = answer
    found = [output["data"][CHECK_MIME] for output in outputs if CHECK_MIME in output.get("data", {})]
    assert status == "ok", outputs
    (only,) = found
    return dict(only)


def test_both_know_the_same_exercises(shipped: Shipped) -> None:
    source = "from labs.core.bridge import exercises\n','.join(exercises())"
    assert str(shipped.evaluate(source)).split(",") == EXERCISES


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes(name: str, python: Python) -> None:
    found = verdict(python.check(name, str(describe_exercise(name)["solution"])))
    assert found["passed"], found
    assert all(check["passed"] for check in found["checks"])


@pytest.mark.parametrize("name", EXERCISES)
def test_the_starter_fails_and_is_told_what_to_do_next(name: str, python: Python) -> None:
    found = verdict(python.check(name, str(describe_exercise(name)["starter"])))
    assert not found["passed"]
    last = found["checks"][-1]
    assert last["expected"]
    assert last["got"]
    assert last["next"]


@pytest.mark.parametrize(
    ("name", "mistake"), [(name, wrong.name) for name in EXERCISES for wrong in load_exercise(name).wrong_answers]
)
def test_a_known_wrong_answer_fails_and_is_recognized(name: str, mistake: str, python: Python) -> None:
    (wrong,) = [one for one in load_exercise(name).wrong_answers if one.name == mistake]
    found = verdict(python.check(name, wrong.source))
    assert not found["passed"]
    assert found["recognized"] == wrong.message


def test_errors_in_a_cell_are_the_same(native: Native, shipped: Shipped) -> None:
    for number, source in enumerate(
        [
            "1 / 0",
            "x = 1\n{}['missing']",
            "def f():\n    raise ValueError('three')\n\nf()",
            "1 +",
            "import sys\nprint('a')\nprint('b', file=sys.stderr)\nraise SystemExit(3)",
            "print(undefined_name)",
        ]
    ):
        ours, theirs = (one.cell(source, "errors", str(number)) for one in (native, shipped))
        assert ours[0] == "error"
        assert_same(ours, theirs, source)


def test_a_conversation_goes_the_same_way(native: Native, shipped: Shipped) -> None:
    def column(model: str, framing: str, text: str) -> dict[str, object]:
        return {"model": model, "framing": framing, "messages": [{"role": "user", "content": text}]}

    requests: list[dict[str, object]] = [
        {"columns": [column("base", "raw", "What is 2+2?"), column("chat", "markup", "What is 2+2?")]},
        {"columns": [column("chat", "markup", "What is 37+45?")], "tools": ["calculator"]},
        {"columns": [column("chat", "markup", "")]},
    ]
    for request in requests:
        assert_same(native.chat(request), shipped.chat(request), str(request), MODEL)


def test_matplotlib_is_loaded_when_it_is_imported_and_draws(shipped: Shipped) -> None:
    status, outputs = shipped.cell("import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]);", "drawing", "1")
    assert status == "ok", outputs
    assert [list(output["data"]) for output in outputs if "image/png" in output.get("data", {})]


def test_running_it_leaves_the_site_as_it_was(shipped: Shipped, built_site: Path) -> None:
    assert {path for path in built_site.rglob("*") if path.is_file()} == shipped.site_before
