"""The page as its readers meet it: no JavaScript, keyboard only, a phone, the dark, a screen reader's rules."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import watch
from tests.browser.lab_page import CELLS, PATH, RUNS, LabPage
from tests.browser.launching import SCHEMES, Scheme
from tests.site_server import SiteServer

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
PAGES = [
    "/",
    "/modules/base_models/",
    "/modules/review_practice/",
    "/progress/",
    "/syllabus/",
    PATH,
    "/glossary/",
    "/sources/",
    "/guides/hosting/",
    "/404.html",
]


def violations(page: Page) -> list[str]:
    """What axe finds, by rule and place, once the page is all there: before, what scrolls can't be reached by Tab."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(f":is({RUNS}):not(:defined)")).to_have_count(0)
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{rule['id']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]]


def test_with_javascript_off_prose_code_and_recorded_outputs_are_there(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server.url + PATH)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        cells = page.locator(CELLS)
        assert cells.count() >= 6
        for number in range(cells.count()):
            expect(cells.nth(number).locator(".lab-cell__code code")).to_be_visible()
            expect(cells.nth(number).locator(".lab-cell__recorded")).to_be_visible()
        expect(page.locator("figure.lab-chart svg").first).to_be_visible()
        assert page.get_by_role("button", name="Run cell").count() == 0


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser: Browser, server: SiteServer, path: str, scheme: Scheme) -> None:
    errors: list[str] = []
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        watch(page, server.url, errors)
        page.goto(server.url + path)
        expect(page.locator("body")).to_have_attribute(
            "data-md-color-scheme", {"light": "default", "dark": "slate"}[scheme]
        )
        assert violations(page) == []
    assert [error for error in errors if "404" not in error] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_after_running_each_kind_of_output(
    browser: Browser, server: SiteServer, scheme: Scheme
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        count = lab.page.locator(CELLS).count()
        for number in range(1, count + 1):
            lab.start(number)
        for number in range(1, count + 1):
            raises = lab.cell(number).locator(".lab-cell__recorded .lab-error").count() > 0
            lab.wait(number, "error" if raises else "done")
        assert violations(lab.page) == []


def test_keyboard_alone_runs_and_stops_a_cell(lab: LabPage) -> None:
    lab.open()
    lab.put(1, "print('by keyboard')\nwhile True: pass")
    focused = "document.activeElement.getAttribute('aria-label')"
    for _ in range(150):
        lab.page.keyboard.press("Tab")
        if lab.page.evaluate(focused) == "Run cell 1":
            break
    assert lab.page.evaluate(focused) == "Run cell 1"
    lab.page.keyboard.press("Enter")
    expect(lab.log(1)).to_contain_text("by keyboard", timeout=60_000)
    lab.page.keyboard.press("Tab")
    assert lab.page.evaluate(focused) == "Stop cell 1"
    lab.page.keyboard.press("Space")
    lab.wait(1, "stopped", seconds=2)
    assert lab.page.evaluate(focused) == "Run cell 1"


def test_a_tab_walk_over_the_lab_page_ends(lab: LabPage) -> None:
    lab.open()
    seen: list[str] = []
    for _ in range(300):
        lab.page.keyboard.press("Tab")
        where: str = lab.page.evaluate(
            "document.activeElement === document.body ? 'out' : document.activeElement.outerHTML.slice(0, 200)"
        )
        if where == "out":
            break
        seen.append(where)
    assert where == "out", "no keyboard trap"
    assert any("Run cell 1" in place for place in seen)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_overflows_at_360_pixels(context: BrowserContext, server: SiteServer, path: str) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_table_that_goes_on_beyond_an_edge_casts_a_shadow_there(
    browser: Browser, server: SiteServer, scheme: Scheme
) -> None:
    """The shadows stay at the edges; the paper over them, drawn first, scrolls; nothing in the table hides both."""
    with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        page.goto(server.url + "/modules/lifecycle/")
        expect(page.locator(".md-typeset__scrollwrap").first).to_be_attached()
        for name in (".md-typeset__scrollwrap", ".lab-html"):
            boxes = page.locator(f"article {name}:has(table)").all()
            wide = [box for box in boxes if box.evaluate("box => box.scrollWidth > box.clientWidth + 5")]
            assert wide, name
            for box in wide:
                expect(box).to_have_css("background-attachment", "local, local, scroll, scroll")
                expect(box.locator("table").first).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    with browser.new_context(forced_colors="active") as context:
        page = context.new_page()
        page.goto(server.url + "/modules/lifecycle/")
        expect(page.locator(".md-typeset__scrollwrap").first).to_have_css("background-image", "none")


def test_a_phone_runs_a_cell_and_its_output_fits(lab: LabPage) -> None:
    lab.page.set_viewport_size({"width": 360, "height": 740})
    lab.open()
    lab.run(1, "print('x' * 500)\nfrom labs.core.contract import Table\nTable(['c'] * 12, [['value'] * 12], 'wide')")
    expect(lab.log(1).get_by_role("table")).to_be_attached()
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 360
    for name in ("Run cell 1",):
        box = lab.page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24


def test_reduced_motion_is_respected(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        lab.run(1, "print('still')")
        names = lab.page.evaluate(
            "document.getAnimations().filter(a => a.effect.target?.closest('lab-cell')"
            " && a.effect.getComputedTiming().duration > 10).length"
        )
        assert names == 0


def test_no_cookie_is_set(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "print('x')")
    assert lab.page.context.cookies() == []
    assert lab.page.evaluate("document.cookie") == ""
