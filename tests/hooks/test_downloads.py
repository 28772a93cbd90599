"""The notebook beside a lab page opens in Jupyter as it is."""

import json

import jupytext  # type: ignore[import-untyped]
import nbformat
import pytest

from overrides.hooks.downloads import notebook_file, page_bar, plain_markdown

PAGE = """# %% [markdown]
# # Title
#
# !!! note "A box"
#     its text

# %% name="one"
x = 1
x

# %% [markdown]
# more

# %% name="two" tags=["raises-exception"]
1 / 0
"""


def test_it_is_valid_without_outputs_and_says_first_how_to_install() -> None:
    notebook = jupytext.reads(PAGE, fmt="py:percent")
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="1")]  # type: ignore[no-untyped-call]
    text = notebook_file(notebook)
    made = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(made)
    assert [cell.id for cell in made.cells] == ["how_to_install", "text_1", "one", "text_3", "two"]
    assert "pip install" in made.cells[0].source
    assert made.cells[1].source == "# Title\n\n> **A box**\n>\n> its text"
    assert made.cells[2].outputs == []
    assert made.cells[4].metadata == {"name": "two", "tags": ["raises-exception"]}
    assert json.loads(text)["nbformat_minor"] == 5


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("text", "text"),
        ('!!! note "T"\n    a\n\n    b\n\nafter', "> **T**\n>\n> a\n>\n> b\n\nafter"),
        ("before\n\n??? tip\n    a\n", "before\n\n> **Tip**\n>\n> a\n"),
        ("!!! is not a box", "!!! is not a box"),
        ("    !!! note\n        in code", "    !!! note\n        in code"),
    ],
)
def test_boxes_become_quotations_and_all_else_stays(written: str, plain: str) -> None:
    assert plain_markdown(written) == plain


def test_the_bar_stands_below_the_heading() -> None:
    assert page_bar("<h1>T</h1><p>x</p><h1>U</h1>", "lab").startswith('<h1>T</h1><lab-page-bar page="lab"')
    assert page_bar("<p>x</p>", "lab").endswith("</lab-page-bar><p>x</p>")
