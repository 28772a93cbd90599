"""`make bench`: measures how fast and how heavy everything is, and keeps every round in a dated file in .bench/.

Times are ratios within one run; machines differ.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.boot import measure_boot
from tests.bench.build import measure_build, measure_bytes
from tests.bench.cell import measure_cell
from tests.bench.kernel import measure_kernel
from tests.bench.labs import measure_labs
from tests.bench.model import measure_model
from tests.bench.page_model import measure_page_model
from tests.bench.plain_site import ROOT, build
from tests.bench.publish import PAGE, publish
from tests.bench.results import FOLDER, Results, start
from tests.bench.sweeps import measure_sweeps
from tests.bench.visiting import browser_versions

PARTS = {
    "boot": "The start of Python",
    "cell": "A page in use",
    "kernel": "The matrix product in the page",
    "page": "The model in the page",
    "labs": "Each lab with its defaults",
    "model": "The model natively, one thread",
    "sweep": "Sweeps",
    "build": "The build",
}


def main() -> None:
    """Measure all parts or those that are named, or publish what was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(PARTS)}; without, all")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="measure nothing: put the newest run that has all parts into docs/guides/performance.md",
    )
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"expected parts of {', '.join(PARTS)}; got {unknown[0]!r}")
    if options.publish:
        if options.parts:
            parser.error("--publish takes no parts: it measures nothing")
        try:
            print(f"{PAGE.relative_to(ROOT)}: the table is now that of {publish(PAGE, FOLDER, PARTS).name}")
        except ValueError as error:
            sys.exit(str(error))
        return
    measure(options.parts or list(PARTS))


def measure(parts: Sequence[str]) -> None:
    """Build the site, measure these parts and keep the results after each."""
    results = start(browser_versions())
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary) / "site"
        build(ROOT / "mkdocs.yml", site)
        for part, measured in measures(site, results).items():
            if part not in parts:
                continue
            print(f"{PARTS[part]} ({part})", flush=True)
            began = time.monotonic()
            measured()
            results.finish(part)
            print(f"  … in {time.monotonic() - began:.0f} s", flush=True)
    print(f"{results.verdict()}\n{results.path.relative_to(ROOT)}")


def measures(site: Path, results: Results) -> dict[str, Callable[[], None]]:
    """What measures each part, by its name."""

    def weigh_and_build() -> None:
        measure_bytes(site, results)
        measure_build(results)

    return {
        "build": weigh_and_build,
        "boot": lambda: measure_boot(site, results),
        "cell": lambda: measure_cell(site, results),
        "kernel": lambda: measure_kernel(site, results),
        "page": lambda: measure_page_model(site, results),
        "labs": lambda: measure_labs(site, results),
        "model": lambda: measure_model(results),
        "sweep": lambda: measure_sweeps(results),
    }


if __name__ == "__main__":
    main()
