"""Bars in a terminal."""

import math

import pytest

from labs.core.contract import Table
from labs.core.contract.bars import WIDTH, bar, with_bars


def test_bars_are_as_long_as_their_shares() -> None:
    assert bar(1) == "█" * WIDTH and bar(0) == "" and bar(0.5) == "█" * (WIDTH // 2)
    assert bar(1 / (8 * WIDTH)) == "▏"


def test_columns_of_numbers_have_bars_on_one_scale() -> None:
    lines = with_bars(
        Table(["Name", "Before", "Note", "After"], [["a", 1, "x", 2], ["b", 0, "y", 4]], "Two")
    ).splitlines()
    assert lines[0] == "Two" and lines[1].split() == ["Name", "Before", "Note", "After"]
    assert [line.count("█") for line in lines[2:]] == [WIDTH * 3 // 4, WIDTH]


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "text", None, True, 0])
def test_what_has_no_length_has_no_bar(value: object) -> None:
    table = Table(["Name", "Value"], [["a", value]])
    assert with_bars(table) == table.text()
