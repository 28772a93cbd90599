"""Build step: the labs for the page, rebuilt when they change.

A wheel has what every page needs, and each lab's folder is an archive of its own, which the page fetches when it needs
the lab: so what Python starts from does not grow with the course. Packages that add labs have a wheel each.
"""

import tomllib
import zipfile
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from overrides.hooks import external
from overrides.hooks.common import BUILD_CACHE, ROOT, tree_hash, whole_folder

LEFT_OUT = ("labs/checkpoints/*.npz", "labs/core/weights/", "labs/core/commands/", "labs/core/scaffold*.py")
"""What the page's wheel lacks beside labs' folders, in .gitignore's words: its trained models are files of the site,
fetched when a lab asks for one (see checkpoints.py), published ones are too large for a page, and a page has no command
line. What pip installs has all of it."""
GLOSSARY = "docs/glossary.md"
"""It goes into every wheel, see pyproject.toml: one of the models' tools looks things up in it."""


def labs_hash() -> str:
    """Hash of everything that decides what the labs do."""
    added = (external.content_hash(distribution) for distribution in external.found())
    return tree_hash([ROOT / "labs", ROOT / "pyproject.toml", ROOT / GLOSSARY], *added)


def wheel_hash() -> str:
    """Hash of everything that decides what the `labs` wheel holds: README and licence lie in its metadata."""
    names = ("labs", "pyproject.toml", "README.md", "LICENSE", GLOSSARY)
    return tree_hash([*(ROOT / name for name in names), Path(__file__)])


def lab_folders() -> list[Path]:
    """The folders of the labs."""
    return sorted(path.parent for path in (ROOT / "labs").glob("*/lab.py"))


def build_wheel(cache: Path = BUILD_CACHE) -> Path:
    """The page's `labs` wheel for the current sources, in a folder named by their hash; built only if it is not there.

    The labs' archives are built with it. The same sources give the same bytes: hatchling fixes the time stamps inside.
    """
    folder = cache / "wheel" / wheel_hash()
    built = sorted(folder.glob("*.whl"))
    if built:
        return built[0]
    from hatchling.builders.wheel import WheelBuilder  # only a changed wheel pays for its import

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    exclude = [*LEFT_OUT, *(f"labs/{lab.name}/" for lab in lab_folders())]
    project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"] = exclude
    with whole_folder(folder) as workshop:
        versions = WheelBuilder(str(ROOT), config=project).build(directory=str(workshop), versions=["standard"])
        names = [Path(path).name for path in versions]
        for lab in lab_folders():
            _archive(lab, workshop / f"{lab.name}.zip")
    return folder / names[0]


def lab_archives(wheel: Path) -> list[Path]:
    """The labs' folders as archives, named by their slugs, which lie beside the wheel that was built with them."""
    return sorted(wheel.parent.glob("*.zip"))


def _archive(lab: Path, target: Path) -> None:
    """Write a lab's folder as the wheel would hold it; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(lab.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.writestr(zipfile.ZipInfo(path.relative_to(ROOT).as_posix()), path.read_bytes())


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: build the wheels and archives, and watch the sources of those that are being worked on."""
    added = external.found()
    ours = build_wheel()
    config.extra["wheels"] = [ours, *(external.build_wheel(distribution) for distribution in added)]
    config.extra["lab_archives"] = lab_archives(ours)
    config.watch += [str(distribution.root) for distribution in added if distribution.editable]
    return config
