"""What a reader writes is there again when they come back, and nothing takes its place unasked."""

import json
import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import watch
from tests.browser.lab_page import LabPage
from tests.browser.test_navigation import go
from tests.site_server import SiteServer

KEY = "lab-edits:v1:base_simulator#table"
MINE = "print('mine')"


def kept(lab: LabPage) -> dict[str, str] | None:
    """What the storage has for the first cell."""
    text = lab.page.evaluate("key => localStorage.getItem(key)", KEY)
    edit: dict[str, str] | None = None if text is None else json.loads(text)
    return edit


def keep(lab: LabPage, value: str) -> None:
    """Put something into the storage for the first cell, as if from an earlier visit."""
    lab.open()
    lab.page.evaluate("([key, value]) => localStorage.setItem(key, value)", [KEY, value])
    lab.page.reload()


def keep_older(lab: LabPage, source: str = MINE) -> str:
    """An edit of a version that the author has changed since; returns the author's present code."""
    keep(lab, json.dumps({"hash": "0" * 16, "source": source, "replaced": None}))
    code: str = lab.page.evaluate(
        "fetch(location.href).then(r => r.text()).then(t => new DOMParser()"
        ".parseFromString(t, 'text/html').querySelector('lab-cell[name=table] code').textContent)"
    )
    return code


def test_an_edit_is_kept_within_300_ms_and_found_again(lab: LabPage) -> None:
    lab.open()
    lab.type_over(1, MINE)
    lab.page.wait_for_function("key => localStorage.getItem(key) !== null", arg=KEY, timeout=400)
    lab.page.reload()
    assert lab.source(1) == MINE
    expect(lab.cell(1).locator(".lab-cell__code pre")).to_have_text(MINE)
    expect(lab.cell(1).locator(".lab-note")).to_have_count(0)
    assert lab.run(1).strip() == "mine"


def test_typing_and_leaving_at_once_loses_nothing(lab: LabPage) -> None:
    lab.open()
    lab.type_over(1, MINE)
    lab.page.goto(lab.url + "/glossary/")
    lab.open()
    assert lab.source(1) == MINE


def test_instant_navigation_loses_nothing(lab: LabPage) -> None:
    lab.open()
    lab.type_over(1, MINE)
    go(lab, "Glossary", "Glossary")
    go(lab, "The base simulator", "The base simulator")
    assert lab.source(1) == MINE
    lab.enter(1)
    lab.page.keyboard.insert_text("# on\n")
    assert "# on\n" in lab.source(1)


def test_code_that_is_the_authors_again_is_not_kept(lab: LabPage) -> None:
    lab.open()
    author = lab.source(1)
    lab.type_over(1, MINE)
    lab.page.wait_for_timeout(400)
    lab.page.keyboard.press("ControlOrMeta+a")
    lab.page.keyboard.insert_text(author)
    lab.page.wait_for_timeout(400)
    assert kept(lab) is None
    expect(lab.page.get_by_role("button", name="Reset cell 1")).to_be_hidden()


def test_reset_brings_the_authors_code_and_can_be_undone_even_later(lab: LabPage) -> None:
    lab.open()
    author = lab.source(1)
    reset = lab.page.get_by_role("button", name="Reset cell 1")
    expect(reset).to_be_hidden()
    lab.type_over(1, MINE)
    reset.click()
    assert lab.source(1) == author
    expect(lab.page.get_by_role("button", name="Run cell 1", exact=True)).to_be_focused()
    lab.note(1, "undo").get_by_role("button", name="Undo").click()
    assert lab.source(1) == MINE
    reset.click()
    lab.page.reload()
    assert lab.source(1) == author
    lab.choose("Bring back my other version", 1)
    assert lab.source(1) == MINE
    lab.page.reload()
    assert lab.source(1) == MINE


def test_the_reader_is_told_when_the_author_changed_the_cell_and_can_compare(lab: LabPage) -> None:
    author = keep_older(lab, MINE + '\nprefix = "People from the next town are"')
    note = lab.note(1, "author")
    expect(note).to_contain_text("The author has changed this cell")
    note.get_by_role("button", name="Compare").click()
    listing = note.get_by_role("group", name="only in your version")
    expect(listing.locator("del")).to_have_text([f"− {MINE}\n"])
    assert len(listing.locator("ins").all()) == len(author.split("\n")) - 1
    assert lab.source(1).startswith(MINE)
    lab.page.reload()
    expect(note).to_be_visible()


def test_keep_mine_is_remembered(lab: LabPage) -> None:
    keep_older(lab)
    lab.note(1, "author").get_by_role("button", name="Keep mine").click()
    expect(lab.page.get_by_role("button", name="Run cell 1", exact=True)).to_be_focused()
    lab.page.reload()
    assert lab.source(1) == MINE
    expect(lab.note(1, "author")).to_have_count(0)


def test_taking_the_new_one_can_be_undone(lab: LabPage) -> None:
    author = keep_older(lab)
    lab.note(1, "author").get_by_role("button", name="Take the new one").click()
    assert lab.source(1) == author
    lab.page.reload()
    assert lab.source(1) == author
    expect(lab.cell(1).locator(".lab-note")).to_have_count(0)
    lab.choose("Bring back my other version", 1)
    assert lab.source(1) == MINE


def test_typing_on_in_an_older_version_keeps_the_notice(lab: LabPage) -> None:
    keep_older(lab)
    lab.type_over(1, "print('more')")
    lab.page.wait_for_timeout(400)
    edit = kept(lab)
    assert edit is not None
    assert edit["hash"] == "0" * 16
    lab.page.reload()
    expect(lab.note(1, "author")).to_be_visible()
    assert lab.source(1) == "print('more')"


@pytest.mark.parametrize("value", ["{", "null", "[]", '{"source": 3}', "\0"])
def test_corrupt_storage_is_said_and_the_page_works(lab: LabPage, value: str) -> None:
    keep(lab, value)
    expect(lab.note(1, "unreadable")).to_contain_text("can’t be read")
    assert "People from" in lab.source(1)
    lab.type_over(1, MINE)
    lab.page.wait_for_timeout(400)
    expect(lab.note(1, "unreadable")).to_have_count(0)
    lab.page.reload()
    assert lab.source(1) == MINE


DENIED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
FULL = "Storage.prototype.setItem = function () { throw new DOMException('full', 'QuotaExceededError'); }"
MISSING = "Object.defineProperty(window, 'localStorage', { value: null })"


@pytest.mark.parametrize(("script", "why"), [(DENIED, "store nothing"), (FULL, "is full"), (MISSING, "store nothing")])
def test_storage_that_keeps_nothing_is_said_once_and_the_page_works(
    context: BrowserContext, server: SiteServer, script: str, why: str
) -> None:
    page = context.new_page()
    page.add_init_script(script)
    lab = LabPage(page, server.url)
    watch(page, server.url, lab.errors)
    lab.open()
    expect(page.locator(".lab-note")).to_have_count(0)
    lab.errors.clear()  # the theme itself reaches for the storage
    lab.type_over(1, MINE)
    expect(lab.note(1, "storage")).to_contain_text(why)
    lab.type_over(2, "print('two')")
    page.wait_for_timeout(400)
    expect(page.locator(".lab-note[data-kind=storage]")).to_have_count(1)
    assert lab.run(1).strip() == "mine"
    assert lab.errors == []


def test_edits_survive_a_visit_elsewhere_although_storage_is_full(context: BrowserContext, server: SiteServer) -> None:
    page = context.new_page()
    page.add_init_script(FULL)
    lab = LabPage(page, server.url)
    lab.open()
    lab.type_over(1, MINE)
    go(lab, "Glossary", "Glossary")
    go(lab, "The base simulator", "The base simulator")
    assert lab.source(1) == MINE


def test_another_tab_does_not_overwrite_what_is_typed_and_the_last_write_wins(lab: LabPage) -> None:
    lab.open()
    other = LabPage(lab.page.context.new_page(), lab.url)
    other.open()
    lab.type_over(1, "print('here')")
    lab.page.wait_for_timeout(400)
    expect(other.note(1, "tab")).to_contain_text("another tab")
    assert "People from" in other.source(1)
    other.type_over(1, "print('there')")
    expect(lab.note(1, "tab")).to_be_visible()
    assert lab.source(1) == "print('here')"
    lab.note(1, "tab").get_by_role("button", name="Show the other version").click()
    assert lab.source(1) == "print('there')"
    lab.choose("Bring back my other version", 1)
    assert lab.source(1) == "print('here')"
    lab.page.reload()
    assert lab.source(1) == "print('here')"


def test_run_all_runs_in_order_and_a_cell_meant_to_raise_does_not_end_it(lab: LabPage) -> None:
    lab.open()
    lab.page.get_by_role("button", name="Run all cells").first.click()
    count = lab.page.locator("lab-cell[page=base_simulator]").count()
    lab.wait(count, "done")
    states = lab.page.locator("lab-cell[page=base_simulator]").evaluate_all(
        "cells => cells.map(c => [c.dataset.state, c.hasAttribute('raises')])"
    )
    assert [state for state, _ in states] == ["error" if raises else "done" for _, raises in states]
    assert any(raises for _, raises in states)
    expect(lab.page.locator("lab-page-bar [role=status]")).to_have_text(f"All {count} cells have run.")


def test_run_all_ends_at_an_error_and_says_why(lab: LabPage) -> None:
    lab.open()
    lab.put(2, "1 / 0")
    lab.page.get_by_role("button", name="Run all cells").first.click()
    lab.wait(3, "dropped")
    lab.wait(1, "done")
    expect(lab.page.locator("lab-page-bar [role=status]")).to_have_text(re.compile(r"^2 of \d+ cells have run\.$"))
    expect(lab.status(3)).to_contain_text("Not run: cell 2 ended with an error.")
    lab.wait(5, "dropped", seconds=1)


def test_run_all_above_runs_what_is_above_and_no_more(lab: LabPage) -> None:
    lab.open()
    for number, source in enumerate(["order = [1]", "order.append(2)", "print(order)"], start=1):
        lab.put(number, source)
    lab.choose("Run all above", 3)
    lab.wait(2, "done")
    expect(lab.cell(3)).not_to_have_attribute("data-state", "done")
    assert lab.run(3).strip() == "[1, 2]"
    lab.press("More for", 1)
    expect(lab.cell(1).get_by_role("button", name="Run all above")).to_be_hidden()


@pytest.mark.parametrize(("source", "state"), [("while True: pass", "stopped"), ("import os\nos._exit(1)", "crashed")])
def test_after_a_restart_the_cells_above_can_be_run_again(lab: LabPage, source: str, state: str) -> None:
    lab.open()
    lab.run(1, "order = ['one']")
    lab.run(2, "order.append('two')")
    again = lab.page.get_by_role("button", name="Run the cells above cell 3 again")
    expect(again).to_be_hidden()
    lab.start(3, source)
    if state == "stopped":
        lab.wait(3, "running")
        lab.press("Stop", 3)
    lab.wait(3, state)
    again.focus()
    again.press("Enter")
    expect(again).to_be_hidden()
    expect(lab.page.get_by_role("button", name="Run cell 3", exact=True)).to_be_focused()
    lab.wait(2, "done")
    expect(lab.cell(3)).to_have_attribute("data-state", state)
    assert lab.run(3, "print(order)").strip() == "['one', 'two']"
    lab.errors.clear()  # Pyodide writes a report of its death into the console
