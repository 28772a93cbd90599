"""The lab's page as a test uses it: put code into a cell, press buttons, read what the reader would read."""

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

PATH = "/labs/base_simulator/"
BOOT_SECONDS = 60


@dataclass
class LabPage:
    """A page with cells. Cells are counted from 1."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = PATH) -> None:
        """Go to a page of the site."""
        self.page.goto(self.url + path)

    def cell(self, number: int) -> Locator:
        """The cell's element."""
        return self.page.locator("lab-cell").nth(number - 1)

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
        self.cell(number).locator(".lab-cell__code code").evaluate("(code, text) => code.textContent = text", source)

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
