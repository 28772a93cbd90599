"""The smoke set in Firefox: boot, run, stream, stop, navigate. One browser does it all, and each test reads a part."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from overrides.hooks.common import ROOT, node
from tests.browser.launching import firefox
from tests.pyodide.kernel_cells import AGAINST_NUMPY, LOSSES, PACKED, answer, native_losses
from tests.site_server import SiteServer

SCRIPT = Path(__file__).with_name("firefox_smoke.mjs")


@pytest.fixture(scope="module")
def found(_server: SiteServer, packed: Path) -> dict[str, Any]:
    """What the smoke set found."""
    _server.faults.clear()
    _server.headers.clear()
    _server.more[PACKED] = packed
    command = [node(), str(SCRIPT), firefox(), _server.url, json.dumps([AGAINST_NUMPY, LOSSES])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def steps(found: dict[str, Any]) -> dict[str, Any]:
    """What was found at each step."""
    reached: dict[str, Any] = found["steps"]
    assert "broken" not in reached, reached["broken"]
    return reached


def test_python_boots_and_its_live_output_replaces_the_recorded_one(steps: dict[str, Any]) -> None:
    assert steps["printed"] == "hello from emscripten 42"
    assert steps["label"] == "illustrative"
    assert steps["recordedHidden"] is True


def test_the_kernels_agree_with_numpy(steps: dict[str, Any]) -> None:
    status, said = answer(steps["sources"][0])
    assert status == 0, said
    assert "They agree with NumPy." in steps["about"]


def test_a_training_loses_what_it_loses_natively(steps: dict[str, Any]) -> None:
    assert answer(steps["sources"][1]) == pytest.approx(native_losses(), abs=1e-3)


def test_output_streams(steps: dict[str, Any]) -> None:
    assert steps["streaming"]["state"] == "running"
    assert "line 4" not in steps["streaming"]["log"]
    assert steps["streamed"] == [f"line {n}" for n in range(5)]


def test_a_chart_is_drawn(steps: dict[str, Any]) -> None:
    assert steps["chart"] is True


def test_an_endless_loop_stops_and_python_is_usable_again(steps: dict[str, Any]) -> None:
    assert steps["stopped"]["log"] == "begun"
    assert "variables of earlier cells are gone" in steps["stopped"]["status"]
    assert steps["usable"] == "False"
    assert steps["stopSeconds"] < 2


def test_variables_survive_moving_to_another_page_and_back(steps: dict[str, Any]) -> None:
    assert steps["sameDocument"] is True
    assert steps["variable"] == "42"


def test_a_moved_control_draws_the_panel_anew(steps: dict[str, Any]) -> None:
    assert "at temperature 0.5" in steps["panel"]


def test_edits_survive_a_reload(steps: dict[str, Any]) -> None:
    assert steps["editKept"] is True


def test_nothing_goes_wrong_and_nothing_is_asked_of_others(found: dict[str, Any], steps: dict[str, Any]) -> None:
    assert steps
    assert found["faults"] == []
