"""`mkdocs serve`: a change in `labs` rebuilds the wheel, and pages that are open reload."""

import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from overrides.hooks.runtime import PYODIDE
from tests.site.conftest import Project, copy_project

SECONDS = 300  # a first build runs every lab and every cell


class Served:
    """A running `mkdocs serve`."""

    def __init__(self, project: Project, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.project = project
        self.log = log
        self.root = f"http://127.0.0.1:{port}"
        command = project.command("serve", "--livereload", "--dev-addr", f"127.0.0.1:{port}")
        with log.open("w") as said:
            self.process = subprocess.Popen(
                command, cwd=project.folder, env=project.environment, stdout=said, stderr=subprocess.STDOUT
            )

    def get(self, path: str) -> str:
        """What the server answers, below the site's own path if it has one."""
        with urllib.request.urlopen(f"{self.root}/{path}", timeout=SECONDS) as answer:
            text: str = answer.read().decode()
            return text

    def wait(self, what: str, found: Callable[[], str | None]) -> str:
        """Ask until there is an answer."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if (answer := found()) is not None:
                    return answer
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{what} did not come within {SECONDS} s:\n{self.log.read_text()}")

    def lock_url(self) -> str:
        """The address of the lock that the served page would fetch."""
        return self.named(r"runtime/labs-[\w.-]+/pyodide-lock\.json")

    def lab_url(self) -> str:
        """The address of a lab's archive that it would fetch."""
        return self.named(r"runtime/lab-[\w.-]+/base_simulator\.zip")

    def named(self, address: str) -> str:
        """The one address of this form in the served page's scripts."""
        page = self.get("labs/base_simulator/")
        (main,) = re.findall(r'src="([^"]*assets/browser/main-[^"]+)"', page)
        name = main.rsplit("/", 1)[1]
        scripts = [name, *re.findall(r'"\./([\w.-]+\.js)"', self.get(f"assets/browser/{name}"))]
        text = "".join(self.get(f"assets/browser/{script}") for script in scripts)
        (found,) = set(re.findall(address, text))
        return str(found)

    def open_page(self) -> threading.Event:
        """Wait as an open page does; the event is set when it would reload."""
        epoch, request = re.findall(r"livereload\((\d+), (\d+)\)", self.get("labs/base_simulator/"))[0]
        reloads = threading.Event()

        def poll() -> None:
            while self.process.poll() is None and not reloads.is_set():
                try:
                    if int(self.get(f"livereload/{epoch}/{request}")) > int(epoch):
                        reloads.set()
                except OSError:
                    return

        threading.Thread(target=poll, daemon=True).start()
        return reloads


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = Served(copy_project(tmp_path / "project"), tmp_path / "log")
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(20)


def test_a_change_in_a_lab_rebuilds_its_archive_and_reloads_open_pages(served: Served) -> None:
    before = served.wait("the first build", served.lab_url)
    lock = served.lock_url()
    reloads = served.open_page()
    time.sleep(1)
    assert not reloads.is_set(), "nothing has changed yet"

    lab = served.project.folder / "labs/base_simulator/lab.py"
    lab.write_text(lab.read_text() + "\n# A change that a reader of the code would see.\n")
    assert reloads.wait(SECONDS), served.log.read_text()
    served.wait("another archive", lambda: url if (url := served.lab_url()) != before else None)
    assert served.lock_url() == lock, "what all pages start from is the same"
    assert len(list((served.project.folder / ".cache/wheel").iterdir())) == 2


def test_the_runtime_is_served_with_the_types_that_browsers_insist_on(served: Served) -> None:
    lock = served.wait("the first build", served.lock_url)
    types = {"pyodide.asm.mjs": "javascript", "pyodide.asm.wasm": "application/wasm"}
    for name, kind in types.items():
        with urllib.request.urlopen(f"{served.root}/runtime/{PYODIDE}/{name}", timeout=SECONDS) as answer:
            assert answer.headers.get_content_type() in (kind, f"text/{kind}", f"application/{kind}")
    with urllib.request.urlopen(f"{served.root}/{lock}", timeout=SECONDS) as answer:
        assert answer.headers.get_content_type() == "application/json"
