"""Diagrams at build: what a file becomes, that drawings stay within their frame, and what a wrong file says."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from overrides.hooks import diagrams
from overrides.hooks.diagram_drawing import Arrow, Diagram, Node, draw
from overrides.hooks.fences import find_fences
from tests.hooks.conftest import Stops
from tests.hooks.test_chat import page_of

ROOT = Path(__file__).parents[2]
GOOD = """\
title: From text to model
alt: Text goes into training, which makes a model that continues text.
nodes:
  web: {text: "Web <text>", note: "much", kind: data, at: [1, 1]}
  base: {text: "Base model", kind: model, at: [2, 1]}
  demos: {text: "Demonstrations", kind: data, at: [1, 2]}
arrows:
  - {from: web, to: base, text: "training"}
  - {from: demos, to: base}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "diagrams/example.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_diagram_is_drawn_twice_and_told_in_words(tmp_path: Path) -> None:
    made = diagrams.render_diagram(diagrams.read_diagram(written(tmp_path, GOOD)))
    soup = BeautifulSoup(made, "html.parser")
    assert soup.select("figcaption")[0].get_text() == "From text to model"
    assert "Text goes into training" in soup.select("details p")[0].get_text()
    wide, narrow = soup.select("svg[role=img]")
    for drawing in (wide, narrow):
        assert len(drawing.select("rect")) == 3
        assert len(drawing.select("path")) == len(drawing.select("polygon")) == 2
        assert {"Web <text>", "Base model", "training"} <= {tag.get_text() for tag in drawing.select("text")}
        assert "From text to model" in str(drawing["aria-label"])
    assert float(str(narrow["width"])) <= 328


def test_rows_and_columns_change_places_for_a_phone() -> None:
    side_by_side = Diagram("t", "a", {"a": Node("A", "", "step", 1, 1), "b": Node("B", "", "step", 2, 1)}, ())
    boxes = [BeautifulSoup(draw(side_by_side, narrow=narrow, label=""), "html.parser") for narrow in (False, True)]
    wide, narrow = ([(float(str(r["x"])), float(str(r["y"]))) for r in soup.select("rect")] for soup in boxes)
    assert wide[0][0] < wide[1][0] and wide[0][1] == wide[1][1]
    assert narrow[0][0] == narrow[1][0] and narrow[0][1] < narrow[1][1]


def test_an_arrow_ends_at_the_edge_of_its_box_and_goes_round_a_box_between() -> None:
    nodes = {name: Node(name, "", "step", column, 1) for column, name in enumerate("abc", start=1)}
    straight = draw(Diagram("t", "a", nodes, (Arrow("a", "b", ""),)), narrow=False, label="")
    [path] = re.findall(r'd="M([\d.]+) ([\d.]+) L ([\d.]+) ([\d.]+)"', straight)
    boxes = BeautifulSoup(straight, "html.parser").select("rect")
    right_of_a = float(str(boxes[0]["x"])) + float(str(boxes[0]["width"]))
    assert float(path[0]) == pytest.approx(right_of_a + 3, abs=0.2)
    assert float(path[2]) == pytest.approx(float(str(boxes[1]["x"])) - 3, abs=0.2)
    assert " Q" in draw(Diagram("t", "a", nodes, (Arrow("a", "c", ""),)), narrow=False, label="")


def test_every_diagram_of_the_course_stays_within_its_frame() -> None:
    files = sorted((ROOT / "docs/diagrams").glob("*.yml"))
    assert len(files) >= 8
    for path in files:
        diagram = diagrams.read_diagram(path)
        for narrow in (False, True):
            soup = BeautifulSoup(draw(diagram, narrow=narrow, label=""), "html.parser")
            width, height = (float(str(soup.select("svg")[0][name])) for name in ("width", "height"))
            for box in soup.select("rect"):
                left, top, wide, high = (float(str(box[name])) for name in ("x", "y", "width", "height"))
                assert left >= 0 and left + wide <= width and top >= 0 and top + high <= height, path.name
            for text in soup.select("text"):
                kind, long = str(text.get("class")), len(text.get_text()) * 6.1
                left = float(str(text["x"])) - (0 if "right" in kind else long if "left" in kind else long / 2)
                where = f"{path.name}, narrow={narrow}: {text.get_text()}"
                assert left >= -1 and left + long <= width + 1, where


def test_a_fence_shows_the_diagram_that_it_names(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    [fence] = find_fences(page_of(tmp_path, "# P\n\n```diagram\nname: example\n```\n"), ("diagram",))
    assert "course-diagram" in diagrams.render_fence(fence, tmp_path)


@pytest.mark.parametrize("body", ["name: exampel", "name: ../diagrams/example", "name: 3", "name: example\nwide: yes"])
def test_a_wrong_fence_stops_the_build_at_its_line(tmp_path: Path, stops: Stops, body: str) -> None:
    written(tmp_path, GOOD)
    [fence] = find_fences(page_of(tmp_path, f"# P\n\n```diagram\n{body}\n```\n"), ("diagram",))
    with stops(
        "The fence ```diagram: expected", "page.md, line", "correct the name" if "wide" not in body else "leave"
    ):
        diagrams.render_fence(fence, tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("title: From text to model\n", ""), "title: expected some text, got None"),
        (("alt: Text goes", "Alt: Text goes"), "expected title, alt, nodes, arrows only, got 'Alt'"),
        (("kind: model", "kind: net"), "node base: kind: expected one of data, step, model, text, got 'net'"),
        (("at: [2, 1]", "at: [6, 1]"), "node base: at: expected at most 5 columns and 3 rows, got [6, 1]"),
        (("at: [2, 1]", "at: [0, 1]"), "node base: at: expected [column, row], both from 1, got [0, 1]"),
        (("at: [2, 1]", "at: [1, 1]"), "node base: expected a place of its own, got [1, 1], where web stands"),
        (("Base model", "B" * 60), "node base: text: expected text of at most 46 characters"),
        (("to: base}", "to: bass}"), "arrow 2: to: expected one of the nodes web, base, demos, got 'bass'"),
        (("{from: demos, to: base}", "{from: base, to: base}"), "arrow 2: expected two different nodes"),
        (("from: demos, to: base", "from: demos"), "arrow 2: expected from, to, text"),
        (("nodes:", "nodes: 3\nx:"), "expected title, alt, nodes, arrows only, got 'x'"),
        ((", at: [1, 2]", ""), "node demos: at: expected [column, row], both from 1, got None"),
        (("  demos: {", "  no: {"), "node False: expected a name in letters, got bool; put it in quotes"),
        (("to: base}", "to: [base]}"), "arrow 2: to: expected one of the nodes web, base, demos, got ['base']"),
        ((GOOD[GOOD.index("arrows:") :], "arrows: 3\n"), "arrows: expected a list, got 3"),
        (("arrows:", "arrows: ["), "YAML can't be read"),
    ],
)
def test_a_wrong_file_stops_the_build(tmp_path: Path, stops: Stops, change: tuple[str, str], said: str) -> None:
    assert change[0] in GOOD
    with stops(said, "example.yml", ""):
        diagrams.read_diagram(written(tmp_path, GOOD.replace(*change, 1)))


def test_three_rows_have_no_room_for_words_from_row_to_row(tmp_path: Path, stops: Stops) -> None:
    text = GOOD.replace("at: [2, 1]", "at: [1, 3]").replace(
        "{from: demos, to: base}", '{from: demos, to: base, text: "x"}'
    )
    with stops("expected none from row to row of three", "example.yml", ""):
        diagrams.read_diagram(written(tmp_path, text))
