"""A page's checkpoints: what its wheel lacks is fetched, and a fetch that fails says so in its own words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.core.model import checkpoint_source
from labs.core.model.checkpoint_files import CheckpointFiles
from labs.core.model.checkpoint_source import Fetched, fetch_checkpoints_with, source, use_source


class Answer:
    """Bytes as JavaScript's would be."""

    def to_bytes(self) -> bytes:
        return b"fetched"


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that has a checkpoint's JSON, and only that."""
    monkeypatch.setattr(checkpoint_source, "__file__", str(tmp_path / "labs/core/model/checkpoint_source.py"))
    folder = tmp_path / "labs/checkpoints"
    folder.mkdir(parents=True)
    (folder / "base.json").write_bytes(b"packaged")
    before = source()
    yield folder
    use_source(before)


def files_by(fetch: object) -> CheckpointFiles:
    """The package's files, what it lacks fetched by this function."""
    fetch_checkpoints_with(fetch)  # type: ignore[arg-type]
    read = source()
    assert read is not None
    return CheckpointFiles("checkpoints", read)


def test_only_what_the_package_lacks_is_fetched() -> None:
    asked = []

    def fetch(name: str) -> Fetched | str:
        asked.append(name)
        return Answer()

    files = files_by(fetch)
    assert files.bytes("base.json") == b"packaged"
    assert files.bytes("base.npz") == b"fetched"
    assert asked == ["base.npz"]


def test_a_fetch_that_fails_says_only_why_and_the_next_may_work() -> None:
    answers = iter(["The file base.npz could not be fetched. Run this again.", Answer()])
    files = files_by(lambda name: next(answers))
    with pytest.raises(ValueError, match=r"^The file base.npz could not be fetched. Run this again.$"):
        files.bytes("base.npz")
    assert files.bytes("base.npz") == b"fetched"
