"""Controls of more than one part, and a lab that waits for its button, as a reader has them."""

import json
import re
from typing import Any

from playwright.sync_api import Browser, Locator, expect

from tests.browser.lab_page import LabPage
from tests.browser.launching import SCHEMES
from tests.browser.planted import declared, panel_of, plant, put
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

CONTROLS = """
import json
from labs.core.contract import Comparisons, Counter, Lab, Messages, Table, Text

LAB = Lab("The planted lab", "What was asked for?", "live", (
    Counter("steps", "Updates made", "Apply an update", 2),
    Messages("talk", "Conversation", [{"role": "user", "content": "Hello"}], max_messages=3, max_length=20),
    Text("pattern", "Pattern", "a b", 40, ("Q: 1\\nA: 2", "x y"), lines=3),
    Comparisons("ranking", "You prefer", [("Why?", "So.", "No."), ("Who is it?", "Mira.", "It is Tomo. " * 9)]),
))
asked = []


def run(**values):
    asked.append(values)
    if values["pattern"] == "bad":
        raise ValueError("pattern: expected good words, got 'bad'; write others.")
    if values["talk"] and values["talk"][0]["content"] == "bad":
        raise ValueError("talk: expected good words in message 1, got 'bad'; write others.")
    yield Table(["control", "value"], [[name, json.dumps(value)] for name, value in values.items()])
"""
WAITING = """
import time
from labs.core.contract import Lab, Slider, Table

RATE = Slider("rate", "Rate", 1, 0, 9, 1)
LAB = Lab("The slow lab", "What was learned?", "live", (RATE,), action="Train", waits=True)
asked = []


def run(rate):
    asked.append(rate)
    yield Table(["so far"], [[f"training at {rate}"]])
    if len(asked) > 1:
        time.sleep(1.5)
    yield Table(["rate"], [[rate]])
"""


def shown(panel: Locator, name: str) -> Locator:
    """The value that the panel's picture was computed with, as JSON."""
    row = panel.locator(".lab-panel__picture:not([data-unseen])").get_by_role("row", name=name)
    return row.get_by_role("cell").last


def expect_asked(panel: Locator, name: str, value: object) -> None:
    expect(shown(panel, name)).to_have_text(json.dumps(value), timeout=30_000)


def status(panel: Locator) -> Locator:
    return panel.get_by_role("status")


def asked(lab: LabPage) -> list[Any]:
    """What `run` was called with since the lab was planted, as the lab has noted it."""
    calls: list[Any] = json.loads(
        lab.run(2, "import json, labs.base_simulator.lab as home\nprint(json.dumps(home.asked))")
    )
    return calls


def test_a_counter_runs_at_each_press_says_its_count_and_stops_at_its_most(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    group = panel.get_by_role("group", name="Updates made")
    add, again = group.get_by_role("button", name="Apply an update"), group.get_by_role("button", name="Start again")
    said = group.locator("[aria-live=polite]")
    expect(said).to_have_text("none so far")
    expect(again).to_have_attribute("aria-disabled", "true")
    add.focus()
    lab.page.keyboard.press("Enter")
    expect(said).to_have_text("1 so far")
    expect_asked(panel, "steps", 1)
    lab.page.keyboard.press("Space")
    expect(said).to_have_text("2 so far, which is the most")
    expect_asked(panel, "steps", 2)
    expect(add).to_have_attribute("aria-disabled", "true")
    expect(add).to_be_focused()
    lab.page.keyboard.press("Space")
    again.click()
    expect(said).to_have_text("none so far")
    expect_asked(panel, "steps", 0)
    assert [call["steps"] for call in asked(lab)] == [1, 2, 0]


def test_a_conversation_is_edited_by_keyboard_within_its_limits(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    group = panel.get_by_role("group", name="Conversation")
    add = group.get_by_role("button", name="Add a message")
    expect(group).to_contain_text("1 message of at most 3, each of at most 20 characters")
    add.focus()
    lab.page.keyboard.press("Enter")
    second = group.get_by_role("textbox", name="Text of message 2")
    expect(second).to_be_focused()
    lab.page.keyboard.type("Hi! How are you today, dear?")
    said = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi! How are you toda"}]
    expect_asked(panel, "talk", said)
    group.get_by_role("combobox", name="Role of message 1").select_option("system")
    expect_asked(panel, "talk", [{**said[0], "role": "system"}, said[1]])
    add.click()
    expect(group).to_contain_text("3 messages, which is the most")
    expect(add).to_have_attribute("aria-disabled", "true")
    add.click(force=True)
    expect(group.get_by_role("textbox")).to_have_count(3)
    group.get_by_role("button", name="Remove message 1").focus()
    lab.page.keyboard.press("Enter")
    expect(group.get_by_role("button", name="Remove message 1")).to_be_focused()
    expect_asked(panel, "talk", [said[1], {"role": "user", "content": ""}])
    for _ in range(2):
        lab.page.keyboard.press("Enter")
    expect(add).to_be_focused()
    expect(group).to_contain_text("0 messages of at most 3")
    expect_asked(panel, "talk", [])


def test_pairs_are_ranked_by_keyboard_and_an_answer_is_taken_back(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    group = panel.get_by_role("group", name="You prefer")
    expect(group).to_contain_text("0 of 2 ranked")
    group.get_by_text("The 2 pairs").focus()
    lab.page.keyboard.press("Enter")
    second = group.get_by_role("group", name="2. Who is it?")
    expect(second.get_by_role("radio", name="no answer")).to_be_checked()
    second.get_by_role("radio", name="A: Mira.").focus()
    lab.page.keyboard.press("Space")
    expect_asked(panel, "ranking", "-A")
    expect(group).to_contain_text("1 of 2 ranked")
    lab.page.keyboard.press("ArrowDown")
    expect_asked(panel, "ranking", "-B")
    group.get_by_role("group", name="1. Why?").get_by_role("radio", name="B: No.").check()
    expect_asked(panel, "ranking", "BB")
    expect(group).to_contain_text("2 of 2 ranked")
    second.get_by_role("radio", name="no answer").check()
    expect_asked(panel, "ranking", "B-")
    panel.get_by_role("button", name="Reset The planted lab").click()
    expect(group).to_contain_text("0 of 2 ranked")


def test_typing_a_message_is_one_run_not_one_a_letter(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    text = panel.get_by_role("textbox", name="Text of message 1")
    text.click()
    lab.page.keyboard.press("End")
    lab.page.keyboard.type(" there", delay=40)
    expect_asked(panel, "talk", [{"role": "user", "content": "Hello there"}])
    expect(text).to_be_focused()
    assert len(asked(lab)) == 1


def test_several_lines_are_typed_and_examples_taken(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    text = panel.get_by_role("textbox", name="Pattern", exact=True)
    examples = panel.get_by_role("combobox", name="Examples for Pattern")
    expect(examples.locator("option")).to_have_text(["Examples…", "Q: 1 ⏎ A: 2", "x y"])
    expect(text).to_have_value("a b")
    text.click()
    lab.page.keyboard.press("ControlOrMeta+End")
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.type("c d")
    expect_asked(panel, "pattern", "a b\nc d")
    examples.select_option("Q: 1 ⏎ A: 2")
    expect(text).to_have_value("Q: 1\nA: 2")
    expect_asked(panel, "pattern", "Q: 1\nA: 2")
    text.fill("own words")
    expect(examples).to_have_value("-1")


def test_reset_and_an_undone_edit_bring_back_what_was_there(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    text = panel.get_by_role("textbox", name="Text of message 1")
    text.fill("Bye")
    expect_asked(panel, "talk", [{"role": "user", "content": "Bye"}])
    mark = panel.locator(".lab-panel__picture .lab-panel__mark")
    expect(mark).to_be_hidden()
    text.fill("Hello")
    expect(mark).to_be_visible()
    text.fill("Bye")
    expect(mark).to_be_hidden()
    panel.get_by_role("button", name="Apply an update").click()
    expect_asked(panel, "steps", 1)
    panel.get_by_role("button", name="Reset The planted lab").click()
    expect(text).to_have_value("Hello")
    expect(panel.get_by_text("none so far")).to_be_visible()
    expect(panel.locator(".lab-panel__recorded")).to_be_visible()
    expect(panel.locator(".lab-panel__recorded .lab-panel__mark")).to_be_hidden()


def test_what_a_lab_refuses_is_said_beside_the_conversation_or_the_text(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    panel.get_by_role("textbox", name="Text of message 1").fill("bad")
    expect(panel.get_by_role("group", name="Conversation")).to_have_accessible_description(
        re.compile("Expected good words in message 1, got 'bad'"), timeout=30_000
    )
    panel.get_by_role("textbox", name="Text of message 1").fill("good")
    pattern = panel.get_by_role("textbox", name="Pattern", exact=True)
    pattern.fill("bad")
    expect(pattern).to_have_accessible_description(re.compile("Expected good words, got 'bad'"), timeout=30_000)
    expect(panel.locator(".lab-control__fault:visible")).to_have_count(1)
    expect(status(panel)).to_contain_text("Not run: see “")


def test_a_lab_that_waits_runs_only_when_its_button_is_pressed(lab: LabPage) -> None:
    panel = plant(lab, WAITING)
    slider, train = panel.get_by_role("slider"), panel.get_by_role("button", name="Train: The slow lab")
    expect(train).to_have_text("Train")
    expect(panel.get_by_role("button", name="Run", exact=False)).to_have_count(0)
    slider.fill("5")
    expect(status(panel)).to_have_text("Press Train to run with the new values.")
    expect(panel.locator(".lab-panel__recorded .lab-panel__mark")).to_be_visible()
    lab.page.wait_for_timeout(800)
    assert asked(lab) == []
    slider.fill("1")
    expect(status(panel)).to_have_text("These are the values of the picture.")
    slider.fill("6")
    train.click()
    expect(panel).to_have_attribute("data-state", "done")
    expect(panel.locator(".lab-panel__picture")).to_contain_text("training at 6")
    expect(status(panel)).to_contain_text("Computed here in")
    expect(panel.locator(".lab-panel__picture .lab-panel__mark")).to_be_hidden()
    assert asked(lab) == [6]


def test_a_move_during_a_waited_run_leaves_it_alone_and_a_second_press_adds_none(lab: LabPage) -> None:
    panel = plant(lab, WAITING)
    slider, train = panel.get_by_role("slider"), panel.get_by_role("button", name="Train: The slow lab")
    train.click()
    expect(panel).to_have_attribute("data-state", "done")
    pressed = "button => { button.click(); return document.querySelector('lab-panel [role=status]').innerText }"
    assert train.evaluate(pressed) == "Running…", "at once"
    expect(panel.get_by_role("button", name="Stop The slow lab")).to_be_visible()
    train.click()
    slider.fill("7")
    expect(panel).to_have_attribute("data-state", "done", timeout=10_000)
    expect(status(panel)).to_have_text(
        re.compile(r"^Computed here in \d\.\d\d s\. Press Train to run with the new values\.$")
    )
    lab.page.wait_for_timeout(500)
    expect(panel).to_have_attribute("data-state", "done")
    expect(panel.locator(".lab-panel__picture .lab-panel__mark")).to_be_visible()
    assert asked(lab) == [1, 1]


def test_values_of_all_kinds_outlive_a_look_elsewhere(lab: LabPage) -> None:
    panel = plant(lab, CONTROLS)
    panel.get_by_role("textbox", name="Text of message 1").fill("Bye")
    panel.get_by_role("button", name="Apply an update").click()
    expect_asked(panel, "steps", 1)
    panel.evaluate("panel => panel.remove()")
    put(lab, panel_of(declared(CONTROLS), []))
    expect(panel.get_by_role("textbox", name="Text of message 1")).to_have_value("Bye")
    expect(panel.get_by_text("1 so far", exact=True)).to_be_visible()
    expect_asked(panel, "talk", [{"role": "user", "content": "Bye"}])
    assert len(asked(lab)) == 1, "shown again, not computed again"


def test_they_fit_a_phone_and_axe_finds_nothing(browser: Browser, server: SiteServer) -> None:
    for scheme in SCHEMES:
        with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
            lab = LabPage(context.new_page(), server.url)
            lab.open()
            put(lab, panel_of(declared(CONTROLS), []))
            panel = lab.page.locator("lab-panel").first
            for _ in range(2):
                panel.get_by_role("button", name="Add a message").click()
            panel.get_by_text("The 2 pairs").click()
            assert lab.page.evaluate("document.documentElement.scrollWidth") <= 360
            boxes = panel.locator("button, select, textarea").evaluate_all(
                "parts => parts.filter(part => part.offsetParent).map(part => part.getBoundingClientRect().toJSON())"
            )
            assert [box for box in boxes if min(box["width"], box["height"]) < 24] == []
            assert [box for box in boxes if box["right"] > 360] == []
            assert violations(lab.page) == []
