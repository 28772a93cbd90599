"""The core's own tests pass in the runtime that the site ships, too: they run there, under its own pytest."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overrides.hooks.common import ROOT
from tests.pyodide.conftest import Shipped, checkpoints_folder, shipped_python
from tests.pyodide.packing import KERNELS, OPTIONS, UNPACK, pack

CORE = ROOT / "tests/labs/core"
# These need libraries, files and programs that the page has not, or an event loop that is not running already. What
# the bridge does with a cell is compared in test_agreement.py.
LEFT_OUT = {"cells", "commands", "weights", "test_bridge.py", "test_finding.py", "test_lab_runs.py", "test_scaffold.py"}
NATIVE_ONLY = {
    "test_live_chat.py",  # opens event loops, of which the page has one; test_agreement.py asks the same
    "test_glossary.py",  # reads docs/
    "test_lab_archives.py",  # opens event loops; test_agreement.py has labs that are fetched
    "test_published.py",  # reads docs/
    "test_shipped_models.py",  # uses labs.core.commands, which the page's wheel lacks
    "test_sweeping.py",  # starts processes
}
FILES = sorted(
    path
    for path in CORE.rglob("test_*.py")
    if path.relative_to(CORE).parts[0] not in LEFT_OUT and path.name not in NATIVE_ONLY
)

MOUNT = """
import pyodide_js
pyodide_js.mountNodeFS("/packed", {folder!r})
pyodide_js.mountNodeFS("/checkpoints", {checkpoints!r})
"""

PLACE_CHECKPOINTS = """
import shutil
from pathlib import Path
import labs
for path in Path("/checkpoints").glob("*.npz"):  # what the page fetches
    shutil.copy(path, Path(labs.__file__).with_name("checkpoints"))
labs.__file__
"""

RUN = """
import contextlib, io, json
import pytest

class Report:
    def __init__(self):
        self.counts, self.failures = {{}}, []
    def pytest_runtest_logreport(self, report):
        if report.when == "call" or not report.passed:
            self.counts[report.outcome] = self.counts.get(report.outcome, 0) + 1
        if report.failed:
            self.failures.append((report.nodeid, report.longreprtext))
    def pytest_collectreport(self, report):
        if report.failed:
            self.failures.append((report.nodeid, report.longreprtext))

report, said = Report(), io.StringIO()
with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
    status = int(pytest.main([*{options!r}, {path!r}], plugins=[report]))
json.dumps(dict(status=status, counts=report.counts, failures=report.failures, said=said.getvalue()[-4000:]))
"""


@pytest.fixture(scope="module")
def tested(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    """The shipped Python, one of its own, with pytest and the core's tests in it and its `labs` under test."""
    (lock,) = built_site.glob("runtime/*/pyodide-lock.json")
    folder = tmp_path_factory.mktemp("packed")
    pack(lock, folder / "core.zip")
    checkpoints = checkpoints_folder(built_site)
    running = shipped_python(built_site)
    mount = MOUNT.format(folder=str(folder), checkpoints=str(checkpoints if checkpoints.exists() else folder))
    try:
        assert "site-packages/labs/" in str(running.evaluate(mount + UNPACK + PLACE_CHECKPOINTS))
        yield running
    finally:
        running.close()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CORE).with_suffix("").as_posix())
def test_the_core_passes_its_own_tests_in_the_page(path: Path, tested: Shipped) -> None:
    check(path.relative_to(ROOT).as_posix(), tested)


def test_the_kernels_agree_with_numpy(tested: Shipped) -> None:
    check(KERNELS, tested)
    assert tested.told_of_kernels() == [""]


def check(path: str, tested: Shipped) -> None:
    """All tests of a file pass there, and there are some."""
    ran: dict[str, Any] = json.loads(str(tested.evaluate(RUN.format(options=OPTIONS, path=path))))
    assert not ran["failures"], "\n\n".join(f"{name}\n{message}" for name, message in ran["failures"])
    assert ran["status"] == 0, ran["said"]
    assert ran["counts"].get("passed", 0) > 0
