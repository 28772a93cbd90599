"""Stop always works, a dead interpreter is replaced, and nothing of the old one is seen afterwards."""

import pytest
from playwright.sync_api import expect

from tests.browser.lab_page import LabPage

ENDLESS = {
    "loop": "print('begun')\nwhile True: pass",
    "c-loop": "print('begun')\nsum(range(10**12))",
    "sleep": "import time\nprint('begun')\ntime.sleep(60)",
    "flood": "print('begun')\nwhile True: print('flood')",
}
DEADLY = {
    "c-recursion": (
        "class A:\n    def __lt__(self, other): return sorted([A(), A()]) is None\nprint('begun')\nsorted([A(), A()])",
        "called itself more deeply",
    ),
    "deep-repr": (
        "x = []\nfor _ in range(10**6): x = [x]\nprint('begun')\nimport sys\nsys.setrecursionlimit(10**8)\nrepr(x)",
        "called itself more deeply",
    ),
    "exit": ("import os, sys\nprint('begun', flush=True)\nos._exit(3)", "ended Python itself"),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_endless_run_stops_and_python_is_usable_again(lab: LabPage, kind: str) -> None:
    lab.open()
    lab.run(1, "kept = 'a variable'\nprint(kept)")
    lab.start(2, ENDLESS[kind])
    expect(lab.log(2)).to_contain_text("begun", timeout=10_000)
    lab.page.wait_for_timeout(300)
    lab.press("Stop", 2)
    lab.wait(2, "stopped", seconds=2)
    expect(lab.log(2)).to_contain_text("begun")
    expect(lab.status(2)).to_contain_text("the variables of earlier cells are gone")
    expect(lab.log(1)).to_contain_text("a variable")
    text = lab.run(1, "print('kept' in globals())")
    assert text.strip() == "False"
    assert "flood" not in lab.log(1).inner_text()


def test_stop_moves_the_focus_to_run_and_disappears(lab: LabPage) -> None:
    lab.open()
    lab.start(1, "while True: pass")
    lab.wait(1, "running")
    stop = lab.page.get_by_role("button", name="Stop cell 1")
    stop.focus()
    stop.press("Enter")
    expect(lab.page.get_by_role("button", name="Run cell 1")).to_be_focused()
    expect(stop).to_be_hidden()


def test_stop_works_while_python_is_still_starting(lab: LabPage) -> None:
    lab.open()
    lab.start(1)
    lab.press("Stop", 1)
    lab.wait(1, "stopped", seconds=2)
    assert lab.run(1, "print('later')").strip() == "later"


@pytest.mark.parametrize("kind", DEADLY)
def test_a_fatal_error_restarts_python_and_says_so(lab: LabPage, kind: str) -> None:
    source, said = DEADLY[kind]
    lab.open()
    lab.run(1, "print('ready')")
    lab.start(2, source)
    lab.wait(2, "crashed")
    expect(lab.status(2)).to_contain_text(said)
    expect(lab.status(2)).to_contain_text("Python was restarted")
    expect(lab.log(2)).to_contain_text("begun")
    assert lab.run(1, "print('again')").strip() == "again"
    lab.errors.clear()  # Pyodide writes a report of its death into the console


@pytest.mark.parametrize("source", ["def f(): return f()\nf()", "x = [0]\nwhile True: x = x * 2"])
def test_recursion_and_memory_errors_of_python_itself_leave_it_alive(lab: LabPage, source: str) -> None:
    lab.open()
    lab.run(1, "kept = 1")
    text = lab.run(2, source, state="error")
    assert "RecursionError" in text or "MemoryError" in text
    assert lab.run(1, "print(kept)").strip() == "1"


def test_quick_runs_queue_and_come_in_order(lab: LabPage) -> None:
    lab.open()
    lab.put(1, "import time\norder = ['one']\ntime.sleep(0.5)\nprint(order)")
    lab.put(2, "order.append('two')\nprint(order)")
    lab.press("Run", 1)
    lab.press("Run", 2)
    expect(lab.cell(2)).to_have_attribute("data-state", "waiting")
    lab.wait(2, "done")
    assert lab.log(2).inner_text().strip() == "['one', 'two']"
    assert lab.log(1).inner_text().strip() == "['one']"


def test_stop_drops_what_waited_and_a_waiting_run_can_be_withdrawn(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "print('ready')")
    lab.start(1, "while True: pass")
    lab.wait(1, "running")
    lab.start(2, "print('two')")
    lab.start(3, "print('three')")
    lab.press("Stop", 3)
    lab.wait(3, "stopped", seconds=2)
    lab.press("Stop", 1)
    lab.wait(2, "dropped", seconds=2)
    expect(lab.status(2)).to_contain_text("Not run")
    assert lab.run(2).strip() == "two"


def test_late_output_of_a_stopped_run_is_dropped(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "print('ready')")
    lab.start(1, "while True: print('old')")
    expect(lab.log(1)).to_contain_text("old")
    lab.page.evaluate(
        """() => {
            const cell = document.querySelector('lab-cell');
            cell.stop();
            cell.querySelector('.lab-cell__code code').textContent = "print('new')";
            cell.run();
        }"""
    )
    lab.wait(1, "done")
    assert lab.log(1).inner_text().strip() == "new"
