"""The files of the built site: a complete and true runtime, nothing of our sources, nothing of this machine."""

import gzip
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labs.core.finding import own_slugs
from overrides.hooks.common import sha256
from overrides.hooks.runtime import CORE_SHA256, MIME_TYPES, PYODIDE
from tests.site.conftest import ROOT, BuiltSite

TEXT = {".html", ".css", ".js", ".mjs", ".json", ".xml", ".txt", ".map", ".svg", ".conf", ".md", ".py", ".ipynb"}


@pytest.fixture(scope="module")
def lock_path(site: BuiltSite) -> Path:
    """The one lock that the site ships."""
    (found,) = site.folder.glob("runtime/*/pyodide-lock.json")
    return found


@pytest.fixture(scope="module")
def lock(lock_path: Path) -> dict[str, Any]:
    """What is in it."""
    read: dict[str, Any] = json.loads(lock_path.read_text())
    return read


def wheel_of(site: BuiltSite, described: dict[str, Any]) -> Path:
    """The wheel that the lock describes, found as Pyodide finds it: from the folder of packages."""
    return (stdlib_of(site).parent / str(described["file_name"])).resolve()


def stdlib_of(site: BuiltSite) -> Path:
    """The one standard library that the site ships."""
    (found,) = site.folder.glob("runtime/*/python_stdlib.zip")
    return found


def our_archives(site: BuiltSite) -> list[Path]:
    """Our wheel and the archives of the labs."""
    return sorted([*site.folder.glob("runtime/labs-*/labs-*.whl"), *site.folder.glob("runtime/lab-*/*.zip")])


def test_pyodide_itself_is_there_as_it_came_in_a_folder_named_by_version(site: BuiltSite) -> None:
    folder = site.folder / "runtime" / PYODIDE
    for name in ("pyodide.asm.mjs", "pyodide.asm.wasm"):
        assert sha256(folder / name) == CORE_SHA256[name], name
    copies = {f"{name}{suffix}" for name in ("pyodide.asm.mjs", "pyodide.asm.wasm") for suffix in ("", ".br", ".gz")}
    assert {path.name for path in folder.iterdir()} == copies


def test_what_is_not_ours_has_bytecode_only_and_nothing_is_compressed_inside(site: BuiltSite) -> None:
    ours = our_archives(site)
    for path in site.files(".whl", ".zip"):
        with zipfile.ZipFile(path) as archive:
            assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}, path.name
            names = archive.namelist()
            assert any(name.endswith(".pyc") for name in names), path.name
            if path not in ours:
                assert [name for name in names if name.endswith((".py", ".pyi", ".h", ".a"))] == [], path.name


def test_compressed_copies_hold_the_same_and_the_large_files_of_the_boot_have_both(site: BuiltSite) -> None:
    large = [path for path in site.files() if path.suffix in MIME_TYPES and "/runtime/" in path.as_posix()]
    for path in (path for path in large if path.stat().st_size > 2_000):
        assert path.with_name(f"{path.name}.br").stat().st_size < path.stat().st_size
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()
    assert len(large) > 10
    copied = {path.parent.relative_to(site.folder).parts[0] for path in site.files(".br")}
    assert copied == {"runtime", "assets"}, "pages change under their address: a stale copy would hide them"


def test_every_wheel_of_the_lock_is_there_with_the_hash_that_it_names(site: BuiltSite, lock: dict[str, Any]) -> None:
    assert {"labs", "numpy"} <= set(lock["packages"])
    for described in lock["packages"].values():
        assert sha256(wheel_of(site, described)) == described["sha256"], described["name"]
    shipped = {path.resolve() for path in site.files(".whl")}
    assert shipped == {wheel_of(site, described) for described in lock["packages"].values()}, "no wheel lies idle"


def test_the_lock_lacks_nothing_that_its_packages_need(lock: dict[str, Any]) -> None:
    for name, described in lock["packages"].items():
        assert name == re.sub(r"[-_.]+", "-", name).lower(), "Pyodide looks packages up by their normal names"
        assert set(described["depends"]) <= set(lock["packages"]), name
    assert lock["packages"]["labs"]["depends"] == ["numpy"]


def test_no_entry_of_the_lock_leads_out_of_the_site(site: BuiltSite, lock: dict[str, Any]) -> None:
    for described in lock["packages"].values():
        assert "://" not in described["file_name"]
        assert wheel_of(site, described).is_relative_to(site.folder.resolve())


def test_the_browser_code_names_every_file_of_the_boot_with_its_true_size(site: BuiltSite) -> None:
    scripts = "".join(path.read_text() for path in (site.folder / "assets/browser").glob("*.js"))
    named = re.findall(r'url:\s*"(runtime/[^"]+)",\s*size:\s*(\d+)', scripts)
    named += re.findall(r'"url":\s*"(runtime/[^"]+)",\s*"size":\s*(\d+)', scripts)
    assert len(set(named)) >= 6
    for url, size in named:
        assert (site.folder / url).stat().st_size == int(float(size)), url
    (worker,) = re.findall(r'"?workerUrl"?:\s*"([^"]+)"', scripts)
    assert (site.folder / worker).is_file()


def test_our_wheel_and_the_archives_of_labs_hold_the_labs_of_this_checkout(
    site: BuiltSite, lock: dict[str, Any]
) -> None:
    assert wheel_of(site, lock["packages"]["labs"]) in our_archives(site)
    inside: list[str] = []
    shipped: dict[str, bytes] = {}
    for path in our_archives(site):
        with zipfile.ZipFile(path) as archive:
            names_here = [name for name in archive.namelist() if name.startswith("labs/")]
            own = {name for name in names_here if name.split("/")[1] in own_slugs()}
            of_this_lab = {name for name in names_here if name.startswith(f"labs/{path.stem}/")}
            assert own == of_this_lab, "the wheel holds no lab, and an archive one"
            inside += names_here
            shipped |= {name: archive.read(name) for name in names_here if not name.endswith(".pyc")}
    sources = [p for p in (ROOT / "labs").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    names = {path.relative_to(ROOT).as_posix(): path for path in sources if path.suffix != ".npz"}
    left_out = ("labs/core/weights/", "labs/core/commands/", "labs/core/scaffold")
    expected = {name: path.read_bytes() for name, path in names.items() if not name.startswith(left_out)}
    assert shipped == expected | {"labs/core/glossary.md": (ROOT / "docs/glossary.md").read_bytes()}
    modules = {name for name in shipped if name.endswith(".py")}
    compiled = {re.sub(r"__pycache__/(\w+)\.cpython-314\.pyc$", r"\1.py", name) for name in inside if "pycache" in name}
    assert compiled == modules


def test_the_trained_models_are_files_beside_the_runtime_and_the_browser_code_knows_their_sizes(
    site: BuiltSite,
) -> None:
    sources = {path.name: path.read_bytes() for path in (ROOT / "labs/checkpoints").glob("*.npz")}
    published = site.files(".npz")
    assert {path.name: path.read_bytes() for path in published} == sources
    scripts = "".join(path.read_text() for path in (site.folder / "assets/browser").glob("*.js"))
    (url,) = re.findall(r'"?checkpoints"?:\s*\{\s*"?url"?:\s*"(runtime/checkpoints-[0-9a-f]{12}/)"', scripts)
    for path in published:
        assert path.parent == site.folder / url
        (size,) = re.findall(rf'"{path.name}":\s*([\de.]+)', scripts)
        assert int(float(size)) == path.stat().st_size


def test_nothing_is_loaded_before_the_reader_asks(site: BuiltSite) -> None:
    faults = []
    for url, page in site.pages.items():
        for tag in page.soup.select(
            "link[rel~=preload], link[rel~=prefetch], link[rel~=modulepreload], link[rel~=preconnect]"
        ):
            faults.append(f"/{url}: {tag}")
        for tag in page.soup.select("[src], link[href]"):
            link = str(tag.get("src") or tag.get("href"))
            if "runtime/" in link or "worker-" in link:
                faults.append(f"/{url}: {tag}")
    assert faults == []


def test_no_source_of_ours_is_in_the_site(site: BuiltSite) -> None:
    names = [path.relative_to(site.folder).as_posix() for path in site.files()]
    sources = (".ts", ".py", ".j2", ".yml", ".yaml", ".pyc", ".toml")
    assert [name for name in names if name.endswith(sources)] == []
    folders = re.compile(r"(^|/)(hooks|browser/elements|browser/runtime|partials|__pycache__|node_modules|\.)")
    assert [name for name in names if folders.search(name)] == []


def texts(site: BuiltSite) -> Iterator[tuple[str, str]]:
    """The text of every text file of the site, in our archives and compressed ones too, with its name."""
    ours = our_archives(site)
    for path in site.files():
        name = path.relative_to(site.folder).as_posix()
        if path.suffix in TEXT:
            yield name, path.read_text(encoding="utf-8")
        elif path.name == "sitemap.xml.gz":
            yield name, gzip.decompress(path.read_bytes()).decode()
        elif path in ours:
            with zipfile.ZipFile(path) as wheel:
                yield from ((f"{name}/{one}", wheel.read(one).decode("utf-8", "replace")) for one in wheel.namelist())


def test_nothing_tells_of_the_machine_that_built_it(site: BuiltSite) -> None:
    named = {str(ROOT), sys.prefix, sys.base_prefix, f"{Path.home()}/", str(site.folder.parent)}
    named |= {f"{tempfile.gettempdir()}/ipykernel", "/var/folders/"}
    named -= {"/", "/usr"}
    home = re.compile(r"(?<![\w.:])/(home|Users)/[a-z_][\w-]*|[A-Z]:\\Users\\")
    faults, count = [], 0
    for name, text in texts(site):
        count += 1
        faults += [f"{name}: {path}" for path in named if path in text]
        if not name.startswith(f"runtime/{PYODIDE}/"):  # Pyodide has homes of its own in there
            faults += [f"{name}: {found[0]}" for found in home.finditer(text) if found[0] != "/home/pyodide"]
    assert faults == []
    assert count > 40
