"""Wheels of the packages outside this repository that add labs: built into the site like our own."""

import base64
import hashlib
import sys
import zipfile
from pathlib import Path

from labs.core.external import ExternalDistribution, external_distributions
from overrides.hooks.common import BUILD_CACHE, BuildStop, run, tree_hash, whole_folder


def found() -> list[ExternalDistribution]:
    """The packages that add labs.

    Raises: BuildStop if two of them, or one and the course, give a lab the same name.
    """
    try:
        return external_distributions()
    except ValueError as error:
        raise BuildStop(str(error), "the packages installed beside labs", "rename one, or uninstall it.") from error


def content_hash(distribution: ExternalDistribution) -> str:
    """Hash of everything that decides what the wheel holds."""
    paths = [distribution.root / file for file in distribution.files]
    return tree_hash(paths, distribution.name, distribution.version)


def build_wheel(distribution: ExternalDistribution, cache: Path = BUILD_CACHE) -> Path:
    """The distribution's wheel, in a folder named by its content; built only if it is not there.

    Raises: BuildStop if its own build fails.
    """
    folder = cache / "external" / content_hash(distribution)
    if not folder.exists():
        with whole_folder(folder) as workshop:
            if distribution.editable:
                command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
                fix = "make `pip wheel` work in that package's folder."
                run([*command, "--wheel-dir", str(workshop), str(distribution.root)], distribution.name, fix)
            else:
                _zip_installed(distribution, workshop)
    return next(folder.glob("*.whl"))


def _zip_installed(distribution: ExternalDistribution, folder: Path) -> None:
    """Make the wheel again from what it was installed to."""
    name = distribution.name.replace("-", "_")
    record = next(file for file in distribution.files if file.name == "METADATA").with_name("RECORD")
    lines = []
    with zipfile.ZipFile(folder / f"{name}-{distribution.version}-py3-none-any.whl", "w") as wheel:
        for file in distribution.files:
            content = (distribution.root / file).read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            lines.append(f"{file.as_posix()},sha256={digest},{len(content)}")
            wheel.writestr(_entry(file), content)
        wheel.writestr(_entry(record), "\n".join([*lines, f"{record.as_posix()},,", ""]))


def _entry(file: Path) -> zipfile.ZipInfo:
    """A file of the wheel, with the same time stamp whenever it is made."""
    entry = zipfile.ZipInfo(file.as_posix(), (2020, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
