"""An exercise as its reader meets it: try, check, read what is missing, take a hint, solve."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from labs.base_simulator.exercise import EXERCISE
from labs.core.bridge import load_exercise
from tests.browser.lab_page import LabPage
from tests.browser.launching import SCHEMES, Scheme
from tests.browser.test_navigation import go
from tests.browser.test_reading import violations
from tests.site_server import SiteServer


def exercise(lab: LabPage) -> Locator:
    return lab.page.locator("lab-exercise")


def button(lab: LabPage, name: str) -> Locator:
    return exercise(lab).get_by_role("button", name=name)


def status(lab: LabPage) -> Locator:
    """What the exercise says, not what its cell says."""
    return exercise(lab).locator(":scope > .lab-cell__bar [role=status]")


def solved(lab: LabPage) -> Locator:
    return exercise(lab).locator(".lab-exercise__solved")


def answer(lab: LabPage, source: str) -> None:
    """Put an answer into the exercise's cell."""
    exercise(lab).locator("lab-cell:defined").evaluate("(cell, text) => { cell.source = text }", source)


def check(lab: LabPage, source: str | None = None, state: str = "done") -> None:
    """Press Check, with an answer if given, and wait for its end."""
    if source is not None:
        answer(lab, source)
    button(lab, "Check").click()
    expect(exercise(lab)).to_have_attribute("data-state", state, timeout=60_000)


def test_the_starter_fails_with_expected_got_and_next_step(lab: LabPage) -> None:
    lab.open()
    check(lab)
    count = len(EXERCISE.checks)
    expect(status(lab)).to_have_text(re.compile(rf"Not yet: \d of {count} checks passed\.$"))
    failed = exercise(lab).locator("[data-check=failed]")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("Not yet:")
    for term in ("Expected", "Got", "Next step"):
        expect(failed.get_by_role("term").filter(has_text=term)).to_be_visible()
    expect(exercise(lab).locator("[data-check=open]").first).to_contain_text("Waiting:")
    expect(solved(lab)).to_be_hidden()


def test_the_solution_passes_and_stays_solved_after_a_reload(lab: LabPage) -> None:
    lab.open()
    check(lab, EXERCISE.solution)
    expect(status(lab)).to_have_text(f"Solved: all {len(EXERCISE.checks)} checks passed.")
    expect(exercise(lab).locator("[data-check=passed]")).to_have_count(len(EXERCISE.checks))
    expect(solved(lab)).to_be_visible()
    lab.page.reload()
    expect(solved(lab)).to_be_visible()


def test_a_known_mistake_is_told_first(lab: LabPage) -> None:
    lab.open()
    wrong = EXERCISE.wrong_answers[0]
    check(lab, wrong.source)
    told = exercise(lab).locator(".lab-exercise__recognized")
    expect(told).to_have_text(wrong.message.replace("`", ""))
    expect(status(lab)).to_contain_text(wrong.message.replace("`", ""))
    box, list_box = told.bounding_box(), exercise(lab).locator(".lab-exercise__checks").bounding_box()
    assert box is not None
    assert list_box is not None
    assert box["y"] < list_box["y"]
    check(lab, EXERCISE.solution)
    expect(told).to_be_hidden()


def test_what_stands_on_the_page_is_heard_and_not_seen_twice(lab: LabPage) -> None:
    lab.open()
    seen = "line => [...line.childNodes].filter(part => part.className !== 'lab-heard').map(part => part.data).join('')"
    check(lab, EXERCISE.wrong_answers[0].source)
    assert re.fullmatch(r"Not yet: \d of \d checks passed\.", status(lab).evaluate(seen))
    for words in ("Not yet", "Hint 1"):
        expect(status(lab)).to_contain_text(words)
        box = status(lab).locator(".lab-heard").bounding_box()
        assert box is not None
        assert max(box["width"], box["height"]) <= 1
        button(lab, "hint").click()


@pytest.mark.parametrize("source", ["def broken(:", "1 / 0", "exit()"])
def test_code_that_does_not_run_takes_the_earlier_verdict_away(lab: LabPage, source: str) -> None:
    lab.open()
    check(lab, EXERCISE.wrong_answers[0].source)
    expect(exercise(lab).locator("[data-check=failed]")).to_have_count(1)
    check(lab, source, state="error")
    expect(exercise(lab).locator("[data-check]")).to_have_count(0)
    expect(exercise(lab).locator(".lab-exercise__recognized")).to_be_hidden()
    names = exercise(lab).locator(".lab-exercise__checks li")
    expect(names).to_have_text([one.name.replace("`", "") for one in EXERCISE.checks])
    expect(status(lab)).not_to_contain_text("Not yet")
    check(lab, EXERCISE.solution)
    expect(exercise(lab).locator("[data-check=passed]")).to_have_count(len(EXERCISE.checks))


def test_hints_come_one_by_one(lab: LabPage) -> None:
    lab.open()
    hints = exercise(lab).locator(".lab-exercise__hints li:visible")
    expect(hints).to_have_count(0)
    for number in range(1, len(EXERCISE.hints) + 1):
        button(lab, "hint").click()
        expect(hints).to_have_count(number)
        expect(status(lab)).to_contain_text(f"Hint {number} of {len(EXERCISE.hints)} is shown below.")
        expect(status(lab).locator(".lab-heard")).to_have_text(EXERCISE.hints[number - 1].replace("`", ""))
    expect(button(lab, "hint")).to_be_hidden()
    expect(button(lab, "Check")).to_be_focused()


def test_the_solution_is_offered_after_an_attempt_and_never_before(lab: LabPage) -> None:
    lab.open()
    solution = exercise(lab).locator(".lab-exercise__solution")
    expect(button(lab, "Show the solution")).to_be_hidden()
    expect(solution).to_be_hidden()
    check(lab)
    expect(solution).to_be_hidden()
    button(lab, "Show the solution").click()
    expect(solution).to_be_visible()
    expect(button(lab, "Hide the solution")).to_have_attribute("aria-expanded", "true")
    button(lab, "Hide the solution").click()
    expect(solution).to_be_hidden()


def test_an_error_in_the_code_is_shown_with_its_line_and_counts_as_an_attempt(lab: LabPage) -> None:
    lab.open()
    check(lab, "print('begun')\n1 / 0", state="error")
    log = exercise(lab).get_by_role("log", name="Output of your code while it was checked")
    expect(log).to_contain_text("begun")
    expect(log).to_contain_text("line 2")
    expect(log).to_contain_text("ZeroDivisionError")
    log.get_by_role("button", name="line 2").click()
    expect(exercise(lab).locator(".cm-content")).to_be_focused()
    expect(button(lab, "Show the solution")).to_be_visible()
    check(lab, EXERCISE.solution)
    expect(log).to_be_hidden()


def test_a_check_that_never_ends_can_be_stopped(lab: LabPage) -> None:
    lab.open()
    answer(lab, "while True: pass")
    button(lab, "Check").click()
    expect(exercise(lab)).to_have_attribute("data-state", "running", timeout=60_000)
    button(lab, "Stop the check").click()
    expect(exercise(lab)).to_have_attribute("data-state", "stopped", timeout=2000)
    expect(button(lab, "Check")).to_be_focused()
    expect(status(lab)).to_contain_text("Stopped.")
    check(lab, EXERCISE.solution)


def test_keyboard_alone_checks_and_the_focus_stays(lab: LabPage) -> None:
    lab.open()
    button(lab, "Check").focus()
    lab.page.keyboard.press("Enter")
    expect(exercise(lab)).to_have_attribute("data-state", "done", timeout=60_000)
    expect(button(lab, "Check")).to_be_focused()
    lab.page.keyboard.press("Tab")
    expect(button(lab, "hint")).to_be_focused()
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("Tab")
    expect(button(lab, "Show the solution")).to_be_focused()


def test_the_reader_s_code_and_the_page_s_cells_do_not_meet(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "page_name = 1")
    check(lab, "print('page_name' in globals())\nexercise_name = 1")
    expect(exercise(lab).get_by_role("log", name="Output of your code")).to_contain_text("False")
    assert lab.run(2, "print('exercise_name' in globals())").strip() == "False"


def test_result_and_hints_survive_a_visit_elsewhere(lab: LabPage) -> None:
    lab.open()
    check(lab)
    button(lab, "Show a hint").click()
    go(lab, "Glossary", "Glossary")
    go(lab, "The base simulator", "The base simulator")
    expect(exercise(lab).locator("[data-check=failed]")).to_have_count(1)
    expect(exercise(lab).locator(".lab-exercise__hints li:visible")).to_have_count(1)
    expect(button(lab, "Show the solution")).to_be_visible()


def test_several_exercises_of_a_lab_keep_to_themselves(lab: LabPage) -> None:
    path = "/labs/preference_nudge/"
    first, second = "preference_nudge", "preference_nudge.bradley_terry"
    lab.open(path)

    def place(name: str) -> Locator:
        return lab.page.locator(f'lab-exercise[name="{name}"]')

    def marked(name: str) -> Locator:
        return place(name).locator(".lab-exercise__solved")

    def work(name: str, source: str) -> None:
        place(name).locator("lab-cell:defined").evaluate("(cell, text) => { cell.source = text }", source)
        place(name).get_by_role("button", name="Check").click()
        expect(place(name)).to_have_attribute("data-state", "done", timeout=60_000)

    work(second, load_exercise(second).solution)
    expect(marked(second)).to_be_visible()
    expect(marked(first)).to_be_hidden()
    expect(place(first).locator("[data-check]")).to_have_count(0)
    place(first).get_by_role("button", name="Show a hint").click()
    expect(place(second).locator(".lab-exercise__hints li:visible")).to_have_count(0)
    wrong = load_exercise(first).wrong_answers[0]
    work(first, wrong.source)
    expect(place(first).locator(".lab-exercise__recognized")).to_have_text(wrong.message.replace("`", ""))
    expect(place(second).locator(".lab-exercise__recognized")).to_be_hidden()
    lab.page.reload()
    expect(marked(second)).to_be_visible()
    expect(marked(first)).to_be_hidden()
    code = "cell => cell.source"
    expect(place(second).get_by_role("button", name="Reset")).to_be_visible()
    assert place(second).locator("lab-cell:defined").evaluate(code).strip() == load_exercise(second).solution.strip()
    assert place(first).locator("lab-cell:defined").evaluate(code).strip() == wrong.source.strip()


def test_without_storage_it_works_and_counts_as_solved_on_the_page(page: Page, server: SiteServer) -> None:
    page.add_init_script(
        "Object.defineProperty(Storage.prototype, 'setItem', { value() { throw new DOMException('full') } });"
    )
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)) if "lab" in str(error.stack) else None)
    lab = LabPage(page, server.url)
    lab.open()
    check(lab, EXERCISE.solution)
    expect(solved(lab)).to_be_visible()
    assert errors == []


def test_with_javascript_off_hints_and_solution_are_folded_below_the_task(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{server.url}/labs/base_simulator/")
        shown = page.locator("lab-exercise")
        expect(shown.locator(".lab-exercise__title")).to_have_text(f"Exercise: {EXERCISE.title}")
        expect(shown.locator(".lab-cell__code")).to_be_visible()
        expect(shown.locator(".lab-exercise__solution")).to_be_hidden()
        shown.get_by_text("Hints and solution").click()
        expect(shown.locator(".lab-exercise__hints li")).to_have_count(len(EXERCISE.hints))
        expect(shown.locator(".lab-exercise__solution")).to_be_visible()
        expect(shown.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_on_a_phone_with_everything_shown(
    browser: Browser, server: SiteServer, scheme: Scheme
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        check(lab, EXERCISE.wrong_answers[0].source)
        button(lab, "Show a hint").click()
        button(lab, "Show the solution").click()
        assert violations(lab.page) == []
        assert lab.page.evaluate("document.documentElement.scrollWidth") <= 360
