"""Panels and exercises at build: what a fence becomes, and what a wrong one says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from markdown import Markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from overrides.hooks import asking, panels, recording
from overrides.hooks.common import ROOT
from overrides.hooks.fences import PLACE, Fence, find_fences, register
from overrides.hooks.recording import Answer, Request, record, settled

SLIDER = {
    "kind": "slider",
    "name": "heat",
    "label": "Heat <b>",
    "default": 1.0,
    "help": "",
    "minimum": 0,
    "maximum": 3,
    "step": 0.1,
    "unit": "°",
    "whole": False,
}
LAB = {
    "slug": "a_lab",
    "title": "A <lab>",
    "question": "Why & how?",
    "label": "live",
    "action": "Run",
    "waits": False,
    "controls": [SLIDER],
}
EXERCISE = {
    "name": "a_lab.one",
    "title": "Do <it>",
    "task": "Write `f` & *run* it.",
    "starter": "def f(x): ...  # <here>\n",
    "solution": "def f(x): return x < 1\n",
    "hints": ["Use `<`.", "Return it."],
    "checks": ["`f(1)` is <False>"],
}


def markdown(text: str) -> str:
    """Markdown with the site's extensions and our fences."""
    config = MkDocsConfig()
    config.load_dict({"site_name": "x", "markdown_extensions": ["attr_list", "admonition", "pymdownx.superfences"]})
    config.validate()
    register(config)
    return Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs).convert(text)


def fences_of(tmp_path: Path, text: str, name: str = "page.md") -> list[Fence]:
    """The fences that a page with this source has."""
    path = tmp_path / name
    path.write_text(text)
    page = Page("x", File(name, str(tmp_path), str(tmp_path), True), MkDocsConfig())
    prose = text if name.endswith(".md") else "\n".join(line.removeprefix("# ") for line in text.splitlines())
    page.content = markdown(prose)
    return list(find_fences(page))


def stopped(tmp_path: Path, text: str) -> str:
    """What the build says of a page with one fence that asks for something wrong."""
    [fence] = fences_of(tmp_path, text)
    with pytest.raises(PluginError) as stop:
        [answer] = record([fence.request()], tmp_path / "cache")
        assert "fault" in answer
        raise panels.fault(fence, answer)
    return str(stop.value)


def panel(
    values: dict[str, object] | None = None, outputs: list[dict[str, object]] | None = None, **more: object
) -> Tag:
    """A rendered panel; `more` is what else the lab says of itself."""
    answer = Answer(lab={**LAB, **more}, outputs=outputs or [])
    html = panels.render_panel(answer, values or {}, "page.md#panel-1", 1)
    found = BeautifulSoup(html, "html.parser").find("lab-panel")
    assert isinstance(found, Tag)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "```lab\nname: a\nx: 1\n```",
        "~~~lab\nname: a\nx: 1\n~~~",
        "!!! note\n\n    ```lab\n    name: a\n    x: 1\n    ```",
        "> ```lab\n> name: a\n> x: 1\n> ```",
        "1. one\n\n    ```lab\n    name: a\n    x: 1\n    ```",
        "``` { .lab }\nname: a\nx: 1\n```",
    ],
)
def test_a_fence_is_found_wherever_markdown_allows_one(tmp_path: Path, text: str) -> None:
    [fence] = fences_of(tmp_path, f"# Title\n\n{text}\n")
    assert fence.request() == {"kind": "lab", "name": "a", "values": {"x": 1}}
    assert fence.line == 2 + next(n for n, line in enumerate(text.splitlines(), 1) if "lab" in line)


def test_a_fence_shown_as_an_example_is_left_alone() -> None:
    html = markdown("````markdown\n```lab\nname: a\n```\n````")
    assert PLACE.search(html) is None
    assert "name: a" in html


def test_lines_are_told_apart_when_the_same_fence_stands_twice(tmp_path: Path) -> None:
    text = "```lab\nname: a\n```\n\ntext\n\n```lab\nname: a\n```\n"
    assert [fence.line for fence in fences_of(tmp_path, text)] == [1, 7]


def test_the_line_of_a_fence_in_a_notebook_is_the_file_s_own(tmp_path: Path) -> None:
    text = "# %% [markdown]\n# # Title\n#\n# ```lab\n# name: a\n# ```\n"
    assert [fence.line for fence in fences_of(tmp_path, text, "lab.py")] == [4]


@pytest.mark.parametrize(
    ("body", "said", "line"),
    [
        ("- name", "expected a mapping with a name, got ['name']", 3),
        ("just words", "expected a mapping with a name, got 'just words'", 3),
        ("", "expected a mapping with a name, got None", 3),
        ("temperature: 1", "expected a mapping with a name", 3),
        ("name: [a]", "expected a mapping with a name", 3),
        ("name: a\nx: [", "can't be read", 5),
        ("name: a\n\tx: 1", "can't be read", 5),
    ],
)
def test_yaml_that_is_no_mapping_stops_the_build(tmp_path: Path, body: str, said: str, line: int) -> None:
    [fence] = fences_of(tmp_path, f"# Title\n\n```lab\n{body}\n```\n")
    with pytest.raises(PluginError) as stop:
        fence.request()
    text = str(stop.value)
    assert said in text
    assert f"page.md, line {line}" in text
    assert "```lab\nname: base_simulator\n```" in text


def test_words_beside_the_fence_and_values_for_an_exercise_stop_the_build(tmp_path: Path) -> None:
    [fence] = fences_of(tmp_path, '```lab title="x"\nname: a\n```\n')
    with pytest.raises(PluginError, match=r"'title=x' beside it"):
        fence.request()
    [fence] = fences_of(tmp_path, "```exercise\nname: a\nx: 1\n```\n")
    with pytest.raises(PluginError, match=r"expected a name and nothing else, got x\.[^$]*line 3"):
        fence.request()


@pytest.mark.parametrize(
    ("body", "said", "line"),
    [
        ("name: base_simulater", "got 'base_simulater'; did you mean 'base_simulator'?", 4),
        ("name: base_simulator\nprefixx: x", "got 'prefixx'; did you mean 'prefix'?", 5),
        ("name: base_simulator\nseed: 3\ntemperature: 9", "temperature: expected a number from 0.0 to 3.0, got 9", 6),
        ("name: base_simulator\ntemperature: warm", "got 'warm'", 5),
        ("name: base_simulator\nprefix: 2020-01-01", "prefix", 5),
        ("name: base_simulator\nprefix: My grandmother", "My grandmother", 5),
    ],
)
def test_an_unknown_lab_control_or_value_is_named_with_its_line(
    tmp_path: Path, body: str, said: str, line: int
) -> None:
    text = stopped(tmp_path, f"# Title\n\n```lab\n{body}\n```\n")
    assert said in text
    assert f"page.md, line {line}" in text
    assert "fix:" in text


def test_an_unknown_exercise_is_named_with_its_line(tmp_path: Path) -> None:
    text = stopped(tmp_path, "text\n\n```exercise\nname: base_simulater\n```\n")
    assert "did you mean 'base_simulator'?" in text
    assert "page.md, line 4" in text


def test_a_lab_that_fails_or_ends_python_stops_the_build_with_its_traceback() -> None:
    fence = Fence("lab", "", "name: base_simulator", Path("docs/page.md"), 3)
    stop = panels.fault(fence, Answer(fault="KeyError: 'x'", trace="Traceback\n  line 1\nKeyError: 'x'"))
    assert "KeyError: 'x'.\nTraceback\n  line 1" in str(stop)
    assert "docs/page.md, line 3" in str(stop)
    assert "python -m labs run base_simulator" in str(stop)


def test_a_process_that_dies_is_blamed_on_the_request_that_it_was_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = 'import os; print(\'{"lab": {}, "outputs": []}\', flush=True); os._exit(3)'
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **options: real([sys.executable, "-c", code], **options))
    requests: list[Request] = [{"kind": "lab", "name": name, "values": {}} for name in ("a", "b", "c")]
    answers = recording.record(requests, tmp_path)
    assert "fault" not in answers[0]
    assert answers[1]["fault"] == "it ended Python (exit status 3)"
    assert "fault" in answers[2]


def test_a_second_build_runs_nothing_and_another_value_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[Request]] = []

    def ask(module: str, requests: list[Request]) -> list[Answer]:
        asked.append(requests)
        return [Answer(lab=LAB, outputs=[]) if request["name"] != "bad" else Answer(fault="x") for request in requests]

    monkeypatch.setattr(asking, "_ask", ask)
    one: Request = {"kind": "lab", "name": "a", "values": {"x": 1}}
    two: Request = {"kind": "lab", "name": "a", "values": {"x": 2}}
    bad: Request = {"kind": "lab", "name": "bad", "values": {}}
    record([one, bad], tmp_path)
    record([one], tmp_path)
    assert record([two, one, two], tmp_path) == [Answer(lab=LAB, outputs=[])] * 3
    record([bad], tmp_path)
    assert asked == [[one, bad], [two], [bad]], "a fault is not kept"
    monkeypatch.setattr(recording, "labs_hash", lambda: "changed")
    record([one], tmp_path)
    assert asked[-1] == [one], "changed labs are asked again"


def test_displays_settle_in_their_last_state_and_progress_is_left_out() -> None:
    shown: dict[str, Any] = {"output_type": "display_data", "data": {"text/plain": "1"}, "display_id": "chart"}
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "data": {"text/plain": "0 %"}, "display_id": "progress-1"},
        shown,
        {"output_type": "stream", "name": "stdout", "text": "x"},
        {"output_type": "update_display_data", "data": {"text/plain": "2"}, "display_id": "chart"},
    ]
    texts = [output.get("data", {}).get("text/plain") or output.get("text") for output in settled(outputs)]
    assert texts == ["2", "x"]
    assert shown["data"] == {"text/plain": "1"}


def test_a_panel_reads_by_itself_and_escapes_what_it_is_given() -> None:
    notice: dict[str, object] = {"output_type": "notice", "text": "<stopped>"}
    made = panel({"heat": 0.5}, [notice])
    assert made.select(".lab-panel__title")[0].text == "A <lab>"
    assert made.select(".lab-panel__question")[0].text == "Why & how?"
    assert made.select(".lab-panel__values")[0].text == "Heat <b>0.5 °"
    assert made.select(".lab-label")[0].text == "recorded"
    assert made.select(".lab-notice")[0].text == "<stopped>"
    assert json.loads(str(made["controls"])) == [SLIDER]
    assert json.loads(str(made["values"])) == {"heat": 0.5}
    assert json.loads(str(panel()["values"])) == {"heat": 1.0}


def test_what_the_lab_s_button_says_and_that_it_is_waited_for_reach_the_element() -> None:
    assert (panel()["action"], panel().has_attr("waits")) == ("Run", False)
    made = panel(action='Train "it"', waits=True)
    assert (made["action"], made.has_attr("waits")) == ('Train "it"', True)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("counter", 0, "0 times"),
        ("counter", 1, "once"),
        ("counter", 3, "3 times"),
        ("text", "Q: a <b>\nA: c", "“Q: a <b> ⏎ A: c”"),
        ("messages", [], "no message"),
        ("comparisons", "A-B-", "2 of 4 ranked"),
        (
            "messages",
            ({"role": "user", "content": "Hi <there>"}, {"role": "assistant", "content": "a\nb"}),
            "user: “Hi <there>”; assistant: “a ⏎ b”",
        ),
    ],
)
def test_values_are_said_in_words_where_there_is_no_javascript(kind: str, value: object, said: str) -> None:
    control = {"kind": kind, "name": "it", "label": "It", "default": value, "help": ""}
    made = panel(controls=[control])
    assert made.select(".lab-panel__values dd")[0].text == said
    assert json.loads(str(made["values"])) == json.loads(json.dumps({"it": value}))


def test_an_exercise_folds_hints_and_solution_and_escapes_what_it_is_given() -> None:
    made = BeautifulSoup(panels.render_exercise(EXERCISE, "<p>task</p>"), "html.parser")
    folded = made.select_one("lab-exercise > details:not([open])")
    assert folded is not None
    assert [hint.text for hint in folded.select(".lab-exercise__hints li")] == ["Use <.", "Return it."]
    assert "return x < 1" in folded.text
    cell = made.select_one("lab-exercise > lab-cell")
    assert cell is not None
    assert (cell["page"], cell["name"]) == ("exercise-a_lab.one", "answer")
    assert "<here>" in cell.text
    assert "return x < 1" not in cell.text
    check = made.select_one(".lab-exercise__checks li")
    assert check is not None
    assert check["data-name"] == "`f(1)` is <False>"
    assert made.select(".lab-exercise__title")[0].text == "Exercise: Do <it>"


@pytest.mark.site
@pytest.mark.parametrize(("body", "said"), [("name: nowhere", "Unknown lab"), ("[", "can't be read")])
def test_mkdocs_build_fails_with_page_line_and_fix(tmp_path: Path, body: str, said: str) -> None:
    done = build(tmp_path, f"# Page\n\n```lab\n{body}\n```\n")
    assert done.returncode != 0
    assert said in done.stderr
    assert "index.md, line " in done.stderr
    assert "fix:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.site
def test_a_page_is_built_with_its_panel_drawn_and_links_of_the_task_resolved(tmp_path: Path) -> None:
    done = build(tmp_path, "# Page\n\n```lab\nname: base_simulator\ntemperature: 0.5\n```\n")
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup((tmp_path / "site/index.html").read_text(), "html.parser")
    assert page.select_one("lab-panel figure.lab-chart svg") is not None
    assert "0.5" in page.select(".lab-panel__values")[0].text
    assert page.select_one(".lab-fence") is None


def build(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Build a site of one page, not strictly, with the panels' hook alone."""
    (folder / "docs").mkdir()
    (folder / "docs/index.md").write_text(text)
    config = {
        "site_name": "Panels",
        "theme": {"name": "mkdocs"},
        "hooks": [str(ROOT / "overrides/hooks/panels.py")],
        "markdown_extensions": ["pymdownx.superfences"],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", str(folder / "mkdocs.yml")]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
