"""Configuration that nothing else reads until it is too late: workflows, hooks, pins, hygiene."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.delivery.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def read_yaml(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_ask_for_few_rights_and_pin_their_actions(path: Path) -> None:
    workflow = read_yaml(path)
    assert workflow["permissions"] == {"contents": "read"}
    for step in steps(workflow):
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) if "uses" in step else step["run"]
    for job in workflow["jobs"].values():
        assert set(job.get("permissions", {})) <= {"pages", "id-token"}


def test_workflows_run_what_people_run() -> None:
    ran = {path.stem: [step["run"] for step in steps(read_yaml(path)) if "run" in step] for path in WORKFLOWS}
    assert ran == {"pages": ["make build"], "test": ["make test"]}


def test_every_hook_is_local_and_its_program_comes_from_the_environment() -> None:
    repositories = read_yaml(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/"), hook["id"]


def test_every_python_package_that_is_asked_for_is_pinned() -> None:
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    lines = (ROOT / "constraints.txt").read_text().split()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    pinned = {plain(line.split("==")[0]) for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [
        *project["dependencies"],
        *(n for group in project["optional-dependencies"].values() for n in group),
    ]
    assert {plain(re.split(r"[^\w.-]", name)[0]) for name in asked} <= pinned


def test_every_npm_package_is_exact_and_locked_for_every_platform() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        assert locked[f"node_modules/{name}"]["version"] == version
    for entry in locked.values():
        for name in entry.get("optionalDependencies", {}):
            assert f"node_modules/{name}" in locked, "npm ci refuses a lock that leaves a platform out"


def test_no_package_needs_its_install_script() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {path for path, entry in locked.items() if entry.get("hasInstallScript")} <= {
        "node_modules/esbuild"  # its script only checks the program that an optional package brought
    }


def test_tracked_files_are_clean(tracked_files: list[Path]) -> None:
    names = [str(path.relative_to(ROOT)) for path in tracked_files if path.is_file()]
    done = subprocess.run([sys.executable, ".ci/hygiene.py", *names], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<<<<" + "<<< HEAD\n", "merge marker"),
        ("see https://py" + "pi.org/simple/numpy", "registry"),
        ("pip install --index" + "-url x", "registry"),
        ("  regis" + "try=x", "registry"),
        ("/ho" + "me/ada/course/labs", "home folder"),
        ("open /ro" + "ot/course", "home folder"),
        ("x" * (1024 * 1024 + 1), "more than"),
    ],
    ids=["merge", "index", "option", "npmrc", "home", "root", "large"],
)
def test_hygiene_finds(text: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "file.md").write_text(f"first line\n{text}")
    command = [sys.executable, str(ROOT / ".ci/hygiene.py"), "file.md"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("file.md:") and fault in done.stdout


def test_hygiene_leaves_ordinary_text_alone(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("Title\n=======\nthe [home](../home/index.md) page, docs/roots/x, a registry.\n")
    command = [sys.executable, str(ROOT / ".ci/hygiene.py"), "page.md"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
