"""A table with bars, for a chart in a terminal."""

from labs.core.contract.markup import is_number
from labs.core.contract.tables import Table

WIDTH = 12
EIGHTHS = " ▏▎▍▌▋▊▉█"


def with_bars(table: Table) -> str:
    """The table's text; columns of numbers from 0 up have a bar beside each, all on one scale.

    A first column is what the bars are for, and has none.
    """
    drawn = [
        place
        for place in range(1, len(table.columns))
        if table.rows and all(_can_be_drawn(row[place]) for row in table.rows)
    ]
    most = max((float(str(row[place])) for place in drawn for row in table.rows), default=0.0)
    if most == 0:
        return table.text()
    columns: list[str] = []
    for place, column in enumerate(table.columns):
        columns += [column, ""] if place in drawn else [column]
    rows: list[list[object]] = []
    for row in table.rows:
        cells: list[object] = []
        for place, value in enumerate(row):
            cells += [value, bar(float(str(value)) / most)] if place in drawn else [value]
        rows.append(cells)
    lines = Table(columns, rows, table.caption).text().splitlines()
    rule = 2 if table.caption else 1
    return "\n".join(line for number, line in enumerate(lines) if number != rule)


def _can_be_drawn(value: object) -> bool:
    return is_number(value) and 0 <= float(value) < float("inf")


def bar(share: float) -> str:
    """A share, from 0 to 1, of WIDTH characters."""
    eighths = round(share * WIDTH * 8)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
