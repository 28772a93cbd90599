"""The lab's page as a test uses it: put code into a cell, press buttons, read what the reader would read."""

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

PATH = "/labs/base_simulator/"
CELLS = "lab-cell:not(lab-exercise lab-cell)"
RUNS = "lab-page-bar, lab-cell, lab-panel, lab-exercise, live-chat"
BOOT_SECONDS = 60


def follow(page: Page, name: str) -> None:
    """Follow a link of the site's navigation, as a reader would who scrolls, looks and clicks.

    (The theme notes late where a page was scrolled to. After a quicker click that would become the next page's place.)
    """
    link = page.get_by_role("navigation", name="Navigation").get_by_role("link", name=name, exact=True)
    link.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    link.click()


@dataclass
class LabPage:
    """A page with cells. Cells are counted from 1."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = PATH) -> None:
        """Go to a page of the site, and wait until what runs there can be pressed."""
        self.page.goto(self.url + path)
        expect(self.page.locator(f":is({RUNS}):not(:defined)")).to_have_count(0)

    def cell(self, number: int) -> Locator:
        """The cell's element, once it can be pressed; the cells of exercises are not the page's."""
        return self.page.locator(f"{CELLS}:defined").nth(number - 1)

    def log(self, number: int) -> Locator:
        """The cell's live output."""
        return self.cell(number).get_by_role("log", include_hidden=True)

    def status(self, number: int) -> Locator:
        """What the cell says of itself."""
        return self.cell(number).get_by_role("status")

    def press(self, button: str, number: int) -> None:
        """Press Run or Stop of a cell."""
        self.page.get_by_role("button", name=f"{button} cell {number}", exact=True).click()

    def put(self, number: int, source: str) -> None:
        """Put other code into a cell."""
        self.cell(number).evaluate("(cell, text) => cell.source = text", source)

    def source(self, number: int) -> str:
        """The code in a cell."""
        source: str = self.cell(number).evaluate("cell => cell.source")
        return source

    def editor(self, number: int) -> Locator:
        """The part of a cell's editor that holds the text."""
        return self.cell(number).locator(".cm-content")

    def enter(self, number: int) -> Locator:
        """Click into a cell's code and wait for the editor."""
        self.cell(number).locator(".lab-cell__code pre").click()
        expect(self.editor(number)).to_be_focused()
        return self.editor(number)

    def type_over(self, number: int, source: str) -> None:
        """Go into a cell's code and type other code in its place."""
        self.enter(number)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def note(self, number: int, kind: str) -> Locator:
        """A note above a cell's code."""
        return self.cell(number).locator(f".lab-note[data-kind={kind}]")

    def choose(self, item: str, number: int) -> None:
        """Press a button in a cell's menu."""
        self.press("More for", number)
        self.cell(number).get_by_role("button", name=item, exact=True).click()

    def start(self, number: int, source: str | None = None) -> None:
        """Press Run, with other code if given, and do not wait."""
        if source is not None:
            self.put(number, source)
        self.press("Run", number)

    def run(self, number: int, source: str | None = None, state: str = "done") -> str:
        """Press Run, wait for the cell to end in this state, and return its live output."""
        self.start(number, source)
        self.wait(number, state)
        return self.log(number).inner_text()

    def wait(self, number: int, state: str, seconds: float = BOOT_SECONDS) -> None:
        """Wait until the cell is in this state."""
        expect(self.cell(number)).to_have_attribute("data-state", state, timeout=seconds * 1000)

    def stop_and_time(self, number: int) -> float:
        """Press Stop; seconds until the cell says that it has stopped."""
        began = time.perf_counter()
        self.press("Stop", number)
        self.wait(number, "stopped")
        return time.perf_counter() - began
