"""Build step: lab pages. Percent-format notebooks are executed, and their cells written as our own markup.

mkdocs-jupyter converts the page and hands its prose to MkDocs. Execution is ours, because an unchanged notebook must
not run again although the page's template is our own (the plugin's cache does not cover that case, nor
changes in `labs`). The kernel is plain ipykernel: what readers see recorded is what Jupyter would show.
"""

import html
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from overrides.hooks.common import BUILD_CACHE, ROOT, BuildStop, run, tree_hash, write_whole
from overrides.hooks.outputs import render_outputs
from overrides.hooks.wheel import labs_hash

LABELS = ("live", "recorded", "illustrative")
SLOT = re.compile(r'<div class="lab-slot" data-cell="(\d+)"></div>')
CELL_SECONDS = 300


@dataclass(frozen=True)
class Cell:
    """A code cell of an executed lab page: its number from 1, its name, the author's source and recorded outputs."""

    number: int
    name: str
    source: str
    outputs: list[dict[str, Any]]


def read_notebook(path: Path) -> NotebookNode:
    """A percent-format notebook; code cells that have no name get `cell-1`, `cell-2` …

    Raises: BuildStop if two cells share a name: saved edits are kept by it.
    """
    notebook = jupytext.read(path, fmt="py:percent")
    seen: set[str] = set()
    for number, cell in enumerate(code_cells(notebook), start=1):
        name = cell.metadata.setdefault("name", f"cell-{number}")
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) or name in seen:
            raise BuildStop(
                f"Cell {number} is named {name!r}: expected lower-case letters, digits and hyphens, each name once.",
                str(path),
                f'name it in its first line, for example: # %% name="cell-{number}"',
            )
        seen.add(name)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def execute(path: Path, cache: Path = BUILD_CACHE) -> NotebookNode:
    """The notebook with its outputs: from the cache if page, labs and environment are unchanged, else run now.

    Raises: BuildStop naming page and cell if a cell raises (unless it is tagged `raises-exception`),
    raises nothing although it is tagged so, or takes longer than CELL_SECONDS.
    """
    key = tree_hash([path, ROOT / "constraints.txt"], labs_hash(), sys.version)
    kept = cache / "notebooks" / f"{path.stem}-{key}.ipynb"
    if kept.exists():
        return nbformat.read(kept, as_version=4)
    notebook = read_notebook(path)
    arguments = ["--InteractiveShell.xmode=Minimal"]
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        extra_arguments=arguments,
        resources={"metadata": {"path": str(ROOT)}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError) as error:
        number = next((n for n, cell in enumerate(code_cells(notebook), 1) if failed(cell)), None)
        number = number or next(n for n, cell in enumerate(code_cells(notebook), 1) if cell.execution_count is None)
        raise BuildStop(
            f"Cell {number} failed: {said(error)}",
            f"{path}, cell {number} ({code_cells(notebook)[number - 1].metadata.name})",
            'mend the cell, or tag it as meant to raise: # %% tags=["raises-exception"]',
        ) from error
    for number, cell in enumerate(code_cells(notebook), 1):
        if "raises-exception" in cell.metadata.get("tags", ()) and not failed(cell):
            raise BuildStop(
                f"Cell {number} is tagged raises-exception and raised nothing.",
                f"{path}, cell {number} ({cell.metadata.name})",
                "take the tag away, or make the cell show the error that the text speaks of.",
            )
    write_whole(kept, nbformat.writes(notebook).encode())
    return notebook


def failed(cell: NotebookNode) -> bool:
    """Whether one of the cell's outputs is an error."""
    return any(output.output_type == "error" for output in cell.outputs)


def said(error: Exception) -> str:
    """What went wrong in a cell, in a line."""
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {error.evalue}"
    return f"it ran for more than {CELL_SECONDS} seconds"


def executed_cells(path: Path) -> list[Cell]:
    """The code cells of a lab page with their recorded outputs."""
    return [
        Cell(number, cell.metadata.name, cell.source, cell.outputs)
        for number, cell in enumerate(code_cells(execute(path)), start=1)
    ]


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


def render_cell(cell: Cell, page: str, label: str) -> str:
    """A code cell as HTML that reads well with no JavaScript; the element `lab-cell` brings it to life.

    `page` names the Python namespace that the page's cells share; `label` is the lab's: for an
    illustrative lab each output stays illustrative, whoever ran it.
    """
    code = highlight(cell.source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
    shown = "illustrative" if label == "illustrative" else "recorded"
    recorded = (
        f'<div class="lab-cell__recorded"><p class="lab-cell__label">'
        f'<span class="lab-label lab-label--{shown}">{shown}</span> ran when this page was built</p>'
        f'<div class="lab-output">{render_outputs(cell.outputs, f"{page}-{cell.name}")}</div></div>'
    )
    return (
        f'<lab-cell page="{html.escape(page)}" name="{html.escape(cell.name)}" number="{cell.number}" label="{shown}">'
        f'<div class="highlight lab-cell__code"><pre><code>{code}</code></pre></div>'
        f"{recorded if cell.outputs else ''}</lab-cell>"
    )


def fill_slots(page_html: str, cells: Iterable[Cell], page: str, label: str) -> str:
    """Put each code cell into the place that the template left for it.

    Raises: BuildStop if places and cells are not the same in number.
    """
    rendered = {cell.number: render_cell(cell, page, label) for cell in cells}
    places = [int(number) for number in SLOT.findall(page_html)]
    if places != sorted(rendered):
        raise BuildStop(
            f"The page has places for cells {places}, its notebook has cells {sorted(rendered)}.",
            page,
            "look for a code cell inside unclosed HTML in the page's text.",
        )
    return SLOT.sub(lambda place: rendered[int(place[1])], page_html)


def is_lab_page(page: Page) -> bool:
    """Whether the page is a notebook in docs/labs."""
    return page.file.src_uri.startswith("labs/") and page.file.src_uri.endswith(".py")


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: execute every lab page before anything is written, so that a failing cell stops the build."""
    for path in sorted(Path(config.docs_dir, "labs").glob("*.py")):
        execute(path)
    return files


def on_page_content(page_html: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """MkDocs: write the code cells of a lab page."""
    if not is_lab_page(page):
        return None
    path = Path(config.docs_dir, page.file.src_uri)
    return fill_slots(page_html, executed_cells(path), path.stem, lab_labels().get(path.stem, "live"))
