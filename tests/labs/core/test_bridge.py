"""Running a cell: its result, its names, its errors; and finding and running labs."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.core.bridge import lab_slugs, load_lab, on_keep, restore, run_cell, run_lab
from labs.core.contract import Progress, mimebundle
from labs.core.model import my_model
from labs.core.model.chat import Message
from labs.core.model.checkpoint import load_checkpoint
from tests.labs.conftest import RunCell


def result(outputs: list[dict[str, Any]]) -> str | None:
    shown = [out["data"]["text/plain"] for out in outputs if out["output_type"] == "execute_result"]
    assert len(shown) <= 1
    return shown[0] if shown else None


def error(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    (only,) = [out for out in outputs if out["output_type"] == "error"]
    return only


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("1 + 1", "2"),
        ("x = 3\nx", "3"),
        ("1; 2", "2"),
        ("(\n  1 +\n  1\n)  # two", "2"),
        ("1 + 1;", None),
        ("(1 + 1) ;  # hidden", None),
        ("'ä;'; 'ö;'", "'ö;'"),
        ("'äöü' ;", None),
        ("'\x0c'; 5;", None),
        ("x = 3", None),
        ("None", None),
        ("", None),
        ("# only words", None),
        ("if True:\n    5", None),
    ],
)
def test_the_last_expression_is_the_result(run: RunCell, source: str, shown: str | None) -> None:
    status, outputs = run(source)
    assert (status, result(outputs)) == ("ok", shown)


def test_the_result_is_rich(run: RunCell) -> None:
    _, outputs = run("class A:\n    def _repr_html_(self): return '<b>a</b>'\nA()")
    assert outputs[0]["data"]["text/html"] == "<b>a</b>"


def test_a_result_whose_repr_raises_does_not_end_the_run(run: RunCell) -> None:
    status, outputs = run("class A:\n    def __repr__(self): raise RuntimeError('no')\nA()")
    assert (status, result(outputs)) == ("ok", "<A object, its repr failed>")
    assert outputs[0] == {
        "output_type": "stream",
        "name": "stderr",
        "text": "A.__repr__ raised RuntimeError: no\n",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_printed_as_it_is(run: RunCell, text: str) -> None:
    _, outputs = run(f"print({text!r}, end='')")
    assert "".join(out["text"] for out in outputs) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.text())
def test_any_source_at_all_ends_in_a_status(run: RunCell, source: str) -> None:
    status, _ = run(f"def never():\n    pass\n#\\\n{source!r}")
    assert status == "ok"
    status, outputs = run("(" + source.replace(")", ""))
    assert status == "error"
    assert error(outputs)["ename"] in ("SyntaxError", "IndentationError", "UnicodeEncodeError")


def test_output_comes_in_the_order_in_which_it_was_made(run: RunCell) -> None:
    _, outputs = run("import sys\nprint('a')\nprint('b', file=sys.stderr)\ndisplay(1)\nprint('c')\n2")
    kinds = [out.get("name", out["output_type"]) for out in outputs]
    assert kinds == ["stdout", "stderr", "display_data", "stdout", "execute_result"]


def test_show_and_display_are_there_without_an_import(run: RunCell) -> None:
    status, outputs = run(
        "from labs.core.contract import Progress\n"
        "show(Progress(n, 3, 'Steps') for n in range(1, 4))\n"
        "'show' in globals()"
    )
    assert (status, result(outputs)) == ("ok", "False")
    assert [out["output_type"] for out in outputs[:3]] == [
        "display_data",
        "update_display_data",
        "update_display_data",
    ]
    assert len({out["display_id"] for out in outputs[:3]}) == 1


def test_names_stay_on_their_page(run: RunCell) -> None:
    run("x = 'mine'", page="a")
    assert result(run("x", page="a", cell="2")[1]) == "'mine'"
    status, outputs = run("x", page="b")
    assert (status, error(outputs)["ename"]) == ("error", "NameError")


def test_a_cell_is_main(run: RunCell) -> None:
    main = sys.modules["__main__"]
    source = "import pickle, sys\nclass A: pass\na = pickle.loads(pickle.dumps(A()))\n__name__, type(a) is A"
    assert result(run(source)[1]) == "('__main__', True)"
    assert sys.modules["__main__"] is main


def test_top_level_await_works_and_shows_what_came_before(run: RunCell) -> None:
    seen: list[str] = []

    async def cell() -> str:
        async def look() -> None:
            await asyncio.sleep(0)
            seen.extend(batches)

        batches: list[str] = []
        looking = asyncio.create_task(look())
        source = "import asyncio\nprint('half', end='')\nawait asyncio.sleep(0.01, 'done')"
        status = await run_cell(source, "await", "1", batches.append)
        await looking
        assert "'done'" in batches[-1]
        return status

    assert asyncio.run(cell()) == "ok"
    assert "half" in seen[0]


def test_an_error_thrown_into_an_await_can_be_caught(run: RunCell) -> None:
    source = (
        "import asyncio\nasync def fail():\n    raise KeyError('k')\n"
        "try:\n    await asyncio.gather(fail())\nexcept KeyError as e:\n    said = str(e)\nsaid"
    )
    assert result(run(source)[1]) == "\"'k'\""


def test_two_cells_at_once_are_refused(run: RunCell) -> None:
    async def both() -> None:
        first = asyncio.create_task(run_cell("import asyncio\nawait asyncio.sleep(0.05)", "a", "1", print))
        await asyncio.sleep(0.01)
        with pytest.raises(RuntimeError, match="running already"):
            await run_cell("1", "b", "1", print)
        assert await first == "ok"

    asyncio.run(both())
    assert run("1")[0] == "ok"


def test_a_traceback_shows_the_readers_lines_and_none_of_ours(run: RunCell) -> None:
    run("def half(n):\n    return n / 0", cell="first")
    status, outputs = run("a = 1\n\nhalf(a)", cell="2")
    shown = error(outputs)
    assert status == "error"
    assert (shown["ename"], shown["evalue"], shown["line"]) == ("ZeroDivisionError", "division by zero", 3)
    assert shown["traceback"].startswith(
        'Traceback (most recent call last):\n  File "<cell 2>", line 3, in <module>\n    half(a)\n'
    )
    assert '  File "<cell first>", line 2, in half\n    return n / 0\n' in shown["traceback"]
    assert shown["traceback"].count("File ") == 2


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nasync def f():\n    raise ValueError\nawait asyncio.gather(f())",
        "import time\ntime.sleep('x')",
        "print(1, file=3)",
        "import sys\nsys.stdout.write(1)",
        "show(1 / 0 for _ in '1')",
        "display(1)\nshow(3)",
        "try:\n    1 / 0\nexcept Exception as e:\n    raise KeyError from e",
        "class A:\n    def _repr_html_(self): raise KeyboardInterrupt\ndisplay(A())",
    ],
)
def test_our_files_are_in_no_traceback(run: RunCell, source: str) -> None:
    status, outputs = run(source)
    assert status == "error"
    traceback = error(outputs)["traceback"]
    assert "<cell 1>" in traceback
    for ours in ("bridge.py", "/cells/", "publishing.py", "runners.py", "base_events.py"):
        assert ours not in traceback


def test_pages_with_cells_of_one_name_quote_their_own_source(run: RunCell) -> None:
    run("def f():\n    raise KeyError('from a')", page="a")
    run("def f():\n    raise KeyError('from b')", page="b")
    assert "raise KeyError('from a')" in error(run("f()", page="a", cell="2")[1])["traceback"]


def test_a_syntax_error_shows_line_and_caret_alone(run: RunCell) -> None:
    shown = error(run("a = 1\nb = (", cell="7")[1])
    assert shown["line"] == 2
    assert (
        shown["traceback"] == "  File \"<cell 7>\", line 2\n    b = (\n        ^\nSyntaxError: '(' was never closed\n"
    )


def test_a_syntax_error_in_other_code_names_no_line_of_the_cell_but_the_call(run: RunCell) -> None:
    assert error(run("\ncompile('(', 'elsewhere', 'exec')")[1])["line"] == 2


@pytest.mark.parametrize(
    "source", ["def f(n): return f(n + 1)\nf(0)", "def f(n): return g(n)\ndef g(n): return f(n)\nf(0)"]
)
def test_deep_recursion_is_told_in_few_lines(run: RunCell, source: str) -> None:
    shown = error(run(source)[1])
    assert shown["ename"] == "RecursionError"
    assert len(shown["traceback"].splitlines()) < 75
    assert "more times]" in shown["traceback"] or "more frames left out]" in shown["traceback"]


def test_chains_and_groups_print_whole(run: RunCell) -> None:
    chain = error(run("try:\n    {}['k']\nexcept KeyError as e:\n    raise ValueError('v') from e")[1])
    assert "KeyError: 'k'\n\nThe above exception was the direct cause" in chain["traceback"]
    assert chain["line"] == 4
    group = error(run("raise ExceptionGroup('two', [ValueError(1), TypeError(2)])")[1])
    assert "| ValueError: 1" in group["traceback"] and "| TypeError: 2" in group["traceback"]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise MemoryError", "MemoryError"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E"),
        ("raise ValueError('x' * 10**6)", "ValueError"),
        ("import asyncio\nraise asyncio.CancelledError", "CancelledError"),
        ("a = b = ValueError('ring')\na.__cause__ = b\nraise a", "ValueError"),
    ],
)
def test_odd_errors_are_reported_in_reasonable_length(run: RunCell, source: str, name: str) -> None:
    status, outputs = run(source)
    shown = error(outputs)
    assert (status, shown["ename"]) == ("error", name)
    assert len(shown["traceback"]) < 21_000 and len(shown["evalue"]) < 21_000


@pytest.mark.parametrize(
    ("source", "status", "notice"),
    [
        ("raise SystemExit", "ok", "The cell called exit()"),
        ("exit()", "ok", "The cell called exit()"),
        ("import sys\nsys.exit(0)", "ok", "The cell called exit(0)"),
        ("quit(3)", "error", "The cell called exit(3)"),
        ("exit('bad')", "error", "The cell called exit('bad')"),
    ],
)
def test_exit_is_a_notice(run: RunCell, source: str, status: str, notice: str) -> None:
    assert run(source) == (status, [{"output_type": "notice", "text": notice}])


def test_a_logger_of_an_earlier_cell_still_shows(run: RunCell) -> None:
    run("import logging\nlog = logging.Logger('a')\nlog.addHandler(logging.StreamHandler())")
    assert run("log.warning('again')", cell="2")[1] == [{"output_type": "stream", "name": "stderr", "text": "again\n"}]


def test_a_million_lines_cost_few_messages_and_little_time() -> None:
    batches: list[str] = []
    start = time.monotonic()
    source = "for n in range(10**6): print(n)"
    assert asyncio.run(run_cell(source, "flood", "1", batches.append)) == "ok"
    assert len(batches) <= 16 * ((time.monotonic() - start) / 0.05 + 1) + 1
    assert sum(map(len, batches)) < 300_000
    assert "Output stopped at 10,000 lines" in batches[-1]


def test_the_bridge_loads_neither_numpy_nor_a_lab_nor_a_display_object() -> None:
    source = "import labs.core.bridge, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "numpy",
        "argparse",
        "dataclasses",
        "inspect",
        "asyncio",
        "difflib",
        "pkgutil",
        "importlib.metadata",
    }
    assert not heavy & set(loaded)
    assert not any(name.startswith("labs.base_simulator") for name in loaded)
    assert "labs.core.contract.tables" not in loaded


def test_nothing_loads_for_who_wants_to_hear_of_the_readers_model() -> None:
    source = "import labs.core.bridge as b, sys; b.on_keep(print); print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    assert told == "False\n"


def test_the_readers_model_is_told_of_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path / "one"))
    told: list[dict[str, bytes]] = []
    on_keep(told.append)
    try:
        checkpoint = load_checkpoint("chat")
        next(checkpoint.assistant.write([Message("user", "hello")]))  # a model has computed something
        my_model.keep(checkpoint.model, checkpoint.tokenizer, "A test's.")
    finally:
        my_model.on_keep(None)
    (files,) = told
    assert set(files) == {"mine.npz", "mine.json", "tokenizer.json"}
    monkeypatch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path / "other"))
    with pytest.raises(ValueError, match="expected a model that you trained"):
        load_checkpoint("mine")
    restore({name: memoryview(held) for name, held in files.items()})
    restored = load_checkpoint("mine").model.params
    assert all(np.array_equal(restored[name], weights) for name, weights in checkpoint.model.params.items())


def test_core_is_no_lab() -> None:
    assert "core" not in lab_slugs() and lab_slugs() == sorted(lab_slugs())
    assert "base_simulator" in lab_slugs()


def test_an_unknown_lab_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"expected one of .*got 'base_simulater'; did you mean 'base_simulator'\?"):
        load_lab("base_simulater")
    with pytest.raises(ValueError, match="got 'core'"):
        load_lab("core")


def test_bad_values_are_refused_before_a_lab_starts() -> None:
    with pytest.raises(ValueError, match=r"temperature: expected .* got 9"):
        run_lab("base_simulator", {"temperature": 9})


@pytest.mark.parametrize("slug", lab_slugs())
def test_every_lab_shows_something_by_default_that_is_also_text(slug: str) -> None:
    shown = [item for item in run_lab(slug, {}) if not isinstance(item, Progress)]
    assert shown
    for item in shown:
        text = mimebundle(item)[0]["text/plain"]
        assert isinstance(text, str) and text.strip() and "object at 0x" not in text


@pytest.mark.parametrize("slug", lab_slugs())
def test_every_labs_progress_ends_complete(slug: str) -> None:
    steps = [item for item in run_lab(slug, {}) if isinstance(item, Progress)]
    assert not steps or steps[-1].done == steps[-1].total
