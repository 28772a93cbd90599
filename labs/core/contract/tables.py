"""A table: HTML with headings in the page, aligned text in a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.markup import escape, is_number, value_text

MANY_CHARACTERS = 20
"""A cell with so many gets room for some words in a line, before the table is made narrower than that."""


@dataclass(frozen=True)
class Table:
    """Rows under named columns; a first column of text heads its rows.

    Raises: ValueError if there is no column or a row's length differs from the columns'.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    caption: str = ""

    def __post_init__(self) -> None:
        """Refuse rows that don't fit the columns."""
        if not self.columns:
            raise ValueError("A table needs at least one column, got none; name the columns.")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"Row {number} of the table: expected {len(self.columns)} values "
                    f"({', '.join(self.columns)}), got {len(row)}; give one value for each column."
                )

    def html(self) -> str:
        """The table as HTML; classes are `lab-table` and, on cells, `lab-number` or, with many letters, `lab-words`."""
        numeric = self._numeric_columns()
        row_headed = bool(self.rows) and all(isinstance(row[0], str) for row in self.rows)
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        heads = "".join(
            f'<th scope="col"{_class(number)}>{escape(column)}</th>'
            for column, number in zip(self.columns, numeric, strict=True)
        )
        lines = [f'<table class="lab-table">{caption}', f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
        for row in self.rows:
            cells = [
                f'<th scope="row"{_class(False, len(value_text(value)))}>{escape(value_text(value))}</th>'
                if row_headed and place == 0
                else f"<td{_class(is_number(value), len(value_text(value)))}>{escape(value_text(value))}</td>"
                for place, value in enumerate(row)
            ]
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return "\n".join([*lines, "</tbody></table>"])

    def text(self) -> str:
        """The table as aligned lines, numbers to the right."""
        numeric = self._numeric_columns()
        rows = [[_one_line(value_text(value)) for value in row] for row in self.rows]
        lines = [[_one_line(column) for column in self.columns], *rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        aligned = [
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(line, widths, numeric, strict=True)
            ).rstrip()
            for line in lines
        ]
        aligned.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join(([self.caption] if self.caption else []) + aligned)

    def _numeric_columns(self) -> list[bool]:
        return [
            bool(self.rows) and all(is_number(row[place]) for row in self.rows) for place in range(len(self.columns))
        ]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html(), "text/plain": self.text()}


def _class(number: bool, characters: int = 0) -> str:
    if number:
        return ' class="lab-number"'
    return ' class="lab-words"' if characters >= MANY_CHARACTERS else ""


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())
