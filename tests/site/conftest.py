"""What the tests of the built site share: its pages, parsed, and a copy of the project to build elsewhere."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
PROJECT = (
    "docs",
    "labs",
    "overrides",
    "mkdocs.yml",
    "pyproject.toml",
    "constraints.txt",
    "package.json",
    "package-lock.json",
    "README.md",
    "LICENSE",
    "tests/site/coverage.yml",
)


@dataclass(frozen=True)
class BuiltPage:
    """A page of the built site: the site's address, its own below it, its file, and what is in it."""

    root: str
    url: str
    path: Path
    soup: BeautifulSoup

    def resolve(self, link: str) -> str:
        """Where a link of this page leads, as a path below the site's root without query, or a foreign address."""
        address = urljoin(self.root + self.url, link)
        if not address.startswith(self.root):
            return address
        return urlsplit(address.removeprefix(self.root))._replace(query="").geturl()


@dataclass(frozen=True)
class BuiltSite:
    """The built site: the address that it was built for, its folder, and its pages by address."""

    root: str
    folder: Path
    pages: dict[str, BuiltPage]

    @property
    def labs(self) -> list[BuiltPage]:
        """The lab pages."""
        return [page for url, page in self.pages.items() if url.startswith("labs/")]

    def file(self, path: str) -> Path:
        """The file that a server gives for a path."""
        found = self.folder / path.split("#")[0]
        return found / "index.html" if found.is_dir() else found

    def files(self, *suffixes: str) -> list[Path]:
        """The files with these suffixes, or all."""
        return sorted(p for p in self.folder.rglob("*") if p.is_file() and (not suffixes or p.suffix in suffixes))


@pytest.fixture(scope="session")
def site(built_site: Path, site_port: int) -> BuiltSite:
    """The built site, its pages parsed."""
    root = f"http://127.0.0.1:{site_port}/"
    pages = {}
    for path in sorted(built_site.rglob("*.html")):
        url = path.relative_to(built_site).as_posix().removesuffix("index.html")
        pages[url] = BuiltPage(root, url, path, BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))
    assert {"", "404.html", "glossary/"} <= set(pages)
    built = BuiltSite(root, built_site, pages)
    assert built.labs
    return built


@dataclass(frozen=True)
class Project:
    """A copy of this project, with nothing built in it yet, and further folders of installed packages."""

    folder: Path
    packages: list[Path] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        """A command that runs mkdocs in the copy."""
        return [sys.executable, "-m", "mkdocs", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """The environment for it."""
        return {
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "PYTHONPATH": os.pathsep.join(map(str, (self.folder, *self.packages))),
        }

    def build(self, site: Path) -> subprocess.CompletedProcess[str]:
        """Build the copy's site."""
        command = self.command("build", "--strict", "--site-dir", str(site))
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )


def copy_project(folder: Path) -> Project:
    """Copy what a build needs, with npm's packages linked."""
    folder.mkdir(parents=True)
    for name in PROJECT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return Project(folder)


@pytest.fixture(scope="session")
def plain_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same pages as a plain Material site makes them: same Markdown, same features, nothing of ours."""
    import jupytext  # type: ignore[import-untyped]

    folder = tmp_path_factory.mktemp("plain")
    shutil.copytree(ROOT / "docs", folder / "docs")
    for path in (folder / "docs/labs").glob("*.py"):
        prose = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "markdown"]
        path.with_suffix(".md").write_text("\n\n".join(prose), encoding="utf-8")
        path.unlink()
    config = yaml.load((ROOT / "mkdocs.yml").read_text(), EnvLoader)
    for name in ("hooks", "watch", "validation", "strict"):
        config.pop(name, None)
    config["theme"].pop("custom_dir")
    config["plugins"] = ["search"]
    text = yaml.safe_dump(config, sort_keys=False)
    for path in [*folder.rglob("*.md")]:
        path.write_text(
            path.read_text(encoding="utf-8").replace(".py)", ".md)").replace(".py#", ".md#"), encoding="utf-8"
        )
    (folder / "mkdocs.yml").write_text(text.replace(".py\n", ".md\n"))
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


class EnvLoader(yaml.SafeLoader):
    """Reads mkdocs.yml, where `!ENV [NAME, default]` stands for the default."""


EnvLoader.add_constructor("!ENV", lambda loader, node: loader.construct_sequence(node)[-1])  # type: ignore[arg-type]
