"""The matrix product in the page, in both browsers: our kernel against NumPy's own product, and one native thread."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.page import PagePython, evaluation, module_source, page_python, value
from tests.bench.results import ROUNDS, Results, at_least, ratio_at_least
from tests.bench.shapes import SHIPPED
from tests.bench.visiting import cell_press, firefox_press
from tests.bench.worker import Worker
from tests.site_server import serve

WORK = Path(__file__).with_name("kernel_work.py")
M, K, N = 512, 64, 256
FIRST = f"{M} × {K} × {N}"
DONE = "all rounds done"

Rounds = list[dict[str, dict[str, float]]]
"""GFLOP/s in each round, by product and function."""


def measure_kernel(site: Path, results: Results) -> None:
    """GFLOP/s at one shape and at the products of the shipped model's training step."""
    with Worker("tests.bench.kernel_work") as native, serve(site) as server:
        products = {FIRST: [{"A": [[M, K], [K, 1]], "B": [[K, N], [N, 1]], "count": 1}]}
        of_a_step = native.evaluate(f"products_of_a_step({SHIPPED.json!r})")
        products |= {f"a step's products, {kind}": found for kind, found in of_a_step.items() if found}
        with page_python(server.url) as page:
            page.load(WORK)
            rounds = [one_round(products, page, native) for _ in range(1 + ROUNDS)][1:]
        tell("Chromium", rounds, results)
        tell("Firefox", in_firefox(server.url, products), results)


def one_round(products: dict[str, Any], page: PagePython, native: Worker) -> dict[str, dict[str, float]]:
    """Every product by each of the three, one after the other."""
    asked: dict[str, Callable[[str], Any]] = {
        "ours": lambda given: page.evaluate(f"gflops({given!r}, 'ours')"),
        "NumPy": lambda given: page.evaluate(f"gflops({given!r}, 'numpy')"),
        "native": lambda given: native.evaluate(f"gflops({given!r}, 'numpy')"),
    }
    return {name: {side: ask(json.dumps(product)) for side, ask in asked.items()} for name, product in products.items()}


def in_firefox(url: str, products: dict[str, Any]) -> Rounds:
    """The rounds of one visit, all of it in one cell."""
    given = {name: json.dumps(product) for name, product in products.items()}
    sides = "{'ours': gflops(product, 'ours'), 'NumPy': gflops(product, 'numpy')}"
    found = f"[{{name: {sides} for name, product in {given!r}.items()}} for _ in range({1 + ROUNDS})][1:]"
    source = f"{module_source(WORK)}\n{evaluation(found)}\nprint({DONE!r})"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        _, text = firefox_press(Path(profile), url, cell_press(source, DONE))
    rounds: Rounds = value(text)
    return rounds


def tell(browser: str, rounds: Rounds, results: Results) -> None:
    """Each product's figures: against NumPy in the same page, and against native where that was measured."""
    for name in rounds[0]:
        ours, numpy = ([one[name][side] for one in rounds] for side in ("ours", "NumPy"))
        goal = ratio_at_least(8) if name == FIRST else None
        results.add("kernel", f"{name}, {browser}", "GFLOP/s", ours, beside=("NumPy there", numpy), goal=goal)
        if name == FIRST:
            results.add("kernel", f"{name}, {browser}, the speed itself", "GFLOP/s", ours, goal=at_least(30))
        if "native" in rounds[0][name]:
            native = [one[name]["native"] for one in rounds]
            results.add("kernel", f"{name}, {browser}, against native", "GFLOP/s", ours, beside=("native", native))
