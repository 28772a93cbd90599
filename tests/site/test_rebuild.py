"""A second build of unchanged sources does none of the work again."""

from pathlib import Path
from subprocess import run

from tests.site.conftest import Project, copy_project

# A build in which everything that works or fetches raises: a kernel, a program, a connection, a drawing, a wheel.
IDLE_BUILD = """
import socket, subprocess, sys
import hatchling.builders.wheel, jupytext, nbclient, vl_convert
from mkdocs.__main__ import cli

def refuse(self, *arguments, **options):
    raise AssertionError(f"asked to work: {arguments}")

subprocess.Popen.__init__ = refuse
socket.socket.connect = refuse
nbclient.NotebookClient.execute = refuse
hatchling.builders.wheel.WheelBuilder.build = refuse
vl_convert.vegalite_to_svg = refuse
cli(["build", "--strict", "--site-dir", sys.argv[1]])
"""


def idle_build(project: Project, site: Path) -> tuple[int, str]:
    """Build without any tool; the exit status and what was said."""
    command = [project.command()[0], "-c", IDLE_BUILD, str(site)]
    done = run(command, cwd=project.folder, env=project.environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content; of sitemaps, which tell the day, only that they are there."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {p.relative_to(folder).as_posix(): b"" if p.name.startswith("sitemap") else p.read_bytes() for p in files}


def test_a_second_build_works_with_every_tool_taken_away_and_gives_the_same_site(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    first = project.build(tmp_path / "first")
    assert first.returncode == 0, first.stderr
    assert "WARNING" not in first.stderr, "a build from nothing says nothing to worry about"
    cache = {path: path.stat().st_mtime_ns for path in (project.folder / ".cache").rglob("*") if path.is_file()}
    assert {path.relative_to(project.folder).parts[1] for path in cache} >= {
        "browser",
        "compiled",
        "compressed",
        "notebooks",
        "runtime",
        "wheel",
    }

    code, said = idle_build(project, tmp_path / "second")
    assert code == 0, said
    again = {path: path.stat().st_mtime_ns for path in (project.folder / ".cache").rglob("*") if path.is_file()}
    assert again == cache
    first_site, second_site = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert set(first_site) == set(second_site)
    assert [name for name in first_site if first_site[name] != second_site[name]] == []

    # The same taken-away tools are missed as soon as something has changed.
    page = project.folder / "docs/labs/base_simulator.py"
    page.write_text(page.read_text() + '\n# %% name="new"\nprint("new")\n')
    code, said = idle_build(project, tmp_path / "third")
    assert code != 0
    assert "asked to work" in said
