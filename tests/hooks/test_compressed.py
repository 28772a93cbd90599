"""Compressed copies: true, made once for each content, and only where they are worth their place."""

import gzip
import random
from pathlib import Path

import pytest

from overrides.hooks import compressed
from tests.hooks.conftest import Stops, runs_of

TEXT = b"what is said again and again " * 400


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the compressing program is started for."""
    return runs_of(compressed, monkeypatch)


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_copies_hold_the_same_and_brotli_is_the_smaller(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", TEXT)
    copies = compressed.compressed([path], tmp_path / "cache")[path]
    assert set(copies) == {".br", ".gz"}
    assert gzip.decompress(copies[".gz"].read_bytes()) == TEXT
    assert copies[".br"].stat().st_size < copies[".gz"].stat().st_size < len(TEXT) / 10


def test_only_what_has_changed_is_compressed_again(tmp_path: Path, calls: list[str]) -> None:
    one, two = write(tmp_path / "one", TEXT), write(tmp_path / "two", TEXT + b"2")
    first = compressed.compressed([one, two], tmp_path / "cache")
    times = {copy: copy.stat().st_mtime_ns for copies in first.values() for copy in copies.values()}
    assert compressed.compressed([one, two], tmp_path / "cache") == first
    assert len(calls) == 1
    write(two, TEXT + b"3")
    second = compressed.compressed([one, two], tmp_path / "cache")
    assert len(calls) == 2
    assert second[one] == first[one]
    assert second[two] != first[two]
    assert {copy: copy.stat().st_mtime_ns for copy in times} == times


def test_what_is_small_or_hardly_shrinks_has_no_copy_and_is_not_tried_again(tmp_path: Path, calls: list[str]) -> None:
    noise, small = write(tmp_path / "noise", random.Random(0).randbytes(5000)), write(tmp_path / "small", b"a" * 900)
    assert compressed.compressed([noise, small], tmp_path / "cache") == {noise: {}}
    compressed.compressed([noise, small], tmp_path / "cache")
    assert len(calls) == 1


def test_a_failure_stops_the_build_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: Stops
) -> None:
    monkeypatch.setattr(compressed, "SCRIPT", write(tmp_path / "broken.mjs", b"nonsense("))
    with stops("Compressing files failed", "make setup"):
        compressed.compressed([write(tmp_path / "a", TEXT)], tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
