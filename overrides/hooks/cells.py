"""Code cells of pages, as markup that reads well with no JavaScript; the element `lab-cell` brings it to life."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from overrides.hooks.common import BuildStop
from overrides.hooks.outputs import render_outputs

SLOT = re.compile(r'<div class="lab-slot" data-cell="(\d+)"></div>')


@dataclass(frozen=True)
class Cell:
    """A code cell of an executed lab page: its number from 1, its name, the author's source and recorded outputs."""

    number: int
    name: str
    source: str
    outputs: list[dict[str, Any]]

    @property
    def raises(self) -> bool:
        """Whether the cell is meant to end with an error, as it did when the page was built."""
        return any(output["output_type"] == "error" for output in self.outputs)


def highlighted(source: str) -> str:
    """Python source as HTML with Pygments' classes, blank lines at its beginning kept."""
    return highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).rstrip("\n")


def render_cell(cell: Cell, page: str, label: str) -> str:
    """A code cell as HTML.

    `page` names the Python namespace that the page's cells share; `label` is the lab's: for an
    illustrative lab each output stays illustrative, whoever ran it.
    """
    code = highlighted(cell.source)
    shown = "illustrative" if label == "illustrative" else "recorded"
    recorded = (
        f'<div class="lab-cell__recorded"><p class="lab-cell__label">'
        f'<span class="lab-label lab-label--{shown}">{shown}</span> ran when this page was built</p>'
        f'<div class="lab-output">{render_outputs(cell.outputs, f"{page}-{cell.name}")}</div></div>'
    )
    return (
        f'<lab-cell page="{html.escape(page)}" name="{html.escape(cell.name)}" number="{cell.number}" label="{shown}"'
        f"{' raises' if cell.raises else ''}>"
        f'<div class="highlight lab-cell__code"><pre><code>{code}</code></pre></div>'
        f"{recorded if cell.outputs else ''}</lab-cell>"
    )


def fill_slots(page_html: str, rendered: Sequence[str], page: str) -> str:
    """Put each code cell into the place that the template left for it.

    Raises: BuildStop if places and cells are not the same in number.
    """
    places = [int(number) for number in SLOT.findall(page_html)]
    cells = list(range(1, len(rendered) + 1))
    if places != cells:
        raise BuildStop(
            f"The page has places for cells {places}, its notebook has cells {cells}.",
            page,
            "look for a code cell inside unclosed HTML in the page's text.",
        )
    return SLOT.sub(lambda place: rendered[int(place[1]) - 1], page_html)
