"""The course's own quizzes: enough questions of several kinds, answers that can't be guessed by place or length."""

import re
from collections import Counter
from pathlib import Path

import pytest

from overrides.hooks.quiz_format import Question, Quiz, read_quiz
from overrides.hooks.quiz_html import shuffled
from tests.site.conftest import ROOT, BuiltSite
from tests.site.test_pages import attribute

MODULES = sorted((ROOT / "docs/modules").glob("*/index.md"))
LEAST, LEAST_IN_REVIEW = 5, 20
LEAST_WHY = 25
QUIZZES = {page.parent.name: page.with_name("quiz.yml") for page in MODULES if page.with_name("quiz.yml").is_file()}


@pytest.fixture(params=sorted(QUIZZES))
def quiz(request: pytest.FixtureRequest) -> Quiz:
    """Each quiz of the course."""
    return read_quiz(QUIZZES[request.param])


def with_one_right(quiz: Quiz) -> list[Question]:
    """The questions with one right option."""
    return [question for question in quiz.questions if question.kind in ("single", "output")]


def right_place(question: Question) -> int:
    """The place of the one right option."""
    return next(place for place, option in enumerate(question.options) if option.right)


@pytest.mark.parametrize("page", MODULES, ids=[page.parent.name for page in MODULES])
def test_every_module_has_a_quiz_with_enough_questions_of_several_kinds(page: Path) -> None:
    quiz = read_quiz(page.with_name("quiz.yml"))
    is_review = page.parent.name.startswith("review_")
    least = LEAST_IN_REVIEW if is_review else LEAST
    assert len(quiz.questions) >= least
    kinds = Counter(question.kind for question in quiz.questions)
    assert len(kinds) >= 3, kinds


def test_the_quizzes_of_the_course_are_found() -> None:
    assert len(MODULES) >= 15
    assert [page.parent.name for page in MODULES if page.parent.name not in QUIZZES] == []


def test_no_place_holds_most_of_the_right_answers(quiz: Quiz) -> None:
    places = Counter(right_place(question) for question in with_one_right(quiz))
    total = places.total()
    if total >= 4:
        assert [
            f"{count} of {total} at place {place + 1}" for place, count in places.items() if 2 * count > total
        ] == []


def test_over_the_course_no_place_is_a_good_guess() -> None:
    questions = [question for path in QUIZZES.values() for question in with_one_right(read_quiz(path))]
    places = Counter(right_place(question) for question in questions)
    assert max(places.values()) <= 0.4 * len(questions), places
    assert min(places[place] for place in range(3)) >= 0.15 * len(questions), places


def test_the_longest_option_is_right_in_at_most_half_of_the_questions(quiz: Quiz) -> None:
    longest = []
    for question in with_one_right(quiz):
        lengths = [len(option.text.strip()) for option in question.options]
        right = lengths.pop(right_place(question))
        if right > max(lengths):
            longest.append(question.id)
    assert 2 * len(longest) <= len(with_one_right(quiz)), longest


def test_the_right_options_of_several_are_not_always_the_first(quiz: Quiz) -> None:
    several = [question for question in quiz.questions if question.kind == "multiple"]
    rights = {question.id: [option.right for option in question.options] for question in several}
    first = [name for name, places in rights.items() if places == sorted(places, reverse=True)]
    if len(several) >= 3:
        assert 2 * len(first) <= len(several), first


def test_every_reason_says_something(quiz: Quiz) -> None:
    for question in quiz.questions:
        reasons = [option.why for option in question.options]
        if question.number is not None:
            reasons += [question.number.why, *(wrong.why for wrong in question.number.wrong)]
        assert [why for why in reasons if len(why) < LEAST_WHY] == [], question.id
        twice = [why for why, count in Counter(reasons).items() if count > 1]
        assert twice == [], f"{question.id}: two options with one reason"


def test_no_option_leans_on_the_others(quiz: Quiz) -> None:
    leaning = re.compile(r"(?i)\b(all|none|both|neither) of (the|these) (above|below|other)|\bno?one of these\b")
    for question in quiz.questions:
        assert [option.text for option in question.options if leaning.search(option.text)] == [], question.id


def test_every_question_leads_to_a_place_that_is_there(site: BuiltSite, quiz: Quiz) -> None:
    page = site.pages[f"modules/{quiz.name}/"]
    fields = page.soup.select(f"course-quiz[name={quiz.name}] > fieldset")
    assert [attribute(field, "data-question") for field in fields] == [question.id for question in quiz.questions]
    links = page.soup.select(f"course-quiz[name={quiz.name}] > details .quiz-answer__learn a")
    assert len(links) == len(fields)
    for link in links:
        assert link.get_text(strip=True)
        path, _, anchor = page.resolve(attribute(link, "href")).partition("#")
        target = site.pages[path]
        assert target.soup.select(f'[id="{anchor}"]'), f"{quiz.name}: {path}#{anchor}"


def test_the_progress_page_lists_every_question_and_every_exercise(site: BuiltSite) -> None:
    page = site.pages["progress/"]
    listed = [(attribute(one, "data-quiz"), attribute(one, "data-question")) for one in page.soup.select("[data-quiz]")]
    shown = [
        (attribute(quiz, "name"), attribute(field, "data-question"))
        for other in site.pages.values()
        for quiz in other.soup.select("course-quiz")
        for field in quiz.select("fieldset")
    ]
    assert sorted(listed) == sorted(set(shown))
    assert len(listed) >= LEAST
    exercises = {attribute(one, "name") for other in site.pages.values() for one in other.soup.select("lab-exercise")}
    assert sorted(attribute(one, "data-exercise") for one in page.soup.select("[data-exercise]")) == sorted(exercises)
    assert len(exercises) >= 11


def test_no_quiz_file_and_no_folded_answer_gets_out(site: BuiltSite, quiz: Quiz) -> None:
    assert [path.name for path in site.files(".yml", ".yaml")] == []
    index = (site.folder / "search/search_index.json").read_text(encoding="utf-8")
    assert "answer and reasons" not in index
    question = quiz.questions[0]
    why = question.options[0].why if question.options else question.number.why if question.number else ""
    plain = re.split(r"[`*\"\\<&\[]", why)[0]
    if len(plain) >= LEAST_WHY:
        assert plain not in index, "the search index holds questions, not answers"


def test_an_order_is_never_shown_as_it_is_right(quiz: Quiz) -> None:
    for question in quiz.questions:
        if question.kind == "order":
            places = shuffled(question.id, len(question.options))
            assert places != sorted(places)
