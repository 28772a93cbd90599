"""The two Pythons that must agree: this one, and the one that the built site ships, under Node."""

import asyncio
import base64
import hashlib
import json
import subprocess
import zipfile
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import pytest

from labs.core import bridge
from overrides.hooks.common import ROOT, download_cache, node
from overrides.hooks.kernels import compiled
from overrides.hooks.runtime import PYODIDE

Output = dict[str, Any]
Answer = tuple[str, list[Output]]


class Python(Protocol):
    """What can be asked of either."""

    def cell(self, source: str, page: str, cell: str) -> Answer:
        """Run a cell of a page."""

    def lab(self, slug: str, values: dict[str, object]) -> Answer:
        """Run a lab."""

    def check(self, exercise: str, source: str) -> Answer:
        """Check an answer to an exercise."""

    def chat(self, request: dict[str, object]) -> Answer:
        """Have models take their turns in conversations."""

    def evaluate(self, source: str) -> object:
        """The value of plain code's last expression: a number, a string or a bool."""


def checkpoints_folder(site: Path) -> Path:
    """The folder of the built site with the weights of trained models, which is missing if there are none."""
    return next(site.glob("runtime/checkpoints-*"), site / "runtime/checkpoints")


class Native:
    """This Python, with the labs of this checkout."""

    def cell(self, source: str, page: str, cell: str) -> Answer:
        """Run a cell of a page."""
        return self._run(lambda emit: bridge.run_cell(source, page, cell, emit))

    def lab(self, slug: str, values: dict[str, object]) -> Answer:
        """Run a lab."""
        return self._run(lambda emit: bridge.show_lab(slug, json.dumps(values), emit))

    def check(self, exercise: str, source: str) -> Answer:
        """Check an answer to an exercise."""
        return self._run(lambda emit: bridge.check_exercise(exercise, source, "1", emit))

    def chat(self, request: dict[str, object]) -> Answer:
        """Have models take their turns in conversations."""
        return self._run(lambda emit: bridge.chat(json.dumps(request), emit))

    def evaluate(self, source: str) -> object:
        """The value of plain code's last expression."""
        *statements, expression = source.splitlines()
        names: dict[str, object] = {}
        exec("\n".join(statements), names)
        value: object = eval(expression, names)
        return value

    def _run(self, start: Callable[[Callable[[str], None]], Coroutine[Any, Any, str]]) -> Answer:
        outputs: list[Output] = []
        status = asyncio.run(start(lambda batch: outputs.extend(json.loads(batch))))
        return status, outputs


def lab_archives(site: Path) -> dict[str, dict[str, object]]:
    """What the built site tells Python of its labs, and where their archives are."""
    found: dict[str, dict[str, object]] = {}
    for path in sorted(site.glob("runtime/lab-*/*.zip")):
        with zipfile.ZipFile(path) as archive:
            modules = [Path(name).stem for name in archive.namelist() if Path(name).match("labs/*/exercise*.py")]
        digest = base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
        found[path.stem] = {"path": str(path), "sha256": digest, "exercises": modules}
    return found


def shipped_options(site: Path) -> dict[str, object]:
    """What the page's worker tells Pyodide, with the files of a built site."""
    (lock,) = site.glob("runtime/*/pyodide-lock.json")
    (stdlib,) = site.glob("runtime/*/python_stdlib.zip")
    return {
        "indexURL": f"{site / 'runtime' / PYODIDE}/",
        "packageBaseUrl": f"{stdlib.parent}/",
        "stdLibURL": str(stdlib),
        "lockFileURL": str(lock),
        "packages": ["labs"],
    }


def original_options() -> dict[str, object]:
    """What Pyodide is told to start from the files that it brings, with NumPy as it comes."""
    return {
        "indexURL": f"{ROOT / 'node_modules/pyodide'}/",
        "packageBaseUrl": f"{download_cache() / f'pyodide-{PYODIDE}'}/",
        "packages": ["numpy"],
    }


class Shipped:
    """A Python of Pyodide's, in a Node process that lives as long as the tests."""

    site_before: set[Path]

    def __init__(
        self,
        options: dict[str, object],
        checkpoints: Path,
        archives: Mapping[str, dict[str, object]] = MappingProxyType({}),
    ) -> None:
        kernels = str(compiled() / "kernels.wasm")
        told = {"options": options, "checkpoints": str(checkpoints), "archives": dict(archives), "kernels": kernels}
        runtime = json.dumps(told)
        command = [node(), str(Path(__file__).with_name("run_cells.mjs")), runtime]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        ready = self._hear()
        self.version, self.packages = ready["ready"], ready["packages"]

    def cell(self, source: str, page: str, cell: str) -> Answer:
        """Run a cell of a page."""
        return self._run({"kind": "cell", "source": source, "page": page, "cell": cell})

    def lab(self, slug: str, values: dict[str, object]) -> Answer:
        """Run a lab."""
        return self._run({"kind": "lab", "slug": slug, "values": values})

    def check(self, exercise: str, source: str) -> Answer:
        """Check an answer to an exercise."""
        return self._run({"kind": "check", "exercise": exercise, "source": source})

    def chat(self, request: dict[str, object]) -> Answer:
        """Have models take their turns in conversations."""
        return self._run({"kind": "chat", "request": request})

    def evaluate(self, source: str) -> object:
        """The value of plain code's last expression."""
        value: object = self._ask({"kind": "evaluate", "source": source})["value"]
        return value

    def told_of_kernels(self) -> list[str]:
        """What Python has said of the kernels: nothing before a model first computes, then what is wrong with them."""
        found: list[str] = self._ask({"kind": "told"})["value"]
        return found

    def close(self) -> None:
        """End the process."""
        with self.process:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait(20)

    def _run(self, job: dict[str, Any]) -> Answer:
        answer = self._ask(job)
        return answer["status"], answer["outputs"]

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the runtime under Node ended: see its last words above"
        answer: dict[str, Any] = json.loads(line)
        assert "broken" not in answer, answer["broken"]
        return answer


def shipped_python(site: Path) -> Shipped:
    """The Python of a built site."""
    return Shipped(shipped_options(site), checkpoints_folder(site), lab_archives(site))


@pytest.fixture(scope="session")
def native() -> Native:
    return Native()


@pytest.fixture(scope="session")
def shipped(built_site: Path) -> Iterator[Shipped]:
    before = {path for path in built_site.rglob("*") if path.is_file()}
    running = shipped_python(built_site)
    running.site_before = before
    yield running
    running.close()


@pytest.fixture(scope="session")
def original() -> Iterator[Shipped]:
    """Pyodide as it comes, with NumPy and without labs."""
    running = Shipped(original_options(), ROOT)
    yield running
    running.close()
