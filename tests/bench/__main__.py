"""`make bench`: prints how fast and how heavy everything is. Times are ratios within one run; machines differ.

`python -m tests.bench site` or `… model` measures that part only.
"""

import argparse
import tempfile
from pathlib import Path

from tests.bench.boot import measure
from tests.bench.build import measure_build, measure_bytes
from tests.bench.cell import measure_cell
from tests.bench.model import measure_model
from tests.bench.plain_site import ROOT, build

PARTS = ("site", "model")


def main() -> None:
    """Build the site and print every figure, or those of one part."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures speed and size.")
    parser.add_argument("part", nargs="?", choices=PARTS, help="what to measure; without it, everything")
    part = parser.parse_args().part
    wanted = [part] if part else PARTS
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary) / "site"
        build(ROOT / "mkdocs.yml", site)
        if "site" in wanted:
            measure_bytes(site)
            measure(site)
            measure_cell(site)
        if "model" in wanted:
            measure_model(site)
    if "site" in wanted:
        measure_build()


if __name__ == "__main__":
    main()
