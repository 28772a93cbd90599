"""A module as slides: one section at a time, by buttons and keys, and the page as it was afterwards."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import watched
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

MODULE = "/modules/base_models/"


@pytest.fixture
def page(context: BrowserContext, server: SiteServer) -> Iterator[Page]:
    """A module's page, watched."""
    with watched(context, server, MODULE) as page:
        yield page


def headings(page: Page) -> Locator:
    """The first- and second-level headings that can be seen."""
    return page.locator("article :is(h1, h2):not([data-slide-away]):visible")


def start(page: Page) -> None:
    page.get_by_role("button", name="Show this module as slides").click()
    expect(page.get_by_role("navigation", name="Slides")).to_be_visible()


def test_slides_show_one_section_after_the_other_by_keys(page: Page) -> None:
    count = page.locator("article h2").count() + 1
    start(page)
    expect(page.get_by_text(f"1 of {count}")).to_be_visible()
    expect(headings(page)).to_have_count(1)
    expect(page.locator("article h1")).to_be_visible()
    expect(page.get_by_role("banner")).to_be_hidden()
    for key, number in (("ArrowRight", 2), ("PageDown", 3), ("ArrowLeft", 2), ("End", count), ("ArrowRight", count)):
        page.keyboard.press(key)
        expect(page.get_by_text(f"{number} of {count}")).to_be_visible()
        expect(headings(page)).to_have_count(1)
        expect(headings(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Slides")).to_have_count(0)
    expect(headings(page)).to_have_count(count)
    expect(page.get_by_role("button", name="Show this module as slides")).to_be_focused()


STRAY = """number => {
    let section = 0;
    const sections = [...document.querySelector("article").children].map(part => {
        if (part.tagName === "H2") section += 1;
        return [part, section];
    });
    return sections.filter(([part, section]) => section !== number && part.tagName !== "H1"
        && part.checkVisibility() && part.getBoundingClientRect().height > 1
    ).map(([part]) => part.outerHTML.slice(0, 90));
}"""


@pytest.mark.parametrize("module", ["/modules/base_models/", "/modules/sft/", "/modules/popular_claims/"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_block_of_another_section_shows_on_any_slide(
    page: Page, server: SiteServer, module: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{server.url}{module}?slides=1")
    expect(page.locator(".slides-bar")).to_be_visible()
    for number in range(page.locator("article > h2").count() + 1):
        expect(page.locator(".slides-bar p")).to_have_text(re.compile(rf"^{number + 1} of"))
        assert page.evaluate(STRAY, number) == []
        assert page.locator("article > :not([data-slide-away])").count() > 0
        page.keyboard.press("ArrowRight")


def test_buttons_turn_slides_and_the_address_keeps_the_place(page: Page) -> None:
    start(page)
    page.get_by_role("button", name="Next slide").click()
    page.get_by_role("button", name="Next slide").click()
    expect(page.locator(".slides-bar p")).to_contain_text("3 of")
    assert page.url.endswith("?slides=3")
    page.reload()
    expect(page.locator(".slides-bar p")).to_contain_text("3 of")
    page.get_by_role("button", name="Close the slides").click()
    assert "slides" not in page.url


def test_arrow_keys_in_a_field_move_no_slide(page: Page) -> None:
    start(page)
    while page.locator("lab-panel:visible").count() == 0:
        page.keyboard.press("ArrowRight")
    here = page.locator(".slides-bar p").inner_text()
    field = page.locator("lab-panel:visible :is(input, select)").first
    field.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".slides-bar p").inner_text() == here


def test_following_a_link_leaves_the_slides(page: Page) -> None:
    page.evaluate("window.sameDocument = true")
    start(page)
    page.keyboard.press("End")
    page.locator("article a[href$='/assistants/']:visible").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What an assistant is")
    assert page.evaluate("window.sameDocument") is True, "instant navigation keeps the document"
    expect(page.locator(".slides-bar")).to_have_count(0)
    expect(page.get_by_role("banner")).to_be_visible()


def test_a_link_leads_from_slide_to_slide(page: Page) -> None:
    start(page)
    page.keyboard.press("End")
    link = page.locator("article a[href$='/assistants/']:visible").first
    link.evaluate("link => { link.search = '?slides=3'; link.click() }")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What an assistant is")
    expect(page.locator(".slides-bar p")).to_contain_text("3 of")
    assert page.url.endswith("/assistants/?slides=3")


def test_code_of_a_shared_link_stays_in_the_address(page: Page, server: SiteServer) -> None:
    page.goto(f"{server.url}{MODULE}?slides=2#code=u.x")
    expect(page.locator(".slides-bar p")).to_contain_text("2 of")
    page.get_by_role("button", name="Close the slides").click()
    assert page.url == f"{server.url}{MODULE}#code=u.x"


def test_keys_scroll_what_has_the_focus_to_be_scrolled(page: Page) -> None:
    start(page)
    summary = page.locator(".admonition.abstract").first
    summary.evaluate("box => { box.tabIndex = 0 }")
    summary.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".slides-bar p")).to_contain_text("1 of")
    page.keyboard.press("Escape")
    expect(page.locator(".slides-bar")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_slides_fit_and_axe_finds_nothing(browser: Browser, server: SiteServer, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 740}) as context:
        page = context.new_page()
        page.goto(f"{server.url}{MODULE}?slides=1")
        expect(page.locator(".slides-bar")).to_be_visible()
        for _ in range(page.locator("article h2").count() + 1):
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            ends = page.locator(".slides-bar > *").evaluate_all(
                "parts => parts.map(part => part.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"
            )
            assert min(left for left, *_ in ends) >= 8 and max(right for _, right, _ in ends) <= width - 8
            page.keyboard.press("ArrowRight")
        assert violations(page) == []


def test_paper_gets_no_navigation_and_no_buttons(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.locator("module-tools button").first).to_be_hidden()
    expect(page.locator("article h1")).to_be_visible()
    expect(page.locator("figure.course-diagram .course-diagram__wide").first).to_be_visible()


def test_without_javascript_there_is_nothing_to_press(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server.url + MODULE)
        expect(page.locator(".module-about")).to_be_visible()
        assert page.locator("module-tools button").count() == 0
