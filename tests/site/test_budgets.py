"""How heavy pages are, in compressed bytes, against the same pages as a plain Material site makes them."""

import gzip
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.site.conftest import BuiltSite

OURS_BUDGET = 60_000
TOTAL_BUDGET = 100_000
BOOT_BUDGETS = {".br": 7_300_000, ".gz": 10_000_000}
LAB_BUDGET = 70_000
STATIC_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\./[^"']+)["']""")


def weight(site: Path, page: Path) -> dict[str, int]:
    """Compressed bytes of a page and of all that it loads by itself: HTML, CSS, JavaScript."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    sheets = {local(site, page, str(tag["href"])) for tag in soup.select("link[rel=stylesheet][href]")}
    scripts = {local(site, page, str(tag["src"])) for tag in soup.select("script[src]")}
    waiting = list(scripts)
    while waiting:
        script = waiting.pop()
        for name in STATIC_IMPORT.findall(script.read_text(encoding="utf-8")):
            imported = (script.parent / name).resolve()
            if imported not in scripts:
                scripts.add(imported)
                waiting.append(imported)
    return {"html": compressed({page}), "css": compressed(sheets), "js": compressed(scripts)}


def local(site: Path, page: Path, link: str) -> Path:
    """The file that a link of a page means; the page for what is not found links from the site's root."""
    return (site / link[1:] if link.startswith("/") else page.parent / link).resolve()


def compressed(paths: set[Path]) -> int:
    """Bytes of the files, each compressed as a server would."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def test_each_text_page_is_little_heavier_than_the_theme_alone(site: BuiltSite, plain_site: Path) -> None:
    over = []
    print(f"\n{'page':40}{'html':>8}{'css':>8}{'js':>8}{'all':>9}{'ours':>9}  bytes, gzip")
    for url, page in site.pages.items():
        ours = weight(site.folder, page.path)
        theme = weight(plain_site, plain_site / page.path.relative_to(site.folder))
        extra = sum(ours.values()) - sum(theme.values())
        print(f"/{url:39}{ours['html']:8}{ours['css']:8}{ours['js']:8}{sum(ours.values()):9}{extra:9}")
        is_text = not page.soup.select("lab-cell, lab-panel, lab-exercise")
        if is_text and (extra > OURS_BUDGET or sum(ours.values()) > TOTAL_BUDGET):
            over.append(f"/{url}: {extra} bytes of ours, {sum(ours.values())} in all")
    assert over == []


def test_the_measure_sees_what_a_page_loads(site: BuiltSite, plain_site: Path) -> None:
    ours = weight(site.folder, site.pages["glossary/"].path)
    theme = weight(plain_site, plain_site / "glossary/index.html")
    assert ours["js"] > theme["js"] > 10_000
    assert ours["css"] > theme["css"] > 10_000
    assert ours["html"] > 2_000


def boot_files(site: BuiltSite) -> dict[str, Path]:
    """What is downloaded between the first Run and the first output, before any model, by a name for each."""
    runtime = site.folder / "runtime"
    patterns = {
        "worker": "../assets/browser/worker-*.js",
        "script": "*/pyodide.asm.mjs",
        "wasm": "*/pyodide.asm.wasm",
        "library": "*/python_stdlib.zip",
        "numpy": "*/numpy-*.whl",
        "labs": "labs-*/labs-*.whl",
        "lock": "labs-*/pyodide-lock.json",
    }
    found = {}
    for name, pattern in patterns.items():
        (found[name],) = runtime.glob(pattern)
    return found


@pytest.mark.parametrize("suffix", BOOT_BUDGETS)
def test_python_starts_from_few_bytes(site: BuiltSite, suffix: str) -> None:
    sizes = {name: path.with_name(path.name + suffix).stat().st_size for name, path in boot_files(site).items()}
    print(f"\n{suffix}: {sizes}, {sum(sizes.values())} bytes in all")
    assert sum(sizes.values()) <= BOOT_BUDGETS[suffix], sizes


def test_each_lab_comes_in_few_bytes(site: BuiltSite) -> None:
    sizes = {path.name: path.stat().st_size for path in site.folder.glob("runtime/lab-*/*.zip.gz")}
    print(f"\n{sizes}")
    assert sizes
    assert [name for name, size in sizes.items() if size > LAB_BUDGET] == []
