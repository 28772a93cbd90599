"""Quizzes at build: what a quiz.yml becomes, what a malformed one says, and what is kept of code that was run."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

from overrides.hooks import asking, quiz_html, quiz_running, quizzes
from overrides.hooks.common import ROOT, BuildStop
from overrides.hooks.fences import register
from overrides.hooks.quiz_format import Quiz, read_quiz
from overrides.hooks.quiz_html import digits, render_texts, shuffled
from overrides.hooks.quiz_progress import fill_progress
from overrides.hooks.quiz_running import printed
from tests.hooks.conftest import Stops
from tests.hooks.test_panels import markdown

WHY = "That is so, and here is the reason."


def option(text: str, right: bool = False, field: str = "text") -> dict[str, Any]:
    """An option of a choice."""
    return {field: text, **({"right": True} if right else {}), "why": WHY}


def good() -> dict[str, dict[str, Any]]:
    """One question of each kind, by its kind."""
    single = [option("One."), option("Two.", True), option("Three.")]
    multiple = [option("A *b*."), option("C `<d>`.", True), option("E < f.", True)]
    output = [option("1\n2\n", True, "output"), option("3", field="output"), option("4", field="output")]
    number = {
        "answer": 0.6931,
        "tolerance": 0.01,
        "unit": "nats",
        "why": WHY,
        "code": "import math\nprint(math.log(2))",
    }
    made: dict[str, dict[str, Any]] = {
        "single": {"options": single},
        "multiple": {"options": multiple},
        "number": {**number, "wrong": [{"value": 0.5, "why": WHY}, {"value": 2, "tolerance": 0.5, "why": WHY}]},
        "order": {"items": [{"text": text, "why": WHY} for text in ("First.", "Second.", "Third.", "Fourth.")]},
        "output": {"code": "print(1)\nprint(2)", "options": output},
    }
    return {
        kind: {"id": f"the-{kind}", "kind": kind, "prompt": f"What is {kind}?\n\nLook.", "learn": "#part", **own}
        for kind, own in made.items()
    }


def write(tmp_path: Path, text: str) -> Path:
    """A quiz.yml with this text."""
    path = tmp_path / "docs/modules/a_module/quiz.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def dump(*questions: object) -> str:
    """The text of a quiz file."""
    return yaml.safe_dump({"questions": list(questions)}, sort_keys=False, allow_unicode=True)


def quiz_of(tmp_path: Path, *questions: object) -> Quiz:
    """The quiz with these questions, or else with one of each kind."""
    return read_quiz(write(tmp_path, dump(*(questions or good().values()))))


def rendered(quiz: Quiz, render: Callable[[str], str] = markdown) -> BeautifulSoup:
    """The quiz's HTML."""
    learns = {question.id: '<a href="#part">Part</a>' for question in quiz.questions}
    made = quiz_html.render_quiz(quiz, render_texts(quiz, render), learns, "../../progress/")
    return BeautifulSoup(made, "html.parser")


def test_each_kind_becomes_a_question_with_its_answer_folded_below(tmp_path: Path) -> None:
    soup = rendered(quiz_of(tmp_path))
    fields = soup.select("course-quiz[name=a_module][progress='../../progress/'] > fieldset.quiz-question")
    assert [field["data-kind"] for field in fields] == list(good())
    for number, field in enumerate(fields, start=1):
        assert field["id"] == f"quiz-a_module-the-{field['data-kind']}"
        (legend,) = field.select("legend")
        assert legend.get_text() == f"Question {number} of 5 What is {field['data-kind']}?"
        assert "Look." in field.get_text()
        assert "reason" not in field.get_text(), "the question does not tell the answer"
        answer = field.find_next_sibling()
        assert isinstance(answer, Tag)
        assert answer.name == "details"
        assert answer.has_attr("data-search-exclude")
        assert not answer.has_attr("open")
        assert answer.select("summary")[0].get_text() == f"Question {number}: answer and reasons"
        assert answer.select(".quiz-answer__learn a[href='#part']")


def test_an_answer_says_of_every_option_whether_and_why(tmp_path: Path) -> None:
    soup = rendered(quiz_of(tmp_path))
    multiple = soup.select("details")[1]
    assert [reason.has_attr("data-right") for reason in multiple.select("li")] == [False, True, True]
    words = [reason.get_text(" ", strip=True) for reason in multiple.select("li")]
    assert words == [f"Wrong: A b . {WHY}", f"Right: C <d> . {WHY}", f"Right: E < f. {WHY}"]
    options = soup.select("fieldset")[1].select(".quiz-question__options li")
    assert [one.decode_contents() for one in options] == ["A <em>b</em>.", "C <code>&lt;d&gt;</code>.", "E &lt; f."]


def test_a_number_has_what_the_browser_needs_and_what_people_read(tmp_path: Path) -> None:
    soup = rendered(quiz_of(tmp_path))
    field, answer = soup.select("fieldset")[2], soup.select("details")[2]
    assert (field["data-answer"], field["data-tolerance"], field["data-unit"]) == ("0.6931", "0.01", "nats")
    assert "Give a number (in nats); two decimals are enough." in field.get_text()
    assert f"Right: 0.6931 nats (within 0.01 of it counts){WHY}" in answer.get_text()
    values = [(one["data-value"], one["data-tolerance"]) for one in answer.select("[data-value]")]
    assert values == [("0.5", "0.01"), ("2.0", "0.5")]
    assert f"Wrong: 2 nats{WHY}" in answer.get_text()


def test_an_order_is_shown_shuffled_and_answered_in_order(tmp_path: Path) -> None:
    soup = rendered(quiz_of(tmp_path))
    items, answer = soup.select("fieldset")[3].select("li"), soup.select("details")[3]
    words = ["First.", "Second.", "Third.", "Fourth."]
    places = [int(str(item["data-place"])) for item in items]
    assert sorted(places) == [0, 1, 2, 3]
    assert places != [0, 1, 2, 3]
    assert [item.get_text() for item in items] == [words[place] for place in places]
    assert [part.get_text() for part in answer.select("li .quiz-answer__option")] == words


def test_an_output_shows_its_code_and_keeps_its_lines(tmp_path: Path) -> None:
    field = rendered(quiz_of(tmp_path)).select("fieldset")[4]
    assert field.select(".highlight pre code")[0].get_text() == "print(1)\nprint(2)"
    assert [one.get_text() for one in field.select("code.quiz-output")] == ["1\n2", "3", "4"]


@pytest.mark.parametrize("count", range(3, 7))
def test_a_shuffled_order_is_never_right_and_always_the_same(count: int) -> None:
    for seed in range(50):
        places = shuffled(str(seed), count)
        assert sorted(places) == list(range(count))
        assert places not in (list(range(count)), list(range(count))[::-1])
        assert places == shuffled(str(seed), count)


@pytest.mark.parametrize(
    ("value", "text"), [(7e9, "7,000,000,000"), (4, "4"), (0.6931, "0.6931"), (-2.5, "-2.5"), (1e-9, "1e-09")]
)
def test_numbers_are_shown_as_people_read_them(value: float, text: str) -> None:
    assert digits(float(value)) == text


def without(question: str, key: str) -> dict[str, Any]:
    """A good question without one of its keys."""
    return {name: value for name, value in good()[question].items() if name != key}


def changed(question: str, /, **more: object) -> dict[str, Any]:
    """A good question with other values."""
    return {**good()[question], **more}


ONE, TWO, THREE = option("One."), option("Two.", True), option("Three.")
MALFORMED = [
    ("prompt is missing", without("single", "prompt"), "none called prompt"),
    ("learn is missing", without("single", "learn"), "none called learn"),
    ("kind is missing", without("single", "kind"), "none called kind"),
    ("id is missing", without("single", "id"), "question 'number 1'"),
    ("options are missing", without("multiple", "options"), "none called options"),
    ("code is missing", without("output", "code"), "none called code"),
    ("items are missing", without("order", "items"), "none called items"),
    ("the answer is missing", without("number", "answer"), "none called answer"),
    ("the tolerance is missing", without("number", "tolerance"), "none called tolerance"),
    ("a number's reason is missing", without("number", "why"), "none called why"),
    ("wrong numbers are missing", without("number", "wrong"), "none called wrong"),
    ("an unknown key", changed("single", hint="x"), "got 'hint'"),
    ("code where none is run", changed("single", code="print(1)"), "got 'code'"),
    ("an unknown key of an option", changed("single", options=[{**ONE, "x": 1}, TWO, THREE]), "got 'x'"),
    ("an unknown key of an item", changed("order", items=[{**ONE, "right": True}] * 3), "got 'right'"),
    ("an unknown kind", changed("single", kind="essay"), "kind: expected one of single, multiple"),
    ("an id in capitals", changed("single", id="The-One"), "expected small letters"),
    ("a blank prompt", changed("single", prompt=" \n"), "prompt: expected a text; got nothing"),
    ("a prompt that is a list", changed("single", prompt=["x"]), "prompt: expected a text; got a list"),
    ("an option without a reason", changed("single", options=[{"text": "x"}, TWO, THREE]), "none called why"),
    ("an option with a blank reason", changed("single", options=[{**ONE, "why": ""}, TWO, THREE]), "option 1, why"),
    ("an option that is a text", changed("single", options=["x", TWO, THREE]), "option 1: expected a mapping"),
    ("no right option", changed("single", options=[ONE, THREE, option("Four.")]), "got 0 right of 3"),
    ("two right options", changed("single", options=[TWO, option("Four.", True), THREE]), "got 2 right of 3"),
    ("no right output", changed("output", options=[option(n, field="output") for n in "345"]), "got 0 right of 3"),
    ("several without a right one", changed("multiple", options=[ONE, THREE, option("Four.")]), "got 0 right of 3"),
    ("several without a wrong one", changed("multiple", options=[option(n, True) for n in "abc"]), "got 3 right of 3"),
    ("two options", changed("single", options=[ONE, TWO]), "expected 3 to 5 options; got 2"),
    ("six options", changed("single", options=[TWO, *map(option, "abcde")]), "expected 3 to 5 options; got 6"),
    ("two items", changed("order", items=[ONE, option("b")]), "expected 3 to 6 items; got 2"),
    ("options of one text", changed("single", options=[ONE, TWO, option(" one. ")]), "the same as number 1"),
    ("outputs alike", changed("output", options=[option("1 \n", True, "output"), *[option("1", field="output")] * 2]),
     "option 2: expected options that differ"),
    ("right is no truth", changed("single", options=[{**ONE, "right": "yes"}, TWO, THREE]), "expected true or false"),
    ("an answer that is a text", changed("number", answer="many"), "answer: expected a number; got 'many'"),
    ("an answer without end", changed("number", answer=float("inf")), "answer: expected a number"),
    ("a tolerance below 0", changed("number", tolerance=-1), "tolerance: expected 0 or more; got -1"),
    ("no wrong number", changed("number", wrong=[]), "expected at least 1 wrong answers; got 0"),
    ("a wrong number that is right", changed("number", wrong=[{"value": 0.7, "why": WHY}]), "0.7, within 0.01"),
    ("a wrong number twice", changed("number", wrong=[{"value": 1, "why": WHY}] * 2), "1 twice"),
    ("a question that is a text", "what?", "question 'number 1', the question: expected a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "said"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_a_malformed_question_stops_the_build(tmp_path: Path, stops: Stops, question: object, said: str) -> None:
    where = "quiz.yml, line "
    with stops(said, where, "expected", "got", "question '"):
        quiz_of(tmp_path, question)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "got an empty file"),
        ("- a\n", 1, "the file: expected a mapping with questions"),
        ("question: []\n", 1, "got 'question'"),
        ("questions: []\n", 1, "expected at least 1 questions; got 0"),
        ("questions:\n  - id: a\n    kind: [\n", 4, "question 'a': expected YAML"),
        ("questions:\n  - id: a\n    prompt: so: it goes\n", 3, "question 'a': expected YAML"),
        ("questions:\n  - id: a\n    kind: single\n    id: b\n", 4, "id twice"),
    ],
)
def test_a_malformed_file_stops_the_build_at_its_line(
    tmp_path: Path, stops: Stops, text: str, line: int, said: str
) -> None:
    with stops(said, f"quiz.yml, line {line}\n"):
        read_quiz(write(tmp_path, text))


def test_a_fault_is_told_with_the_line_where_it_stands(tmp_path: Path, stops: Stops) -> None:
    text = dump(good()["order"], good()["single"])
    bad = text.replace("text: Two.", "texts: Two.")
    line = bad.splitlines().index("  - texts: Two.") + 1
    with stops("question 'the-single'", "got 'texts'", f"line {line}\n"):
        read_quiz(write(tmp_path, bad))


def test_an_id_twice_stops_the_build(tmp_path: Path, stops: Stops) -> None:
    with stops("question 'the-single'", "expected an id of its own"):
        quiz_of(tmp_path, good()["single"], changed("multiple", id="the-single"))


@pytest.mark.parametrize("plain", ["prompt: What? #really", "prompt: #what", "prompt: ~", "prompt:"])
def test_a_text_that_yaml_cuts_off_stops_the_build(tmp_path: Path, stops: Stops, plain: str) -> None:
    text = dump(changed("single", prompt="What?")).replace("prompt: What?", plain)
    with stops("question 'the-single', prompt: expected a text", "in quotes"):
        read_quiz(write(tmp_path, text))


def test_texts_that_yaml_takes_for_something_else_stay_as_they_are_written(tmp_path: Path) -> None:
    text = dump(good()["single"]).replace("text: One.", "text: No").replace("text: Three.", "text: 0.50")
    (question,) = read_quiz(write(tmp_path, text)).questions
    assert [one.text for one in question.options] == ["No", "Two.", "0.50"]


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("prompt", "```python\nprint(1)", "code blocks that are closed"),
        ("prompt", "<div>\n\nopen", "put <div> in `backticks`"),
        ("option", "It writes <think> first.", "put <think> in `backticks`"),
        ("prompt", "# A heading", "a text without headings"),
        ("option", "1. one", "one paragraph of plain words"),
        ("option", "one\n\ntwo", "one paragraph of plain words"),
        ("option", "[one](#part)", "without a link"),
    ],
)
def test_markdown_that_spoils_the_quiz_stops_the_build(
    tmp_path: Path, stops: Stops, key: str, text: str, said: str
) -> None:
    more = {"prompt": text} if key == "prompt" else {"options": [option(text), TWO, THREE]}
    quiz = quiz_of(tmp_path, good()["order"], changed("single", **more), good()["multiple"])
    with stops("question 'the-single'", said, "quiz.yml, line "):
        rendered(quiz)


def one(tmp_path: Path, kind: str, **more: object) -> Quiz:
    """A quiz of one question."""
    return quiz_of(tmp_path, changed(kind, **more))


def check(quiz: Quiz) -> None:
    """Run the code of the quiz's question, and hold it against the answer."""
    (question,) = quiz.questions
    quizzes.check_printed(quiz, question, quiz_running.run(question.code or ""))


@pytest.mark.parametrize("kind", ["number", "output"])
def test_code_that_prints_the_answer_passes(tmp_path: Path, kind: str) -> None:
    check(one(tmp_path, kind))


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("number", "print(0.71)", "it printed '0.71'"),
        ("number", "print('ln 2')", "it printed 'ln 2'"),
        ("number", "x = 1", "it printed ''"),
        ("number", "print(float('nan'))", "it printed 'nan'"),
        ("output", "print(1)", "it printed:\n1\n"),
        ("output", "print(1)\nprint(2)\nprint(3)", "it printed:\n1\n2\n3"),
        ("output", "1 / 0", "ZeroDivisionError"),
        ("output", "print(", "SyntaxError"),
    ],
)
def test_code_that_prints_something_else_stops_the_build(
    tmp_path: Path, stops: Stops, kind: str, code: str, said: str
) -> None:
    with stops(f"question 'the-{kind}'", said, "quiz.yml, line "):
        check(one(tmp_path, kind, code=code))


def test_code_runs_in_a_python_of_its_own_and_once_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = ["import labs.core\nprint('one')", "import os\nos.system('echo stray')\nprint('two')", "1 / 0"]
    first = printed(sources, tmp_path)
    assert [answer.get("text") for answer in first] == ["one\n", "two\n", None]
    assert "ZeroDivisionError" in first[2]["fault"]

    def refuse(module: str, sources: list[str]) -> None:
        raise AssertionError(f"asked to run {sources}")

    monkeypatch.setattr(asking, "_ask", refuse)
    assert printed(sources[:2], tmp_path) == first[:2]
    with pytest.raises(AssertionError, match="1 / 0"):
        printed(sources, tmp_path)
    monkeypatch.setattr(quiz_running, "labs_hash", lambda: "other labs")
    with pytest.raises(AssertionError, match="'one'"):
        printed(sources[:1], tmp_path)


def test_code_that_ends_python_is_told_and_what_came_before_is_kept(tmp_path: Path) -> None:
    first, second, third = printed(["print(1)", "import os\nos._exit(3)", "print(2)"], tmp_path)
    assert first == {"text": "1\n"}
    assert "exit status 3" in second["fault"]
    assert "came after one that failed" in third["fault"]


class Site:
    """A site with a module, another page and a progress page, as far as Markdown."""

    def __init__(self, tmp_path: Path, text: str = "```quiz\nname: a_module\n```\n") -> None:
        self.config = MkDocsConfig()
        docs = tmp_path / "docs"
        content = {
            "modules/a_module/index.md": f"# Module\n\n## Part {{ #part }}\n\n{text}",
            "other.md": "# Other & more\n\n## There { #there }\n",
            "progress.md": "# Progress\n\n<course-progress></course-progress>\n",
        }
        for name, source in content.items():
            (docs / name).parent.mkdir(parents=True, exist_ok=True)
            (docs / name).write_text(source)
        extensions = ["attr_list", "toc", "pymdownx.superfences"]
        self.config.load_dict({"site_name": "x", "docs_dir": str(docs), "markdown_extensions": extensions})
        self.config.validate()
        register(self.config)
        made = [File(name, str(docs), str(tmp_path / "site"), True) for name in content]
        self.files = Files(made)
        self.pages = {}
        for file in self.files.documentation_pages():
            self.pages[file.src_uri] = page = Page(None, file, self.config)
            page.read_source(self.config)
            page.render(self.config, self.files)
        module = self.pages["modules/a_module/index.md"]
        section = Section("Foundations", [module])
        module.parent = section
        nav = Navigation([section, self.pages["other.md"]], list(self.pages.values()))
        quizzes.on_nav(nav, self.config, self.files)

    def build(self) -> BeautifulSoup:
        """Do the build step; the module's page."""
        quizzes.on_env(Environment(), self.config, self.files)
        return BeautifulSoup(self.pages["modules/a_module/index.md"].content or "", "html.parser")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the code of questions here."""
    monkeypatch.setattr(quizzes, "printed", lambda sources: [quiz_running.run(source) for source in sources])


@pytest.mark.usefixtures("quick")
def test_links_to_read_again_name_what_they_lead_to(tmp_path: Path) -> None:
    quiz_of(tmp_path, good()["single"], changed("multiple", learn="../../other.md#there"))
    site = Site(tmp_path)
    links = site.build().select(".quiz-answer__learn a")
    assert [(link["href"], link.get_text()) for link in links] == [
        ("#part", "Part"),
        ("../../other/#there", "Other & more: There"),
    ]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("learn", ["#nowhere", "part", "../../other.md", "../../other.md#part", "../../gone.md#part"])
def test_a_link_that_leads_nowhere_stops_the_strict_build_and_warns_in_another(
    tmp_path: Path, stops: Stops, caplog: pytest.LogCaptureFixture, learn: str
) -> None:
    quiz_of(tmp_path, changed("single", learn=learn))
    site = Site(tmp_path)
    with caplog.at_level(logging.WARNING):
        site.build()
    assert "leads nowhere" in caplog.text
    assert f"got '{learn}'" in caplog.text
    site = Site(tmp_path)
    site.config.strict = True
    with stops("question 'the-single', learn: expected an anchor", "quiz.yml, line "):
        site.build()


def test_code_is_held_against_its_answer_when_the_site_is_built(
    tmp_path: Path, stops: Stops, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiz_of(tmp_path, good()["number"])
    monkeypatch.setattr(quizzes, "printed", lambda sources: [{"text": "0.9\n"} for _ in sources])
    with stops("it printed '0.9'"):
        Site(tmp_path).build()


def test_a_quiz_that_no_page_shows_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    quiz_of(tmp_path)
    with caplog.at_level(logging.WARNING):
        Site(tmp_path, "No quiz.\n").build()
    assert "No page shows docs/modules/a_module/quiz.yml" in caplog.text


@pytest.mark.parametrize(
    ("fence", "line", "said"),
    [
        ("name: another", 6, "(a_module); got 'another'"),
        ("name: ../modules/a_module", 6, "got '../modules/a_module'"),
        ("title: x", 5, "expected a mapping with a name"),
        ("name: a_module\nshow: all", 7, "expected a name and nothing else, got 'show'"),
        ("name: a_module\n```\n\n```quiz\nname: a_module", 10, "stands on this page already"),
    ],
)
def test_a_wrong_fence_stops_the_build_at_its_line(
    tmp_path: Path, stops: Stops, fence: str, line: int, said: str
) -> None:
    quiz_of(tmp_path)
    with stops(said, f"index.md, line {line}\n"):
        Site(tmp_path, f"```quiz\n{fence}\n```\n").build()


@pytest.mark.usefixtures("quick")
def test_the_progress_page_lists_questions_and_exercises_by_part(tmp_path: Path) -> None:
    quiz_of(tmp_path)
    site = Site(tmp_path)
    exercise = '<lab-exercise name="{}"><div><p class="lab-exercise__title">Exercise: {}</p></div></lab-exercise>'
    other = site.pages["other.md"]
    other.content = (
        (other.content or "") + exercise.format("do_it", "Do &lt;it&gt;") + exercise.format("do_more", "More")
    )
    site.build()
    soup = BeautifulSoup(site.pages["progress.md"].content or "", "html.parser")
    assert [heading.get_text() for heading in soup.select("course-progress h2")] == ["Foundations", "Other pages"]
    questions = soup.select("li[data-quiz=a_module][data-question]")
    assert [one["data-question"] for one in questions] == [f"the-{kind}" for kind in good()]
    link = questions[0].select("a")[0]
    assert (link["href"], link.get_text()) == ("../modules/a_module/#quiz-a_module-the-single", "Question 1")
    exercises = soup.select("li[data-exercise]")
    assert [(one["data-exercise"], one.get_text()) for one in exercises] == [
        ("do_it", "Exercise: Do <it>"),
        ("do_more", "Exercise: More"),
    ]
    assert exercises[0].select("a")[0]["href"] == "../other/#there"
    counts = [one.get_text() for one in soup.select(".progress-page__count")]
    assert counts == ["5 questions", "2 exercises"]


def test_a_progress_page_without_its_place_stops_the_build(tmp_path: Path, stops: Stops) -> None:
    quiz_of(tmp_path)
    site = Site(tmp_path)
    page = site.pages["progress.md"]
    page.content = "<p>Nothing.</p>"
    with stops("expected a paragraph with <course-progress>", "docs/progress.md"):
        fill_progress(page, site.config.extra["course_nav"], {})


def test_every_stop_of_a_quiz_file_says_where_and_how_to_fix(tmp_path: Path) -> None:
    for _, question, _ in MALFORMED:
        with pytest.raises(BuildStop) as stop:
            quiz_of(tmp_path, question)
        assert re.search(r"\n  where: .*quiz\.yml, line \d+\n  fix:   \w.{10,}", str(stop.value)), stop.value


def test_the_guides_examples_are_good_and_show_every_kind(tmp_path: Path) -> None:
    guide = (ROOT / "docs/guides/quizzes.md").read_text(encoding="utf-8")
    texts = re.findall(r"```yaml\n(questions:.*?)```", guide, re.DOTALL)
    examples = [read_quiz(write(tmp_path, text)) for text in texts]
    assert [question.kind for quiz in examples for question in quiz.questions] == list(good())
    quizzes.run_codes(examples)
