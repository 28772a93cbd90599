"""Build step: lab pages. A notebook in docs/labs becomes a page of the site whose cells run in the reader's browser.

mkdocs-jupyter converts, nbclient executes and Vega draws, but only when the page or the labs have changed: a finished
page is kept, and an unchanged site does not even import them. That is why the plugin does not stand in mkdocs.yml.
"""

import json
import sys
from pathlib import Path
from typing import TypedDict

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from labs.core.files import write_whole
from overrides.hooks.cells import fill_slots, render_cell
from overrides.hooks.common import BUILD_CACHE, ROOT, run, tree_hash
from overrides.hooks.downloads import notebook_file, page_bar
from overrides.hooks.wheel import labs_hash

WRITTEN_BY = [ROOT / "overrides/hooks", ROOT / "overrides/notebook.html.j2", ROOT / "constraints.txt"]


class LabPage(TypedDict):
    """What the site needs of a lab page: Markdown with a place for each cell, the cells as HTML, and the notebook."""

    markdown: str
    cells: list[str]
    notebook: str


class LabFile(File):
    """A notebook that MkDocs treats as a page."""

    def is_documentation_page(self) -> bool:
        """It is one, although its name does not end in .md."""
        return True


def lab_page(path: Path, cache: Path = BUILD_CACHE) -> LabPage:
    """A lab page, executed: as it was kept, if it, the labs and our build steps are unchanged, or else made now.

    Raises: BuildStop naming page and cell if a cell fails.
    """
    kept = cache / "pages" / f"{path.stem}-{tree_hash([path, *WRITTEN_BY], labs_hash(), sys.version)}.json"
    if not kept.exists():
        from overrides.hooks import notebooks

        label = lab_labels().get(path.stem, "live")
        notebook = notebooks.execute(path, cache)
        cells = [render_cell(cell, path.stem, label) for cell in notebooks.executed_cells(notebook)]
        made = LabPage(markdown=notebooks.page_markdown(path), cells=cells, notebook=notebook_file(notebook))
        write_whole(kept, json.dumps(made).encode())
    page: LabPage = json.loads(kept.read_text())
    return page


def lab_labels(cache: Path = BUILD_CACHE) -> dict[str, str]:
    """The label of each lab by its slug, asked of the current `labs` in a process of its own.

    (Under `mkdocs serve` this process keeps the `labs` that it imported first.)
    """
    kept = cache / "labels" / f"{labs_hash()}.json"
    if not kept.exists():
        code = "import json; from labs.core.bridge import lab_slugs, load_lab; "
        code += "print(json.dumps({slug: load_lab(slug).LAB.label for slug in lab_slugs()}))"
        printed = run([sys.executable, "-c", code], "Listing the labs", "mend the lab that is named above.")
        write_whole(kept, printed.encode())
    labels: dict[str, str] = json.loads(kept.read_text())
    return labels


def is_lab_page(file: File) -> bool:
    """Whether the file is a notebook in docs/labs."""
    return file.src_uri.startswith("labs/") and file.src_uri.endswith(".py")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: execute every lab page before anything is written, so that a failing cell stops the build.

    The page's notebook becomes a file beside the page.
    """
    pages: dict[str, LabPage] = {}
    for file in [file for file in files if is_lab_page(file)]:
        path = Path(config.docs_dir, file.src_uri)
        pages[file.src_uri] = page = lab_page(path)
        files.remove(file)
        files.append(LabFile(file.src_uri, config.docs_dir, config.site_dir, config.use_directory_urls))
        files.append(File.generated(config, f"labs/{path.stem}/{path.stem}.ipynb", content=page["notebook"]))
    config.extra["lab_pages"] = pages
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """MkDocs: the Markdown of a lab page."""
    made: LabPage | None = config.extra["lab_pages"].get(page.file.src_uri)
    return made["markdown"] if made else None


def on_page_content(page_html: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """MkDocs: write the code cells of a lab page."""
    made: LabPage | None = config.extra["lab_pages"].get(page.file.src_uri)
    if made is None:
        return None
    return page_bar(fill_slots(page_html, made["cells"], page.file.src_uri), Path(page.file.src_uri).stem)
