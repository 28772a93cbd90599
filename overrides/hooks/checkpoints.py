"""Build step: the weights of the trained models as files of the site, each fetched when a lab first asks for it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from overrides.hooks.common import ROOT, BuildStop, sha256, tree_hash


@dataclass(frozen=True)
class Checkpoints:
    """The weights: their folder in the site, which is named by their content, and the files by name."""

    url: str
    files: dict[str, Path] = field(repr=False)

    def manifest(self) -> dict[str, object]:
        """What the browser bundle is told, as JSON values: the folder's address, and the size of each file in bytes."""
        return {"url": self.url, "files": {name: path.stat().st_size for name, path in self.files.items()}}


def found(folder: Path) -> Checkpoints:
    """The weights in a folder; none are no fault.

    Raises: BuildStop if a file is not the one that its JSON is about: a page would refuse it.
    """
    files = sorted(folder.glob("*.npz"))
    for path in files:
        described = path.with_suffix(".json")
        try:
            expected = json.loads(described.read_bytes())["weights_sha256"]
        except (OSError, ValueError, KeyError) as error:
            expected = f"none, for {described.name} can't be read ({type(error).__name__})"
        if (got := sha256(path)) != expected:
            raise BuildStop(
                f"The checkpoint {path.name} is not the one of its JSON: expected SHA-256 {expected}, got {got}.",
                str(path),
                "run `python -m labs train`, or bring back both files from git.",
            )
    return Checkpoints(f"runtime/checkpoints-{tree_hash(files)}/", {path.name: path for path in files})


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: find the weights, so that the browser bundle can be told of them."""
    config.extra["checkpoints"] = found(ROOT / "labs/checkpoints")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: copy the weights into the site."""
    checkpoints: Checkpoints = config.extra["checkpoints"]
    for name, path in checkpoints.files.items():
        files.append(File.generated(config, checkpoints.url + name, abs_src_path=str(path)))
    return files
