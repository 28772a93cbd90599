"""Fixtures of all tests: the site, built once from this checkout, and a mark for each kind of test by its folder."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MARKS = {"browser": "browser", "pyodide": "pyodide", "site": "site"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and those that need the built site wherever they are; put the browsers last.

    (From the first browser test on, Playwright keeps an event loop running, in which `asyncio.run` is refused.)
    """
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder in MARKS:
            item.add_marker(MARKS[folder])
        elif "built_site" in getattr(item, "fixturenames", ()):
            item.add_marker("site")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session", autouse=True)
def my_own_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Labs that train keep their model in a folder of the tests, not in place of the developer's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path_factory.mktemp("mine")))
        yield


@pytest.fixture(scope="session")
def site_port() -> int:
    """A free loopback port, at which the browser tests serve the site."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory, site_port: int) -> Path:
    """The site as `mkdocs build --strict` makes it for the address where the browser tests serve it.

    (Instant navigation only knows pages by the address in the sitemap.)
    """
    folder = tmp_path_factory.mktemp("site") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    address = f"http://127.0.0.1:{site_port}/"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_URL": address}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder
