"""Each lab: how soon after Run something changes and its default result is there, in the page and natively."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from labs.core.bridge import describe_labs
from overrides.hooks.common import ROOT
from tests.bench.results import Results, at_most
from tests.bench.visiting import SETTLE_MS, chromium_page
from tests.site_server import serve

ROUNDS = 3
BLINK_MS = 150
USEFUL_SECONDS = 30

# Presses the panel's button and resolves to the milliseconds until the reader sees the panel change, and until its end.
TIMED = """() => new Promise((resolve, reject) => {
    const panel = document.querySelector("lab-panel");
    const before = panel.innerText;
    let changed = null, begun = false;
    const began = performance.now();
    const watcher = new MutationObserver(() => {
        if (panel.innerText !== before) changed ??= performance.now() - began;
        const { state } = panel.dataset;
        begun ||= state === "waiting" || state === "running";
        if (!begun || state === "waiting" || state === "running") return;
        watcher.disconnect();
        const ended = performance.now() - began;
        if (state !== "done") reject(new Error(`${state}: ${panel.innerText}`));
        else requestAnimationFrame(() => resolve({ changed: changed ?? performance.now() - began, ended }));
    });
    watcher.observe(panel, { subtree: true, childList: true, characterData: true, attributes: true });
    panel.querySelector(".lab-button--run").click();
})"""

# The same in this Python: a process of its own, so that every round begins with nothing loaded.
NATIVE = """
import asyncio, json, sys, time
from labs.core import bridge
began, seen = time.perf_counter(), []
asyncio.run(bridge.show_lab(sys.argv[1], "{}", lambda batch: seen.append(time.perf_counter() - began)))
print(json.dumps([seen[0], time.perf_counter() - began]))
"""


def measure_labs(site: Path, results: Results) -> None:
    """Every lab that has a page, with its defaults; the page's first run boots Python and fetches the models."""
    with serve(site) as server:
        for lab in describe_labs():
            slug = str(lab["slug"])
            rounds = [in_page(server.url, slug) for _ in range(ROUNDS)]
            outside = [natively(slug) for _ in range(ROUNDS)]
            first = [one["first"]["changed"] for one in rounds]
            results.add("labs", f"{slug}: Run to the first change", "ms", first, goal=at_most(BLINK_MS))
            cold, warm = ([one[run]["ended"] / 1000 for one in rounds] for run in ("first", "again"))
            results.add(
                "labs",
                f"{slug}: Run to the default result, Python not started",
                "s",
                cold,
                goal=at_most(USEFUL_SECONDS),
            )
            results.add(
                "labs",
                f"{slug}: the same again, Python warm",
                "s",
                warm,
                beside=("native", [one[1] for one in outside]),
            )
            results.add("labs", f"{slug}: natively, to the first output", "s", [one[0] for one in outside])


def in_page(url: str, slug: str) -> dict[str, Any]:
    """Milliseconds of a first run in a new browser, and of a second one after it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, chromium_page(Path(profile)) as page:
        page.goto(f"{url}/labs/{slug}/")
        page.wait_for_timeout(SETTLE_MS)
        return {run: page.evaluate(TIMED) for run in ("first", "again")}


def natively(slug: str) -> tuple[float, float]:
    """Seconds to the first output and to the end, imports and reading of models included."""
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-c", NATIVE, slug]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | one_thread, capture_output=True, text=True, check=True)
    first, last = json.loads(done.stdout)
    return first, last
