"""What the build steps share: files written whole, hashes that see every change, failures with words."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labs.core.files import write_whole
from overrides.hooks import common
from overrides.hooks.common import download_cache, fresh_folder, node, run, sha256, tree_hash, whole_folder
from tests.hooks.conftest import Stops


def test_write_whole_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a/b/file"
    for content in (b"first", b"second, longer", b""):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_an_interrupted_write_leaves_the_old_file_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")
    write_bytes = Path.write_bytes

    def interrupted(self: Path, *arguments: object) -> None:
        write_bytes(self, b"ne")
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_folder_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a/folder"
    with pytest.raises(KeyboardInterrupt), whole_folder(path) as part:
        (part / "file").write_bytes(b"half")
        raise KeyboardInterrupt
    assert list(path.parent.iterdir()) == []
    with whole_folder(path) as part:
        (part / "file").write_bytes(b"whole")
        assert not path.exists()
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == ["a", "a/folder", "a/folder/file"]


def test_of_two_builds_that_fill_a_folder_the_first_to_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    with whole_folder(path) as part:
        (part / "file").write_bytes(b"slower")
        path.mkdir()
        (path / "file").write_bytes(b"quicker")
    assert [p.read_bytes() for p in path.iterdir()] == [b"quicker"]
    assert list(tmp_path.iterdir()) == [path]


def tree(folder: Path) -> Path:
    """A small folder to hash."""
    (folder / "tree/inner").mkdir(parents=True)
    (folder / "tree/one.txt").write_bytes(b"one")
    (folder / "tree/inner/two.txt").write_bytes(b"two")
    return folder / "tree"


def test_tree_hash_is_the_same_for_the_same_tree_elsewhere(tmp_path: Path) -> None:
    assert tree_hash([tree(tmp_path / "a")]) == tree_hash([tree(tmp_path / "b")])
    assert len(tree_hash([tree(tmp_path / "c")], "more")) == 12


def test_tree_hash_changes_with_any_name_byte_or_extra(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    seen = {
        tree_hash([folder]),
        tree_hash([folder], "x"),
        tree_hash([folder], "x", ""),
        tree_hash([folder], "", "x"),
    }
    changes: list[Callable[[], object]] = [
        lambda: (folder / "one.txt").write_bytes(b"onE"),
        lambda: (folder / "one.txt").rename(folder / "uno.txt"),
        lambda: (folder / "uno.txt").rename(folder / "inner/uno.txt"),
        lambda: (folder / "empty").write_bytes(b""),
        # The same bytes in all, cut elsewhere.
        lambda: ((folder / "empty").write_bytes(b"w"), (folder / "inner/two.txt").write_bytes(b"to")),
        lambda: (folder / "empty").unlink(),
    ]
    for count, change in enumerate(changes, start=5):
        change()
        seen.add(tree_hash([folder]))
        assert len(seen) == count


def test_tree_hash_sees_nothing_in_compiled_files(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    before = tree_hash([folder])
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/one.pyc").write_bytes(b"compiled")
    assert tree_hash([folder]) == before


def test_sha256_is_the_known_one(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_fresh_folder_is_empty(tmp_path: Path) -> None:
    assert list(fresh_folder(tree(tmp_path)).iterdir()) == []


def test_the_download_cache_lies_outside_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LLM_MASTERCLASS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert not download_cache().is_relative_to(common.ROOT)
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert download_cache() == Path("/elsewhere/llm-masterclass")
    monkeypatch.setenv("LLM_MASTERCLASS_CACHE", "/named")
    assert download_cache() == Path("/named")


def program(path: Path) -> str:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_node_is_the_one_beside_python_or_else_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: Stops
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv/python"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    with stops("Node.js was not found.", str(tmp_path / "venv"), "make setup"):
        node()
    on_path = program(tmp_path / "path/node")
    assert node() == on_path
    beside = program(tmp_path / "venv/node")
    assert node() == beside


def test_a_program_that_fails_stops_the_build_with_its_last_words(stops: Stops) -> None:
    assert run([sys.executable, "-c", "print('said')"], "Saying", "no need") == "said\n"
    code = "import sys; print(*range(100), sep='\\n', file=sys.stderr); sys.exit(3)"
    with stops("Counting failed:\n70\n71\n", "\n99\n", sys.executable, "count less"):
        run([sys.executable, "-c", code], "Counting", "count less")
