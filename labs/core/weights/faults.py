"""What is wrong with a published model's files, in words that name file, key and reason."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any


class WeightsError(ValueError):
    """A file of a published model is missing, damaged, or describes what our Transformer does not compute."""

    def __init__(self, file: Path, key: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (str(file), key, reason) if part))
        self.file, self.key, self.reason = file, key, reason


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises: WeightsError if the file is not there, or holds something else.
    """
    if not path.is_file():
        raise WeightsError(path, "", "expected this file, got none; download the whole model.")
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise WeightsError(path, "", f"expected JSON, got a file that breaks off or is none ({error})") from error
    if not isinstance(value, dict):
        raise WeightsError(path, "", f"expected a JSON object, got {type(value).__name__}; is this the model's file?")
    return value


def extra(module: str) -> ModuleType:
    """A module of the extra `weights`.

    Raises: ValueError with the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ValueError(
            f"Published weights: expected the package {module}, got {error}; pip install 'labs[weights]'."
        ) from error
