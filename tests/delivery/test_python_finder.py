"""`.ci/python` finds a Python that really fits, whatever the names on PATH promise."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from tests.delivery.conftest import Machine

OneLine = Callable[[CompletedProcess[str]], str]


def found(machine: Machine) -> Path:
    done = machine.run(".ci/python")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_takes_the_one_that_fits_behind_an_old_and_a_broken_one(machine: Machine) -> None:
    machine.script(machine.bin / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    machine.python(machine.bin / "python3", version="3.11.2")
    fitting = machine.python(machine.bin / "python3.12", version="3.12.1")
    assert found(machine) == fitting


def test_goes_on_along_path_when_the_first_of_a_name_is_broken(machine: Machine) -> None:
    machine.script(machine.bin / "python3.13", "exit 127")
    further = machine.python(machine.home / "more/python3.13")
    machine.variables["PATH"] = f"{machine.bin}:{further.parent}"
    assert found(machine) == further


def test_a_name_without_a_version_is_enough(machine: Machine) -> None:
    plain = machine.python(machine.bin / "python3", version="3.14.0")
    assert found(machine) == plain


def test_looks_under_pyenv_in_the_home_folder_and_in_pyenv_root(machine: Machine) -> None:
    machine.python(machine.bin / "python3", version="3.11.2")
    at_home = machine.python(machine.home / ".pyenv/versions/3.12.1/bin/python3", version="3.12.1")
    assert found(machine) == at_home
    elsewhere = machine.python(machine.home / "elsewhere/versions/3.13.0/bin/python3")
    machine.variables["PYENV_ROOT"] = str(machine.home / "elsewhere")
    assert found(machine) == elsewhere


def test_a_python_that_was_named_is_the_only_one_asked(machine: Machine, one_line: OneLine) -> None:
    machine.python(machine.bin / "python3.13")
    named = machine.python(machine.home / "mine", version="3.12.9")
    machine.variables["PYTHON"] = str(named)
    assert found(machine) == named
    machine.python(named, version="3.11.2")
    assert str(named) in one_line(machine.run(".ci/python"))


def test_one_line_says_that_none_was_found(machine: Machine, one_line: OneLine) -> None:
    machine.python(machine.bin / "python3", version="3.11.2")
    assert one_line(machine.run(".ci/python")).startswith("Python 3.12 or newer is needed and was not found")


def test_one_line_says_that_venv_is_missing(machine: Machine, one_line: OneLine) -> None:
    lacking = machine.python(machine.bin / "python3.13", has_venv=False)
    assert one_line(machine.run(".ci/python")).startswith(f"{lacking} has no venv: install it")
