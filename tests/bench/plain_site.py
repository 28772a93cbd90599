"""A plain Material site with as many pages as ours, to measure our build and our pages against."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def write_plain_site(folder: Path, pages: int) -> Path:
    """Write the sources of a Material site with this many Markdown pages into `folder`; return its mkdocs.yml.

    The pages repeat the text of our first module.
    """
    docs = folder / "docs"
    docs.mkdir(parents=True)
    text = (ROOT / "docs/modules/base_models/index.md").read_text()
    for number in range(pages):
        (docs / ("index.md" if number == 0 else f"page{number}.md")).write_text(
            f"# Page {number}\n\n{strip_links(text)}"
        )
    config = folder / "mkdocs.yml"
    theme = {"name": "material", "font": False, "features": ["navigation.instant"]}
    config.write_text(yaml.safe_dump({"site_name": "Plain", "theme": theme, "plugins": ["search"]}))
    return config


def strip_links(text: str) -> str:
    """Text whose links and panels would lead nowhere in the plain site, without them."""
    return re.sub("```(lab|exercise|chat|quiz|diagram)", "```yaml", text.replace("](", "] ("))


def build(config: Path, site: Path) -> None:
    """Run `mkdocs build` as an author would."""
    shutil.rmtree(site, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--quiet",
        "--config-file",
        str(config),
        "--site-dir",
        str(site),
    ]
    subprocess.run(command, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, cwd=config.parent)
