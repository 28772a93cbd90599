"""What runs Python is fetched when a page first holds some of it: a page of text alone never loads it."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.lab_page import PATH, follow
from tests.site_server import SiteServer

RUN = "Run cell 1"


def live(server: SiteServer) -> list[str]:
    """The requests for the elements that run Python."""
    return [path for path in server.requests if "/live-" in path and "live-chat" not in path]


def test_a_page_of_text_loads_none_of_it_and_the_next_page_does(context: BrowserContext, server: SiteServer) -> None:
    page = context.new_page()
    page.goto(f"{server.url}/guides/hosting/")
    page.wait_for_load_state("networkidle")
    assert live(server) == []
    page.evaluate("window.sameDocument = true")
    follow(page, "The base simulator")
    expect(page.get_by_role("button", name=RUN)).to_be_visible()
    assert page.evaluate("window.sameDocument") is True, "instant navigation keeps the document"
    assert len(live(server)) == 1


@pytest.fixture
def failed(context: BrowserContext, server: SiteServer) -> Page:
    """A lab's page for which they could not be had, once."""
    page = context.new_page()
    page.goto(server.url + PATH)
    expect(page.get_by_role("button", name=RUN)).to_be_visible()
    (chunk,) = live(server)
    fresh = context.new_page()
    fresh.route("**" + chunk, lambda route: route.fulfill(status=503), times=1)  # whatever the cache has
    fresh.goto(server.url + PATH)
    expect(trouble(fresh)).to_be_visible()
    return fresh


def trouble(page: Page) -> Locator:
    return page.get_by_role("alert").filter(has_text="did not load")


def test_if_it_can_not_be_had_the_page_says_so_and_tries_again(failed: Page) -> None:
    expect(failed.locator(".lab-cell__recorded").first).to_be_visible()
    trouble(failed).get_by_role("button", name="Load what runs here again").click()
    expect(trouble(failed)).to_have_count(0)
    expect(failed.get_by_role("button", name=RUN)).to_be_visible()


def test_what_failed_on_one_page_is_tried_anew_on_the_next(failed: Page) -> None:
    failed.evaluate("window.sameDocument = true")
    follow(failed, "The gap")
    expect(failed.get_by_role("heading", level=1)).to_contain_text("The gap")
    expect(failed.get_by_role("button", name=RUN)).to_be_visible()
    assert failed.evaluate("window.sameDocument") is True, "instant navigation keeps the document"
    expect(trouble(failed)).to_have_count(0)
