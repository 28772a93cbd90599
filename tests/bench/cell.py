"""The editor and the panel, warm: a keystroke until it is kept, a moved control until its picture; and editor bytes."""

import statistics
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.boot import LAB
from tests.bench.build import compressed
from tests.browser.launching import CHROMIUM_FLAGS, chromium
from tests.site_server import serve

ROUNDS = 10

# Each resolves to the milliseconds from an event until the page has done what it is for.
KEPT = """() => new Promise(resolve => {
    const real = Storage.prototype.setItem;
    let began = 0;
    document.addEventListener("keydown", () => { began = performance.now(); }, { capture: true, once: true });
    Storage.prototype.setItem = function (key, value) {
        real.call(this, key, value);
        if (key.startsWith("lab-edits:") && began > 0) {
            Storage.prototype.setItem = real;
            resolve(performance.now() - began);
        }
    };
})"""
DRAWN = """value => new Promise(resolve => {
    const panel = document.querySelector("lab-panel");
    const slider = panel.querySelector("input[type=range]");
    const began = performance.now();
    const watcher = new MutationObserver(() => {
        const shown = panel.querySelector(".lab-panel__picture:not([data-unseen]):not([data-stale])");
        if (panel.dataset.state !== "done" || !shown?.querySelector("figure svg")) return;
        if (slider.dataset.asked !== String(value)) return;
        watcher.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - began));
    });
    watcher.observe(panel, { subtree: true, childList: true, attributes: true });
    panel.addEventListener("input", () => { slider.dataset.asked = String(value); }, { once: true });
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def measure_cell(site: Path) -> None:
    """Print the medians, and the bytes of the editor's chunk."""
    with serve(site) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page()
        page.goto(server.url + LAB)
        kept = [keystroke(page) for _ in range(ROUNDS)]
        panel = page.locator("lab-panel").first
        panel.get_by_role("button", name="Run").first.click()
        page.wait_for_function("document.querySelector('lab-panel').dataset.state === 'done'", timeout=60_000)
        drawn = [page.evaluate(DRAWN, 0.5 + number / 10) for number in range(ROUNDS)]
        browser.close()
    editor = list((site / "assets/browser").glob("editor-*.js"))
    print(
        f"keystroke to saved                {statistics.median(kept):.0f} ms (the saving waits for a pause in typing)"
    )
    print(f"control to picture, warm          {statistics.median(drawn):.0f} ms")
    print(f"editor, loaded at first focus     {compressed(editor) / 1000:.1f} kB gzip")


def keystroke(page: Page) -> float:
    """Milliseconds from a key until the edit lies in the browser's storage."""
    code = page.locator("lab-cell").first.locator(".lab-cell__code")
    code.click()
    page.locator("lab-cell .cm-content").first.wait_for()
    waiting = page.evaluate_handle(f"() => {{ window.kept = ({KEPT})(); }}")
    page.keyboard.type("#")
    milliseconds: float = page.evaluate("window.kept")
    waiting.dispose()
    return milliseconds
