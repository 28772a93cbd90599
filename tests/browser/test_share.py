"""Links that carry code open it for reading: never run, never in place of the reader's own work unasked."""

import base64
import json
import zlib

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.lab_page import PATH, LabPage
from tests.browser.test_navigation import go

THEIRS = "print('theirs')"
MINE = "print('mine')"
TEXT = "navigator.clipboard.readText()"


def fragment(cells: dict[str, object], page: str = "base_simulator", version: int = 1) -> str:
    """What the page itself would make of these cells."""
    data = json.dumps({"v": version, "page": page, "cells": cells}).encode()
    packer = zlib.compressobj(wbits=-15)
    return "#code=c." + base64.urlsafe_b64encode(packer.compress(data) + packer.flush()).decode().rstrip("=")


def test_a_link_made_here_opens_there_and_runs_nothing(lab: LabPage, context: BrowserContext, browser: Browser) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.open()
    lab.type_over(2, "print('shared ünï 😀')")
    lab.page.get_by_role("button", name="Share a link with your code").click()
    bar = lab.page.locator("lab-page-bar").get_by_role("status")
    expect(bar).to_have_text("Link copied, with your code of cell 2.")
    link: str = lab.page.evaluate(TEXT)
    assert link.startswith(lab.url + PATH + "#code=c.")
    with browser.new_context() as elsewhere:
        friend = LabPage(elsewhere.new_page(), lab.url)
        friend.page.goto(link)
        expect(friend.note(2, "link")).to_contain_text("it has not run. Read it before you press Run.")
        expect(friend.editor(2)).to_have_text("print('shared ünï 😀')")
        expect(friend.cell(2)).to_be_in_viewport()
        friend.page.wait_for_timeout(500)
        assert friend.cell(2).get_attribute("data-state") is None
        assert friend.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('lab-edits'))") == []
        assert friend.run(2).strip() == "shared ünï 😀"


def test_a_link_of_an_unchanged_page_is_its_plain_address(lab: LabPage, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.open()
    lab.choose("Copy a link with my code", 1)
    expect(lab.status(1)).to_contain_text("You have changed no code here")
    assert lab.page.evaluate(TEXT) == lab.url + PATH


def test_code_is_copied(lab: LabPage, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.open()
    lab.put(1, MINE)
    lab.choose("Copy the code", 1)
    expect(lab.status(1)).to_have_text("Code copied.")
    assert lab.page.evaluate(TEXT) == MINE


def test_without_a_clipboard_the_text_is_there_to_copy_by_hand(lab: LabPage) -> None:
    lab.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    lab.open()
    lab.put(1, MINE)
    lab.choose("Copy a link with my code", 1)
    field = lab.note(1, "copy").get_by_role("textbox", name="Text to copy")
    expect(field).to_be_focused()
    assert "#code=" in field.input_value()
    assert field.evaluate("at => at.selectionEnd - at.selectionStart") == len(field.input_value())
    lab.note(1, "copy").get_by_role("button", name="Close").click()
    expect(lab.page.get_by_role("button", name="Run cell 1", exact=True)).to_be_focused()


def test_the_readers_own_version_stays_until_they_decide(lab: LabPage) -> None:
    lab.open()
    lab.type_over(1, MINE)
    lab.page.wait_for_timeout(400)
    lab.page.evaluate("fragment => location.hash = fragment", fragment({"table": THEIRS}))
    note = lab.note(1, "link")
    expect(note).to_contain_text("Your own version is kept")
    assert lab.source(1) == THEIRS
    lab.page.reload()
    expect(note).to_be_visible()
    assert lab.source(1) == THEIRS
    note.get_by_role("button", name="Back to mine").click()
    assert lab.source(1) == MINE
    assert "#" not in lab.page.url
    lab.page.reload()
    assert lab.source(1) == MINE
    expect(note).to_have_count(0)


def test_keeping_or_editing_linked_code_makes_it_the_readers_and_their_own_can_come_back(lab: LabPage) -> None:
    lab.open()
    for number, mine in ((1, MINE), (2, "mine2")):
        lab.put(number, mine)
    lab.page.wait_for_timeout(400)
    lab.open(PATH + "?x" + fragment({"table": THEIRS, "greedy": "theirs2"}))
    lab.note(1, "link").get_by_role("button", name="Keep it").click()
    expect(lab.note(1, "link")).to_have_count(0)
    expect(lab.note(2, "link")).to_be_visible()
    assert "#code=" in lab.page.url, "the other cell still awaits a decision"
    lab.editor(2).click()
    lab.page.keyboard.press("ControlOrMeta+End")
    lab.page.keyboard.insert_text(" + edited")
    expect(lab.note(2, "link")).to_have_count(0)
    lab.page.wait_for_timeout(400)
    assert "#" not in lab.page.url
    lab.page.reload()
    assert [lab.source(1), lab.source(2)] == [THEIRS, "theirs2 + edited"]
    lab.choose("Bring back my other version", 1)
    lab.choose("Bring back my other version", 2)
    assert [lab.source(1), lab.source(2)] == [MINE, "mine2"]


def test_without_work_of_ones_own_the_way_back_is_to_the_authors_code(lab: LabPage) -> None:
    lab.open(PATH + fragment({"table": THEIRS}))
    lab.note(1, "link").get_by_role("button", name="Back to the author’s").click()
    assert "People from" in lab.source(1)
    assert lab.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('lab-edits'))") == []


def test_a_link_works_when_arriving_by_instant_navigation(lab: LabPage) -> None:
    lab.open("/glossary/")
    lab.page.evaluate("window.sameDocument = true")
    lab.page.locator("h1").evaluate(
        "(at, href) => { const link = document.createElement('a');"
        " link.href = href; link.textContent = 'try this'; at.after(link); }",
        PATH + fragment({"greedy": THEIRS}),
    )
    lab.page.get_by_role("link", name="try this").click()
    expect(lab.note(2, "link")).to_be_visible()
    assert lab.source(2) == THEIRS
    assert lab.page.evaluate("window.sameDocument") is True
    go(lab, "Glossary", "Glossary")
    lab.page.go_back()
    expect(lab.note(2, "link")).to_be_visible()


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("#code=", "cut off or damaged"),
        ("#code=c.!!!", "cut off or damaged"),
        (fragment({"table": "x"})[:-6], "cut off or damaged"),
        (fragment({"table": 3}), "does not hold code"),
        (fragment({"table": "x"}, page="another"), "cells that this page does not have"),
        (fragment({"no-such-cell": "x"}), "cells that this page does not have"),
        (fragment({"__proto__": "x"}), "does not hold code"),
        (fragment({"table": "x"}, version=2), "newer version"),
        (fragment({"table": "x" * 30_000_000}), "too much code"),
        ("#code=u." + "A" * 50_000, "too long"),
    ],
)
def test_a_link_that_is_not_in_order_is_said_and_the_page_works(lab: LabPage, link: str, said: str) -> None:
    lab.open(PATH + link)
    bar = lab.page.locator("lab-page-bar")
    expect(bar.locator(".lab-note")).to_contain_text(said)
    assert "People from" in lab.source(1)
    bar.get_by_role("button", name="Close").click()
    expect(bar.locator(".lab-note")).to_have_count(0)
    assert "#" not in lab.page.url
    assert lab.run(1, MINE).strip() == "mine"


def test_cells_that_the_page_no_longer_has_are_said_and_the_others_open(lab: LabPage) -> None:
    lab.open(PATH + fragment({"table": THEIRS, "long-gone": "x"}))
    expect(lab.page.locator("lab-page-bar .lab-note")).to_contain_text("no longer has 1 of the cells")
    assert lab.source(1) == THEIRS


def test_hidden_characters_in_linked_code_are_shown(lab: LabPage) -> None:
    lab.open(PATH + fragment({"table": "admin = False #\u202e  eurT = nimda"}))
    expect(lab.cell(1).locator(".cm-specialChar")).to_have_count(1)


def test_too_much_code_for_a_link_is_said(lab: LabPage) -> None:
    lab.open()
    noise = base64.b85encode(bytes((i * i * 31 + i // 7) % 256 for i in range(200_000))).decode()
    lab.put(1, f"x = {noise!r}")
    lab.choose("Copy a link with my code", 1)
    expect(lab.status(1)).to_contain_text("too much code for a link")
