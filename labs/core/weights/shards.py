"""One safetensors file, mapped into memory: numbers are read from disk when they are first used.

The format: 8 bytes with the header's length, a JSON header with each tensor's dtype, shape and place, then the numbers.
Source: https://github.com/huggingface/safetensors#format
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from labs.core.model.arrays import Floats
from labs.core.weights.faults import WeightsError

LENGTH_BYTES = 8
# NumPy has no bfloat16.
STORED_AS: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}


class Shard:
    """A safetensors file's tensors by name.

    Raises: WeightsError if the file is missing, cut short, longer than its header says, or no safetensors file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise WeightsError(path, "", "expected this file, got none; download the whole model, in safetensors.")
        size = path.stat().st_size
        self._entries, begin = self._read_header(size)
        end = begin + max((self._place(name)[1] for name in self._entries), default=0)
        if size != end:
            state = "cut short" if size < end else "not the file that its header describes"
            raise WeightsError(path, "", f"expected {end} bytes, got {size}: it is {state}; download it again.")
        self._data: npt.NDArray[np.uint8] = np.asarray(np.memmap(path, np.uint8, mode="r"))[begin:]

    @property
    def names(self) -> list[str]:
        """Every tensor's name."""
        return list(self._entries)

    def shape(self, name: str) -> tuple[int, ...]:
        """A tensor's shape as stored."""
        return tuple(self._entries[name]["shape"])

    def read(self, name: str) -> Floats:
        """A tensor in float32: the file's own bytes if it is stored so, else converted, which is its one copy.

        Raises: WeightsError if it is stored in another dtype than F32, F16 or BF16.
        """
        stored_as = STORED_AS.get(self._entries[name]["dtype"])
        if stored_as is None:
            raise WeightsError(
                self.path,
                name,
                f"expected one of {', '.join(STORED_AS)}, got {self._entries[name]['dtype']}; "
                "quantized weights are not supported, take the model's full ones.",
            )
        begin, end = self._place(name)
        stored = self._data[begin:end].view(stored_as).reshape(self.shape(name))
        if self._entries[name]["dtype"] == "BF16":
            return widen(stored)
        # float32 stays where it lies, unless the file placed it between the steps that a processor reads in.
        return np.require(stored, np.float32, ["ALIGNED"])

    def _read_header(self, size: int) -> tuple[dict[str, dict[str, Any]], int]:
        with self.path.open("rb") as file:
            length = int.from_bytes(file.read(LENGTH_BYTES), "little")
            begin = LENGTH_BYTES + length
            if size < begin:
                reason = f"expected a header of {length} bytes, got a file of {size}: it is cut short or no safetensors"
                raise WeightsError(self.path, "", f"{reason} file; download it again.")
            try:
                header = json.loads(file.read(length))
                header.pop("__metadata__", None)
                return dict(header), begin
            except (ValueError, AttributeError, TypeError) as error:
                reason = f"expected a JSON header, got something else ({error}); is it a safetensors file?"
                raise WeightsError(self.path, "", reason) from error

    def _place(self, name: str) -> tuple[int, int]:
        """Where a tensor begins and ends, if that agrees with its dtype and shape."""
        try:
            entry = self._entries[name]
            shape, (begin, end) = entry["shape"], entry["data_offsets"]
            stored_as = STORED_AS.get(entry["dtype"])
            fits = all(isinstance(number, int) and number >= 0 for number in (*shape, begin, end)) and begin <= end
            fits = fits and (stored_as is None or end - begin == math.prod(shape) * stored_as.itemsize)
        except (KeyError, TypeError, ValueError) as error:
            reason = f"expected dtype, shape and data_offsets, got {self._entries[name]}; download the file again."
            raise WeightsError(self.path, name, reason) from error
        if not fits:
            reason = f"expected bytes for {entry['dtype']} {shape}, got those from {begin} to {end}"
            raise WeightsError(self.path, name, f"{reason}; download the file again.")
        return begin, end


def widen(stored: npt.NDArray[np.uint16]) -> Floats:
    """bfloat16 as float32: its 16 bits are the upper half of float32's, and the lower half is zero.

    Shapes: any, kept.
    """
    wide = np.empty(stored.shape, np.uint32)
    np.left_shift(stored, np.uint32(16), out=wide, dtype=np.uint32)
    return wide.view(np.float32)
