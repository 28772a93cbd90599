"""First Run to first output against bare Pyodide with NumPy in the same browser; warm Run; Stop to usable again."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from overrides.hooks.runtime import PYODIDE
from tests.browser.launching import CHROMIUM_FLAGS, chromium
from tests.site_server import SiteServer, serve

ROUNDS = 5
LAB = "/labs/base_simulator/"
BARE_WORKER = f"""
const indexURL = new URL("runtime/{PYODIDE}/", location.href).href;
const {{ loadPyodide }} = await import(indexURL + "pyodide.mjs");
const lockFileURL = new URL("LOCK", location.href).href;
const python = await loadPyodide({{ indexURL, packageBaseUrl: indexURL, lockFileURL, packages: ["numpy"] }});
postMessage(python.runPython("import numpy\\nnumpy.__version__"));
"""
BARE_PAGE = """<!doctype html><title>bare</title><button>Run</button><p></p><script type="module">
document.querySelector("button").onclick = () => {
  const worker = new Worker("bare-worker.mjs", { type: "module" });
  worker.onmessage = ({ data }) => { document.querySelector("p").textContent = data; };
};
</script>"""


@contextmanager
def site_with_bare_page(site: Path) -> Iterator[SiteServer]:
    """The built site, served from a copy that has a page with nothing but Pyodide and NumPy beside it."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "site"
        shutil.copytree(site, copy)
        lock = next(copy.glob("runtime/labs-*/pyodide-lock.json")).relative_to(copy).as_posix()
        (copy / "bare.html").write_text(BARE_PAGE)
        (copy / "bare-worker.mjs").write_text(BARE_WORKER.replace("LOCK", lock))
        with serve(copy) as server:
            yield server


def set_source(page: Page, number: int, source: str) -> None:
    """Put other code into a cell of the page."""
    page.evaluate(
        "([n, source]) => { document.querySelectorAll('lab-cell .lab-cell__code code')[n - 1].textContent = source; }",
        [number, source],
    )


def bare(browser: Browser, url: str) -> float:
    """Seconds from the press of the button to NumPy's version, in a fresh profile."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}/bare.html")
        began = time.perf_counter()
        page.get_by_role("button").click()
        page.wait_for_function("document.querySelector('p').textContent !== ''", polling=10)
        return time.perf_counter() - began


def ours(browser: Browser, url: str) -> dict[str, float]:
    """Seconds of each step on the lab's page, in a fresh profile: cold Run, warm Run, Stop to the next output."""
    found: dict[str, float] = {}
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(url + LAB)
        set_source(page, 1, "import numpy\nprint('made', numpy.__version__)")
        found["cold"] = press_and_wait(page, "made")
        warm = []
        for number in range(10):
            set_source(page, 1, f"print('warm {number}.')")
            warm.append(press_and_wait(page, f"warm {number}."))
        found["warm"] = statistics.median(warm)
        page.wait_for_timeout(6000)  # the standby warms up
        set_source(page, 1, "while True: pass")
        page.get_by_role("button", name="Run cell 1").click()
        page.wait_for_timeout(500)
        set_source(page, 1, "print('usable again')")
        began = time.perf_counter()
        page.get_by_role("button", name="Stop cell 1").click()
        press_and_wait(page, "usable again")
        found["stop"] = time.perf_counter() - began
    return found


def press_and_wait(page: Page, text: str) -> float:
    """Press Run of the first cell; seconds until its log holds the text."""
    began = time.perf_counter()
    page.evaluate("document.querySelector('lab-cell .lab-button--run').click()")
    page.wait_for_function(
        "text => document.querySelector('lab-cell [role=log]').textContent.includes(text)", arg=text, polling=5
    )
    return time.perf_counter() - began


def measure(site: Path) -> None:
    """Print the figures, pair by pair and as medians."""
    ratios, colds, bares, warms, stops = [], [], [], [], []
    with site_with_bare_page(site) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        for number in range(ROUNDS):
            plain = bare(browser, server.url)
            steps = ours(browser, server.url)
            bares.append(plain)
            colds.append(steps["cold"])
            ratios.append(steps["cold"] / plain)
            warms.append(steps["warm"])
            stops.append(steps["stop"])
            print(f"  round {number + 1}: bare {plain:.2f} s, first Run to first output {steps['cold']:.2f} s")
        browser.close()
    print(f"first Run to first output, cold   {statistics.median(colds):.2f} s")
    print(f"bare Pyodide with NumPy           {statistics.median(bares):.2f} s")
    print(f"ratio, pair by pair               {statistics.median(ratios):.2f} (budget 1.15)")
    print(f"warm Run to output                {statistics.median(warms) * 1000:.0f} ms (budget 50)")
    print(f"Stop to output of the next Run    {statistics.median(stops) * 1000:.0f} ms (budget 200)")
