"""What the tests of the labs share."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from labs.core.bridge import forget, run_cell
from labs.core.contract import Chart

Output = dict[str, Any]
RunCell = Callable[..., tuple[str, list[Output]]]
Collect = Callable[[Callable[[Callable[[str], None]], Coroutine[Any, Any, str]]], tuple[str, list[Output]]]


@pytest.fixture
def collect() -> Collect:
    """Await one of the bridge's functions, which is given an `emit`, and return its status and every output."""

    def awaited(call: Callable[[Callable[[str], None]], Coroutine[Any, Any, str]]) -> tuple[str, list[Output]]:
        outputs: list[Output] = []
        return asyncio.run(call(lambda batch: outputs.extend(json.loads(batch)))), outputs

    return awaited


@pytest.fixture
def run(collect: Collect) -> Iterator[RunCell]:
    """Run a cell and return its status and every output; forgets the pages afterwards."""
    pages = set()

    def run_and_collect(source: str, page: str = "page", cell: str = "1") -> tuple[str, list[Output]]:
        pages.add(page)
        return collect(lambda emit: run_cell(source, page, cell, emit))

    yield run_and_collect
    for page in pages:
        forget(page)


def scales_of(chart: Chart) -> list[object]:
    """The scales of a chart's two axes: a chart that grows keeps them, or what the reader follows would jump."""
    layers = chart.spec["layer"]
    assert isinstance(layers, list)
    return [layers[0]["encoding"][axis]["scale"] for axis in "xy"]
