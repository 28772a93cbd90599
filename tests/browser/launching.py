"""The browsers that tests, benchmarks and the screenshot drive: found on this machine, never downloaded."""

import os
import shutil
from typing import Literal

Scheme = Literal["light", "dark"]
SCHEMES: list[Scheme] = ["light", "dark"]

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Path of Chromium: the environment variable CHROMIUM, or what PATH has."""
    return _find("CHROMIUM", "chromium", "chromium-browser", "google-chrome")


def firefox() -> str:
    """Path of Firefox: the environment variable FIREFOX, or what PATH has."""
    return _find("FIREFOX", "firefox-esr", "firefox")


def _find(variable: str, *names: str) -> str:
    named = os.environ.get(variable)
    found = named or next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError(f"No {names[0]} on PATH: run `make test`, which installs it, or set {variable}.")
    return found
