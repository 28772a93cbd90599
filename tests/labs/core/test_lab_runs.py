"""Showing a lab and checking an exercise through the bridge: what is sent, when, and what is said of faults."""

import asyncio
import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from labs.core import bridge
from labs.core.bridge import check_exercise, describe_exercise, describe_labs, show_lab
from labs.core.contract import (
    Check,
    CheckFailed,
    Choice,
    Comparisons,
    Control,
    Counter,
    Exercise,
    Lab,
    Messages,
    Names,
    Number,
    Progress,
    Slider,
    Switch,
    Table,
    Text,
    WrongAnswer,
)
from labs.core.contract.checking import call, outcome, shown
from labs.core.judging import CHECK_MIME
from labs.core.model.checkpoint_files import CheckpointError
from tests.labs.conftest import Collect, RunCell


def test_a_lab_is_shown_with_one_bar_and_its_displays(collect: Collect) -> None:
    status, outputs = collect(lambda emit: show_lab("base_simulator", '{"num_samples": 250}', emit))
    assert status == "ok"
    kinds = [out["output_type"] for out in outputs]
    assert kinds == ["display_data"] * 2 + ["update_display_data"] * 2 + ["display_data"] * 3
    assert len({out["display_id"] for out in outputs[1:4]}) == 1


@pytest.mark.parametrize(("error", "in_words"), [(CheckpointError("base.npz", "expected it, got none"), True),
    (UnicodeEncodeError("ascii", "é", 0, 1, "not in range"), False)])  # fmt: skip
def test_a_missing_model_is_said_in_words_and_a_slip_of_the_program_with_its_place(
    collect: Collect, monkeypatch: pytest.MonkeyPatch, error: ValueError, in_words: bool
) -> None:
    def run(slug: str, values: object) -> Iterator[object]:
        yield Table(["a"], [[1]])
        raise error

    monkeypatch.setattr(bridge, "run_lab", run)
    status, outputs = collect(lambda emit: show_lab("gap", "{}", emit))
    assert status == "error" and outputs[0]["output_type"] == "display_data"
    assert (outputs[-1]["traceback"] == outputs[-1]["evalue"]) is in_words
    assert (outputs[-1]["ename"] == "ValueError") is in_words


@pytest.mark.parametrize(
    ("slug", "values", "message"),
    [
        ("base_simulator", '{"temperature": 9}', "temperature: expected a number from 0.0 to 3.0, got 9"),
        ("base_simulator", '{"prefix": "Once"}', "Unknown prefix 'Once'"),
        ("base_simulator", '{"warmth": 1}', "Unknown control: expected prefix"),
        ("base_simulator", "[1]", "Control values: expected a JSON object, got '[1]'"),
        ("base_simulator", "{", "Control values: expected a JSON object"),
        ("nothing", "{}", "Unknown lab: expected one of"),
    ],
)
def test_what_a_person_can_mend_is_said_in_words_alone(collect: Collect, slug: str, values: str, message: str) -> None:
    status, outputs = collect(lambda emit: show_lab(slug, values, emit))
    assert status == "error"
    shown = outputs[-1]
    assert shown["output_type"] == "error" and shown["ename"] == "ValueError"
    assert shown["traceback"] == shown["evalue"] and shown["traceback"].startswith(message)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A lab whose run is set by the test."""
    lab = SimpleNamespace(LAB=Lab("Made up", "What?", "live", ()), run=None)
    monkeypatch.setattr(bridge, "load_lab", lambda slug: lab)
    return lab


def test_a_display_is_sent_before_the_lab_computes_the_next(made_up: SimpleNamespace) -> None:
    sent: list[str] = []
    seen: list[int] = []

    def run() -> Iterator[object]:
        for number in range(40):  # more than leave in one window
            seen.append(sum(batch.count('"display_data"') for batch in sent))
            yield Table(["n"], [[number]])

    made_up.run = run
    assert asyncio.run(show_lab("made_up", "{}", sent.append)) == "ok"
    assert seen == list(range(40))


def test_quick_progress_is_paced(made_up: SimpleNamespace) -> None:
    sent: list[str] = []
    made_up.run = lambda: (Progress(n, 5000, "Steps") for n in range(1, 5001))
    assert asyncio.run(show_lab("made_up", "{}", sent.append)) == "ok"
    assert len(sent) < 200
    assert '"5000"' in sent[-1].replace('\\"', '"')


def test_another_error_keeps_the_labs_frames_and_none_of_ours(made_up: SimpleNamespace, collect: Collect) -> None:
    def run() -> Iterator[object]:
        yield Table(["n"], [[1]])
        raise KeyError("key")

    made_up.run = run
    status, outputs = collect(lambda emit: show_lab("made_up", "{}", emit))
    assert (status, outputs[-1]["ename"]) == ("error", "KeyError")
    assert "in run\n" in outputs[-1]["traceback"] and "test_lab_runs.py" in outputs[-1]["traceback"]
    for ours in ("bridge.py", "/cells/", "publishing.py", "runners.py"):
        assert ours not in outputs[-1]["traceback"]


def test_an_error_that_only_looks_like_words_for_people_keeps_its_frames(
    made_up: SimpleNamespace, collect: Collect
) -> None:
    def run() -> Iterator[object]:
        yield b"\xff".decode()

    made_up.run = run
    _, outputs = collect(lambda emit: show_lab("made_up", "{}", emit))
    assert outputs[-1]["ename"] == "UnicodeDecodeError" and "in run\n" in outputs[-1]["traceback"]


def test_a_lab_and_a_cell_do_not_run_at_once() -> None:
    async def both() -> None:
        cell = asyncio.create_task(bridge.run_cell("import asyncio\nawait asyncio.sleep(0.05)", "a", "1", print))
        await asyncio.sleep(0.01)
        with pytest.raises(RuntimeError, match="running already"):
            await show_lab("base_simulator", "{}", print)
        assert await cell == "ok"

    asyncio.run(both())


def test_labs_are_described_as_plain_data() -> None:
    described = describe_labs()
    assert json.loads(json.dumps(described)) == described
    by_slug: dict[Any, Any] = {lab["slug"]: lab for lab in described}
    base = by_slug["base_simulator"]
    assert set(base) == {"slug", "title", "question", "label", "action", "waits", "controls", "exercises"}
    assert (base["action"], base["waits"]) == ("Run", False)
    prefix, temperature, *_ = base["controls"]
    assert prefix["kind"] == "text" and prefix["max_length"] == 80 and len(prefix["suggestions"]) == 8
    assert temperature == {
        "kind": "slider",
        "name": "temperature",
        "label": "Temperature",
        "default": 1.0,
        "minimum": 0.0,
        "maximum": 3.0,
        "step": 0.1,
        "unit": "",
        "help": "0 always takes the most likely.",
        "whole": False,
    }


@pytest.mark.parametrize(
    ("control", "extra"),
    [
        (Slider("a", "A", 1, 0, 2, 1), {"minimum", "maximum", "step", "unit", "whole"}),
        (Number("a", "A", 1, 0, 2), {"minimum", "maximum", "unit", "whole"}),
        (Choice("a", "A", "x", ("x", "y")), {"options"}),
        (Text("a", "A", "x", 3, ("x",)), {"max_length", "suggestions", "lines"}),
        (Counter("a", "A", "Go", 3), {"action", "maximum"}),
        (Messages("a", "A", []), {"max_messages", "max_length"}),
        (Comparisons("a", "A", [("Why?", "x", "y")]), {"pairs"}),
        (Switch("a", "A", True), set()),
    ],
)
def test_each_kind_of_control_has_its_own_keys(control: Control, extra: set[str]) -> None:
    from labs.core.describing import describe_control

    described = describe_control(control)
    assert set(described) == {"kind", "name", "label", "default", "help"} | extra
    assert described["kind"] == type(control).__name__.lower()
    assert json.loads(json.dumps(described)) == described


def test_an_exercise_that_is_not_there_is_refused(collect: Collect) -> None:
    for name in ("nothing", "gap.nothing", "gap.", ".gap", "core.bridge", "../gap"):
        with pytest.raises(ValueError, match=r"Unknown exercise: expected one of .*\bgap, .*; got '") as refused:
            describe_exercise(name)
        assert repr(name) in str(refused.value)
    status, outputs = collect(lambda emit: check_exercise("gapp", "1", "1", emit))
    assert status == "error" and outputs[-1]["traceback"].endswith("got 'gapp'; did you mean 'gap'?")


def double_of_two(names: Names) -> None:
    got = call(names, "double", 2)
    if got != 4:
        raise CheckFailed("`double(2)` to return 4", shown(got), "Return <2> * n.")


DOUBLE = Exercise(
    title="Double",
    task="Write `double(n)`.",
    starter="def double(n):\n    return ...\n",
    solution="def double(n):\n    return 2 * n\n",
    checks=(
        Check("Two <times> two", double_of_two),
        Check("It is a check that breaks", lambda names: [][len(str(call(names, "double", 5)))]),
    ),
    wrong_answers=(
        WrongAnswer(
            "square",
            "def double(n):\n    return n ** 3 // n\n",
            lambda names: outcome(names, "double", 3),
            "It <squares>.",
        ),
    ),
    hints=(),
)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "load_exercise", lambda slug: DOUBLE)


def checked(collect: Collect, source: str) -> tuple[str, list[Any]]:
    return collect(lambda emit: check_exercise("double", source, "x", emit))


@pytest.mark.usefixtures("double")
def test_a_failed_check_says_expected_got_and_next_in_every_form(collect: Collect) -> None:
    status, outputs = checked(collect, "def double(n):\n    print('called')\n    return '<b>'\nprint('mine')")
    assert status == "ok"
    assert outputs[0] == {"output_type": "stream", "name": "stdout", "text": "mine\n"}
    data = outputs[-1]["data"]
    assert data[CHECK_MIME] == {
        "passed": False,
        "checks": [
            {
                "name": "Two <times> two",
                "passed": False,
                "expected": "`double(2)` to return 4",
                "got": "'<b>'",
                "next": "Return <2> * n.",
            }
        ],
        "recognized": None,
    }
    soup = BeautifulSoup(data["text/html"], "html.parser")
    first, waiting = soup.select("ul.lab-checks > li")
    assert soup.find("b") is None and soup.find("times") is None
    assert "Not yet: Two <times> two" in first.text
    assert [dd.text for dd in first.select("dd")] == ["`double(2)` to return 4", "'<b>'", "Return <2> * n."]
    assert waiting.text.endswith("Waiting: It is a check that breaks")
    assert "✗ Not yet: Two <times> two\n    Expected: `double(2)` to return 4\n" in data["text/plain"]


@pytest.mark.usefixtures("double")
def test_a_check_that_breaks_is_a_failure_and_no_traceback(collect: Collect) -> None:
    status, outputs = checked(collect, DOUBLE.solution)
    found = outputs[-1]["data"][CHECK_MIME]
    assert status == "ok" and [check["passed"] for check in found["checks"]] == [True, False]
    assert found["checks"][1]["got"] == "IndexError: list index out of range"
    assert "Traceback" not in outputs[-1]["data"]["text/plain"]


@pytest.mark.usefixtures("double")
def test_a_known_mistake_is_recognized_by_what_it_does(collect: Collect) -> None:
    _, outputs = checked(
        collect, "def double(n):\n    '''Mine, and printing.'''\n    print(n)\n    return 9.0 if n == 3 else 0"
    )
    data = outputs[-1]["data"]
    assert data[CHECK_MIME]["recognized"] == "It <squares>."
    assert "It &lt;squares&gt;." in data["text/html"] and data["text/plain"].endswith("\nIt <squares>.")


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize(
    ("source", "got"),
    [
        ("", "no such name"),
        ("double = 3", "double = 3"),
        ("def double(): return 1", "TypeError"),
        ("def double(n): pass", "None"),
        ("def double(n): raise SystemExit('bye')", "SystemExit: bye"),
        ("def double(n): return double(n)", "RecursionError"),
        ("class E(Exception):\n    def __str__(self): raise KeyError\ndef double(n): raise E", "E: no message"),
        ("class A:\n    def __eq__(self, other): raise KeyError('eq')\ndef double(n): return A()", "KeyError"),
        ("class A:\n    def __repr__(self): raise KeyError\ndef double(n): return A()", "<A object, its repr failed>"),
    ],
)
def test_odd_code_fails_in_words(collect: Collect, source: str, got: str) -> None:
    status, outputs = checked(collect, source)
    assert status == "ok"
    (check,) = outputs[-1]["data"][CHECK_MIME]["checks"]
    assert got in check["got"] and len(check["got"]) < 300


@pytest.mark.usefixtures("double")
def test_code_that_raises_is_an_error_of_its_own_line_and_nothing_is_checked(collect: Collect) -> None:
    for source, name, line in [
        ("\n1 / 0", "ZeroDivisionError", 2),
        ("(", "SyntaxError", 1),
        ("\nint('x')", "ValueError", 2),
    ]:
        status, outputs = checked(collect, source)
        assert (status, outputs[-1]["ename"], outputs[-1]["line"]) == ("error", name, line)
        assert '"<cell x>"' in outputs[-1]["traceback"] and "bridge.py" not in outputs[-1]["traceback"]
    status, outputs = checked(collect, "exit()")
    assert status == "error" and outputs == [{"output_type": "notice", "text": "The cell called exit()"}]


@pytest.mark.usefixtures("double")
def test_each_check_starts_with_a_fresh_namespace(collect: Collect, run: RunCell) -> None:
    run("left = 1", page="page")
    for source in ("once = 1", "once"):
        status, outputs = checked(collect, source)
    assert (status, outputs[-1]["ename"]) == ("error", "NameError")
    assert checked(collect, "__name__")[1][0]["data"]["text/plain"] == "'__main__'"
    assert "labs" not in getattr(sys.modules["__main__"], "__name__", "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "title"),
        ({"task": ""}, "task"),
        ({"checks": ()}, "at least one"),
        ({"checks": (*DOUBLE.checks, *DOUBLE.checks)}, "each once"),
        ({"hints": ("a", " ")}, "blank"),
        ({"wrong_answers": (*DOUBLE.wrong_answers, *DOUBLE.wrong_answers)}, "each once"),
    ],
)
def test_an_exercise_that_can_not_be_done_is_refused(change: dict[str, Any], words: str) -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match="expected") as refused:
        replace(DOUBLE, **change)
    assert words in str(refused.value)


def test_a_failure_needs_three_texts() -> None:
    with pytest.raises(ValueError, match="leave none blank"):
        CheckFailed("a", "b", " ")
