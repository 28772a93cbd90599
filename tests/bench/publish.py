"""The published table: made from the newest whole run's file, and put between two marks of the guide."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from overrides.hooks.common import ROOT
from tests.bench.results import ROUNDS, number

PAGE = ROOT / "docs/guides/performance.md"
BEGIN = "<!-- measured: python -m tests.bench --publish -->"
END = "<!-- end -->"
HEADER = "| measured | median | beside it | ratio | goal | |"
RULE = "|---|---|---|---|---|---|"
MET, MISSED = "met", "**missed**"


def publish(page: Path, folder: Path, parts: dict[str, str]) -> Path:
    """Put the newest run that has all these parts into the page, each under its heading; return the run's file.

    Raises: ValueError if there is no such run, or the page lacks its marks.
    """
    text = page.read_text(encoding="utf-8")
    source = newest(folder, parts)
    table = render(json.loads(source.read_text(encoding="utf-8")), parts)
    page.write_text(replaced(text, table, page.name), encoding="utf-8")
    return source


def newest(folder: Path, parts: Collection[str]) -> Path:
    """The newest file of results that has all the parts.

    Raises: ValueError if there is none.
    """
    found = sorted(folder.glob("*.json"), reverse=True)
    for path in found:
        if set(parts) <= set(json.loads(path.read_text(encoding="utf-8"))["parts"]):
            return path
    raise ValueError(
        f"{folder.name}/: expected the results of a run with all parts ({', '.join(parts)}), got "
        f"{len(found)} files and none that has them; run `make bench`."
    )


def replaced(text: str, table: str, name: str) -> str:
    """The page with the table between its marks.

    Raises: ValueError unless each mark is there once, the first one first.
    """
    for mark in (BEGIN, END):
        if text.count(mark) != 1:
            raise ValueError(f"{name}: expected the mark {mark!r} once, got {text.count(mark)}; mend the page.")
    before, rest = text.split(BEGIN)
    if END not in rest:
        raise ValueError(f"{name}: expected {END!r} after {BEGIN!r}, got it before; swap the two lines.")
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def render(results: dict[str, Any], parts: dict[str, str]) -> str:
    """The tables of a run, one for each part that has figures, below a line that says where and when it was."""
    tables = [caption(results)]
    for part, heading in parts.items():
        figures = [figure for figure in results["figures"] if figure["part"] == part and not figure["detail"]]
        if figures:
            tables.append(f"**{heading}**")
            tables.append("\n".join([HEADER, RULE, *map(row, figures)]))
    return "\n\n".join(tables)


def caption(results: dict[str, Any]) -> str:
    """When, on what and from which commit."""
    machine = results["machine"]
    day, time = results["date"].split("T")
    browsers = ", ".join(f"{name} {version}" for name, version in machine["browsers"].items())
    return (
        f"Measured on {day} at {time.replace('-', ':')}, commit `{machine['commit']}`: {machine['cores']} cores, "
        f"{machine['processor']}, {machine['system']}, "
        f"Python {machine['python']}, NumPy {machine['numpy']}, {browsers}."
    )


def row(figure: dict[str, Any]) -> str:
    """A figure as a row of the table."""
    rounds = len(figure["values"])
    unit = figure["unit"]
    cells = [
        figure["name"] + ("" if rounds >= ROUNDS or figure["exact"] else f" (measured {times(rounds)})"),
        f"{number(figure['median'])} {unit}",
        f"{figure['beside']} {number(figure['beside_median'])} {unit}" if figure["beside"] else "",
        "" if figure["ratio"] is None else number(figure["ratio"]),
        figure["goal"] or "",
        {None: "", True: MET, False: MISSED}[figure["met"]],
    ]
    return "| " + " | ".join(cells) + " |"


def times(rounds: int) -> str:
    """How often, in words."""
    return {1: "once", 2: "twice"}.get(rounds, f"{rounds} times")
