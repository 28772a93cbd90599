"""Build step: panels and exercises. Each ```lab or ```exercise on a page becomes markup that reads well by itself.

A panel is drawn by the lab's own `run`, through `labs.core.bridge`, with the values on the page. The browser's elements
`lab-panel` and `lab-exercise` bring both to life.
"""

import copy
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from overrides.hooks.cells import Cell, highlighted, render_cell
from overrides.hooks.common import BuildStop
from overrides.hooks.fences import Fence, fill_places, find_fences, register
from overrides.hooks.outputs import render_outputs
from overrides.hooks.recording import Answer, record


def text_of(control: Mapping[str, Any], value: object) -> str:
    """A control's value as people read it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if control["kind"] in ("slider", "number"):
        short = int(value) if isinstance(value, float) and value.is_integer() else value
        return f"{short} {control['unit']}".rstrip()
    if control["kind"] == "counter":
        return "once" if value == 1 else f"{value} times"
    if control["kind"] == "comparisons":
        return f"{len(value.replace('-', ''))} of {len(value)} ranked" if isinstance(value, str) else str(value)
    if isinstance(value, list | tuple):
        return "; ".join(f"{message['role']}: “{in_a_line(message['content'])}”" for message in value) or "no message"
    return f"“{in_a_line(str(value))}”" if control["kind"] == "text" else str(value)


def in_a_line(text: str) -> str:
    """A text of several lines in one."""
    return " ⏎ ".join(text.splitlines())


def inline(text: str) -> str:
    """Words with `code` in them as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def render_panel(answer: Answer, values: Mapping[str, Any], key: str, number: int) -> str:
    """A lab's panel: title, question, the values used, and its recorded output.

    `key` names its place in the site; `number`, from 1, makes ids inside drawings unique on the page.
    """
    lab, escape = answer["lab"], html.escape
    shown = "illustrative" if lab["label"] == "illustrative" else "recorded"
    used = {control["name"]: values.get(control["name"], control["default"]) for control in lab["controls"]}
    listed = "".join(
        f"<div><dt>{escape(control['label'])}</dt><dd>{escape(text_of(control, used[control['name']]))}</dd></div>"
        for control in lab["controls"]
    )
    button = f'action="{escape(lab["action"])}"{" waits" if lab["waits"] else ""}'
    return (
        f'<lab-panel lab="{escape(lab["slug"])}" key="{escape(key)}" label="{shown}" {button} '
        f'controls="{escape(json.dumps(lab["controls"]))}" values="{escape(json.dumps(used))}">'
        f'<div class="lab-panel__head"><p class="lab-panel__title">{escape(lab["title"])}</p>'
        f'<p class="lab-panel__question">{escape(lab["question"])}</p></div>'
        f"{f'''<dl class="lab-panel__values">{listed}</dl>''' if listed else ''}"
        f"<noscript><p>{escape(lab['action'])} needs JavaScript. Below is a run with these values.</p></noscript>"
        f'<div class="lab-panel__stage"><div class="lab-panel__recorded"><p class="lab-cell__label">'
        f'<span class="lab-label lab-label--{shown}">{shown}</span> made when this page was built</p>'
        f'<div class="lab-output">{render_outputs(answer["outputs"], f"panel-{number}")}</div></div></div></lab-panel>'
    )


def render_exercise(exercise: Mapping[str, Any], task: str) -> str:
    """An exercise: its task (as HTML), the starter in a cell of its own, hints and solution folded away."""
    escape = html.escape
    name = escape(exercise["name"])
    starter = render_cell(Cell(1, "answer", exercise["starter"], []), f"exercise-{exercise['name']}", "live")
    # It is counted with no page's cells: its buttons and its tracebacks call it “cell exercise”.
    starter = starter.replace('number="1"', 'number="exercise"', 1)
    solution = highlighted(exercise["solution"])
    hints = "".join(f"<li>{inline(hint)}</li>" for hint in exercise["hints"])
    checks = "".join(f'<li data-name="{escape(check)}">{inline(check)}</li>' for check in exercise["checks"])
    return (
        f'<lab-exercise name="{name}"><div class="lab-exercise__head">'
        f'<p class="lab-exercise__title">Exercise: {escape(exercise["title"])}</p></div>'
        f'<div class="lab-exercise__task">{task}</div>{starter}'
        f'<div class="lab-exercise__checks"><p>It will be checked that:</p><ul>{checks}</ul></div>'
        '<details class="lab-exercise__help" data-search-exclude><summary>Hints and solution</summary>'
        f'<ol class="lab-exercise__hints">{hints}</ol><div class="lab-exercise__solution"><p>One solution:</p>'
        f'<div class="highlight"><pre><code>{solution}</code></pre></div></div></details></lab-exercise>'
    )


def fault(fence: Fence, answer: Answer) -> BuildStop:
    """Why this fence stops the build, at the line of the key that is at fault."""
    name = fence.request()["name"]
    about = answer.get("about")
    if about is not None:
        said = f"In ```{fence.kind} {name}: {answer['fault']}"
        return fence.stop(said, "correct it on the page.", fence.offset(about))
    trace = "\n".join(answer.get("trace", "").strip().splitlines()[-20:])
    return fence.stop(
        f"The lab {name} failed while its panel was made: {answer['fault']}.\n{trace}".rstrip(),
        f"mend labs/{name}/lab.py; `python -m labs run {name}` shows the same.",
    )


def render_markdown(text: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Markdown as the page's own would be: same extensions, links from the same place."""
    scratch = copy.copy(page)
    scratch.markdown = text
    Page.render(scratch, config, files)
    return scratch.content or ""


def render_page(
    page: Page, fences: Sequence[Fence], answers: Sequence[Answer], config: MkDocsConfig, files: Files
) -> Iterator[str]:
    """The finished blocks of a page, in order.

    Raises: BuildStop if an exercise stands twice on it: both would keep the reader's work under one name.
    """
    seen: set[str] = set()
    for number, (fence, answer) in enumerate(zip(fences, answers, strict=True), start=1):
        if "exercise" not in answer:
            yield render_panel(answer, fence.request()["values"], f"{page.file.src_uri}#panel-{number}", number)
            continue
        exercise = answer["exercise"]
        if exercise["name"] in seen:
            raise fence.stop(
                f"The exercise {exercise['name']} stands on this page already.", "leave one of the two.", 1
            )
        seen.add(exercise["name"])
        yield render_exercise(exercise, render_markdown(exercise["task"], page, config, files))


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """MkDocs: let Markdown know our fences."""
    register(config)
    return config


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """MkDocs: all pages are read and none is written, so make all panels and exercises of the site, at once."""
    pages = [page for file in files.documentation_pages() if (page := file.page) is not None]
    fenced = [(page, found) for page in pages if (found := list(find_fences(page)))]
    fences = [fence for _, found in fenced for fence in found]
    answers = record([fence.request() for fence in fences])
    for fence, answer in zip(fences, answers, strict=True):
        if "fault" in answer:
            raise fault(fence, answer)
    waiting = iter(answers)
    for page, found in fenced:
        fill_places(page, render_page(page, found, [next(waiting) for _ in found], config, files))
    return env
