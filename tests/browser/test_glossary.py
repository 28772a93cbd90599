"""Terms in running text show what they mean, to pointer, finger and keyboard; and the glossary can be searched."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from labs.core.glossary import define
from tests.browser.conftest import watched
from tests.browser.launching import SCHEMES, Scheme
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

PATH = "/chat/"
TERM = "a.glossary-term"
TIP = ".glossary-tip"
MEANING = f"Base model: {define('base model')}"


@pytest.fixture
def page(context: BrowserContext, server: SiteServer) -> Iterator[Page]:
    """A page with terms, watched."""
    with watched(context, server, PATH) as page:
        yield page


def term(page: Page, slug: str = "base-model") -> Locator:
    """The first use of a term."""
    return page.locator(f"#term-{slug}")


def test_the_pointer_shows_the_meaning_and_may_move_onto_it(page: Page) -> None:
    meaning = term(page).get_attribute("title") or ""
    assert meaning.startswith("Base model: ")
    term(page).hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_have_text(meaning)
    expect(term(page)).not_to_have_attribute("title", meaning)
    tip.hover()
    page.wait_for_timeout(600)
    expect(tip).to_be_visible()
    page.get_by_role("heading", level=1).hover()
    expect(tip).to_be_hidden()


def test_escape_takes_it_away_under_the_pointer(page: Page) -> None:
    term(page).hover()
    expect(page.locator(TIP)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(TIP)).to_be_hidden()
    page.wait_for_timeout(600)
    expect(page.locator(TIP)).to_be_hidden()


def test_the_keyboard_shows_it_says_it_once_and_follows_at_once(page: Page) -> None:
    box = term(page)
    meaning = box.get_attribute("title") or "none"
    page.locator("article").evaluate("article => { article.tabIndex = -1; article.focus(); }")
    for _ in range(12):
        page.keyboard.press("Tab")
        if box.evaluate("link => link === document.activeElement"):
            break
    expect(box).to_be_focused()
    expect(page.get_by_role("tooltip")).to_have_text(meaning)
    expect(box).to_have_accessible_description(meaning)
    page.keyboard.press("Escape")
    expect(page.locator(TIP)).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_accessible_description(meaning)
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(TIP)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(TIP).get_by_text(meaning, exact=True)).to_be_hidden()
    box.focus()
    page.wait_for_timeout(300)  # the theme notes where a page was scrolled to a moment later, as in `follow`
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Glossary")
    expect(page.locator(TIP)).to_be_hidden()
    expect(page.locator("#base-model")).to_be_in_viewport()


def test_a_pages_terms_work_after_instant_navigation(page: Page) -> None:
    page.evaluate("window.same = true")
    page.get_by_role("link", name="pocket model's table").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("pocket model")
    assert page.evaluate("window.same") is True
    page.locator(TERM).first.hover()
    expect(page.locator(TIP)).to_be_visible()
    expect(page.locator(TIP)).to_have_count(1)


def test_a_first_tap_shows_it_and_a_second_one_follows(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(has_touch=True, viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        page.goto(server.url + PATH)
        term(page).tap()
        expect(page.get_by_role("tooltip")).to_be_visible()
        expect(page).to_have_url(server.url + PATH)
        page.get_by_role("heading", level=1).tap()
        expect(page.locator(TIP)).to_be_hidden()
        term(page, "assistant").tap()
        expect(page.get_by_role("tooltip")).to_contain_text("Assistant: ")
        page.locator(TIP).get_by_role("link", name="Glossary").tap()
        expect(page).to_have_url(server.url + "/glossary/#assistant")
        page.go_back()
        expect(page).to_have_url(server.url + PATH)
        term(page).tap()
        expect(page.get_by_role("tooltip")).to_be_visible()
        term(page).tap()
        expect(page).to_have_url(server.url + "/glossary/#base-model")


@pytest.mark.parametrize(("width", "height"), [(320, 256), (360, 740), (1280, 720)])
def test_it_is_never_cut_off(page: Page, server: SiteServer, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(server.url + "/guides/pocket_model/")
    terms = page.locator(TERM)
    assert terms.count() > 8
    for number in range(0, terms.count(), 2):
        for block in ("start", "end"):
            terms.nth(number).evaluate("(link, block) => link.scrollIntoView({ block })", block)
            page.mouse.move(0, 0)
            terms.nth(number).dispatch_event("pointerover", {"pointerType": "mouse", "bubbles": True})
            expect(page.locator(TIP)).to_be_visible()
            box = page.locator(TIP).bounding_box()
            link = terms.nth(number).bounding_box()
            assert box and link
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, number
            assert box["y"] >= 0 and box["y"] + box["height"] <= height, number
            assert box["y"] + box["height"] <= link["y"] + 1 or box["y"] >= link["y"] + link["height"] - 1, "beside it"
            page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_with_it_open(browser: Browser, server: SiteServer, scheme: Scheme) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(server.url + PATH)
        term(page).hover()
        expect(page.locator(TIP)).to_be_visible()
        assert violations(page) == []


def test_it_has_an_edge_in_forced_colours_and_is_not_printed(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(forced_colors="active", reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(server.url + PATH)
        term(page).hover()
        box = page.locator(".glossary-tip__box")
        expect(box).to_be_visible()
        assert box.evaluate("box => parseFloat(getComputedStyle(box).borderTopWidth)") >= 1
        assert (
            page.evaluate("document.getAnimations().filter(a => a.effect.target.closest('.glossary-tip')).length") == 0
        )
        page.emulate_media(media="print")
        expect(box).to_be_hidden()


def test_without_javascript_a_term_is_a_link_with_its_meaning(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server.url + PATH)
        expect(term(page)).to_have_attribute("title", MEANING)
        term(page).click()
        expect(page).to_have_url(server.url + "/glossary/#base-model")
        expect(page.get_by_role("searchbox", name="Find a term")).to_have_count(0)


def test_the_glossary_is_searched_as_one_types(page: Page, server: SiteServer) -> None:
    page.goto(server.url + "/glossary/")
    box = page.get_by_role("searchbox", name="Find a term")
    status = page.locator("glossary-search").get_by_role("status")
    entries = page.locator(".glossary-entry")
    count = entries.count()
    expect(status).to_have_text(f"{count} terms")
    box.press_sequentially("function calling")
    expect(status).to_have_text(f"1 of {count} terms")
    expect(entries.filter(visible=True).get_by_role("heading")).to_contain_text("Tool calling")
    box.fill("end of turn")
    expect(page.locator("#end-of-turn-token")).to_be_visible()
    expect(page.locator("#nat")).to_be_hidden()
    box.fill("pre-training")
    expect(page.locator("#pretraining")).to_be_visible()
    box.fill("reward")
    expect(page.locator("#reward-model")).to_be_visible()
    expect(page.locator("#dpo"), "it has the word in its text, and others have it in their names").to_be_hidden()
    box.fill("vocabulary")
    expect(page.locator("#token")).to_be_visible()
    box.fill("zzz")
    expect(status).to_have_text("No term has “zzz” in it. Try a shorter word.")
    page.get_by_role("navigation", name="Letters").get_by_role("link", name="S", exact=True).click()
    expect(status).to_have_text(f"{count} terms")
    expect(page.locator("#sampling")).to_be_in_viewport()


def test_a_search_that_does_not_load_says_so_and_tries_again(context: BrowserContext, server: SiteServer) -> None:
    page = context.new_page()
    page.route("**/glossary-search-view-*.js", lambda route: route.fulfill(status=503), times=1)
    page.goto(server.url + "/glossary/")
    trouble = page.locator("glossary-search").get_by_role("alert")
    expect(trouble).to_contain_text("The search for terms did not load; all terms are below.")
    trouble.get_by_role("button", name="Load the search again").click()
    expect(page.get_by_role("searchbox", name="Find a term")).to_be_visible()
    expect(trouble).to_have_count(0)


def test_an_entry_leads_to_the_pages_that_use_it_at_the_place(page: Page, server: SiteServer) -> None:
    page.goto(server.url + "/glossary/")
    entry = page.locator(".glossary-entry", has=page.locator("#sft"))
    link = entry.locator(".glossary-used a").first
    link.scroll_into_view_if_needed()
    page.wait_for_function("history.state?.y === scrollY")  # or the theme notes this place for the page that follows
    link.click()
    expect(page.locator("#term-sft")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_a_searched_glossary(browser: Browser, server: SiteServer, scheme: Scheme) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        page.goto(server.url + "/glossary/")
        page.get_by_role("searchbox", name="Find a term").fill("reward")
        assert violations(page) == []
        for link in page.get_by_role("navigation", name="Letters").get_by_role("link").all():
            box = link.bounding_box()
            assert box and min(box["width"], box["height"]) >= 24
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
