"""The chat at hand on a module's page: there when asked for, out of the way otherwise, and kept from page to page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat_page import ChatPage, FakePython
from tests.browser.conftest import watched
from tests.browser.lab_page import follow
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

MODULE = "/modules/base_models/"
PANEL = ".chat-dock__panel live-chat"
NAME = "Talk to the models"


@pytest.fixture
def page(context: BrowserContext, server: SiteServer) -> Iterator[Page]:
    """A module's page, watched."""
    with watched(context, server, MODULE) as page:
        yield page


def open_dock(page: Page) -> ChatPage:
    """Open the dock, with a Python that the test plays."""
    page.get_by_role("button", name=NAME).click()
    chat = ChatPage(page, PANEL)
    expect(chat.box).to_be_focused()
    return chat


def test_nothing_of_the_chat_is_loaded_before_it_is_opened(page: Page, server: SiteServer) -> None:
    page.wait_for_load_state("networkidle")
    before = list(server.requests)
    assert not any("live-chat" in path for path in before)
    open_dock(page)
    assert any("live-chat-view" in path for path in server.requests)


def test_it_opens_with_the_focus_in_the_box_and_escape_gives_the_button_back(page: Page) -> None:
    chat = open_dock(page)
    dialog = page.get_by_role("dialog", name=NAME)
    expect(dialog).to_be_visible()
    assert dialog.get_attribute("aria-modal") is None
    chat.box.fill("half a thought")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name=NAME)).to_be_focused()
    open_dock(page)
    expect(chat.box).to_have_value("half a thought")
    page.get_by_role("button", name="Close the chat").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name=NAME)).to_be_focused()


def test_instant_navigation_neither_doubles_it_nor_loses_the_talk(page: Page) -> None:
    chat = open_dock(page)
    python = FakePython(page)
    chat.say("hello")
    python.answer("hi there")
    follow(page, "Glossary")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Glossary")
    expect(page.locator("live-chat-dock")).to_have_count(0)
    follow(page, "What a base model is")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What a base model is")
    expect(page.locator("live-chat-dock")).to_have_count(1)
    expect(page.locator(PANEL)).to_have_count(1)
    expect(chat.reply(0)).to_contain_text("hi there")
    chat.say("again")
    python.answer("still here")
    expect(chat.exchanges).to_have_count(2)


def test_the_button_covers_neither_the_footer_nor_what_has_the_focus(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    button = page.get_by_role("button", name=NAME).bounding_box()
    footer = page.locator(".md-footer").bounding_box()
    assert button and footer and button["y"] + button["height"] <= footer["y"]
    page.evaluate("window.scrollTo(0, 0)")
    covered = page.evaluate(
        """async () => {
            const found = [];
            for (const link of document.querySelectorAll('article a, article button, article summary')) {
                link.focus();
                if (document.activeElement !== link || link.getClientRects().length === 0) continue;
                await new Promise(requestAnimationFrame);
                const [over, under] = [document.querySelector('.chat-dock__open'), link].map((one) =>
                    one.getBoundingClientRect());
                const apart = under.bottom <= over.top || under.top >= over.bottom || under.right <= over.left
                    || under.left >= over.right;
                if (!apart) found.push(link.outerHTML);
            }
            return found;
        }"""
    )
    assert covered == []


def test_on_a_phone_its_button_is_a_round_sign_with_its_name_for_who_hears_it(page: Page) -> None:
    opener = page.get_by_role("button", name=NAME, exact=True)
    wide = opener.bounding_box()
    assert wide is not None and wide["width"] > 100
    page.set_viewport_size({"width": 360, "height": 740})
    box = opener.bounding_box()
    assert box is not None and (box["width"], box["height"]) == (44, 44)
    page.keyboard.press("End")
    page.wait_for_timeout(300)
    page.mouse.wheel(0, -400)
    expect(page.locator(".md-top")).to_be_hidden()


def test_on_a_phone_it_takes_the_width_and_leaves_some_of_the_page(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    chat = open_dock(page)
    box = page.get_by_role("dialog", name=NAME).bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    assert box["y"] + box["height"] == 740
    assert box["height"] <= 0.86 * 740
    python = FakePython(page)
    chat.say("x" * 200)
    python.answer("y" * 200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(chat.box).to_be_in_viewport()
    expect(chat.reply(1)).to_be_in_viewport()


def test_it_is_not_printed(page: Page) -> None:
    page.emulate_media(media="print")
    expect(page.locator("live-chat-dock")).to_be_hidden()


def test_axe_finds_nothing_with_it_open(page: Page) -> None:
    chat = open_dock(page)
    python = FakePython(page)
    chat.say("hello")
    python.answer("hi there")
    assert violations(page) == []


def test_without_javascript_it_is_a_link_to_the_chats_page(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server.url + MODULE)
        page.get_by_role("link", name=NAME).last.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)


def test_only_pages_of_modules_have_it(page: Page, server: SiteServer) -> None:
    expect(page.locator("live-chat-dock")).to_have_count(1)
    for path in ("/", "/glossary/", "/chat/", "/404.html"):
        page.request.get(server.url + path)
        assert "live-chat-dock" not in page.request.get(server.url + path).text(), path
