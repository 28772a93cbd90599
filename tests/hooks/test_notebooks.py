"""Lab pages: executed when they or the labs changed, stopped at a failing cell, written as escaped markup."""

from pathlib import Path
from typing import ClassVar

import nbformat
import pytest
from bs4 import BeautifulSoup

from overrides.hooks import notebooks
from overrides.hooks.cells import Cell, fill_slots, render_cell
from overrides.hooks.common import ROOT
from overrides.hooks.notebooks import execute, page_markdown, read_notebook
from tests.hooks.conftest import Stops

EVIL = "<script>alert('a \"b\"')</script> & co"


def page(folder: Path, *cells: str, name: str = "a_page") -> Path:
    """A percent-format notebook of these code cells; a cell's text goes on where `# %%` ends."""
    path = folder / f"{name}.py"
    prose = "# %% [markdown]\n# # A title\n"
    path.write_text(prose + "".join(f"\n# %%{cell}\n" for cell in cells))
    return path


class FakeKernel:
    """Stands for NotebookClient: counts its executions and lets every cell print its source."""

    count: ClassVar[int] = 0

    def __init__(self, notebook: nbformat.NotebookNode, **options: object) -> None:
        self.notebook = notebook

    def execute(self) -> None:
        """Execute nothing, and say so."""
        FakeKernel.count += 1
        for number, cell in enumerate(notebooks.code_cells(self.notebook), start=1):
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"ran {cell.source}")]  # type: ignore[no-untyped-call]


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> type[FakeKernel]:
    """The fake kernel in the place of the real one."""
    monkeypatch.setattr(FakeKernel, "count", 0)
    monkeypatch.setattr(notebooks, "NotebookClient", FakeKernel)
    return FakeKernel


# --- Names


def test_cells_without_a_name_are_numbered(tmp_path: Path) -> None:
    read = read_notebook(page(tmp_path, "\n1", ' name="mine"\n2', "\n3"))
    assert [cell.metadata.name for cell in notebooks.code_cells(read)] == ["cell-1", "mine", "cell-3"]


@pytest.mark.parametrize(
    ("cells", "number", "name"),
    [
        ([' name="same"\n1', ' name="same"\n2'], 2, "same"),
        ([' name="cell-2"\n1', "\n2"], 2, "cell-2"),
        ([' name="Upper"\n1'], 1, "Upper"),
        ([' name="two words"\n1'], 1, "two words"),
        (["\n1", ' name="<b>"\n2'], 2, "<b>"),
        ([' name="-dash"\n1'], 1, "-dash"),
    ],
)
def test_a_bad_name_stops_the_build(tmp_path: Path, stops: Stops, cells: list[str], number: int, name: object) -> None:
    path = page(tmp_path, *cells)
    with stops(f"Cell {number} is named {name!r}", str(path), f'name="cell-{number}"'):
        read_notebook(path)


@pytest.mark.parametrize("name", ['""', "7"])
def test_a_first_line_that_no_notebook_may_have_stops_the_build(tmp_path: Path, stops: Stops, name: str) -> None:
    path = page(tmp_path, f" name={name}\n1")
    with stops("A cell's first line says what no notebook may", str(path), "# %% name="):
        read_notebook(path)


# --- Execution, with a real kernel


def test_a_failing_cell_stops_the_build_with_page_number_and_name(tmp_path: Path, stops: Stops) -> None:
    path = page(tmp_path, "\n", ' name="broken"\n{}["missing"]', "\nprint('never')")
    cache = tmp_path / "cache"
    with stops("Cell 2 failed: KeyError: 'missing'", f"{path}, cell 2 (broken)", "raises-exception"):
        execute(path, cache)
    assert not cache.exists(), "a failed notebook is not kept"


def test_a_cell_that_is_meant_to_raise_may_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = page(tmp_path, ' tags=["raises-exception"]\n1 / 0', "\nimport os\nprint('on', os.getcwd())")
    first, second = notebooks.code_cells(execute(path, tmp_path / "cache"))
    assert first.outputs[0].ename == "ZeroDivisionError"
    assert second.outputs[0].text == f"on {ROOT}\n"


def test_a_cell_that_should_raise_and_does_not_stops_the_build(tmp_path: Path, stops: Stops) -> None:
    path = page(tmp_path, "\n1", ' name="harmless" tags=["raises-exception"]\n2')
    with stops("Cell 2 is tagged raises-exception and raised nothing", f"{path}, cell 2 (harmless)"):
        execute(path, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_cell_that_takes_too_long_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops: Stops
) -> None:
    monkeypatch.setattr(notebooks, "CELL_SECONDS", 1)
    path = page(tmp_path, "\n1", ' name="endless"\nwhile True: pass')
    with stops("Cell 2 failed: it ran for more than 1 seconds", f"{path}, cell 2 (endless)"):
        execute(path, tmp_path / "cache")


def test_a_cell_that_ends_its_kernel_stops_the_build(tmp_path: Path, stops: Stops) -> None:
    path = page(tmp_path, "\n1", ' name="exit"\nimport os; os._exit(1)')
    with stops("Cell 2 failed: it ended Python itself", f"{path}, cell 2 (exit)"):
        execute(path, tmp_path / "cache")


# --- Execution, kept


def test_an_unchanged_notebook_is_not_executed_again(tmp_path: Path, kernels: type[FakeKernel]) -> None:
    path, cache = page(tmp_path, "\none", "\ntwo"), tmp_path / "cache"
    first = execute(path, cache)
    path.touch()
    second = execute(path, cache)
    assert kernels.count == 1
    shown = [[output.text for output in cell.outputs] for cell in notebooks.code_cells(second)]
    assert shown == [["ran one"], ["ran two"]]
    assert [cell.metadata.name for cell in notebooks.code_cells(second)] == ["cell-1", "cell-2"]
    assert notebooks.code_cells(first)[0].source == notebooks.code_cells(second)[0].source


def test_a_changed_notebook_or_changed_labs_are_executed_again(
    tmp_path: Path, kernels: type[FakeKernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, cache = page(tmp_path, "\none"), tmp_path / "cache"
    execute(path, cache)
    path = page(tmp_path, "\nuno")
    assert notebooks.code_cells(execute(path, cache))[0].outputs[0].text == "ran uno"
    assert kernels.count == 2
    monkeypatch.setattr(notebooks, "labs_hash", lambda: "other labs")
    execute(path, cache)
    assert kernels.count == 3
    monkeypatch.undo()


def test_two_pages_of_one_content_do_not_share_their_outputs(tmp_path: Path, kernels: type[FakeKernel]) -> None:
    for name in ("one", "two"):
        execute(page(tmp_path, "\nsame", name=name), tmp_path / "cache")
    assert kernels.count == 2


# --- Markup


def cell_of(source: str = "x = 1", name: str = "a-cell", number: int = 1, text: str | None = "said") -> Cell:
    """An executed cell that printed this text, or nothing."""
    printed = [] if text is None else [{"output_type": "stream", "name": "stdout", "text": text}]
    return Cell(number, name, source, printed)


def test_prose_stands_in_the_page_as_it_was_written(tmp_path: Path) -> None:
    prose = "# Markers\n\n`<think>` and `<|im_end|>`, a < b & *c*.\n\n- one\n- <b>two</b>"
    page = tmp_path / "page.py"
    commented = "\n".join(f"# {line}".rstrip() for line in prose.splitlines())
    page.write_text(f"# %% [markdown]\n{commented}\n\n# %%\n1\n\n# %% [markdown]\n# The end.\n")
    markdown = page_markdown(page)
    assert markdown.startswith(f"{prose}\n\n") and markdown.endswith("\n\nThe end.\n")
    assert slot(1) in markdown


def test_everything_in_a_cell_is_escaped() -> None:
    html = render_cell(cell_of(source=f"print({EVIL!r})", name='n"><i>', text=EVIL), 'p"><i>', "live")
    soup = BeautifulSoup(html, "html.parser")
    (element,) = soup.find_all("lab-cell", recursive=False)
    assert (element["page"], element["name"], element["number"]) == ('p"><i>', 'n"><i>', "1")
    code, output = soup.select_one(".lab-cell__code code"), soup.select_one(".lab-output pre")
    assert code is not None
    assert output is not None
    assert code.get_text() == f"print({EVIL!r})"
    assert output.get_text() == EVIL
    assert not soup.select("script, i")


@pytest.mark.parametrize(
    ("lab", "shown"), [("live", "recorded"), ("recorded", "recorded"), ("illustrative", "illustrative")]
)
def test_recorded_output_wears_one_label(lab: str, shown: str) -> None:
    soup = BeautifulSoup(render_cell(cell_of(), "page", lab), "html.parser")
    assert [label.get_text() for label in soup.select(".lab-cell__recorded .lab-label")] == [shown]
    (element,) = soup.select("lab-cell")
    assert element["label"] == shown


def test_a_cell_without_output_shows_no_empty_box() -> None:
    soup = BeautifulSoup(render_cell(cell_of(text=None), "page", "live"), "html.parser")
    assert not soup.select(".lab-cell__recorded, .lab-output, .lab-label")
    assert soup.select(".lab-cell__code")


@pytest.mark.parametrize("source", ["x = 1", "\n\nx = 1\n\n", "    # indented\n\n\n", "a = '''\n\n'''", "\tx"])
def test_the_code_in_the_page_is_the_authors_to_the_character(source: str) -> None:
    soup = BeautifulSoup(render_cell(cell_of(source=source), "page", "live"), "html.parser")
    code = soup.select_one("code")
    assert code is not None
    assert code.get_text() == source.rstrip("\n")


def slot(number: int) -> str:
    """The place that the template leaves for a cell."""
    return f'<div class="lab-slot" data-cell="{number}"></div>'


def test_cells_fill_their_places() -> None:
    # A backslash in the code is no group of a pattern.
    cells = [cell_of(r"print('\1 \g<0>')", number=1), cell_of("two", number=2)]
    html = fill_slots(
        f"<p>before</p>{slot(1)}<p>between</p>{slot(2)}", [render_cell(cell, "page", "live") for cell in cells], "page"
    )
    soup = BeautifulSoup(html, "html.parser")
    assert [tag.name for tag in soup.find_all(recursive=False)] == ["p", "lab-cell", "p", "lab-cell"]
    assert [code.get_text() for code in soup.select("code")] == [r"print('\1 \g<0>')", "two"]


@pytest.mark.parametrize("places", [[], [1], [2, 1], [1, 2, 3], [1, 1, 2]])
def test_places_that_do_not_fit_the_cells_stop_the_build(stops: Stops, places: list[int]) -> None:
    with stops(f"places for cells {places}, its notebook has cells [1, 2]", "the-page"):
        fill_slots("".join(slot(number) for number in places), ["one", "two"], "the-page")
