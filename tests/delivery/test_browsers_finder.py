"""`.ci/browsers` runs a command with the browsers and nginx that it found or installed."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.delivery.conftest import Machine

OneLine = Callable[[CompletedProcess[str]], str]
SHOW = ("sh", "-c", "echo $CHROMIUM $FIREFOX $NGINX")


@pytest.fixture
def bare(machine: Machine) -> Machine:
    """A machine with none of the three."""
    browsers = machine.project / ".ci/browsers"
    # This machine's own nginx must not be found.
    browsers.write_text(browsers.read_text().replace(":/usr/local/sbin:/usr/sbin:/sbin", ""))
    machine.script(machine.bin / "id", "echo 1000")
    return machine


def test_gives_the_command_what_is_there(bare: Machine) -> None:
    for name in ("google-chrome", "firefox", "nginx"):
        bare.script(bare.bin / name, "exit 0")
    bare.script(bare.bin / "chromium", "echo 'please install the package'; exit 1")
    done = bare.run(".ci/browsers", *SHOW)
    assert done.stdout.split() == [str(bare.bin / name) for name in ("google-chrome", "firefox", "nginx")]


def test_variables_name_others(bare: Machine, one_line: OneLine) -> None:
    for variable in ("CHROMIUM", "FIREFOX", "NGINX"):
        bare.variables[variable] = str(bare.script(bare.home / variable, "exit 0"))
    assert bare.run(".ci/browsers", *SHOW).stdout.split() == list(bare.variables.values())
    bare.variables["FIREFOX"] = "/nowhere/firefox"
    assert one_line(bare.run(".ci/browsers", *SHOW)).startswith("FIREFOX=/nowhere/firefox does not run")


@pytest.mark.parametrize("rights", ["root", "sudo"])
def test_installs_only_what_is_missing_after_an_update(bare: Machine, rights: str) -> None:
    bare.script(bare.bin / "firefox-esr", "exit 0")
    if rights == "root":
        bare.script(bare.bin / "id", "echo 0")
    else:
        bare.script(bare.bin / "sudo", 'shift; exec "$@"')
        bare.script(bare.bin / "true", "exit 0")
    made = " ".join(str(bare.bin / name) for name in ("chromium", "nginx"))
    bare.script(
        bare.bin / "apt-get",
        'echo "$*" >>"$LOG"; case "$*" in *install*) ;; *) exit ;; esac\n'
        f"for f in {made}; do cp {bare.bin}/firefox-esr $f; done",
    )
    done = bare.run(".ci/browsers", *SHOW)
    assert done.returncode == 0, done.stderr
    assert bare.calls() == ["-qq update", "-qq install -y --no-install-recommends chromium nginx"]
    assert bare.run(".ci/browsers", *SHOW).returncode == 0
    assert bare.calls() == []


def test_one_line_names_what_can_not_be_installed(bare: Machine, one_line: OneLine) -> None:
    said = one_line(bare.run(".ci/browsers", *SHOW))
    assert said.startswith("The tests need chromium firefox-esr nginx, which can't be installed from here")


def test_the_command_decides_how_it_ends(bare: Machine) -> None:
    for name in ("chromium", "firefox", "nginx"):
        bare.script(bare.bin / name, "exit 0")
    assert bare.run(".ci/browsers", "sh", "-c", "exit 7").returncode == 7
