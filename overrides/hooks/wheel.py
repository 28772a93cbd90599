"""Build step: the `labs` package as a wheel for the page, rebuilt when a file in it changes."""

from pathlib import Path

from hatchling.builders.wheel import WheelBuilder
from mkdocs.config.defaults import MkDocsConfig

from overrides.hooks.common import BUILD_CACHE, ROOT, fresh_folder, tree_hash


def labs_hash() -> str:
    """Hash of everything that decides what the `labs` wheel holds."""
    return tree_hash([ROOT / "labs", ROOT / "pyproject.toml"])


def build_wheel(cache: Path = BUILD_CACHE) -> Path:
    """The `labs` wheel for the current sources, in a folder named by their hash; built only if it is not there.

    The same sources give the same bytes: hatchling fixes the time stamps inside.
    """
    folder = cache / "wheel" / labs_hash()
    built = sorted(folder.glob("*.whl"))
    if built:
        return built[0]
    workshop = fresh_folder(folder.with_name(folder.name + ".part"))
    name = Path(next(iter(WheelBuilder(str(ROOT)).build(directory=str(workshop), versions=["standard"])))).name
    fresh_folder(folder).rmdir()
    workshop.rename(folder)
    return folder / name


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: build the wheel and watch its sources."""
    config.extra["labs_wheel"] = build_wheel()
    return config
