"""A package outside the repository adds a lab: its panel, its wheel in the page and its name on the command line."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import watch
from tests.site.conftest import Project, copy_project
from tests.site_server import serve

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "teachers-labs"
version = "1.0"
dependencies = ["labs"]

[project.entry-points."llm_masterclass.labs"]
teachers_coin = "teachers_labs.coin.lab"

[tool.hatch.build.targets.wheel]
packages = ["teachers_labs"]
"""
LAB = """
from labs.core.contract import Lab, Slider, Table

LAB = Lab("The teacher's coin", "How often does it fall on heads?", "live", (Slider("flips", "Flips", 10, 1, 100, 1),))


def run(flips):
    yield Table(["Flips", "Twice that"], [[flips, 2 * flips]], "What was asked for")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the teacher's package is installed in."""
    folder = tmp_path_factory.mktemp("teacher")
    package = folder / "source/teachers_labs/coin"
    package.mkdir(parents=True)
    (folder / "source/pyproject.toml").write_text(PYPROJECT)
    for place in (package, package.parent):
        (place / "__init__.py").write_text("")
    (package / "lab.py").write_text(LAB)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-build-isolation", "--target", str(folder / "installed"), str(folder / "source")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "installed"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Project:
    """A copy of the project with a page that has the teacher's panel, in an environment that has the package."""
    copy = copy_project(tmp_path_factory.mktemp("copy") / "project")
    copy.packages.append(installed)
    (copy.folder / "docs/teacher.md").write_text("# A teacher's page\n\n```lab\nname: teachers_coin\nflips: 21\n```\n")
    config = copy.folder / "mkdocs.yml"
    config.write_text(config.read_text().replace("  - Glossary: glossary.md\n", "  - Teacher: teacher.md\n", 1))
    config.write_text(config.read_text().replace("nav:\n", "nav:\n  - Glossary: glossary.md\n", 1))
    return copy


def test_its_panel_runs_in_the_page(page: Page, project: Project, tmp_path: Path) -> None:
    done = project.build(tmp_path / "site")
    assert done.returncode == 0, done.stderr
    errors: list[str] = []
    with serve(tmp_path / "site") as server:
        watch(page, server.url, errors)
        page.goto(f"{server.url}/teacher/")
        panel = page.locator("lab-panel")
        expect(panel.get_by_role("cell", name="42")).to_be_visible()
        panel.get_by_role("slider").fill("30")
        expect(panel.get_by_role("cell", name="60")).to_be_visible(timeout=60_000)
        assert any(path.endswith("/teachers_labs-1.0-py3-none-any.whl") for path in server.requests)
    assert errors == []


def test_it_has_a_name_on_the_command_line(project: Project) -> None:
    command = [sys.executable, "-m", "labs", "run", "teachers_coin", "--flips", "4"]
    done = subprocess.run(command, cwd=project.folder, env=project.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "8" in done.stdout
