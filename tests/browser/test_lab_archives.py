"""The labs in the page: what Python starts from has none, and each is fetched when a reader first comes to it, once."""

import re

import pytest
from playwright.sync_api import expect

from labs.base_simulator.exercise import EXERCISE
from labs.core.finding import own_slugs
from tests.browser.lab_page import LabPage
from tests.site_server import Fault, SiteServer

GAP = "import labs.gap.lab\nprint(labs.gap.lab.LAB.title)"


def fetched(server: SiteServer) -> list[str]:
    """The labs that were asked for, by slug."""
    found = [re.fullmatch(r"/runtime/lab-[0-9a-f]{12}/(\w+)\.zip", path) for path in server.requests]
    return [match[1] for match in found if match]


def test_a_lab_is_fetched_when_a_cell_imports_it_and_once_only(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    names = "from labs.core.bridge import exercises, lab_slugs\nprint(*lab_slugs())\nprint('gap' in exercises())"
    assert lab.run(1, names).split() == [*own_slugs(), "True"]
    assert fetched(server) == []
    assert lab.run(2, GAP).strip() == "The gap"
    assert fetched(server) == ["gap"]
    assert (
        lab.run(1, "from labs.gap.lab import SCORES\nimport labs.gap.exercise\nprint(len(SCORES) > 0)").strip()
        == "True"
    )
    assert fetched(server) == ["gap"]
    shown = lab.run(1, "import inspect\nprint(inspect.getsource(labs.gap.lab.run)[:7])")
    assert shown.strip() == "def run", "its source is there for tracebacks and readers"


def test_a_lab_is_fetched_when_its_panel_runs(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.page.get_by_role("button", name="Run The base simulator").click()
    picture = lab.page.locator("lab-panel").first.locator(".lab-panel__picture:not([data-unseen])")
    expect(picture).to_have_count(1, timeout=60_000)
    assert fetched(server) == ["base_simulator"]


def test_a_lab_is_fetched_when_its_exercise_is_checked(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    exercise = lab.page.locator("lab-exercise").first
    exercise.locator("lab-cell").evaluate("(cell, text) => { cell.source = text }", EXERCISE.solution)
    exercise.get_by_role("button", name="Check").click()
    expect(exercise).to_have_attribute("data-state", "done", timeout=60_000)
    expect(exercise.locator(".lab-exercise__solved")).to_be_visible()
    assert fetched(server) == ["base_simulator"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("missing", "The file gap.zip could not be used. The server answered 404"),
        ("truncated", "The file gap.zip arrived incomplete."),
        ("damaged", "The file gap.zip arrived damaged. Its content is not what this site was built with."),
        ("refused", "The file gap.zip could not be fetched. The connection failed"),
    ],
)
def test_an_archive_that_does_not_come_is_named_python_stays_and_running_again_works(
    lab: LabPage, server: SiteServer, fault: Fault, said: str
) -> None:
    server.faults["gap.zip"] = fault
    lab.open()
    lab.run(1, "kept = 'kept'")
    shown = lab.run(2, GAP, state="error")
    assert said in shown
    assert "Check your connection and run this again." in shown
    assert "importlib" not in shown and "lab_archives.py" not in shown
    server.faults.clear()
    assert lab.run(2, GAP).strip() == "The gap"
    assert lab.run(1, "print(kept)").strip() == "kept"
    lab.errors.clear()  # the browser reports the failed download itself


def test_a_panel_whose_lab_does_not_come_says_only_why_and_works_the_next_time(
    lab: LabPage, server: SiteServer
) -> None:
    server.faults["base_simulator.zip"] = "missing"
    lab.open()
    panel = lab.page.locator("lab-panel").first
    panel.get_by_role("button", name="Run The base simulator").click()
    expect(panel).to_contain_text("The file base_simulator.zip could not be used.", timeout=60_000)
    expect(panel).to_contain_text("Check your connection and run this again.")
    expect(panel).not_to_contain_text("Traceback")
    server.faults.clear()
    panel.get_by_role("button", name="Run The base simulator").click()
    expect(panel.locator(".lab-panel__picture:not([data-unseen])")).to_have_count(1, timeout=60_000)
    lab.errors.clear()


def test_the_reader_is_told_and_can_stop_it_and_the_next_python_fetches_it(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.run(1, "print('ready')")
    server.faults["gap.zip"] = "stalled"
    lab.start(2, GAP)
    expect(lab.status(2)).to_have_text(re.compile(r"^Loading the lab gap…"))
    lab.press("Stop", 2)
    lab.wait(2, "stopped")
    server.faults.clear()
    server.released.set()
    assert lab.run(2, GAP).strip() == "The gap"
    lab.start(1, "while True: pass")
    lab.wait(1, "running")
    lab.press("Stop", 1)
    lab.wait(1, "stopped")
    before = len(fetched(server))
    assert lab.run(2, GAP).strip() == "The gap"
    assert len(fetched(server)) == before, "another Python has it from the browser's cache"
    lab.errors.clear()
