"""The page can be taken along as a notebook and as Python, with the reader's code in it."""

from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser, expect

from tests.browser.lab_page import PATH, LabPage
from tests.site_server import Fault, SiteServer

MINE = 'print("mine: ünï 😀")\n\nx = [1,\n     2]'
PAGE = Path(__file__).parents[2] / "docs/labs/base_simulator.py"


def save(lab: LabPage, button: str) -> tuple[str, str]:
    """Press a download button; the file's name and text."""
    lab.page.get_by_role("button", name="Download this page with your code").click()
    with lab.page.expect_download() as waiting:
        lab.page.get_by_role("button", name=button).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_text(encoding="utf-8")


def contents(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Kind and source of a notebook's cells."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_the_notebook_is_valid_and_has_text_and_code_in_order_with_the_readers_edits(lab: LabPage) -> None:
    lab.open()
    lab.type_over(2, MINE)
    name, text = save(lab, "Notebook (.ipynb)")
    assert name == "base_simulator.ipynb"
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "pip install" in notebook.cells[0].source
    written = jupytext.read(PAGE, fmt="py:percent")
    written.cells[[cell.metadata.get("name") for cell in written.cells].index("greedy")].source = MINE
    found, expected = contents(notebook)[1:], contents(written)
    assert [kind for kind, _ in found] == [kind for kind, _ in expected]
    assert [source for kind, source in found if kind == "code"] == [
        source for kind, source in expected if kind == "code"
    ]
    assert "!!!" not in text
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    expect(lab.page.locator("lab-page-bar").get_by_role("status")).to_contain_text("Saved as base_simulator.ipynb")


def test_the_python_file_reads_back_as_the_same_notebook(lab: LabPage) -> None:
    lab.open()
    lab.put(2, MINE)
    name, text = save(lab, "Python (.py)")
    assert name == "base_simulator.py"
    _, notebook_text = save(lab, "Notebook (.ipynb)")
    notebook = nbformat.reads(notebook_text, as_version=4)  # type: ignore[no-untyped-call]
    read = jupytext.reads(text, fmt="py:percent")
    assert contents(read) == contents(notebook)
    compile(text, name, "exec")


def test_what_was_fetched_once_can_be_saved_without_a_connection(lab: LabPage) -> None:
    lab.open()
    save(lab, "Notebook (.ipynb)")
    lab.page.context.set_offline(True)
    lab.put(1, "offline = True")
    _, text = save(lab, "Python (.py)")
    assert "offline = True" in text


@pytest.mark.parametrize(("fault", "said"), [("missing", "answered 404"), ("refused", "connection failed")])
def test_a_download_that_fails_is_said_and_works_later(
    lab: LabPage, server: SiteServer, fault: Fault, said: str
) -> None:
    server.faults[".ipynb"] = fault
    lab.open()
    lab.page.get_by_role("button", name="Download this page with your code").click()
    lab.page.get_by_role("button", name="Python (.py)").click()
    status = lab.page.locator("lab-page-bar").get_by_role("status")
    expect(status).to_contain_text(said)
    server.faults.clear()
    name, _ = save(lab, "Python (.py)")
    assert name == "base_simulator.py"
    lab.errors.clear()  # the browser reports the failed download itself


def test_without_javascript_the_notebook_is_a_link(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server.url + PATH)
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Download this page as a notebook").click()
        assert waiting.value.suggested_filename == "base_simulator.ipynb"
