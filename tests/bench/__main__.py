"""`make bench`: prints how fast and how heavy the site is. Times are ratios within one run; machines differ."""

import tempfile
from pathlib import Path

from tests.bench.boot import measure
from tests.bench.build import measure_build, measure_bytes
from tests.bench.cell import measure_cell
from tests.bench.plain_site import ROOT, build


def main() -> None:
    """Build the site and print every figure."""
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary) / "site"
        build(ROOT / "mkdocs.yml", site)
        measure_bytes(site)
        measure(site)
        measure_cell(site)
    measure_build()


if __name__ == "__main__":
    main()
