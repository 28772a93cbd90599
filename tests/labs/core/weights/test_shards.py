"""One safetensors file: what it holds, without a copy, and every way in which it can be damaged."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from labs.core.weights.faults import WeightsError
from labs.core.weights.shards import Shard, widen
from tests.labs.core.weights.conftest import FIXTURES, WriteShard

NUMBERS = np.array([[1.5, -2.0, 3.25], [0.0, -0.0, 65504.0]], np.float32)


def test_each_dtype(write_shard: WriteShard) -> None:
    bf16 = (NUMBERS[:, :2].view(np.uint32) >> 16).astype(np.uint16)
    path = write_shard(
        {
            "f32": ("F32", [2, 3], NUMBERS.tobytes()),
            "f16": ("F16", [2, 3], NUMBERS.astype(np.float16).tobytes()),
            "bf16": ("BF16", [2, 2], bf16.tobytes()),
            "none": ("F32", [0], b""),
        }
    )
    shard = Shard(path)
    assert shard.names == ["f32", "f16", "bf16", "none"]
    np.testing.assert_array_equal(shard.read("f32"), NUMBERS)
    np.testing.assert_array_equal(shard.read("f16"), NUMBERS)
    np.testing.assert_array_equal(shard.read("bf16"), NUMBERS[:, :2])
    assert shard.read("none").shape == (0,)
    assert {shard.read(name).dtype for name in shard.names} == {np.dtype(np.float32)}


def test_bfloat16_is_the_upper_half_of_float32() -> None:
    every = np.arange(2**16, dtype=np.uint16)
    wide = widen(every)
    assert wide.dtype == np.float32
    np.testing.assert_array_equal(wide.view(np.uint32), every.astype(np.uint32) * 2**16)
    assert widen(np.array([0x3F80, 0x7F80, 0x0001], np.uint16)).tolist() == [1.0, np.inf, 2.0**-133]


def test_float32_is_the_mapped_file_itself() -> None:
    shard = Shard(FIXTURES / "full_heads" / "model.safetensors")
    array = shard.read("model.embed_tokens.weight")
    assert np.shares_memory(array, shard.read("model.embed_tokens.weight"))
    assert type(array) is np.ndarray
    assert not array.flags.owndata
    assert not array.flags.writeable


@pytest.mark.parametrize("dtype", ["BF16", "F16"])
def test_half_precision_is_copied_once(write_shard: WriteShard, dtype: str) -> None:
    n = 500_000
    shard = Shard(write_shard({"x": (dtype, [n], bytes(2 * n))}))
    tracemalloc.start()
    array = shard.read("x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert array.nbytes <= peak < 1.05 * array.nbytes


def test_tensors_that_no_processor_step_begins_at(write_shard: WriteShard) -> None:
    shard = Shard(write_shard({"x": ("F32", [2, 3], NUMBERS.tobytes())}, spaces=3))
    np.testing.assert_array_equal(shard.read("x"), NUMBERS)
    assert shard.read("x").flags.aligned


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"model\.safetensors: expected this file, got none"):
        Shard(tmp_path / "model.safetensors")


@pytest.mark.parametrize("keep", [0, 3, 8, 40, -1, -100])
def test_truncated(tmp_path: Path, keep: int) -> None:
    content = (FIXTURES / "base" / "model.safetensors").read_bytes()
    path = tmp_path / "model.safetensors"
    path.write_bytes(content[:keep])
    with pytest.raises(WeightsError, match=r"model\.safetensors: expected .* bytes, got .*cut short") as caught:
        Shard(path)
    assert caught.value.file == path


def test_longer_than_its_header_says(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes((FIXTURES / "base" / "model.safetensors").read_bytes() + b"0")
    with pytest.raises(WeightsError, match="not the file that its header describes"):
        Shard(path)


@pytest.mark.parametrize("header", [b"no JSON!", b"[1, 2]", b'"text"', b"\xff\xfe{}", b"7"])
def test_foreign(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(WeightsError, match=r"model\.safetensors: expected a JSON header"):
        Shard(path)


@pytest.mark.parametrize("entry", ["1", "{}", '{"dtype": "F32", "shape": 3, "data_offsets": [0, 12]}', "[]"])
def test_entry_that_says_too_little(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "model.safetensors"
    header = f'{{"x": {entry}}}'.encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(12))
    with pytest.raises(WeightsError, match=r"model\.safetensors: x: expected dtype, shape and data_offsets"):
        Shard(path)


@pytest.mark.parametrize(("shape", "begin", "end"), [([4], 0, 12), ([3], -4, 8), ([3], 12, 0), ([-3], 0, 12)])
def test_bytes_that_do_not_fit_the_shape(tmp_path: Path, shape: list[int], begin: int, end: int) -> None:
    path = tmp_path / "model.safetensors"
    header = f'{{"x": {{"dtype": "F32", "shape": {shape}, "data_offsets": [{begin}, {end}]}}}}'.encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(12))
    with pytest.raises(WeightsError, match=rf"model\.safetensors: x: expected bytes for F32 .*from {begin} to {end}"):
        Shard(path)


def test_dtype_that_is_not_supported(write_shard: WriteShard) -> None:
    shard = Shard(write_shard({"x": ("I8", [3], b"abc")}))
    with pytest.raises(WeightsError, match=r"model\.safetensors: x: expected one of F32, F16, BF16, got I8; quantized"):
        shard.read("x")
