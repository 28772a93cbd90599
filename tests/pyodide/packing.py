"""What the core's own tests need in the shipped Python: pytest with all that it needs, and the tests, in one zip."""

import json
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from overrides.hooks.common import ROOT, download_cache

TOOLS = ("pytest", "hypothesis", "beautifulsoup4")
PROJECT = (
    "pyproject.toml",
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/labs",
    "docs/guides/pocket_model.md",
    "docs/guides/data_card.md",
)
KERNELS = "tests/pyodide/kernels_against_numpy.py"

# What the shipped Python runs, when the zip lies at /packed/core.zip, and then gives to pytest.
UNPACK = """
import os, shutil, sys
shutil.unpack_archive("/packed/core.zip", "/core")
sys.path.append("/core/tools")
sys.dont_write_bytecode = True
os.chdir("/core/project")
import hypothesis
hypothesis.settings.register_profile("page", max_examples=10, deadline=None, database=None, derandomize=True)
hypothesis.settings.load_profile("page")
"""
OPTIONS = [
    *("--capture=sys", "--tb=short", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler"),
    *("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"),  # hypothesis, or by the file before
]


def pack(lock: Path, archive: Path) -> None:
    """Write the zip: `tools/` for the module path, and `project/` with the tests but without `labs`.

    Tools that are pure Python are taken from this environment, others as wheels for the runtime of this lock.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for distribution in _with_dependencies(TOOLS):
            files = [file for file in distribution.files or () if _is_packed(str(file))]
            if any(file.suffix in (".so", ".pyd") for file in files):
                with zipfile.ZipFile(wheel_for_the_runtime(distribution, lock)) as wheel:
                    for name in wheel.namelist():
                        made.writestr(f"tools/{name}", wheel.read(name))
            else:
                for file in files:
                    made.write(Path(str(file.locate())), f"tools/{file.as_posix()}")
        for name in (*PROJECT, KERNELS):
            inside = sorted((ROOT / name).rglob("*.py")) if (ROOT / name).is_dir() else [ROOT / name]
            for path in inside:
                made.write(path, f"project/{path.relative_to(ROOT).as_posix()}")


def wheel_for_the_runtime(distribution: metadata.Distribution, lock: Path) -> Path:
    """The wheel of the same version for the runtime's Python, fetched with pip once, into the download cache."""
    info = json.loads(lock.read_text())["info"]
    folder = download_cache() / f"pyodide-{info['abi_version']}-tools"
    name = distribution.name.replace("-", "_")
    found = [*folder.glob(f"{name}-{distribution.version}-*.whl")]
    if not found:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", f"--python-version={'.'.join(info['python'].split('.')[:2])}"]
        command += [f"--platform=pyemscripten_{info['abi_version']}_wasm32", f"--dest={folder}"]
        subprocess.run([*command, f"{distribution.name}=={distribution.version}"], check=True)
        found = [*folder.glob(f"{name}-{distribution.version}-*.whl")]
    return found[0]


def _with_dependencies(names: tuple[str, ...]) -> list[metadata.Distribution]:
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = metadata.distribution(name)
        needed = [Requirement(text) for text in found[name].requires or ()]
        waiting += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return list(found.values())


def _is_packed(name: str) -> bool:
    return not name.startswith("..") and "__pycache__" not in name
