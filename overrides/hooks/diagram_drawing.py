"""A diagram of boxes and arrows as SVG, in the theme's colours, laid out in columns and rows."""

import html
import math
import textwrap
from dataclasses import dataclass

KINDS = ("data", "step", "model", "text")
LINE, NOTE_LINE, PADDING = 17.0, 14.0, 9.0
WIDE_BOX, WIDE_GAP, WIDE_ROW_GAP = 134.0, 76.0, 46.0
NARROW_WIDTH, NARROW_ROW_GAP = 328.0, 46.0
NARROW_BOXES = {1: 230.0, 2: 122.0, 3: 100.0}
CHARACTER, NOTE_CHARACTER, LABEL_CHARACTER = 7.0, 6.1, 6.4
HEAD = 7.0


@dataclass(frozen=True)
class Node:
    """A box: its words, a smaller note, what kind of thing it is, and its place, both from 1."""

    text: str
    note: str
    kind: str
    column: int
    row: int


@dataclass(frozen=True)
class Arrow:
    """An arrow between two boxes, by their names."""

    start: str
    end: str
    text: str


@dataclass(frozen=True)
class Diagram:
    """Title, what it says in words, boxes by name, arrows."""

    title: str
    alt: str
    nodes: dict[str, Node]
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True)
class Box:
    """A node where it is drawn: middle, size, and the lines that fit into it. Units: those of the drawing."""

    x: float
    y: float
    width: float
    height: float
    lines: list[str]
    notes: list[str]
    kind: str


def draw(diagram: Diagram, *, narrow: bool, label: str) -> str:
    """The diagram as `<svg>`; `narrow` exchanges rows and columns. `label` is its escaped name for screen readers."""
    boxes, width, height = _placed(diagram, narrow)
    both_ways = {(arrow.start, arrow.end) for arrow in diagram.arrows}
    arrows = "".join(
        _arrow(boxes, arrow, 8.0 if (arrow.end, arrow.start) in both_ways else 0.0, (width, height))
        for arrow in diagram.arrows
    )
    drawn = "".join(_box(box) for box in boxes.values())
    tight = ' class="course-diagram__tight"' if narrow and max(n.row for n in diagram.nodes.values()) > 2 else ""
    return (
        f'<svg{tight} role="img" aria-label="{label}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">{drawn}{arrows}</svg>'
    )


def _placed(diagram: Diagram, narrow: bool) -> tuple[dict[str, Box], float, float]:
    """Every box in its place, and the size of the drawing."""
    places = {name: (n.row, n.column) if narrow else (n.column, n.row) for name, n in diagram.nodes.items()}
    columns = max(column for column, _ in places.values())
    rows = max(row for _, row in places.values())
    width = NARROW_BOXES[columns] if narrow else WIDE_BOX
    gap = (NARROW_WIDTH - 2 - columns * width) / max(1, columns - 1) if narrow else WIDE_GAP
    row_gap = NARROW_ROW_GAP if narrow else WIDE_ROW_GAP
    words = {name: _lines(node, width) for name, node in diagram.nodes.items()}
    heights = [
        max([_height(*words[name]) for name in places if places[name][1] == row], default=0.0)
        for row in range(1, rows + 1)
    ]
    tops = [1.0 + sum(heights[:row]) + row * row_gap for row in range(rows)]
    total = NARROW_WIDTH if narrow else 2 + columns * width + (columns - 1) * gap
    left = (total - columns * width - (columns - 1) * gap) / 2
    boxes = {}
    for name, (column, row) in places.items():
        x = left + (column - 1) * (width + gap) + width / 2
        y = tops[row - 1] + heights[row - 1] / 2
        boxes[name] = Box(x, y, width, _height(*words[name]), *words[name], diagram.nodes[name].kind)
    return boxes, total, tops[-1] + heights[-1] + 1


def _lines(node: Node, width: float) -> tuple[list[str], list[str]]:
    """A node's words and note, broken to fit."""
    inner = width - 2 * PADDING
    lines = [line for part in node.text.split("\n") for line in _broken(part, inner / CHARACTER)]
    return lines, _broken(node.note, inner / NOTE_CHARACTER)


def _broken(text: str, characters: float) -> list[str]:
    """Text in lines of about so many characters; no word is broken."""
    return textwrap.wrap(text, max(4, int(characters)), break_long_words=False, break_on_hyphens=False)


def _height(lines: list[str], notes: list[str]) -> float:
    return len(lines) * LINE + len(notes) * NOTE_LINE + 2 * PADDING


def _box(box: Box) -> str:
    """A box with its words in the middle."""
    radius = {"step": min(18.0, box.height / 2), "model": 3.0, "data": 3.0, "text": 0.0}[box.kind]
    left, top = box.x - box.width / 2, box.y - box.height / 2
    shape = (
        f'<rect class="course-diagram__{box.kind}" x="{left:g}" y="{top:g}" width="{box.width:g}" '
        f'height="{box.height:g}" rx="{radius:g}"/>'
    )
    y = top + PADDING
    texts = []
    for line in box.lines:
        texts.append(f'<text x="{box.x:g}" y="{y + 13:g}">{html.escape(line)}</text>')
        y += LINE
    for line in box.notes:
        texts.append(f'<text class="course-diagram__note" x="{box.x:g}" y="{y + 11:g}">{html.escape(line)}</text>')
        y += NOTE_LINE
    return shape + "".join(texts)


def _arrow(boxes: dict[str, Box], arrow: Arrow, aside: float, size: tuple[float, float]) -> str:
    """A line with a head and its words; `aside` keeps the two arrows of a pair apart.

    A line that another box would cover goes round it in a bow.
    """
    start, end = boxes[arrow.start], boxes[arrow.end]
    dx, dy = end.x - start.x, end.y - start.y
    length = math.hypot(dx, dy)
    across, along = -dy / length, dx / length  # to the left of the way, as seen on the page
    shift = (across * aside, along * aside)
    between = [box for box in boxes.values() if box not in (start, end) and _covers(box, start, end)]
    middle = ((start.x + end.x) / 2 + shift[0], (start.y + end.y) / 2 + shift[1])
    if between:
        reach = max(box.height if abs(dx) > abs(dy) else box.width for box in between) * 0.5 + 22
        at = (middle[0] + across * reach, middle[1] + along * reach)
        if not (0 < at[0] < size[0] and 0 < at[1] < size[1]):  # there is no room on this side
            reach = -reach
            at = (middle[0] + across * reach, middle[1] + along * reach)
        bend = (middle[0] + across * reach * 2, middle[1] + along * reach * 2)
    else:
        bend = middle
    tail, tip = _edge(start, bend, shift), _edge(end, bend, shift)
    if not between:
        at = ((tail[0] + tip[0]) / 2, (tail[1] + tip[1]) / 2)
    path = f"M{tail[0]:g} {tail[1]:g}" + (f" Q{bend[0]:g} {bend[1]:g}" if between else " L") + f" {tip[0]:g} {tip[1]:g}"
    words = _label(arrow.text, at, size[0], steep=abs(dy) > abs(dx)) if arrow.text else ""
    return f'<path class="course-diagram__arrow" d="{path}"/>{_head(bend if between else tail, tip)}{words}'


def _covers(box: Box, start: Box, end: Box) -> bool:
    """Whether the straight way between two boxes runs through a third."""
    for step in range(1, 20):
        x = start.x + (end.x - start.x) * step / 20
        y = start.y + (end.y - start.y) * step / 20
        if abs(x - box.x) < box.width / 2 and abs(y - box.y) < box.height / 2:
            return True
    return False


def _edge(box: Box, towards: tuple[float, float], shift: tuple[float, float]) -> tuple[float, float]:
    """Where the way from a box's middle (moved by `shift`) to a point leaves the box, and a little space."""
    x, y = box.x + shift[0], box.y + shift[1]
    dx, dy = towards[0] - x, towards[1] - y
    scale = min(
        (box.width / 2 - math.copysign(shift[0], dx) * (shift[0] != 0)) / abs(dx) if abs(dx) > 1e-9 else math.inf,
        (box.height / 2 - math.copysign(shift[1], dy) * (shift[1] != 0)) / abs(dy) if abs(dy) > 1e-9 else math.inf,
    )
    space = 3.0 / (math.hypot(dx, dy) or 1.0)
    return round(x + dx * (scale + space), 1), round(y + dy * (scale + space), 1)


def _head(before: tuple[float, float], tip: tuple[float, float]) -> str:
    """The head of an arrow that comes from `before`."""
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    points = [tip] + [
        (tip[0] - HEAD * math.cos(angle + turn), tip[1] - HEAD * math.sin(angle + turn)) for turn in (-0.45, 0.45)
    ]
    return f'<polygon class="course-diagram__head" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def _label(text: str, at: tuple[float, float], width: float, *, steep: bool) -> str:
    """An arrow's words: above a level arrow, in short lines; beside a steep one, where the drawing has room."""
    if steep:
        fits = at[0] + 7 + len(text) * LABEL_CHARACTER <= width
        side, x = ("right", at[0] + 7) if fits else ("left", at[0] - 7)
        kind = f"course-diagram__label course-diagram__label--{side}"
        return f'<text class="{kind}" x="{x:g}" y="{at[1] + 4:g}">{html.escape(text)}</text>'
    lines = _broken(text, (WIDE_GAP - 4) / LABEL_CHARACTER)
    top = at[1] - 6 - 12 * (len(lines) - 1)
    return "".join(
        f'<text class="course-diagram__label" x="{at[0]:g}" y="{top + 12 * number:g}">{html.escape(line)}</text>'
        for number, line in enumerate(lines)
    )
