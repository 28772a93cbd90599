"""Build time with nothing changed, against a plain Material site of as many pages; and what a page weighs."""

import gzip
import statistics
import tempfile
import time
from pathlib import Path

from tests.bench.plain_site import ROOT, build, write_plain_site

ROUNDS = 5


def seconds(config: Path, site: Path) -> float:
    """Seconds of one build."""
    began = time.perf_counter()
    build(config, site)
    return time.perf_counter() - began


def measure_build() -> None:
    """Print the build's time in pairs with the plain site's, and their ratio."""
    pages = len([path for path in (ROOT / "docs").rglob("*") if path.suffix in (".md", ".py")])
    with tempfile.TemporaryDirectory() as temporary:
        plain = write_plain_site(Path(temporary) / "plain", pages)
        build(ROOT / "mkdocs.yml", Path(temporary) / "warm")
        pairs = [
            (seconds(ROOT / "mkdocs.yml", Path(temporary) / "ours"), seconds(plain, Path(temporary) / "plainly"))
            for _ in range(ROUNDS)
        ]
    ours, theirs = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"build, nothing changed, {pages} pages   {ours:.2f} s")
    print(f"plain Material, {pages} pages           {theirs:.2f} s")
    print(f"ratio, pair by pair               {ratio:.2f} (budget 2)")


def measure_bytes(site: Path) -> None:
    """Print the compressed bytes of each page and of what the browser code and the runtime add."""
    print("page bytes (HTML, gzip)")
    for path in sorted(site.rglob("index.html")):
        print(f"  {'/' + path.relative_to(site).parent.as_posix():42} {compressed([path]) / 1000:7.1f} kB")
    print("browser code (gzip)")
    for path in sorted((site / "assets/browser").glob("*.[jc]s*")):
        if path.suffix in (".js", ".css"):
            print(f"  {path.name:42} {compressed([path]) / 1000:7.1f} kB")
    runtime = [path for path in (site / "runtime").rglob("*") if path.is_file()]
    print("runtime (gzip)")
    for path in sorted(runtime):
        print(f"  {path.name[:60]:60} {compressed([path]) / 1e6:7.2f} MB")


def compressed(paths: list[Path]) -> int:
    """Bytes of the files, each compressed with gzip as a server would."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)
