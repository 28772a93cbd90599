"""What a lab page offers to take along: its notebook as a file beside it, and the bar with all-cell actions."""

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

INSTALL_NOTE = (
    "*The code below imports the package `labs`. To run it on your own computer, get the course's code, go to its "
    "folder, and install it with `pip install .` (Python 3.12 or newer). Your version of the code is in the cells; "
    "outputs appear when you run them.*"
)
ADMONITION = re.compile(r'^(?:!!!|\?\?\?\+?) +([a-z-]+)(?: +"([^"\n]*)")?\n((?:(?: {4}.*)?(?:\n|$))+)', re.MULTILINE)


def notebook_file(notebook: "NotebookNode") -> str:
    """A lab page's notebook as `.ipynb` text that opens in Jupyter as it is: no outputs, an id for each cell.

    Code cells have their name as id; those of Markdown cells hold an underscore, which no name does.
    """
    import nbformat  # only a changed page pays for its import

    cells = [
        {"id": "how_to_install", "cell_type": "markdown", "metadata": {}, "source": INSTALL_NOTE},
        *(_cell(cell, number) for number, cell in enumerate(notebook.cells, start=1)),
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    made = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    )
    nbformat.validate(made)
    text: str = nbformat.writes(made)  # type: ignore[no-untyped-call]
    return text


def page_bar(page_html: str, slug: str) -> str:
    """The page with its bar below the heading: without JavaScript a link to the notebook."""
    name = html.escape(slug)
    link = f'<a href="{name}.ipynb" download>Download this page as a notebook</a>'
    bar = f'<lab-page-bar page="{name}" notebook="{name}.ipynb">{link}</lab-page-bar>'
    if "</h1>" not in page_html:
        return bar + page_html
    return page_html.replace("</h1>", f"</h1>{bar}", 1)


def plain_markdown(text: str) -> str:
    """Markdown without MkDocs's boxes, which Jupyter does not know: they become quotations.

    Example: `!!! note "Title"` above an indented `text` -> `> **Title**`, `>`, `> text`.
    """

    def quoted(box: re.Match[str]) -> str:
        kind, title, body = box[1], box[2], box[3]
        lines = [f"**{title or kind.capitalize()}**", "", *(line[4:] for line in body.rstrip().split("\n"))]
        gap = body[len(body.rstrip()) :]
        return "\n".join(f"> {line}".rstrip() for line in lines) + gap

    return ADMONITION.sub(quoted, text)


def _cell(cell: "NotebookNode", number: int) -> dict[str, object]:
    if cell.cell_type != "code":
        return {
            "id": f"text_{number}",
            "cell_type": "markdown",
            "metadata": {},
            "source": plain_markdown(cell.source),
        }
    metadata = {key: cell.metadata[key] for key in ("name", "tags") if key in cell.metadata}
    empty: dict[str, object] = {"execution_count": None, "outputs": []}
    return {"id": cell.metadata.name[:64], "cell_type": "code", "metadata": metadata, "source": cell.source, **empty}
