"""The course's cache: a folder of the user's, outside the package, for what took long to compute or was trained."""

import os
from pathlib import Path


def cache_folder(part: str) -> Path:
    """Where one part of the course keeps its files; LLM_MASTERCLASS_CACHE moves all parts."""
    named = os.environ.get("LLM_MASTERCLASS_CACHE")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llm-masterclass"
    return (Path(named) if named else cache) / part
