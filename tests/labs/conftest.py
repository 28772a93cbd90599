"""What the tests of the labs share."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labs.core.bridge import forget, run_cell

Output = dict[str, Any]
RunCell = Callable[..., tuple[str, list[Output]]]


@pytest.fixture
def run() -> Iterator[RunCell]:
    """Run a cell and return its status and every output; forgets the pages afterwards."""
    pages = set()

    def run_and_collect(source: str, page: str = "page", cell: str = "1") -> tuple[str, list[Output]]:
        pages.add(page)
        outputs: list[Output] = []
        status = asyncio.run(run_cell(source, page, cell, lambda batch: outputs.extend(json.loads(batch))))
        return status, outputs

    yield run_and_collect
    for page in pages:
        forget(page)
