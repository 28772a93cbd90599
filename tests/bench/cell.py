"""A page in use: Run when Python is warm, Stop, the next standby; a keystroke until it is kept, a control's picture."""

from pathlib import Path

from playwright.sync_api import Page

from tests.bench.page import PagePython, page_python
from tests.bench.results import ROUNDS, Results, at_most
from tests.bench.visiting import cell_press, press
from tests.browser.lab_page import CELLS, PATH
from tests.site_server import serve

PRESSES = 10
STOP = f"""() => {{
    const now = performance.now();
    document.querySelector("{CELLS} .lab-button--stop").click();
    return now;
}}"""

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


def measure_cell(site: Path, results: Results) -> None:
    """All of it, in Chromium."""
    with serve(site) as server, page_python(server.url) as python:
        warm = [warm_run(python.page, n) for n in range(PRESSES)]
        results.add("cell", "Run to output, warm", "ms", warm, goal=at_most(50))
        stops = [stop_and_run(python, n) for n in range(ROUNDS)]
        results.add("cell", "Stop to the output of the next Run", "ms", [s[0] for s in stops], goal=at_most(200))
        results.add("cell", "Stop to the next standby ready", "ms", [s[1] for s in stops], goal=at_most(1000))
        python.page.goto(server.url + PATH)
        results.add("cell", "keystroke to saved", "ms", [keystroke(python.page) for _ in range(PRESSES)])
        results.add("cell", "moved control to picture, warm", "ms", pictures(python.page))


def warm_run(page: Page, n: int) -> float:
    """Milliseconds from Run to the output of a print."""
    return press(page, cell_press(f"print('warm {n}.')", f"warm {n}."))[0]


def stop_and_run(python: PagePython, n: int) -> tuple[float, float]:
    """Milliseconds from Stop to the output of the next Run, pressed at once, and to the next standby's readiness."""
    page = python.page
    press(page, cell_press(f"print('endless loop {n}.')\nwhile True: pass", f"endless loop {n}."))
    stopped: float = page.evaluate(STOP)
    press(page, cell_press(f"print('usable again {n}.')", f"usable again {n}."))
    usable: float = page.evaluate("performance.now()")
    return usable - stopped, python.wait_for_standby(made_after=stopped) - stopped


def keystroke(page: Page) -> float:
    """Milliseconds from a key until the edit lies in the browser's storage; the saving waits for a pause in typing."""
    page.locator("lab-cell").first.locator(".lab-cell__code").click()
    page.locator("lab-cell .cm-content").first.wait_for()
    page.evaluate(f"() => {{ window.kept = ({KEPT})(); }}")
    page.keyboard.type("#")
    milliseconds: float = page.evaluate("window.kept")
    return milliseconds


def pictures(page: Page) -> list[float]:
    """Milliseconds from the move of a panel's slider until the new picture, for some values."""
    page.locator("lab-panel").first.get_by_role("button", name="Run").first.click()
    page.wait_for_function("document.querySelector('lab-panel').dataset.state === 'done'", timeout=60_000)
    return [page.evaluate(DRAWN, 0.5 + n / 10) for n in range(PRESSES)]
