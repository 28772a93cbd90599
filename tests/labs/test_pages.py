"""Every code cell of every lab page runs as the browser will run it."""

from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import pytest

from labs.core.bridge import lab_slugs
from tests.labs.conftest import RunCell

PAGES = sorted((Path(__file__).parents[2] / "docs" / "labs").glob("*.py"))


def test_every_lab_has_a_page() -> None:
    assert set(lab_slugs()) <= {page.stem for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_cell_of_a_page_runs_in_order(page: Path, run: RunCell) -> None:
    cells = [cell for cell in jupytext.read(page).cells if cell.cell_type == "code"]
    assert cells
    for number, cell in enumerate(cells, start=1):
        expected = "error" if "raises-exception" in cell.metadata.get("tags", []) else "ok"
        status, outputs = run(cell.source, page=page.stem, cell=str(number))
        assert status == expected, f"cell {number}: {outputs[-1].get('traceback', outputs[-1])}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_code_cell_has_a_name_of_its_own(page: Path) -> None:
    names = [cell.metadata.get("name") for cell in jupytext.read(page).cells if cell.cell_type == "code"]
    assert len(set(names)) == len(names)
    assert all(name and name == name.lower() and name.replace("-", "").isalnum() for name in names)
