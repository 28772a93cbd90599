"""Build time with nothing changed, against a plain Material site of as many pages; and what pages and files weigh."""

import gzip
import tempfile
import time
from pathlib import Path

from tests.bench.plain_site import ROOT, build, write_plain_site
from tests.bench.results import ROUNDS, Results, ratio_at_most


def seconds(config: Path, site: Path) -> float:
    """Seconds of one build."""
    began = time.perf_counter()
    build(config, site)
    return time.perf_counter() - began


def measure_build(results: Results) -> None:
    """The build's time in pairs with the plain site's."""
    pages = len([path for path in (ROOT / "docs").rglob("*") if path.suffix in (".md", ".py")])
    with tempfile.TemporaryDirectory() as temporary:
        plain = write_plain_site(Path(temporary) / "plain", pages)
        build(ROOT / "mkdocs.yml", Path(temporary) / "warm")
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(seconds(ROOT / "mkdocs.yml", Path(temporary) / "ours"))
            theirs.append(seconds(plain, Path(temporary) / "plainly"))
    name = f"build, nothing changed, {pages} pages"
    results.add("build", name, "s", ours, beside=("plain Material", theirs), goal=ratio_at_most(2))


def measure_bytes(site: Path, results: Results) -> None:
    """The compressed bytes of each page, and of each file of the browser code and of the runtime."""
    pages = {f"page /{path.relative_to(site).parent.as_posix()}": path for path in site.rglob("index.html")}
    code = {f"browser code, {short(path)}": path for path in files(site / "assets/browser", ".js", ".css")}
    runtime = {f"runtime, {short(path)}": path for path in files(site / "runtime")}
    for name, path in sorted((pages | code | runtime).items()):
        results.add("build", f"{name}, gzip", "kB", [compressed([path]) / 1000], exact=True, detail=True)


def files(folder: Path, *suffixes: str) -> list[Path]:
    """All files below a folder, or those with these suffixes; compressed copies are left out."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".br", ".gz")]
    return [path for path in found if not suffixes or path.suffix in suffixes]


def short(path: Path) -> str:
    """A file's name, without the platform of a wheel."""
    return "-".join(path.name.split("-")[:2])


def compressed(paths: list[Path]) -> int:
    """Bytes of the files, each compressed with gzip as a server would."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)
