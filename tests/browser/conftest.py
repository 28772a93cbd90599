"""Fixtures of the browser tests: a watched page fails on a console error, an uncaught exception, a foreign request."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.browser.lab_page import LabPage
from tests.browser.launching import CHROMIUM_FLAGS, chromium
from tests.pyodide.packing import pack
from tests.site_server import ENCODINGS, SiteServer, serve


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Launch the Chromium of this machine."""
    return {"executable_path": chromium(), "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def _server(built_site: Path, site_port: int) -> Iterator[SiteServer]:
    with serve(built_site, site_port) as running:
        yield running


@pytest.fixture
def server(_server: SiteServer) -> Iterator[SiteServer]:
    """The built site's server, with nothing wrong with it and its list of requests empty."""
    _server.faults.clear()
    _server.headers.clear()
    _server.more.clear()
    _server.encodings = tuple(ENCODINGS)
    _server.requests.clear()
    _server.released.clear()
    yield _server
    _server.released.set()
    _server.faults.clear()


@pytest.fixture
def lab(context: BrowserContext, server: SiteServer) -> Iterator[LabPage]:
    """The lab's page, watched."""
    watched = LabPage(context.new_page(), server.url)
    watch(watched.page, server.url, watched.errors)
    yield watched
    assert watched.errors == [], "the browser's console, or a foreign request"


@contextmanager
def watched(context: BrowserContext, server: SiteServer, path: str) -> Iterator[Page]:
    """A page of the site, on which nothing must happen that `watch` collects."""
    errors: list[str] = []
    page = context.new_page()
    watch(page, server.url, errors)
    page.goto(server.url + path)
    yield page
    assert errors == [], "the browser's console, or a foreign request"


def watch(page: Page, url: str, errors: list[str]) -> None:
    """Collect what must not happen on a page: errors in its console, uncaught exceptions, requests to elsewhere."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            errors.append(f"foreign request: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(f"uncaught: {error}"))
    page.on("request", on_request)


@pytest.fixture(scope="session")
def packed(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip with the kernels' tests, and all that they need in a page's Python."""
    (lock,) = built_site.glob("runtime/*/pyodide-lock.json")
    archive = tmp_path_factory.mktemp("packed") / "core.zip"
    pack(lock, archive)
    return archive
