"""Small published models, whole and damaged."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent / "fixtures"

Copy = Callable[[str], Path]
Change = Callable[[Path, Mapping[str, object]], None]
WriteShard = Callable[..., Path]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of a fixture, to be damaged."""
    return lambda name: Path(shutil.copytree(FIXTURES / name, tmp_path / name))


@pytest.fixture
def change() -> Change:
    """Set keys of a JSON file; a key set to KeyError is taken out."""

    def changed(path: Path, values: Mapping[str, object]) -> None:
        old: dict[str, Any] = json.loads(path.read_text())
        path.write_text(
            json.dumps({key: value for key, value in (old | dict(values)).items() if value is not KeyError})
        )

    return changed


@pytest.fixture
def write_shard(tmp_path: Path) -> WriteShard:
    """Write a safetensors file from name -> (dtype, shape, bytes), with spaces after its header if asked for."""

    def written(tensors: Mapping[str, tuple[str, list[int], bytes]], path: Path | None = None, spaces: int = 0) -> Path:
        header: dict[str, object] = {"__metadata__": {"format": "pt"}}
        data = b""
        for name, (dtype, shape, content) in tensors.items():
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
            data += content
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8 + spaces)
        path = path or tmp_path / "model.safetensors"
        path.write_bytes(len(text).to_bytes(8, "little") + text + data)
        return path

    return written
