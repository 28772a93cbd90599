"""A folder, a hub id, or a clear word on why neither was found; and the extra that isn't installed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labs.core.weights.finding import find_folder
from labs.core.weights.published_tokenizer import PublishedTokenizer
from tests.labs.core.weights.conftest import FIXTURES


class Hub:
    """Stands in for the package huggingface_hub."""

    def __init__(self, folder: Path | Exception) -> None:
        self.folder, self.asked = folder, list[tuple[str, list[str]]]()

    def snapshot_download(self, name: str, allow_patterns: list[str]) -> str:
        self.asked.append((name, allow_patterns))
        if isinstance(self.folder, Exception):
            raise self.folder
        return str(self.folder)


def test_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_folder(str(FIXTURES / "base")) == FIXTURES / "base"
    monkeypatch.setenv("HOME", str(FIXTURES))
    assert find_folder("~/base") == FIXTURES / "base"


def test_hub_id_downloads_what_is_read_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(FIXTURES / "base")
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    assert find_folder("Owner/Model-1.5") == FIXTURES / "base"
    ((name, patterns),) = hub.asked
    assert name == "Owner/Model-1.5"
    assert {"config.json", "tokenizer.json", "model.safetensors"} < set(patterns)
    assert not {"*", "*.safetensors", "*.bin"} & set(patterns)


@pytest.mark.parametrize("error", [OSError("no route"), RuntimeError("no route\nsecond line"), ValueError("no route")])
def test_offline(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", Hub(error))
    message = (
        f"expected Owner/Model from the Hugging Face hub or its cache here, got {type(error).__name__}: no route; "
    )
    with pytest.raises(ValueError, match=message):
        find_folder("Owner/Model")


@pytest.mark.parametrize("name", ["nowhere", "./nowhere/model", "/nowhere/model", "a/b/c", "../a", "owner/mo del"])
def test_neither_a_folder_nor_a_hub_id(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    hub = Hub(FIXTURES)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    monkeypatch.chdir(FIXTURES)
    with pytest.raises(ValueError, match="expected a folder, or a hub id"):
        find_folder(name)
    assert not hub.asked


@pytest.mark.parametrize("package", ["huggingface_hub", "tokenizers"])
def test_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    absent: Any = None  # what makes an import fail
    monkeypatch.setitem(sys.modules, package, absent)
    with pytest.raises(ValueError, match=rf"expected the package {package}, .*pip install 'labs\[weights\]'"):
        _ = find_folder("Owner/Model") if package == "huggingface_hub" else PublishedTokenizer(FIXTURES, 280)


def test_nothing_of_the_extra_is_imported_early() -> None:
    source = "import sys, labs.core.weights.command; print({'tokenizers', 'huggingface_hub'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
