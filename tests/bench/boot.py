"""First Run to first output against the naive boot: first and second visit, locally and on a slow line; its bytes."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import naive
from tests.bench.results import ROUNDS, Goal, Results, at_most, ratio_at_most
from tests.bench.throttle import throttled
from tests.bench.visiting import SETTLE_MS, Press, cell_press, chromium_page, press, visit_chromium, visit_firefox
from tests.site_server import SiteServer, serve

MBIT_PER_SECOND = 20
ROUND_TRIP_MS = 40
SLOW = f"{MBIT_PER_SECOND} Mbit/s, {ROUND_TRIP_MS} ms"
OURS = cell_press("import numpy\nprint('first', 'statement', numpy.__version__)", "first statement")
LOCAL_GOAL, SLOW_GOAL, SECOND_GOAL = ratio_at_most(0.5), ratio_at_most(0.7), ratio_at_most(0.35)
MEGABYTES_GOAL = at_most(7.5)
SIDES = {"naive": naive.PRESS, "ours": OURS}
KEEP_MS = 5_000  # until a browser has written to its profile what it keeps of a first visit
ENCODINGS = {"brotli": ("br", "gzip"), "gzip": ("gzip",), "no compression": ()}

Visit = Callable[[Path, str, Press, int], float]


def measure_boot(site: Path, results: Results) -> None:
    """Everything about the start of Python, in a site that gets the naive page beside its own."""
    naive.add_naive_page(site)
    with serve(site) as server:
        measure_bytes(server, results)
        measure_visits("Chromium, local", visit_chromium, server.url, LOCAL_GOAL, results)
        measure_visits("Firefox, local", visit_firefox, server.url, LOCAL_GOAL, results)
        with throttled(server.url, mbit_per_second=MBIT_PER_SECOND, round_trip_ms=ROUND_TRIP_MS) as slow:
            measure_visits(f"Chromium, {SLOW}", visit_chromium, slow, SLOW_GOAL, results)


def measure_bytes(server: SiteServer, results: Results) -> None:
    """The bytes of all whole answers between the press and the first output, from hosts of each kind."""
    for name, encodings in ENCODINGS.items():
        server.encodings = encodings
        plain, ours = (wire_megabytes(server, SIDES[side]) for side in ("naive", "ours"))
        goal = MEGABYTES_GOAL if name == "brotli" else None
        results.add("boot", f"bytes of a boot, {name}", "MB", [ours], beside=("naive", [plain]), goal=goal, exact=True)
    server.encodings = ENCODINGS["brotli"]


def wire_megabytes(server: SiteServer, pressed: Press) -> float:
    """What the server sends for one press, without headers and answers that the browser gave up."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, chromium_page(Path(profile)) as page:
        page.goto(server.url + pressed.path)
        page.wait_for_timeout(SETTLE_MS)
        before = server.bytes_sent
        press(page, pressed)
        return (server.bytes_sent - before) / 1e6


def measure_visits(where: str, visit: Visit, url: str, cold_goal: Goal, results: Results) -> None:
    """Pairs of visits with an empty profile, and of second ones with the same profile in a browser started anew."""
    cold: dict[str, list[float]] = {side: [] for side in SIDES}
    second: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for found, keep_ms in ((cold, KEEP_MS), (second, 0)):
                for side, pressed in SIDES.items():
                    profile = Path(folder) / side
                    profile.mkdir(exist_ok=True)
                    found[side].append(visit(profile, url, pressed, keep_ms) / 1000)
    first = ("naive", cold["naive"])
    results.add("boot", f"first visit, {where}", "s", cold["ours"], beside=first, goal=cold_goal)
    against_first = ("naive, first visit", cold["naive"])
    results.add("boot", f"second visit, {where}", "s", second["ours"], beside=against_first, goal=SECOND_GOAL)
    again = ("naive, second visit", second["naive"])
    results.add("boot", f"second visit against the naive second, {where}", "s", second["ours"], beside=again)
