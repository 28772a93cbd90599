"""Percent-format notebooks: read, executed by plain ipykernel, and turned into a page's Markdown by mkdocs-jupyter.

Importing this takes as long as a small site takes to build: overrides/hooks/lab_pages.py does so only for a page that
has changed.
"""

import re
import sys
from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import nbformat
from mkdocs_jupyter.convert import nb2html  # type: ignore[import-untyped]
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from labs.core.files import write_whole
from overrides.hooks.cells import Cell
from overrides.hooks.common import BUILD_CACHE, ROOT, BuildStop, tree_hash
from overrides.hooks.wheel import labs_hash

CELL_SECONDS = 300
TEMPLATE = ROOT / "overrides/notebook.html.j2"
PROSE = re.compile(r'<div class="lab-prose" data-cell="(\d+)"></div>')


def read_notebook(path: Path) -> NotebookNode:
    """A percent-format notebook; code cells that have no name get `cell-1`, `cell-2` …

    Raises: BuildStop if two cells share a name (saved edits are kept by it) or the file is no notebook.
    """
    try:
        notebook: NotebookNode = jupytext.read(path, fmt="py:percent")
    except nbformat.ValidationError as error:
        said = str(error).splitlines()[0]
        raise BuildStop(
            f"A cell's first line says what no notebook may: {said}",
            str(path),
            'write it so: # %% name="a-name" tags=["raises-exception"]',
        ) from error
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
    raises nothing although it is tagged so, ends Python itself, or takes longer than CELL_SECONDS.
    """
    key = tree_hash([path, ROOT / "constraints.txt"], labs_hash(), sys.version)
    kept = cache / "notebooks" / f"{path.stem}-{key}.ipynb"
    if kept.exists():
        cached: NotebookNode = nbformat.read(kept, as_version=4)  # type: ignore[no-untyped-call]
        return cached
    notebook = read_notebook(path)
    # Quiet: on this machine alone, the kernel has no need to warn that its loopback is not encrypted.
    arguments = ["--InteractiveShell.xmode=Minimal", "--log-level=ERROR"]
    begun: list[str] = []
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        extra_arguments=arguments,
        on_cell_execute=lambda cell, cell_index: begun.append(cell.metadata.name),
        resources={"metadata": {"path": str(ROOT)}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        number = [cell.metadata.name for cell in code_cells(notebook)].index(begun[-1]) + 1
        raise BuildStop(
            f"Cell {number} failed: {said(error)}",
            f"{path}, cell {number} ({begun[-1]})",
            'mend the cell, or tag it as meant to raise: # %% tags=["raises-exception"]',
        ) from error
    for number, cell in enumerate(code_cells(notebook), 1):
        if "raises-exception" in cell.metadata.get("tags", ()) and not failed(cell):
            raise BuildStop(
                f"Cell {number} is tagged raises-exception and raised nothing.",
                f"{path}, cell {number} ({cell.metadata.name})",
                "take the tag away, or make the cell show the error that the text speaks of.",
            )
    write_whole(kept, nbformat.writes(notebook).encode())  # type: ignore[no-untyped-call]
    return notebook


def failed(cell: NotebookNode) -> bool:
    """Whether one of the cell's outputs is an error."""
    return any(output.output_type == "error" for output in cell.outputs)


def said(error: Exception) -> str:
    """What went wrong in a cell, in a line."""
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {error.evalue}"
    if isinstance(error, DeadKernelError):
        return "it ended Python itself"
    return f"it ran for more than {CELL_SECONDS} seconds"


def executed_cells(notebook: NotebookNode) -> list[Cell]:
    """The code cells of an executed notebook with their recorded outputs."""
    return [
        Cell(number, cell.metadata.name, cell.source, cell.outputs)
        for number, cell in enumerate(code_cells(notebook), start=1)
    ]


def page_markdown(path: Path) -> str:
    """The notebook's prose as Markdown for MkDocs, with an empty place for each code cell."""
    converted: str = nb2html(str(path), markdown_cell_processor="mkdocs", custom_template=str(TEMPLATE))
    prose = [cell.source for cell in jupytext.read(path, fmt="py:percent").cells if cell.cell_type == "markdown"]
    return PROSE.sub(lambda place: f"\n\n{prose[int(place[1]) - 1]}\n\n", converted).strip() + "\n"
