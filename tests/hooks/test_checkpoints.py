"""The weights of trained models: files of the site in a folder named by their content, each true to its JSON."""

import hashlib
import json
from pathlib import Path

from overrides.hooks.checkpoints import found
from tests.hooks.conftest import Stops


def put(folder: Path, name: str, weights: bytes) -> Path:
    """Weights and the JSON that is about them."""
    folder.mkdir(exist_ok=True)
    described = {"weights_sha256": hashlib.sha256(weights).hexdigest()}
    (folder / f"{name}.json").write_text(json.dumps(described))
    (folder / f"{name}.npz").write_bytes(weights)
    return folder / f"{name}.npz"


def test_a_site_without_trained_models_is_no_fault(tmp_path: Path) -> None:
    assert found(tmp_path / "none").manifest()["files"] == {}


def test_only_weights_are_published_and_the_manifest_has_their_sizes(tmp_path: Path) -> None:
    paths = {path.name: path for path in (put(tmp_path, "base", b"one"), put(tmp_path, "chat", b"other"))}
    (tmp_path / "tokenizer.json").write_text("{}")
    made = found(tmp_path)
    assert made.files == paths
    assert made.manifest() == {"url": made.url, "files": {"base.npz": 3, "chat.npz": 5}}
    assert made.url.startswith("runtime/") and made.url.endswith("/")


def test_other_weights_have_another_address(tmp_path: Path) -> None:
    addresses = {found(tmp_path).url}
    for name, weights in [("base", b"one"), ("base", b"two"), ("chat", b"two")]:
        put(tmp_path, name, weights)
        addresses.add(found(tmp_path).url)
    assert len(addresses) == 4
    (tmp_path / "chat.json").write_text((tmp_path / "chat.json").read_text() + "\n")
    assert found(tmp_path).url in addresses, "the JSON is in the wheel"


def test_weights_that_are_not_those_of_their_json_stop_the_build(tmp_path: Path, stops: Stops) -> None:
    weights = put(tmp_path, "base", b"one")
    weights.write_bytes(b"two")
    expected, got = (hashlib.sha256(content).hexdigest() for content in (b"one", b"two"))
    with stops("The checkpoint base.npz", f"expected SHA-256 {expected}, got {got}", str(weights), "labs train"):
        found(tmp_path)
    weights.with_suffix(".json").unlink()
    with stops("The checkpoint base.npz", "base.json can't be read (FileNotFoundError)", str(weights)):
        found(tmp_path)
    weights.with_suffix(".json").write_text("{")
    with stops("The checkpoint base.npz", "base.json can't be read (JSONDecodeError)", str(weights)):
        found(tmp_path)
