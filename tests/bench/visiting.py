"""A visit to a page in a browser with a given profile: press Run, and see how long the awaited text takes to come."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from overrides.hooks.common import ROOT, node
from tests.browser.lab_page import CELLS, PATH
from tests.browser.launching import CHROMIUM_FLAGS, chromium, firefox

FIREFOX_SCRIPT = Path(__file__).with_name("visit_firefox.mjs")
SETTLE_MS = 1_000  # what a page still does by itself after its load event is not part of what is measured

# Puts code into the page's cell if there is any, presses, and resolves to the milliseconds until the text is shown.
# An ended cell that has not shown it resolves too, for then it never will.
TIMED = """({ button, log, text, cell, source }) => new Promise(resolve => {
    if (source) document.querySelector(cell).source = source;
    const began = performance.now();
    const said = () => document.querySelector(log)?.textContent ?? "";
    const end = () => ["error", "failed", "crashed"].includes(cell && document.querySelector(cell).dataset.state);
    const watcher = new MutationObserver(() => {
        if (!said().includes(text) && !end()) return;
        watcher.disconnect();
        resolve({ milliseconds: performance.now() - began, text: said() });
    });
    document.querySelector(button).click();
    watcher.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})"""


@dataclass(frozen=True)
class Press:
    """A button, and where its answer is awaited; with a cell, the code that is put into it before."""

    path: str
    button: str
    log: str
    text: str
    cell: str = ""
    source: str = ""


def cell_press(source: str, text: str) -> Press:
    """Run of the lab page's first cell, with this code, until its output holds the text."""
    return Press(PATH, f"{CELLS} .lab-button--run", f"{CELLS} [role=log]", text, CELLS, source)


def press(page: Page, pressed: Press) -> tuple[float, str]:
    """Press on an open page: the milliseconds it took, and all of the output.

    Raises: RuntimeError if the cell ended without the text.
    """
    return answer(page.evaluate(TIMED, asdict(pressed)), pressed)


def answer(found: dict[str, Any], pressed: Press) -> tuple[float, str]:
    """What a page has said of a press.

    Raises: RuntimeError if the cell ended without the text.
    """
    if pressed.text not in found["text"]:
        raise RuntimeError(f"{pressed.path}: expected the output {pressed.text!r}, got {found['text'][-2000:]!r}.")
    return found["milliseconds"], found["text"]


@contextmanager
def chromium_page(profile: Path) -> Iterator[Page]:
    """A page in a Chromium of its own, with this profile."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(), args=CHROMIUM_FLAGS
        )
        yield context.pages[0]
        context.close()


def visit_chromium(profile: Path, site: str, pressed: Press, keep_ms: int = 0) -> float:
    """Start Chromium, go to the page and press: milliseconds. Then it may stay open, to keep what it wants to keep."""
    with chromium_page(profile) as page:
        page.goto(site + pressed.path)
        page.wait_for_timeout(SETTLE_MS)
        milliseconds, _ = press(page, pressed)
        page.wait_for_timeout(keep_ms)
        return milliseconds


def visit_firefox(profile: Path, site: str, pressed: Press, keep_ms: int = 0) -> float:
    """The same in Firefox."""
    return firefox_press(profile, site, pressed, keep_ms)[0]


def firefox_press(profile: Path, site: str, pressed: Press, keep_ms: int = 0) -> tuple[float, str]:
    """Start Firefox, go to the page and press: milliseconds and output.

    Raises: RuntimeError if that fails.
    """
    job = {
        "firefox": firefox(),
        "profile": str(profile),
        "url": site + pressed.path,
        "timed": TIMED,
        "pressed": asdict(pressed),
        "settleMs": SETTLE_MS,
        "keepMs": keep_ms,
    }
    command = [node(), str(FIREFOX_SCRIPT)]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(job), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Firefox at {pressed.path}: {done.stderr.strip()[-2000:]}")
    return answer(json.loads(done.stdout), pressed)


def browser_versions() -> dict[str, str]:
    """The browsers' names and versions."""
    found = {}
    for name, path in {"Chromium": chromium(), "Firefox": firefox()}.items():
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
        found[name] = next(word for word in said.split() if word[0].isdigit())
    return found
