"""Build step: diagrams. Each ```diagram on a page becomes a drawing of docs/diagrams/<name>.yml, wide and narrow.

The file says which boxes stand in which column and row, and which arrows join them. The drawing for phones has rows
and columns exchanged. What it shows also stands below it in words.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

from overrides.hooks.common import BuildStop
from overrides.hooks.diagram_drawing import KINDS, Arrow, Diagram, Node, draw
from overrides.hooks.fences import Fence, fill_places, find_fences

MOST_COLUMNS, MOST_ROWS = 5, 3
LONGEST_TEXT, LONGEST_NOTE, LONGEST_ON_ARROW = 46, 44, 22
NODE_KEYS, ARROW_KEYS, KEYS = (
    ("text", "note", "kind", "at"),
    ("from", "to", "text"),
    ("title", "alt", "nodes", "arrows"),
)
EXAMPLE = 'base: {text: "Base model", note: "continues text", kind: model, at: [2, 1]}'


def read_diagram(path: Path) -> Diagram:
    """A diagram's file.

    Raises: BuildStop if it can't be read or drawn; it names file, node or arrow, and the repair.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise BuildStop(
            f"The diagram's YAML can't be read: {getattr(error, 'problem', error)}.", line, "mend it."
        ) from error
    fault = next(_faults(content), None)
    if fault is not None:
        raise BuildStop(
            f"The diagram can't be drawn: {fault}", str(path), f"correct it; a node is written so: {EXAMPLE}"
        )
    nodes = {
        name: Node(node["text"], node.get("note", ""), node["kind"], node["at"][0], node["at"][1])
        for name, node in content["nodes"].items()
    }
    arrows = tuple(Arrow(arrow["from"], arrow["to"], arrow.get("text", "")) for arrow in content.get("arrows") or ())
    return Diagram(content["title"], " ".join(content["alt"].split()), nodes, arrows)


def _faults(content: object) -> Iterator[str]:
    """What is wrong with a diagram's file, in words. Each test takes for granted that those before found nothing."""
    if not isinstance(content, dict):
        yield f"expected a mapping with {', '.join(KEYS)}, got {type(content).__name__}."
        return
    yield from (f"expected {', '.join(KEYS)} only, got {key!r}." for key in content if key not in KEYS)
    for key in ("title", "alt"):
        if not isinstance(content.get(key), str) or not content[key].strip():
            yield f"{key}: expected some text, got {content.get(key)!r}."
    nodes = content.get("nodes")
    if not isinstance(nodes, dict) or len(nodes) < 2:
        yield f"nodes: expected a mapping of at least two, got {str(nodes)[:40]!r}."
        return
    places: dict[tuple[int, int], str] = {}
    for name, node in nodes.items():
        if not isinstance(name, str):
            yield f"node {name!r}: expected a name in letters, got {type(name).__name__}; put it in quotes."
        elif (fault := _node_fault(node)) is not None:
            yield f"node {name}: {fault}"
        elif (other := places.setdefault(tuple(node["at"]), name)) != name:
            yield f"node {name}: expected a place of its own, got {node['at']}, where {other} stands."
    arrows = content.get("arrows") or []
    if not isinstance(arrows, list):
        yield f"arrows: expected a list, got {arrows!r}."
    for number, arrow in enumerate(arrows, start=1):
        yield from (f"arrow {number}: {fault}" for fault in _arrow_faults(arrow, nodes))


def _node_fault(node: object) -> str | None:
    if not isinstance(node, dict):
        return f"expected a mapping, got {node!r}."
    at = node.get("at")
    for key in node:
        if key not in NODE_KEYS:
            return f"expected {', '.join(NODE_KEYS)} only, got {key!r}."
    for key, longest in (("text", LONGEST_TEXT), ("note", LONGEST_NOTE)):
        text = node.get(key, "" if key == "note" else None)
        if not isinstance(text, str) or len(text) > longest or (key == "text" and not text.strip()):
            return f"{key}: expected text of at most {longest} characters, got {text!r}."
    if node.get("kind") not in KINDS:
        return f"kind: expected one of {', '.join(KINDS)}, got {node.get('kind')!r}."
    if not (isinstance(at, list) and len(at) == 2 and all(type(one) is int and one >= 1 for one in at)):
        return f"at: expected [column, row], both from 1, got {at!r}."
    if at[0] > MOST_COLUMNS or at[1] > MOST_ROWS:
        return f"at: expected at most {MOST_COLUMNS} columns and {MOST_ROWS} rows, got {at!r}."
    return None


def _arrow_faults(arrow: object, nodes: dict[str, Any]) -> Iterator[str]:
    if not isinstance(arrow, dict) or not {"from", "to"} <= set(arrow) <= set(ARROW_KEYS):
        yield f"expected {', '.join(ARROW_KEYS)}, got {arrow!r}."
        return
    for end in ("from", "to"):
        if not isinstance(arrow[end], str) or arrow[end] not in nodes:
            yield f"{end}: expected one of the nodes {', '.join(nodes)}, got {arrow[end]!r}."
    if arrow["from"] == arrow["to"]:
        yield f"expected two different nodes, got {arrow['from']!r} twice."
    text = arrow.get("text", "")
    start, end = (nodes.get(arrow[key], {"at": [0, 0]})["at"] for key in ("from", "to"))
    if text and start[0] == end[0] and max(node["at"][1] for node in nodes.values()) > 2:
        yield f"text: expected none from row to row of three, where a phone has no room, got {text!r}; use a note."
    if not isinstance(text, str) or len(text) > LONGEST_ON_ARROW:
        yield f"text: expected at most {LONGEST_ON_ARROW} characters, got {text!r}."


def render_diagram(diagram: Diagram) -> str:
    """A figure with the wide drawing and the narrow one, of which the page's width chooses, and the words."""
    label = html.escape(f"Diagram: {diagram.title}. It is told in words below it.")
    drawings = "".join(
        f'<div class="course-diagram__{name}">{draw(diagram, narrow=name == "narrow", label=label)}</div>'
        for name in ("wide", "narrow")
    )
    return (
        f'<figure class="course-diagram"><figcaption>{html.escape(diagram.title)}</figcaption>{drawings}'
        f"<details><summary>The diagram in words</summary><p>{html.escape(diagram.alt)}</p></details></figure>"
    )


def render_fence(fence: Fence, docs: Path) -> str:
    """The diagram that a fence names.

    Raises: BuildStop if there is none of that name or the fence says more.
    """
    content = fence.content("name")
    name = content["name"]
    known = sorted(path.stem for path in (docs / "diagrams").glob("*.yml"))
    if len(content) > 1:
        raise fence.stop("The fence ```diagram: expected a name and nothing else.", f"leave the name {name} alone.")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]+", name) or name not in known:
        said = f"The fence ```diagram: expected one of {', '.join(known)}; got {str(name)[:40]!r}."
        raise fence.stop(said, f"write docs/diagrams/{name}.yml, or correct the name.", fence.offset("name"))
    return render_diagram(read_diagram(docs / "diagrams" / f"{name}.yml"))


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """MkDocs: all pages are read and none is written, so draw."""
    for file in files.documentation_pages():
        if file.page is not None and (fences := list(find_fences(file.page, ("diagram",)))):
            drawn = [render_fence(fence, Path(config.docs_dir)) for fence in fences]
            fill_places(file.page, iter(drawn), ("diagram",))
    return env
