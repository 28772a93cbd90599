"""The kernels' build: small, the same each time, without anything that would disturb Python's memory."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from overrides.hooks import kernels
from overrides.hooks.common import node
from overrides.hooks.kernels import BUILDS, compiled
from tests.hooks.conftest import Stops

LARGEST = 10_000  # bytes

DESCRIBE = """
const module = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
const { imports, exports } = WebAssembly.Module;
console.log(JSON.stringify({ imports: imports(module), exports: exports(module) }));
"""


def described(path: Path) -> dict[str, Any]:
    """What a module takes and gives, as Node sees it."""
    said = subprocess.run([node(), "-e", DESCRIBE, str(path)], capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def sections(path: Path) -> set[int]:
    """The numbers of the sections that a WebAssembly file has: 6 holds globals, 11 data, 8 a start function."""
    content = path.read_bytes()
    assert content[:8] == b"\0asm\x01\0\0\0"
    at, found = 8, set()
    while at < len(content):
        found.add(content[at])
        at, size, shift = at + 1, 0, 0
        while True:  # LEB128
            byte = content[at]
            at, size, shift = at + 1, size | (byte & 127) << shift, shift + 7
            if byte < 128:
                break
        at += size
    assert at == len(content)
    return found


@pytest.fixture(scope="module")
def ours() -> Path:
    return compiled()


@pytest.mark.parametrize("name", BUILDS)
def test_it_is_small_and_brings_no_data_no_stack_and_no_memory_of_its_own(ours: Path, name: str) -> None:
    assert (ours / name).stat().st_size < LARGEST
    assert not sections(ours / name) & {5, 6, 8, 9, 11, 12}  # memory, globals, start, elements, data


def test_it_takes_pythons_memory_and_gives_the_kernels(ours: Path) -> None:
    found = described(ours / "kernels.wasm")
    assert found["imports"] == [{"module": "env", "name": "memory", "kind": "memory"}]
    given = {one["name"] for one in found["exports"]}
    assert given == {
        *("matmul", "scratch_bytes", "swiglu", "swiglu_backward", "rms_norm", "rms_norm_backward", "causal_softmax"),
        "softmax_backward",
        *("turn", "exponential_rows", "adam"),
    }


def test_the_same_sources_give_the_same_bytes_and_are_compiled_once(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = compiled(tmp_path)
    assert again.name == ours.name
    for name in BUILDS:
        assert (again / name).read_bytes() == (ours / name).read_bytes()

    def run(*_: object) -> str:
        raise AssertionError("it was compiled again")

    monkeypatch.setattr(kernels, "run", run)
    assert compiled(tmp_path) == again


def test_a_changed_source_is_compiled_and_a_fault_in_it_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: Stops
) -> None:
    sources = tmp_path / "kernels"
    shutil.copytree(kernels.SOURCES, sources)
    monkeypatch.setattr(kernels, "SOURCES", sources)
    before = compiled(tmp_path / "cache")
    vectors = sources / "vectors.ts"
    vectors.write_text(vectors.read_text() + "\n// changed\n")
    assert compiled(tmp_path / "cache") != before
    vectors.write_text(vectors.read_text() + "\nlet broken: i32 = ;\n")
    with stops("Compiling overrides/kernels failed", "vectors.ts"):
        compiled(tmp_path / "cache")
