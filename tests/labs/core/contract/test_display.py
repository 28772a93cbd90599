"""Display objects: safe HTML, readable text, charts that nobody is shut out from."""

import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from labs.core.contract import Chart, Progress, Table, mimebundle
from labs.core.contract.charts import VEGA_LITE_MIME
from labs.core.contract.markup import escape

TABLE = Table(["Name", "Share", "Count"], [["a <b>", 0.25, 3], ["long name", 1 / 3, 12]], "Two & more")
SPEC = {"data": {"values": [{"x": 1}]}, "mark": "bar", "encoding": {"x": {"field": "x"}}}


@given(st.text(), st.text())
def test_any_text_comes_through_html_unchanged(first: str, second: str) -> None:
    html = f'<p title="{escape(first)}">{escape(second)}</p>'
    assert "<" not in escape(first) and '"' not in escape(first)
    paragraph = BeautifulSoup(html, "html.parser").p
    assert paragraph is not None
    # A parser takes out what HTML has no character for: compare what it can hold.
    if not re.search(r"[^\t\n -~]", first + second):
        assert (paragraph["title"], paragraph.text) == (first, second)


def test_a_table_has_headings_a_caption_and_marked_numbers() -> None:
    soup = BeautifulSoup(TABLE.html(), "html.parser")
    assert [th.text for th in soup.select("table.lab-table th[scope=col]")] == ["Name", "Share", "Count"]
    assert [th.text for th in soup.select("th[scope=row]")] == ["a <b>", "long name"]
    assert [td.text for td in soup.select("td.lab-number")] == ["0.25", "3", "0.3333", "12"]
    assert soup.caption is not None and soup.caption.text == "Two & more"


def test_cells_with_many_letters_get_room_and_numbers_never() -> None:
    long = "a reply of several words"
    soup = BeautifulSoup(Table(["n", "text", "m"], [[1, long, 10**30], [2, "short", 3]]).html(), "html.parser")
    assert [td.text for td in soup.select("td.lab-words")] == [long]


def test_a_table_of_numbers_alone_has_no_row_headings() -> None:
    assert 'scope="row"' not in Table(["n", "m"], [[1, 2]]).html()


def test_a_tables_text_is_aligned() -> None:
    assert TABLE.text().splitlines() == [
        "Two & more",
        "Name        Share  Count",
        "---------  ------  -----",
        "a <b>        0.25      3",
        "long name  0.3333     12",
    ]


def test_a_table_shows_values_as_people_read_them() -> None:
    values = [12345.6, True, None, np.float32(0.5), np.int64(7), float("nan")]
    assert Table(["v"], [[value] for value in values]).text().split()[2:] == [
        "12346",
        "yes",
        "–",
        "0.5",
        "7",
        "nan",
    ]


def test_a_table_without_rows_still_shows_its_columns() -> None:
    assert Table(["a"], []).text() == "a\n-"


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Row 2 of the table: expected 2 values \(a, b\), got 1"):
        Table(["a", "b"], [[1, 2], [1]])
    with pytest.raises(ValueError, match="at least one column"):
        Table([], [])


def test_a_chart_comes_with_its_words_and_its_numbers() -> None:
    data, metadata = mimebundle(Chart(SPEC, "Shares", "One bar.", TABLE))
    spec = data[VEGA_LITE_MIME]
    assert isinstance(spec, dict)
    assert spec["description"] == "One bar." and spec["width"] == "container" and spec["mark"] == "bar"
    assert data["text/html"] == TABLE.html()
    assert data["text/plain"] == f"Shares\nOne bar.\n\n{TABLE.text()}"
    assert metadata == {VEGA_LITE_MIME: {"title": "Shares", "alt": "One bar."}}


@pytest.mark.parametrize(("title", "alt", "name"), [("", "words", "title"), ("words", " ", "alt")])
def test_a_chart_without_words_is_refused(title: str, alt: str, name: str) -> None:
    with pytest.raises(ValueError, match=rf"A chart's {name}: expected a sentence, got"):
        Chart(SPEC, title, alt, TABLE)


def test_a_chart_that_would_fetch_its_data_is_refused() -> None:
    with pytest.raises(ValueError, match=r"inline values, got the address 'data\.csv'"):
        Chart({**SPEC, "data": {"url": "data.csv"}}, "Shares", "One bar.", TABLE)


def test_progress_is_a_labelled_bar() -> None:
    soup = BeautifulSoup(Progress(1, 8, "Steps <done>").html(), "html.parser")
    bar = soup.select_one("label > progress.lab-progress")
    assert bar is not None and (bar["value"], bar["max"]) == ("1", "8")
    assert soup.text.startswith("Steps <done>")
    assert Progress(999, 1000, "Steps").text() == "Steps: 999 of 1000 (99\N{NO-BREAK SPACE}%)"


@pytest.mark.parametrize(
    ("done", "total", "label"), [(0, 0, "a"), (-1, 2, "a"), (3, 2, "a"), (float("nan"), 2, "a"), (1, 2, " ")]
)
def test_impossible_progress_is_refused(done: float, total: float, label: str) -> None:
    with pytest.raises(ValueError, match=r"expected .*, got"):
        Progress(done, total, label)
