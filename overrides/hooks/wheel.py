"""Build step: the labs as wheels for the page, ours and those of packages that add some, rebuilt when they change."""

import tomllib
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from overrides.hooks import external
from overrides.hooks.common import BUILD_CACHE, ROOT, tree_hash, whole_folder

LEFT_OUT = ("labs/checkpoints/*.npz", "labs/core/weights/", "labs/core/commands/", "labs/core/scaffold*.py")
"""What the page's wheel lacks, in .gitignore's words: its trained models are files of the site, fetched when a lab asks
for one (see checkpoints.py), published ones are too large for a page, and a page has no command line. What pip installs
has all of it."""
GLOSSARY = "docs/glossary.md"
"""It goes into every wheel, see pyproject.toml: one of the models' tools looks things up in it."""


def labs_hash() -> str:
    """Hash of everything that decides what the labs do."""
    added = (external.content_hash(distribution) for distribution in external.found())
    return tree_hash([ROOT / "labs", ROOT / "pyproject.toml", ROOT / GLOSSARY], *added)


def wheel_hash() -> str:
    """Hash of everything that decides what the `labs` wheel holds: README and licence lie in its metadata."""
    names = ("labs", "pyproject.toml", "README.md", "LICENSE", GLOSSARY)
    return tree_hash([ROOT / name for name in names], *LEFT_OUT)


def build_wheel(cache: Path = BUILD_CACHE) -> Path:
    """The page's `labs` wheel for the current sources, in a folder named by their hash; built only if it is not there.

    The same sources give the same bytes: hatchling fixes the time stamps inside.
    """
    folder = cache / "wheel" / wheel_hash()
    built = sorted(folder.glob("*.whl"))
    if built:
        return built[0]
    from hatchling.builders.wheel import WheelBuilder  # only a changed wheel pays for its import

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"] = list(LEFT_OUT)
    with whole_folder(folder) as workshop:
        versions = WheelBuilder(str(ROOT), config=project).build(directory=str(workshop), versions=["standard"])
        names = [Path(path).name for path in versions]
    return folder / names[0]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: build the wheels, and watch the sources of those that are being worked on."""
    added = external.found()
    config.extra["wheels"] = [build_wheel(), *(external.build_wheel(distribution) for distribution in added)]
    config.watch += [str(distribution.root) for distribution in added if distribution.editable]
    return config
