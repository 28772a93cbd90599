"""The progress page: what is counted, and that nothing is lost by a file, another tab, or a storage that refuses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, expect

from tests.browser.lab_page import LabPage
from tests.browser.launching import SCHEMES, Scheme
from tests.browser.quiz_page import MODULE, NAME, PROGRESS, QuizPage, plant
from tests.browser.test_edits import DENIED, FULL
from tests.browser.test_navigation import go
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

RIGHT = {"state": "right", "tries": 2, "date": "2026-01-05"}
WRONG = {"state": "wrong", "tries": 1, "date": "2026-01-06"}
KEPT = {"version": 1, "quizzes": {NAME: {"one": RIGHT, "some": WRONG}}}


@pytest.fixture
def page(lab: LabPage, server: SiteServer, tmp_path: Path) -> Iterator[LabPage]:
    """The progress page of a reader who has done nothing yet."""
    plant(server, tmp_path)
    lab.open(PROGRESS)
    expect(total(lab)).to_have_text("0 of 5 questions right and 0 of 1 exercise solved.")
    yield lab


def total(lab: LabPage) -> Locator:
    """The sum over all parts."""
    return lab.page.locator("course-progress > .progress-sum")


def status(lab: LabPage) -> Locator:
    """What was said of the last button."""
    return lab.page.locator(".progress-status")


def press(lab: LabPage, name: str) -> None:
    """Press a button of the progress page."""
    lab.page.locator("course-progress").get_by_role("button", name=name, exact=True).click()


def keep(lab: LabPage, kept: object = KEPT, exercise: bool = True) -> None:
    """Let the reader have done something, and load the page anew."""
    lab.page.evaluate("text => localStorage.setItem('lab-progress:v1', text)", json.dumps(kept))
    if exercise:
        lab.page.evaluate("localStorage.setItem('lab-solved:v1:do_it', '1')")
    lab.page.reload()


def give(lab: LabPage, content: str, name: str = "mine.json") -> None:
    """Choose a file to import."""
    file = FilePayload(name=name, mimeType="application/json", buffer=content.encode())
    lab.page.locator("course-progress input[type=file]").set_input_files(file)


def export(lab: LabPage) -> str:
    """Press Export; the file's content."""
    with lab.page.expect_download() as waiting:
        press(lab, "Export")
    assert waiting.value.suggested_filename.startswith("llm-masterclass-progress-20")
    return waiting.value.path().read_text()


def test_what_is_done_is_counted_by_part_and_page_and_what_is_open_stays_a_link(page: LabPage) -> None:
    open_tasks = page.page.locator(".progress-page__open li:visible")
    expect(open_tasks).to_have_count(6)
    keep(page)
    said = "1 of 5 questions right and 1 of 1 exercise solved."
    expect(total(page)).to_have_text(said)
    part = page.page.get_by_role("region", name="Foundations")
    expect(part.locator(".progress-sum")).to_have_text(said)
    expect(part.get_by_role("progressbar", name="Foundations", exact=True)).to_have_js_property("value", 2)
    expect(part.get_by_role("progressbar", name="Foundations", exact=True)).to_have_js_property("max", 6)
    expect(part.locator(".progress-page__count")).to_have_text(said)
    expect(open_tasks).to_have_text(["Question 2 (tried, not right yet)", "Question 3", "Question 4", "Question 5"])
    open_tasks.first.get_by_role("link").click()
    expect(page.page.locator(f"#quiz-{NAME}-some")).to_be_in_viewport()


def test_all_done_is_said(page: LabPage) -> None:
    names = ("one", "some", "half", "row", "shown")
    keep(page, {"version": 1, "quizzes": {NAME: dict.fromkeys(names, RIGHT)}})
    expect(total(page)).to_have_text("5 of 5 questions right and 1 of 1 exercise solved. All done.")
    expect(page.page.locator(".progress-page__open li:visible")).to_have_count(0)


def test_an_answer_is_there_after_following_the_quiz_to_the_page_and_after_a_reload(page: LabPage) -> None:
    quiz = QuizPage(page.page, page.url)
    quiz.open()
    quiz.box("one", 2).check()
    quiz.button("one").click()
    page.page.get_by_role("link", name="See all your progress").click()
    expect(page.page.get_by_role("heading", level=1)).to_contain_text("Your progress")
    expect(total(page)).to_contain_text("1 of 5 questions right")
    page.page.reload()
    expect(total(page)).to_contain_text("1 of 5 questions right")
    page.page.evaluate("localStorage.setItem('lab-solved:v1:do_it', '1')")
    go(page, "Glossary", "Glossary")
    go(page, "Your progress", "Your progress")
    expect(total(page)).to_have_text("1 of 5 questions right and 1 of 1 exercise solved.")


def test_another_tabs_answers_appear(page: LabPage) -> None:
    quiz = QuizPage(page.page.context.new_page(), page.url)
    quiz.open()
    quiz.box("one", 2).check()
    quiz.button("one").click()
    expect(total(page)).to_contain_text("1 of 5 questions right")


def test_a_file_carries_all_to_an_empty_browser(page: LabPage, browser: Browser) -> None:
    keep(page)
    text = export(page)
    expect(status(page)).to_contain_text("Exported 2 answers and 1 solved exercise to the file llm-masterclass")
    assert json.loads(text)["quizzes"] == KEPT["quizzes"]
    with browser.new_context() as elsewhere:
        other = LabPage(elsewhere.new_page(), page.url)
        other.open(PROGRESS)
        expect(total(other)).to_contain_text("0 of 5")
        give(other, text)
        expect(status(other)).to_have_text("Imported 2 answers and 1 solved exercise; 3 are new here.")
        expect(total(other)).to_have_text("1 of 5 questions right and 1 of 1 exercise solved.")
        other.page.reload()
        expect(total(other)).to_have_text("1 of 5 questions right and 1 of 1 exercise solved.")
        give(other, text)
        expect(status(other)).to_have_text("Imported 2 answers and 1 solved exercise; none is new here.")


def test_an_import_keeps_the_better_state_of_each(page: LabPage) -> None:
    keep(page)
    file = {"format": "llm-masterclass-progress", "version": 1, "exercises": []}
    give(page, json.dumps({**file, "quizzes": {NAME: {"one": WRONG, "some": RIGHT}}}))
    expect(total(page)).to_contain_text("2 of 5 questions right and 1 of 1 exercise")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "it is not JSON, or a part of it is missing"),
        ("[1, 2]", "it was not exported from a page like this"),
        ('{"format": "llm-masterclass-progress", "version": 9}', "it has version 9"),
        ('{"format": "llm-masterclass-progress", "version": 1, "quizzes": {}, "exercises": [{}]}', "list of exercises"),
        (" " * 1_000_001, "far larger"),
    ],
)
def test_a_bad_file_is_explained_and_changes_nothing(page: LabPage, content: str, why: str) -> None:
    keep(page)
    expect(total(page)).to_contain_text("1 of 5")
    before = page.page.evaluate("JSON.stringify(localStorage)")
    give(page, content, "odd.json")
    expect(status(page)).to_contain_text("“odd.json” was not imported: ")
    expect(status(page)).to_contain_text(why)
    expect(status(page)).to_contain_text("Nothing has changed.")
    assert page.page.evaluate("JSON.stringify(localStorage)") == before


def test_erasing_asks_first_and_can_be_undone_by_keyboard(page: LabPage) -> None:
    keep(page)
    page.page.evaluate("localStorage.setItem('lab-edits:v1:mine', '{}')")
    erase = page.page.get_by_role("button", name="Erase", exact=True)
    erase.press("Enter")
    group = page.page.get_by_role("group", name="Erase?")
    expect(group).to_contain_text("Erase 2 answers and 1 solved exercise from this browser?")
    expect(group.get_by_role("button", name="Keep all")).to_be_focused()
    page.page.keyboard.press("Escape")
    expect(group).to_be_hidden()
    expect(erase).to_be_focused()
    expect(total(page)).to_contain_text("1 of 5")

    erase.press("Enter")
    page.page.keyboard.press("Shift+Tab")
    page.page.keyboard.press("Enter")
    expect(total(page)).to_have_text("0 of 5 questions right and 0 of 1 exercise solved.")
    expect(status(page)).to_contain_text("Erased.")
    keys = page.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('lab-'))")
    assert keys == ["lab-edits:v1:mine"]
    undo = page.page.get_by_role("button", name="Undo erasing")
    expect(undo).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(total(page)).to_have_text("1 of 5 questions right and 1 of 1 exercise solved.")
    expect(undo).to_be_hidden()
    expect(erase).to_be_focused()


def test_with_nothing_kept_there_is_nothing_to_erase(page: LabPage) -> None:
    press(page, "Erase")
    expect(status(page)).to_have_text("There is nothing to erase.")
    expect(page.page.get_by_role("group", name="Erase?")).to_be_hidden()


def test_the_question_whether_to_erase_takes_the_place_of_what_was_said_before(page: LabPage) -> None:
    keep(page)
    export(page)
    expect(status(page)).to_contain_text("Exported 2 answers")
    press(page, "Erase")
    expect(page.page.get_by_role("group", name="Erase?")).to_be_visible()
    expect(status(page)).to_have_text("")


def test_what_was_erased_stays_erased(page: LabPage) -> None:
    keep(page)
    press(page, "Erase")
    press(page, "Erase now")
    page.page.reload()
    expect(total(page)).to_have_text("0 of 5 questions right and 0 of 1 exercise solved.")


def test_a_full_storage_is_said_and_the_visit_counts_over_all_pages(
    context: BrowserContext, server: SiteServer, tmp_path: Path
) -> None:
    plant(server, tmp_path)
    tab = context.new_page()
    tab.add_init_script(FULL)
    lab = LabPage(tab, server.url)
    lab.open(PROGRESS)
    expect(tab.locator("course-progress .trouble-note")).to_contain_text("storage is full")
    go(lab, "What a base model is", "What a base model is")
    tab.locator("course-quiz").scroll_into_view_if_needed()
    quiz = QuizPage(tab, server.url)
    quiz.box("one", 2).check()
    quiz.button("one").click()
    expect(tab.locator(".quiz-sum")).to_contain_text("You have answered 1 of 5 questions right.")
    expect(tab.locator(".quiz-sum")).to_contain_text("storage is full")
    go(lab, "Your progress", "Your progress")
    expect(total(lab)).to_contain_text("1 of 5 questions right")


def test_a_forbidden_storage_is_said_and_the_page_counts(
    context: BrowserContext, server: SiteServer, tmp_path: Path
) -> None:
    plant(server, tmp_path)
    tab = context.new_page()
    tab.add_init_script(DENIED)
    quiz = QuizPage(tab, server.url)
    quiz.open()
    quiz.box("one", 2).check()
    quiz.button("one").click()
    expect(tab.locator(".quiz-sum")).to_contain_text("You have answered 1 of 5 questions right.")
    expect(tab.locator(".quiz-sum")).to_contain_text("lets the page store nothing")
    tab.goto(server.url + PROGRESS)
    expect(tab.locator("course-progress .trouble-note")).to_contain_text("lets the page store nothing")
    expect(tab.locator("course-progress > .progress-sum")).to_contain_text("0 of 5 questions right")


def test_with_javascript_off_it_says_what_it_would_show_and_lists_all_as_links(
    browser: Browser, server: SiteServer, tmp_path: Path
) -> None:
    plant(server, tmp_path)
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(server.url + PROGRESS)
        expect(tab.get_by_text("which needs JavaScript")).to_be_visible()
        expect(tab.locator(".progress-page__count")).to_have_text("5 questions and one exercise")
        links = tab.locator(".progress-page__open a")
        assert links.all_inner_texts() == [*(f"Question {number}" for number in range(1, 6)), "Exercise: Do it"]
        links.first.click()
        assert tab.url == f"{server.url}{MODULE}#quiz-{NAME}-one"
        expect(tab.locator(f"#quiz-{NAME}-one")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_and_a_phone_has_room(
    browser: Browser, server: SiteServer, tmp_path: Path, scheme: Scheme
) -> None:
    plant(server, tmp_path)
    with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open(PROGRESS)
        keep(lab)
        press(lab, "Erase")
        assert violations(lab.page) == []
        assert lab.page.evaluate("document.documentElement.scrollWidth") <= 360
        small = lab.page.locator("course-progress").evaluate(
            """list => [...list.querySelectorAll("button, a")].filter(one => one.checkVisibility())
                .filter(one => one.getBoundingClientRect().height < 24 && !one.closest("p"))
                .map(one => one.outerHTML.slice(0, 90))"""
        )
        assert small == []


def test_the_real_page_lists_real_questions(lab: LabPage) -> None:
    lab.open(PROGRESS)
    expect(total(lab)).to_contain_text("questions right")
    for link in lab.page.locator(".progress-page__open li:first-child a").all()[:3]:
        href = link.get_attribute("href") or ""
        target = lab.page.request.get(href if "://" in href else lab.url + "/" + href.removeprefix("../"))
        assert target.ok, href
