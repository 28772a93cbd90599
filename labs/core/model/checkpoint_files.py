"""The files of checkpoints: written whole, and read with suspicion. Every fault names the file and the remedy."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.tokenizer import Tokenizer

FORMAT = 1
TOKENIZER_FILE = "tokenizer.json"
REMEDY = "make it anew with `python -m labs train`, or reinstall the package."
NEEDED: Mapping[str, type] = {
    "format": int,
    "config": dict,
    "extra": dict,
    "weights_bytes": int,
    "weights_sha256": str,
    "tokenizer_sha256": str,
}
"""What a checkpoint's JSON must hold for its weights to be loaded."""

type Read = Callable[[str], bytes]  # from a file's name to what it holds


class CheckpointError(ValueError):
    """A file of a checkpoint is missing, damaged, or not what the others belong to."""

    for_people = True

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem.rstrip('.')}; {REMEDY}")


@dataclass(frozen=True)
class CheckpointFiles:
    """A folder of checkpoints, by the function that reads a file of it."""

    folder: str
    read: Read

    def where(self, file: str) -> str:
        """The file as errors name it."""
        return str(Path(self.folder) / file)

    def bytes(self, file: str) -> bytes:
        """All of a file.

        Raises: CheckpointError if it can't be read.
        """
        try:
            return self.read(file)
        except FileNotFoundError as error:
            raise CheckpointError(self.where(file), "expected a file of a checkpoint, got none of that name") from error
        except OSError as error:
            raise CheckpointError(self.where(file), f"expected a file of a checkpoint, got {error}") from error

    def json(self, file: str) -> dict[str, object]:
        """The JSON object in a file.

        Raises: CheckpointError if there is none.
        """
        content = self.bytes(file)
        try:
            described = json.loads(content.decode("utf-8"))
        except ValueError as error:  # of the encoding, or of the JSON
            raise CheckpointError(
                self.where(file), f"expected JSON, got what is none or breaks off ({error})"
            ) from error
        if not isinstance(described, dict):
            raise CheckpointError(self.where(file), f"expected a JSON object, got a {type(described).__name__}")
        return described

    def meta(self, file: str) -> dict[str, Any]:
        """A checkpoint's JSON.

        Raises: CheckpointError if an entry that loading needs is missing, or the format is another version's.
        """
        meta = self.json(file)
        for key, kind in NEEDED.items():
            if not isinstance(meta.get(key), kind):
                got = f"{str(meta[key])[:40]!r}" if key in meta else "none"
                raise CheckpointError(
                    self.where(file), f"expected the JSON of a checkpoint with {key} ({kind.__name__}), got {got}"
                )
        if meta["format"] != FORMAT:
            raise CheckpointError(
                self.where(file), f"expected format {FORMAT}, got {meta['format']}, which another version wrote"
            )
        return meta

    def tokenizer(self, sha256: str) -> Tokenizer:
        """The folder's tokenizer, which must be the one of this hash.

        Raises: CheckpointError if it isn't, or is damaged.
        """
        described = self.json(TOKENIZER_FILE)
        try:
            tokenizer = Tokenizer.from_dict(described)
        except ValueError as error:
            raise CheckpointError(self.where(TOKENIZER_FILE), str(error)) from error
        if tokenizer.hash != sha256:
            raise CheckpointError(
                self.where(TOKENIZER_FILE),
                f"expected the tokenizer that the model was trained with ({sha256[:12]}…), "
                f"got another ({tokenizer.hash[:12]}…)",
            )
        return tokenizer

    def weights(
        self, file: str, meta: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]]
    ) -> dict[str, Floats]:
        """The weights in float32, of just these names and shapes.

        Raises: CheckpointError if the file is not the one that its JSON is about, or holds other arrays.
        """
        content = self.bytes(file)
        sha256, size = str(meta["weights_sha256"]), int(str(meta["weights_bytes"]))
        if (got := hashlib.sha256(content).hexdigest()) != sha256:
            kind = "damaged, or another model's"
            if not content.startswith(b"PK\x03\x04"):
                kind = "no .npz at all"
            elif len(content) < size:
                kind = "broken off, or another model's"
            raise CheckpointError(
                self.where(file),
                f"expected {size:,} bytes with the SHA-256 {sha256[:12]}…, got {len(content):,} with {got[:12]}…: "
                f"the file is {kind}",
            )
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                loaded = {name: arrays[name] for name in arrays.files}
        except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
            raise CheckpointError(self.where(file), f"expected a .npz of arrays, got {error}") from error
        found = {name: (getattr(a, "shape", None), str(getattr(a, "dtype", None))) for name, a in loaded.items()}
        for name in sorted(shapes.keys() | found.keys()):
            expected = (shapes[name], "float16") if name in shapes else None
            if found.get(name) != expected:
                raise CheckpointError(
                    self.where(file), f"{name}: expected {_spelled(expected)}, got {_spelled(found.get(name))}"
                )
        return {name: array.astype(np.float32) for name, array in loaded.items()}


def to_npz(arrays: Mapping[str, Floats]) -> bytes:
    """Arrays as an .npz in float16, not compressed; equal arrays give equal bytes (its dates are always 1980).

    Raises: ValueError if a number is too large for float16, or none.
    """
    halves = {}
    for name, array in arrays.items():
        with np.errstate(over="ignore"):
            halves[name] = array.astype(np.float16)
        if not np.isfinite(halves[name]).all():
            raise ValueError(
                f"{name}: expected numbers up to 65,504, the most of float16, got {np.abs(array).max():g}; "
                "the weights have probably diverged in training: lower the learning rate."
            )
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **halves)
    return content.getvalue()


def to_json(described: Mapping[str, object], indent: int | None = 2) -> bytes:
    """Readable JSON in UTF-8."""
    return (json.dumps(described, indent=indent, ensure_ascii=False) + "\n").encode("utf-8")


def _spelled(array: tuple[object, str] | None) -> str:
    return "no such array" if array is None else f"{array[1]} {array[0]}"
