"""What a run found becomes a file and a table: rounds, medians, ratios, goals, and what is wrong said clearly."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.bench import publish, results
from tests.bench.__main__ import PARTS
from tests.bench.results import Figure, Goal, Results, at_least, at_most, number, ratio_at_least, ratio_at_most

MACHINE = {
    "cores": 2,
    "processor": "Some CPU",
    "system": "Linux",
    "python": "3.13.0",
    "numpy": "2.4.6",
    "commit": "abc1234",
    "browsers": {"Chromium": "156.0", "Firefox": "153.7"},
}
TWO_PARTS = {"boot": "The start", "kernel": "The kernel"}
UNPUBLISHED = "*No run has been published yet: run `make bench`, then `python -m tests.bench --publish`.*"


@pytest.fixture
def run(tmp_path: Path) -> Results:
    """A run with two parts."""
    made = Results(tmp_path / "2026-11-21T15-04.json", MACHINE)
    naive = ("naive", [2.0, 4.0, 2.0, 2.0, 2.0])
    made.add("boot", "first visit", "s", [1.0, 1.0, 1.2, 1.0, 9.0], beside=naive, goal=ratio_at_most(0.5))
    made.add("boot", "bytes", "MB", [7.41], goal=at_most(7.5), exact=True)
    made.add("boot", "bytes of one file", "kB", [12.0], exact=True, detail=True)
    made.finish("boot")
    made.add("kernel", "speed", "GFLOP/s", [20.0, 31.0, 29.0], goal=at_least(30))
    made.finish("kernel")
    return made


def test_a_figure_has_the_median_of_its_rounds_and_of_their_ratios() -> None:
    figure = Figure("boot", "x", "s", (1.0, 3.0, 100.0), "naive", (1.0, 2.0, 400.0))
    assert (figure.median, figure.beside_median, figure.ratio) == (3.0, 2.0, 1.0)
    assert figure.met is None


@pytest.mark.parametrize(
    ("goal", "said", "met"),
    [
        (at_most(3), "≤ 3", True),
        (at_most(2.9), "≤ 2.9", False),
        (at_least(3), "≥ 3", True),
        (ratio_at_most(1.5), "ratio ≤ 1.5", True),
        (ratio_at_least(8), "ratio ≥ 8", False),
    ],
)
def test_a_goal_judges_the_median_or_the_ratio(goal: Goal, said: str, met: bool) -> None:
    figure = Figure("boot", "x", "s", (3.0,), "naive", (2.0,), goal)
    assert str(goal) == said
    assert figure.met is met


def test_a_figure_without_rounds_or_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one round or more, got none"):
        Figure("boot", "x", "s", ())
    with pytest.raises(ValueError, match=r"expected as many rounds beside as of its own \(2\), got 1"):
        Figure("boot", "x", "s", (1.0, 2.0), "naive", (1.0,))
    with pytest.raises(ValueError, match="expected something beside it"):
        Figure("boot", "x", "s", (1.0,), goal=ratio_at_most(1))


def test_numbers_have_three_digits_that_count() -> None:
    assert [number(value) for value in (1234.5, 123.4, 12.34, 1.234, 0.01234, 0.0)] == [
        "1,234",
        "123",
        "12.3",
        "1.23",
        "0.0123",
        "0",
    ]


def test_the_file_holds_every_round_and_what_follows_from_them(run: Results) -> None:
    kept = json.loads(run.path.read_text(encoding="utf-8"))
    assert kept["parts"] == ["boot", "kernel"]
    assert kept["machine"] == MACHINE
    first = kept["figures"][0]
    assert first["values"] == [1.0, 1.0, 1.2, 1.0, 9.0]
    assert first["beside_values"] == [2.0, 4.0, 2.0, 2.0, 2.0]
    assert (first["median"], first["ratio"], first["goal"], first["met"]) == (1.0, 0.5, "ratio ≤ 0.5", True)
    assert run.verdict() == "2 of 3 goals met\n  missed: speed"


def test_a_run_is_named_by_its_minute_and_tells_no_identity() -> None:
    begun = results.start({"Chromium": "156.0"}, datetime(2026, 11, 21, 15, 4))
    assert begun.path == results.FOLDER / "2026-11-21T15-04.json"
    assert set(begun.machine) == set(MACHINE)


def test_the_table_says_each_figure_and_whether_its_goal_is_met(run: Results) -> None:
    table = publish.render(run.to_dict(), TWO_PARTS)
    assert table.splitlines() == [
        "Measured on 2026-11-21 at 15:04, commit `abc1234`: 2 cores, Some CPU, Linux, Python 3.13.0, NumPy 2.4.6, "
        "Chromium 156.0, Firefox 153.7.",
        "",
        "**The start**",
        "",
        publish.HEADER,
        publish.RULE,
        "| first visit | 1 s | naive 2 s | 0.5 | ratio ≤ 0.5 | met |",
        "| bytes | 7.41 MB |  |  | ≤ 7.5 | met |",
        "",
        "**The kernel**",
        "",
        publish.HEADER,
        publish.RULE,
        "| speed (measured 3 times) | 29 GFLOP/s |  |  | ≥ 30 | **missed** |",
    ]


def test_publishing_takes_the_newest_whole_run_and_leaves_the_rest_of_the_page(run: Results, tmp_path: Path) -> None:
    newer = Results(tmp_path / "2026-12-01T09-00.json", MACHINE)
    newer.finish("boot")
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{publish.BEGIN}\n\nold\n\n{publish.END}\n\nafter\n")
    for _ in range(2):
        assert publish.publish(page, tmp_path, TWO_PARTS) == run.path
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"before\n\n{publish.BEGIN}\n\nMeasured on 2026-11-21 at 15:04")
        assert text.endswith(f"\n\n{publish.END}\n\nafter\n")
        assert "old" not in text


def test_without_a_whole_run_nothing_is_published(run: Results, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{publish.BEGIN}\n{publish.END}\n")
    with pytest.raises(ValueError, match=r"all parts \(boot, cell\), got 1 files and none .*; run `make bench`"):
        publish.publish(page, tmp_path, {"boot": "", "cell": ""})
    assert page.read_text() == f"{publish.BEGIN}\n{publish.END}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (publish.BEGIN, "expected the mark '<!-- end -->' once, got 0"),
        (publish.END, "expected the mark '<!-- measured: .*' once, got 0"),
        (f"{publish.BEGIN}{publish.BEGIN}{publish.END}", "once, got 2"),
        (f"{publish.END}{publish.BEGIN}", "after .*, got it before; swap"),
    ],
)
def test_a_page_without_its_marks_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        publish.replaced(text, "table", "page.md")


def test_the_published_table_is_one_that_was_rendered() -> None:
    table = publish.PAGE.read_text(encoding="utf-8").split(publish.BEGIN)[1].split(publish.END)[0].strip()
    if table == UNPUBLISHED:
        return
    caption, *blocks = table.split("\n\n")
    assert re.fullmatch(r"Measured on \d{4}-\d\d-\d\d at \d\d:\d\d, commit `[0-9a-f]+\+?`: \d+ cores, .+\.", caption)
    headings = [f"**{heading}**" for heading in PARTS.values()]
    # A part that is new is not in the table before a whole run was published.
    assert len(blocks[::2]) >= 6 and blocks[::2] == [heading for heading in headings if heading in blocks[::2]]
    for block in blocks[1::2]:
        header, rule, *rows = block.splitlines()
        assert (header, rule) == (publish.HEADER, publish.RULE)
        for line in rows:
            *_, goal, met = (cell.strip() for cell in line.strip("|").split("|"))
            assert line.count("|") == 7
            assert (met in (publish.MET, publish.MISSED)) == bool(goal), line
