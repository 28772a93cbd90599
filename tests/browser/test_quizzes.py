"""A quiz as its reader meets it: by keyboard alone, with JavaScript off, on a phone, on paper; and what it keeps."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.lab_page import LabPage
from tests.browser.launching import SCHEMES, Scheme
from tests.browser.quiz_page import KINDS, MODULE, NAME, QuizPage, plant
from tests.browser.test_navigation import go
from tests.browser.test_reading import violations
from tests.site_server import SiteServer


@pytest.fixture
def quiz(lab: LabPage, server: SiteServer, tmp_path: Path) -> Iterator[QuizPage]:
    """The planted quiz, opened."""
    plant(server, tmp_path)
    made = QuizPage(lab.page, server.url)
    made.open()
    yield made


def test_one_choice_by_keyboard_first_wrong_then_right(quiz: QuizPage) -> None:
    quiz.box("one", 1).focus()
    quiz.press("Space", "Enter")
    said = quiz.feedback("one")
    expect(said).to_contain_text("Not right.")
    expect(said.locator(":scope > ul")).to_have_text(
        "Wrong: The next sentence.A sentence is made of many steps; one is predicted at a time."
    )
    expect(said.get_by_role("link", name="Quick check")).to_be_visible()
    expect(quiz.question("one").locator(".quiz-mark:visible")).to_have_text(["wrong"])
    assert quiz.heard() == (
        "Question 1: Not right. Wrong: The next sentence. A sentence is made of many steps; one is predicted at a time."
    )
    expect(quiz.box("one", 1)).to_be_focused()
    others = said.locator("details")
    expect(others.locator("li").first).to_be_hidden()
    others.locator("summary").press("Enter")
    expect(others.locator("li")).to_have_count(2)
    expect(others.locator("li").first).to_contain_text("Right: The next token.")

    quiz.button("one").press("Enter")  # Try again
    expect(said).to_be_hidden()
    expect(quiz.box("one", 1)).to_be_focused()
    expect(quiz.question("one").locator("input:checked")).to_have_count(0)
    quiz.press("ArrowDown", "Tab", "Enter")
    expect(said).to_contain_text("Right.")
    expect(said).to_contain_text("It gives a probability to each token")
    expect(quiz.button("one")).to_be_focused()
    expect(quiz.question("one").locator(".quiz-question__kept")).to_contain_text("You answered it right on 20")


def test_several_choices_by_keyboard_first_wrong_then_right(quiz: QuizPage) -> None:
    quiz.box("some", 1).focus()
    quiz.press("Space", "Tab", "Space", "Enter")
    said = quiz.feedback("some")
    expect(said).to_contain_text("Not right. 1 of your choices is wrong, and 1 right option is missing.")
    expect(said.locator(":scope > ul > li")).to_have_count(2)
    expect(quiz.question("some").locator(".quiz-mark:visible")).to_have_text(["right", "wrong"])
    quiz.press("Space")  # the wrong one off again: what was said is about another answer
    expect(said).to_be_hidden()
    quiz.press("Tab", "Space", "Tab", "Tab", "Enter")
    expect(said).to_contain_text("Right.")
    expect(quiz.button("some")).to_be_focused()


def test_a_number_by_keyboard_first_wrong_then_right(quiz: QuizPage) -> None:
    field = quiz.page.get_by_label("Your answer nats")
    field.focus()
    quiz.press("Enter")
    trouble = quiz.question("half").locator(".trouble-note")
    expect(trouble).to_contain_text("Nothing is written yet.")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Nothing is written yet. Write digits, such as 0.69, 12 or 7e9.")
    assert quiz.kept() == {}, "no try"
    quiz.page.keyboard.type("2,0")
    expect(trouble).to_be_hidden()
    quiz.press("Enter")
    said = quiz.feedback("half")
    expect(said).to_contain_text("Not right. Read as 2.")
    expect(said.locator(":scope > ul")).to_contain_text("That is two; divide one by it.")
    expect(said.locator(":scope > ul")).not_to_contain_text("0.5 exactly")
    quiz.button("half").press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    quiz.page.keyboard.type("50 %")
    quiz.press("Enter")
    expect(said).to_contain_text("Right. Read as 0.5.")
    expect(said.locator(":scope > ul")).to_contain_text("One divided by two is 0.5 exactly.")


def test_a_number_that_is_right_but_in_too_few_digits_is_called_close(quiz: QuizPage, server: SiteServer) -> None:
    half = quiz.question("half")
    expect(half.locator(".quiz-question__how")).to_have_text("Give a number (in nats); two decimals are enough.")
    file = server.more[MODULE]
    file.write_text(
        re.sub(
            r'data-answer="0.5" data-tolerance="0.01"',
            'data-answer="1.3863" data-tolerance="0.01"',
            file.read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )
    quiz.page.reload()
    field = quiz.page.get_by_label("Your answer nats")
    field.fill("1,4")
    field.press("Enter")
    verdict = quiz.feedback("half").locator(".quiz-feedback__verdict")
    expect(verdict).to_have_text("Close: right, but rounded too far. Read as 1.4.")
    assert quiz.heard().startswith("Question 3: Close: right, but rounded too far.")
    assert quiz.kept()[NAME]["half"]["state"] == "wrong"
    field.fill("1.39")
    field.press("Enter")
    expect(verdict).to_have_text("Right.")


@pytest.mark.parametrize("name", ["one", "some"])
def test_the_option_that_has_the_focus_by_keyboard_has_a_ring(quiz: QuizPage, name: str) -> None:
    ring = "box => (style => [style.outlineStyle, style.outlineWidth])(getComputedStyle(box))"
    quiz.page.keyboard.press("Tab")  # whoever walks by keyboard sees where they are
    box = quiz.box(name, 1)
    assert box.evaluate(ring)[0] == "none"
    box.focus()
    quiz.press("ArrowDown" if name == "one" else "Tab")
    focused = quiz.box(name, 2)
    expect(focused).to_be_focused()
    assert focused.evaluate(ring) == ["solid", "2px"]


def test_an_order_by_keyboard_first_wrong_then_right(quiz: QuizPage) -> None:
    question = quiz.question("row")
    items = question.locator(".quiz-question__options > li .quiz-option__words")
    before = items.all_inner_texts()
    quiz.button("row").press("Enter")
    expect(question.locator(".trouble-note")).to_contain_text("Move the items first")
    down = question.get_by_role("button", name=f"Move down: {before[0]}")
    expect(down).to_be_focused()
    quiz.press("Enter")
    expect(down).to_be_focused()
    assert items.all_inner_texts() == [before[1], before[0], before[2]]
    assert quiz.heard() == f"{before[0]} is now number 2 of 3."
    quiz.press("Enter", "Enter")
    expect(down).to_be_focused()
    expect(down).to_have_attribute("aria-disabled", "true")
    assert items.all_inner_texts() == [before[1], before[2], before[0]]

    for place, name in enumerate(("Gamma", "Alpha", "Beta")):
        while items.all_inner_texts().index(name) > place:
            question.get_by_role("button", name=f"Move up: {name}").press("Enter")
    quiz.button("row").press("Enter")
    said = quiz.feedback("row")
    expect(said).to_contain_text("Not right. 0 of 3 stand in their place.")
    expect(question.locator(".quiz-mark")).to_have_text(["not in place"] * 3)
    question.get_by_role("button", name="Move down: Gamma").press("Enter")
    expect(said).to_be_hidden()
    quiz.press("Enter")
    assert items.all_inner_texts() == ["Alpha", "Beta", "Gamma"]
    quiz.button("row").press("Enter")
    expect(said).to_contain_text("Right.")
    expect(said).to_contain_text("first letter of the Greek")
    quiz.button("row").press("Enter")
    assert items.all_inner_texts() == before


def test_an_output_by_keyboard_first_wrong_then_right(quiz: QuizPage) -> None:
    expect(quiz.question("shown").locator("pre code").first).to_have_text('for name in ("a", "b"):\n    print(name)')
    quiz.button("shown").press("Enter")
    expect(quiz.question("shown").locator(".trouble-note")).to_have_text("Choose an option first.")
    expect(quiz.box("shown", 1)).to_be_focused()
    quiz.press("Space", "Enter")
    expect(quiz.feedback("shown")).to_contain_text("Not right.")
    quiz.press("ArrowDown", "ArrowDown", "Enter")
    expect(quiz.feedback("shown")).to_contain_text("Right.")
    assert quiz.box("shown", 3).locator("xpath=..").locator("code").inner_text() == "a\nb"


def test_a_quiz_can_be_walked_by_tab_and_left_again(quiz: QuizPage) -> None:
    quiz.box("one", 1).focus()
    seen = []
    for _ in range(60):
        quiz.press("Tab")
        if quiz.page.evaluate("document.activeElement.closest('course-quiz') === null"):
            break
        seen.append(quiz.page.evaluate("document.activeElement.closest('fieldset')?.id ?? ''"))
    else:
        raise AssertionError("a trap")
    assert [name for name in dict.fromkeys(seen) if name] == [
        f"quiz-{NAME}-{name}" for name in ("one", "some", "half", "row", "shown")
    ]


def test_what_was_answered_is_kept_over_a_reload_and_a_visit_elsewhere(lab: LabPage, quiz: QuizPage) -> None:
    quiz.box("one", 2).check()
    quiz.button("one").click()
    quiz.box("some", 2).check()
    quiz.button("some").click()
    kept = quiz.kept()[NAME]
    assert {name: (one["state"], one["tries"]) for name, one in kept.items()} == {
        "one": ("right", 1),
        "some": ("wrong", 1),
    }
    total = quiz.page.locator(".quiz-sum")
    expect(total).to_contain_text("You have answered 1 of 5 questions right.")
    quiz.page.reload()
    expect(total).to_contain_text("1 of 5 questions right")
    expect(quiz.question("some").locator(".quiz-question__kept")).to_have_text("Tried once, not right yet.")
    expect(quiz.question("one").locator(".quiz-question__kept")).to_contain_text("You answered it right")
    quiz.page.evaluate("window.sameDocument = true")
    go(lab, "Glossary", "Glossary")
    go(lab, "What a base model is", "What a base model is")
    assert quiz.page.evaluate("window.sameDocument") is True, "instant navigation keeps the document"
    quiz.page.locator("course-quiz").scroll_into_view_if_needed()
    expect(total).to_contain_text("1 of 5 questions right")
    quiz.box("one", 1).check()
    quiz.button("one").click()
    expect(quiz.feedback("one")).to_contain_text("Not right.")
    expect(total).to_contain_text("1 of 5 questions right")  # a wrong answer takes no right one away


def test_two_tabs_lose_nothing_and_see_each_other(quiz: QuizPage) -> None:
    other = QuizPage(quiz.page.context.new_page(), quiz.url)
    other.open()
    quiz.box("one", 2).check()
    quiz.button("one").click()
    expect(other.page.locator(".quiz-sum")).to_contain_text("1 of 5")
    other.box("shown", 3).check()
    other.button("shown").click()
    expect(quiz.page.locator(".quiz-sum")).to_contain_text("2 of 5")
    assert set(quiz.kept()[NAME]) == {"one", "shown"}


def test_with_javascript_off_there_are_questions_with_their_answers_folded_below(
    browser: Browser, server: SiteServer, tmp_path: Path
) -> None:
    plant(server, tmp_path)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server.url + MODULE)
        assert page.locator("fieldset.quiz-question").count() == len(KINDS)
        for number, field in enumerate(page.locator("fieldset.quiz-question").all(), start=1):
            expect(field.locator("legend")).to_contain_text(f"Question {number} of 5")
            expect(field.locator("input, button")).to_have_count(0)
        answers = page.locator("details.quiz-answer")
        expect(answers.first.locator("li").first).to_be_hidden()
        answers.first.locator("summary").click()
        expect(answers.first.locator("li")).to_have_count(3)
        expect(answers.first).to_contain_text("Right: The next token.")
        expect(answers.first).to_contain_text("It gives a probability to each token")


def test_without_its_script_the_quiz_reads_as_without_javascript_and_can_be_loaded_again(
    lab: LabPage, server: SiteServer, tmp_path: Path
) -> None:
    plant(server, tmp_path)
    chunk = next(path.name for path in (server.folder / "assets/browser").glob("course-quiz-view-*.js"))
    server.faults[chunk] = "missing"
    lab.open(f"{MODULE}#quick-check")
    quiz = lab.page.locator("course-quiz")
    expect(quiz.get_by_role("alert")).to_contain_text("The quiz did not load")
    expect(quiz.locator("details.quiz-answer summary").first).to_be_visible()
    server.faults.clear()
    quiz.get_by_role("button", name="Load the quiz again").click()
    expect(quiz.get_by_role("button", name="Check: question 1", exact=True)).to_be_visible()
    expect(quiz.get_by_role("alert")).to_have_count(0)
    lab.errors.clear()


def test_a_phone_has_room_and_targets_are_large_enough(quiz: QuizPage) -> None:
    quiz.page.set_viewport_size({"width": 360, "height": 740})
    quiz.box("one", 1).check()
    quiz.button("one").click()
    assert quiz.page.evaluate("document.documentElement.scrollWidth") <= 360
    words = quiz.question("one").locator(".quiz-option__words").first.bounding_box()
    assert words is not None and words["x"] < 64, "options are not indented"
    code = quiz.question("shown").locator("pre > code")
    code.evaluate("code => code.append('a = ' + 'very_long_name + '.repeat(9))")
    assert code.evaluate("code => code.scrollWidth - code.clientWidth") <= 0, "code breaks its lines"
    small = quiz.page.locator("course-quiz").evaluate(
        """quiz => [...quiz.querySelectorAll("label.quiz-option, button, input[type=text], summary")]
            .filter(one => one.checkVisibility())
            .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
            .filter(([, box]) => Math.min(box.width, box.height) < 24).map(([html]) => html)"""
    )
    assert small == []
    clipped = quiz.page.locator("course-quiz").evaluate(
        """quiz => [...quiz.querySelectorAll("*")].filter(one => one.checkVisibility()
            && one.getBoundingClientRect().right > 361 && !one.closest("pre")).map(one => one.outerHTML.slice(0, 90))"""
    )
    assert clipped == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_a_quiz_that_is_open_wrong_or_right(
    browser: Browser, server: SiteServer, tmp_path: Path, scheme: Scheme
) -> None:
    plant(server, tmp_path)
    with browser.new_context(color_scheme=scheme) as context:
        quiz = QuizPage(context.new_page(), server.url)
        quiz.open()
        assert violations(quiz.page) == []
        for name, number in (("one", 2), ("some", 2), ("shown", 1)):
            quiz.box(name, number).check()
            quiz.button(name).click()
        quiz.button("half").click()
        quiz.question("row").get_by_role("button", name="Move down").first.click()
        quiz.button("row").click()
        for folded in quiz.page.locator(".quiz-feedback summary").all():
            folded.click()
        assert violations(quiz.page) == []


def test_on_paper_all_questions_come_before_all_answers(quiz: QuizPage) -> None:
    quiz.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    quiz.page.emulate_media(media="print")
    tops = quiz.page.locator("course-quiz").evaluate(
        """quiz => [...quiz.querySelectorAll("fieldset, .quiz-answers-title, details.quiz-answer")]
            .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
            .map(one => one.localName)"""
    )
    assert tops == ["fieldset"] * 5 + ["p"] + ["details"] * 5
    for answer in quiz.page.locator("details.quiz-answer").all():
        expect(answer.locator("li").first).to_be_visible()
    expect(quiz.page.locator(".quiz-question__bar").first).to_be_hidden()
    quiz.page.emulate_media(media="screen")
    quiz.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(quiz.page.locator("details.quiz-answer").first).to_be_hidden()


def test_nothing_moves_and_where_to_read_again_is_a_link_on_the_page(quiz: QuizPage) -> None:
    quiz.box("one", 2).check()
    quiz.button("one").click()
    moving = quiz.page.evaluate("document.getAnimations().filter(a => a.effect.target?.closest('course-quiz')).length")
    assert moving == 0
    expect(quiz.feedback("one").get_by_role("link")).to_have_attribute("href", re.compile("#quick-check$"))
