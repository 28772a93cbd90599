"""Code is edited in the page: by mouse, keyboard and finger, in the same place and size as it stood there."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.lab_page import LabPage
from tests.browser.launching import SCHEMES, Scheme
from tests.browser.test_navigation import go
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

FOCUSED = (
    "() => { let at = document.activeElement; while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
)
FOCUSED += " return at.getAttribute('aria-label') ?? at.textContent; }"


def test_the_editor_is_not_loaded_before_the_reader_goes_into_the_code(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.page.wait_for_load_state("networkidle")
    assert not any("/editor-" in path for path in server.requests)
    lab.enter(1)
    assert any("/editor-" in path for path in server.requests)


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_moves_when_the_editor_opens(lab: LabPage, width: int) -> None:
    lab.page.set_viewport_size({"width": width, "height": 800})
    lab.open()
    for number in (1, 2, 3):
        before = lab.cell(number).bounding_box()
        lab.enter(number)
        after = lab.cell(number).bounding_box()
        assert before is not None
        assert after is not None
        assert after["height"] == pytest.approx(before["height"], abs=0.5)
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= width


def test_static_code_and_editor_look_alike(lab: LabPage) -> None:
    lab.open()
    look = """(at, part) => { const word = [...at.querySelectorAll('span')].find(s => s.textContent === part);
        const style = getComputedStyle(word); const box = word.getBoundingClientRect();
        const cell = (at.getRootNode().host ?? at).closest('lab-cell').getBoundingClientRect();
        return [style.color, style.fontFamily, style.fontSize, box.x - cell.x, box.y - cell.y].map(String); }"""
    words = ["import", '"People from the next town are"']
    static = lab.cell(1).locator(".lab-cell__code code")
    before = [static.evaluate(look, word) for word in words]
    lab.cell(1).locator(".lab-cell__code pre").focus()
    expect(lab.editor(1)).to_be_focused()
    assert [lab.editor(1).evaluate(look, word) for word in words] == before


def test_a_click_puts_the_caret_where_it_fell(lab: LabPage) -> None:
    lab.open()
    lab.cell(1).get_by_text('"People from the next town are"', exact=True).click(position={"x": 2, "y": 8})
    expect(lab.editor(1)).to_be_focused()
    lab.page.keyboard.insert_text("HERE")
    assert 'HERE"People' in lab.source(1) or '"HEREPeople' in lab.source(1)


def test_what_the_reader_selects_in_the_static_code_stays_selected(lab: LabPage) -> None:
    lab.open()
    lab.cell(1).get_by_text("prefix", exact=True).first.dblclick()
    expect(lab.editor(1)).to_be_focused()
    assert lab.page.evaluate("getSelection().toString()").strip() in ("prefix", "")


def test_the_keyboard_goes_in_edits_runs_and_leaves_again(lab: LabPage) -> None:
    lab.open()
    lab.put(1, "print('before')")
    lab.cell(1).locator(".lab-cell__code pre").focus()
    expect(lab.editor(1)).to_be_focused()
    lab.page.keyboard.press("ControlOrMeta+a")
    lab.page.keyboard.type("def f(x):\nif x:\nreturn [x")
    assert lab.source(1) == "def f(x):\n    if x:\n        return [x]", (
        "indentation and the closing bracket come by themselves"
    )
    lab.page.keyboard.press("ControlOrMeta+z")
    assert lab.source(1) != "def f(x):\n    if x:\n        return [x]"
    lab.page.keyboard.press("ControlOrMeta+a")
    lab.page.keyboard.insert_text("print('by keys')")
    lab.page.keyboard.press("Shift+Enter")
    lab.wait(1, "done")
    assert lab.log(1).inner_text().strip() == "by keys"
    expect(lab.editor(1)).to_be_focused()
    lab.page.keyboard.press("ControlOrMeta+Enter")
    lab.wait(1, "done")
    assert lab.source(1) == "print('by keys')"
    lab.page.keyboard.press("Tab")
    assert lab.page.evaluate(FOCUSED) == "Run cell 1"
    lab.page.keyboard.press("Shift+Tab")
    expect(lab.editor(1)).to_be_focused()
    lab.page.keyboard.press("Shift+Tab")
    expect(lab.editor(1)).not_to_be_focused()


def test_indentation_has_keys_of_its_own(lab: LabPage) -> None:
    lab.open()
    lab.type_over(1, "x = 1")
    lab.page.keyboard.press("ControlOrMeta+]")
    assert lab.source(1) == "    x = 1"
    lab.page.keyboard.press("ControlOrMeta+[")
    assert lab.source(1) == "x = 1"


def test_code_and_editor_have_names_and_say_how_their_keys_work(lab: LabPage) -> None:
    lab.open()
    static = lab.page.get_by_role("textbox", name="Code of cell 1", exact=True)
    assert "Tab leaves" in (static.get_attribute("aria-description") or "")
    lab.enter(1)
    editor = lab.page.get_by_role("textbox", name="Code of cell 1", exact=True)
    expect(editor).to_have_count(1)
    expect(editor).to_have_accessible_description(re.compile("Tab leaves the code"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_with_editor_menu_and_note_open(browser: Browser, server: SiteServer, scheme: Scheme) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        lab.type_over(1, "# a comment\n@decorated\nclass A:\n    x = f'{1:.2f} \\n' + True  # \u202e\n")
        lab.press("More for", 1)
        lab.put(2, "1 / 0")
        lab.run(2, state="error")
        lab.press("More for", 2)
        lab.put(3, "x")
        lab.page.get_by_role("button", name="Reset cell 3").click()
        assert violations(lab.page) == []
        assert lab.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_editor_looks_the_same_after_a_visit_elsewhere(lab: LabPage) -> None:
    lab.open()
    look = "at => { const s = getComputedStyle(at.querySelector('.hl-keyword'));"
    look += " return [s.color, s.fontSize, s.whiteSpace] }"
    lab.enter(1)
    before = lab.editor(1).evaluate(look)
    go(lab, "Glossary", "Glossary")
    go(lab, "The base simulator", "The base simulator")
    lab.enter(1)
    assert lab.editor(1).evaluate(look) == before
    assert "rgb" in before[0]
    assert before[2] == "pre"


def test_a_strict_content_policy_refuses_nothing_of_the_editor(lab: LabPage, server: SiteServer) -> None:
    server.headers["Content-Security-Policy"] = "style-src 'self'"
    lab.page.set_content("")
    lab.open()
    lab.errors.clear()  # recorded tables and the theme's own inline styles are none of the editor's
    lab.enter(2)
    lab.page.keyboard.type("x = [")
    style = lab.editor(2).evaluate(
        "at => getComputedStyle(at).whiteSpace + getComputedStyle(at.querySelector('.hl-keyword')).color"
    )
    assert style.startswith("prergb")
    assert lab.errors == []


def test_a_phone_does_not_zoom_into_the_editor(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True) as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        lab.cell(1).locator(".lab-cell__code pre").tap()
        expect(lab.editor(1)).to_be_focused()
        assert float(lab.editor(1).evaluate("at => parseFloat(getComputedStyle(at).fontSize)")) >= 16
        lab.page.keyboard.insert_text("# " + "wide " * 60)
        assert lab.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_button_of_a_cell_is_large_enough_at_360_pixels(lab: LabPage) -> None:
    lab.page.set_viewport_size({"width": 360, "height": 740})
    lab.open()
    lab.put(2, "x")
    lab.press("More for", 2)
    for part in (lab.cell(2), lab.page.locator("lab-page-bar")):
        for button in part.get_by_role("button").all():
            box = button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24, button
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360


def test_an_editor_that_can_not_be_loaded_is_said_and_the_next_try_works(lab: LabPage, server: SiteServer) -> None:
    name = next(server.folder.glob("assets/browser/editor-*.js")).name
    server.faults[name] = "missing"
    lab.open()
    lab.cell(1).locator(".lab-cell__code pre").click()
    expect(lab.status(1)).to_contain_text("The editor could not be loaded")
    assert lab.run(1, "print('still runs')").strip() == "still runs"
    lab.errors.clear()


def test_an_error_marks_its_line_until_the_next_edit(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "x = 1\nx / 0", state="error")
    expect(lab.cell(1).locator(".lab-cell__pre--marked")).to_be_visible()
    lab.enter(1)
    expect(lab.cell(1).locator(".cm-marked")).to_have_text("x / 0")
    lab.page.keyboard.press("ControlOrMeta+End")
    lab.page.keyboard.insert_text(" + 1")
    expect(lab.cell(1).locator(".cm-marked")).to_have_count(0)
    lab.run(1, state="error")
    expect(lab.cell(1).locator(".cm-marked")).to_have_text("x / 0 + 1")
    lab.run(1, "x = 2")
    expect(lab.cell(1).locator(".cm-marked")).to_have_count(0)


def test_a_line_in_a_traceback_leads_into_the_cell_it_names(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "# first\ndef f():\n    return 1 / 0")
    lab.run(2, "y = 1\nf()", state="error")
    place = lab.log(2).get_by_role("button", name='File "<cell 1>", line 3')
    place.focus()
    place.press("Enter")
    expect(lab.editor(1)).to_be_focused()
    expect(lab.cell(1).locator(".cm-marked")).to_have_text("    return 1 / 0")
    lab.page.keyboard.insert_text("#")
    assert lab.source(1) == "# first\ndef f():\n#    return 1 / 0"
    lab.log(2).get_by_role("button", name='File "<cell 2>", line 2').click()
    expect(lab.editor(2)).to_be_focused()
    expect(lab.cell(2).locator(".cm-marked")).to_have_text("f()")


def test_a_line_of_a_syntax_error_is_marked_too(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "x = 1\ny = = 2", state="error")
    lab.log(1).get_by_role("button", name='File "<cell 1>", line 2').click()
    expect(lab.cell(1).locator(".cm-marked")).to_have_text("y = = 2")


def test_the_menu_folds_in_by_escape_by_leaving_and_by_choosing(lab: LabPage) -> None:
    lab.open()
    more = lab.page.get_by_role("button", name="More for cell 2")
    item = lab.cell(2).get_by_role("button", name="Copy the code")
    expect(item).to_be_hidden()
    more.focus()
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    lab.page.keyboard.press("Tab")
    assert lab.page.evaluate(FOCUSED) == "Run all above"
    lab.page.keyboard.press("Escape")
    expect(item).to_be_hidden()
    expect(more).to_be_focused()
    more.click()
    lab.page.get_by_role("button", name="Run cell 1", exact=True).focus()
    expect(item).to_be_hidden()
    more.click()
    lab.page.locator("h1").click()
    expect(item).to_be_hidden()
    expect(more).to_have_attribute("aria-expanded", "false")


def test_forced_colours_keep_borders_and_the_mark(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(forced_colors="active") as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        lab.enter(1)
        outline = lab.cell(1).locator(".cm-editor").evaluate("at => getComputedStyle(at).outlineStyle")
        assert outline == "solid"
        for button in lab.cell(1).get_by_role("button").all():
            assert button.evaluate("at => getComputedStyle(at).borderStyle") == "solid"


def test_the_editor_is_within_its_bytes(built_site: Path) -> None:
    (editor,) = built_site.glob("assets/browser/editor-*.js")
    assert len(gzip.compress(editor.read_bytes(), 9)) <= 130_000
