"""A panel as its reader meets it: recorded until a control moves, then alive, and never without a picture."""

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.lab_page import LabPage
from tests.browser.launching import SCHEMES, Scheme
from tests.browser.test_navigation import go
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

COUNTING = """
import labs.base_simulator.lab as lab
if not hasattr(lab, "real"):
    lab.real, lab.asked = lab.run, []
def run(**values):
    lab.asked.append(values["temperature"])
    yield from lab.real(**values)
lab.run = run
"""
SLOW = """
import time
import labs.base_simulator.lab as lab
from labs.core.contract import Progress, Table
if not hasattr(lab, "real"):
    lab.real, lab.asked = lab.run, []
def run(**values):
    lab.asked.append(values["temperature"])
    yield Progress(1, 2, "Halves")
    yield Table(["so far"], [["the first half"]])
    time.sleep(%s)
    yield from lab.real(**values)
lab.run = run
"""


def panel(lab: LabPage) -> Locator:
    return lab.page.locator("lab-panel").first


def slider(lab: LabPage) -> Locator:
    return panel(lab).get_by_role("slider", name="Temperature")


def status(lab: LabPage) -> Locator:
    return panel(lab).locator("[role=status]")


def picture(lab: LabPage) -> Locator:
    """The live picture that is shown whole."""
    return panel(lab).locator(".lab-panel__picture:not([data-unseen])")


def recorded(lab: LabPage) -> Locator:
    return panel(lab).locator(".lab-panel__recorded")


def move(lab: LabPage, value: float) -> None:
    slider(lab).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })) }", value
    )


def expect_temperature(lab: LabPage, value: float) -> None:
    """Wait until the only picture is one of this temperature."""
    title = lab.page.locator("figcaption").filter(has_text=re.compile(rf"^“.* at temperature {value:g}$"))
    wanted = picture(lab).filter(has=title)
    expect(wanted).to_have_count(1, timeout=60_000)
    expect(picture(lab)).to_have_count(1, timeout=10_000)
    expect(recorded(lab)).to_be_hidden()


def asked(lab: LabPage) -> list[float]:
    """The temperatures that `run` was called with since a cell began to count."""
    temperatures: list[float] = json.loads(lab.run(2, "import labs.base_simulator.lab as lab\nprint(lab.asked)"))
    return temperatures


def test_before_the_reader_asks_the_recorded_picture_is_shown_and_no_python_is_loaded(
    lab: LabPage, server: SiteServer
) -> None:
    lab.open()
    expect(slider(lab)).to_be_visible()
    expect(recorded(lab).locator("figure.lab-chart svg").first).to_be_visible()
    expect(recorded(lab).locator(".lab-label")).to_have_text("illustrative")
    expect(recorded(lab).locator(".lab-panel__mark")).to_be_hidden()
    lab.page.wait_for_load_state("networkidle")
    assert not any(path.startswith("/runtime/") for path in server.requests)


def test_controls_have_names_help_and_the_page_s_values(lab: LabPage) -> None:
    lab.open()
    values = json.loads(panel(lab).get_attribute("values") or "")
    expect(slider(lab)).to_have_value(f"{values['temperature']:g}")
    expect(slider(lab)).to_have_attribute("aria-valuetext", f"{values['temperature']:g}")
    expect(slider(lab)).to_have_accessible_description("0 always takes the most likely.")
    expect(panel(lab).get_by_role("combobox", name="Prefix")).to_have_value(values["prefix"])
    expect(panel(lab).get_by_role("spinbutton", name="Seed")).to_have_value(str(values["seed"]))
    expect(panel(lab).get_by_role("group", name="Controls of The base simulator")).to_be_visible()


def test_moving_a_slider_runs_the_lab_and_swaps_the_picture(lab: LabPage) -> None:
    lab.open()
    slider(lab).focus()
    slider(lab).press("End")
    expect_temperature(lab, 3)
    expect(panel(lab).locator(".lab-control__value").first).to_have_text("3")
    expect(picture(lab).locator(".lab-cell__label")).to_contain_text("ran here, in your browser")
    expect(picture(lab).locator("figure.lab-chart svg").first).to_be_visible()
    expect(picture(lab).locator(".lab-panel__mark")).to_be_hidden()
    expect(status(lab)).to_have_text(re.compile(r"^Computed here in \d+\.\d\d s\.$"))
    expect(slider(lab)).to_be_focused()


def test_run_answers_at_once_with_the_download(lab: LabPage) -> None:
    lab.open()
    panel(lab).get_by_role("button", name="Run The base simulator").click()
    expect(status(lab)).to_have_text("Downloading Python…", timeout=1000)
    expect(panel(lab).locator(".lab-cell__boot")).to_be_visible()
    expect(picture(lab)).to_have_count(1, timeout=60_000)
    expect(panel(lab).locator(".lab-cell__boot")).to_be_hidden()


def test_a_storm_of_changes_makes_few_runs_and_the_last_value_wins(lab: LabPage) -> None:
    lab.open()
    lab.run(1, COUNTING)
    slider(lab).evaluate(
        """async input => {
            for (let step = 1; step <= 50; step++) {
                input.value = step <= 30 ? step / 10 : (60 - step) / 10;
                input.dispatchEvent(new Event('input', { bubbles: true }));
                await new Promise(resolve => setTimeout(resolve, 10));
            }
        }"""
    )
    expect_temperature(lab, 1)
    runs = asked(lab)
    assert runs[-1] == 1
    assert 2 <= len(runs) <= 12, "some on the way, not one for each change"


def test_changes_during_a_run_wait_as_one_and_do_not_restart_python(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.run(1, SLOW % 1 + "\nkept = 'a variable'")
    move(lab, 0.2)
    expect(panel(lab)).to_have_attribute("data-state", "running")
    for value in (0.4, 0.6, 0.8, 1.2):
        move(lab, value)
        lab.page.wait_for_timeout(170)
    expect_temperature(lab, 1.2)
    assert asked(lab) == [0.2, 1.2]
    assert lab.run(1, "print(kept)").strip() == "a variable"


def test_the_last_picture_stays_marked_while_the_next_one_grows(lab: LabPage) -> None:
    lab.open()
    lab.run(1, SLOW % 2)
    move(lab, 2.5)
    growing = picture(lab)
    expect(growing).to_contain_text("the first half")
    expect(growing.locator(".lab-cell__label")).to_contain_text("running here, now")
    expect(panel(lab).get_by_role("progressbar", name="Halves")).to_be_visible()
    expect(recorded(lab)).to_be_visible()
    expect(recorded(lab).locator(".lab-panel__mark")).to_be_visible()
    expect(recorded(lab).locator(".lab-cell__label")).to_contain_text("from before your change")
    expect_temperature(lab, 2.5)
    expect(panel(lab).get_by_role("progressbar")).to_be_hidden()
    expect(picture(lab)).not_to_contain_text("Halves")


def test_stop_keeps_what_was_shown_and_the_next_run_works(lab: LabPage) -> None:
    lab.open()
    lab.run(1, SLOW % 60)
    move(lab, 2.5)
    stop = panel(lab).get_by_role("button", name="Stop The base simulator")
    stop.focus()
    stop.press("Enter")
    expect(panel(lab)).to_have_attribute("data-state", "stopped", timeout=2000)
    expect(status(lab)).to_contain_text("Python was restarted")
    expect(panel(lab).get_by_role("button", name="Run The base simulator")).to_be_focused()
    expect(stop).to_be_hidden()
    expect(picture(lab)).to_contain_text("the first half")
    expect(picture(lab).locator(".lab-cell__label")).to_contain_text("not to its end")
    expect(recorded(lab)).to_be_visible()
    panel(lab).get_by_role("button", name="Run The base simulator").click()
    expect_temperature(lab, 2.5)


def test_a_refused_value_is_explained_beside_its_control_and_the_picture_stays(lab: LabPage) -> None:
    lab.open()
    seed = panel(lab).get_by_role("spinbutton", name="Seed")
    seed.fill("-1")
    expect(seed).to_have_attribute("aria-invalid", "true", timeout=60_000)
    expect(seed).to_have_accessible_description(re.compile(r"Expected a whole number from 0 to 4294967295, got -1"))
    expect(recorded(lab)).to_be_visible()
    expect(recorded(lab).locator(".lab-panel__mark")).to_be_visible()
    expect(picture(lab)).to_have_count(0)
    expect(status(lab)).to_contain_text("Not run: see “")
    seed.fill("8")
    expect(seed).not_to_have_attribute("aria-invalid", "true")
    expect(picture(lab)).to_have_count(1, timeout=60_000)
    seed.fill("")
    expect(seed).to_have_accessible_description(re.compile(r"Expected a whole number from 0 to 4294967295\."))
    expect(picture(lab)).to_have_count(1)


def test_what_a_lab_itself_refuses_names_its_control_too(lab: LabPage) -> None:
    lab.open()
    prefix = panel(lab).get_by_role("combobox", name="Prefix")
    prefix.fill("My grandmother always")
    prefix.press("Enter")
    expect(prefix).to_have_accessible_description(re.compile("Unknown prefix 'My grandmother always'"), timeout=60_000)
    expect(recorded(lab)).to_be_visible()


def test_an_error_in_the_lab_is_shown_with_its_place(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "import labs.base_simulator.lab as lab\ndef run(**values):\n    yield from [1 / 0]\nlab.run = run")
    move(lab, 2)
    fault = panel(lab).get_by_role("alert")
    expect(fault).to_contain_text("ZeroDivisionError: division by zero")
    fault.get_by_text("Where it happened").click()
    expect(fault.locator("pre")).to_contain_text("line 3, in run")
    expect(recorded(lab)).to_be_visible()


def test_a_failed_start_says_why_and_can_be_tried_again(lab: LabPage, server: SiteServer) -> None:
    server.faults["pyodide.asm.wasm"] = "missing"
    lab.open()
    move(lab, 2)
    failure = panel(lab).locator(".lab-cell__failure")
    expect(failure).to_contain_text("answered 404", timeout=60_000)
    expect(recorded(lab)).to_be_visible()
    server.faults.clear()
    panel(lab).get_by_role("button", name="Try again to run The base simulator").click()
    expect_temperature(lab, 2)
    expect(failure).to_be_hidden()
    lab.errors.clear()  # the browser reports the failed download itself


def test_reset_brings_the_page_s_values_and_picture_back_without_a_run(lab: LabPage) -> None:
    lab.open()
    before = slider(lab).input_value()
    lab.run(1, COUNTING)
    move(lab, 2.5)
    expect_temperature(lab, 2.5)
    panel(lab).get_by_role("button", name="Reset The base simulator").click()
    expect(slider(lab)).to_have_value(before)
    expect(recorded(lab)).to_be_visible()
    expect(recorded(lab).locator(".lab-panel__mark")).to_be_hidden()
    expect(picture(lab)).to_have_count(0)
    assert asked(lab) == [2.5]


def test_values_and_picture_survive_a_visit_elsewhere(lab: LabPage) -> None:
    lab.open()
    lab.run(1, COUNTING)
    move(lab, 2.5)
    expect_temperature(lab, 2.5)
    go(lab, "Glossary", "Glossary")
    go(lab, "The base simulator", "The base simulator")
    expect(slider(lab)).to_have_value("2.5")
    expect_temperature(lab, 2.5)
    assert asked(lab) == [2.5], "shown again, not computed again"


def test_a_run_goes_on_while_the_reader_is_elsewhere(lab: LabPage) -> None:
    lab.open()
    lab.run(1, SLOW % 2)
    move(lab, 2.5)
    expect(panel(lab)).to_have_attribute("data-state", "running")
    move(lab, 0.3)
    go(lab, "Glossary", "Glossary")
    go(lab, "The base simulator", "The base simulator")
    expect(slider(lab)).to_have_value("0.3")
    expect_temperature(lab, 0.3)
    assert asked(lab) == [2.5, 0.3]


def test_keyboard_alone_moves_a_control_and_stops_the_run(lab: LabPage) -> None:
    lab.open()
    lab.run(1, SLOW % 60)
    panel(lab).get_by_role("combobox", name="Prefix").focus()
    lab.page.keyboard.press("Tab")
    expect(slider(lab)).to_be_focused()
    lab.page.keyboard.press("End")
    expect(panel(lab).get_by_role("button", name="Stop The base simulator")).to_be_visible()
    for _ in range(5):
        lab.page.keyboard.press("Tab")
    expect(panel(lab).get_by_role("button", name="Stop The base simulator")).to_be_focused()
    lab.page.keyboard.press("Space")
    expect(panel(lab)).to_have_attribute("data-state", "stopped", timeout=2000)


def test_with_javascript_off_it_reads_as_title_values_and_recorded_output(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{server.url}/labs/base_simulator/")
        shown = page.locator("lab-panel").first
        expect(shown.locator(".lab-panel__title")).to_have_text("The base simulator")
        expect(shown.locator(".lab-panel__values dt").filter(has_text="Temperature")).to_be_visible()
        expect(shown.locator("figure.lab-chart svg").first).to_be_visible()
        expect(shown.get_by_text("made when this page was built")).to_be_visible()
        expect(shown.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_a_live_stale_or_refused_panel(
    browser: Browser, server: SiteServer, scheme: Scheme
) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        assert violations(lab.page) == []
        move(lab, 2)
        expect_temperature(lab, 2)
        assert violations(lab.page) == []
        panel(lab).get_by_role("spinbutton", name="Seed").fill("-1")
        expect(picture(lab).locator(".lab-panel__mark")).to_be_visible()
        expect(panel(lab).get_by_role("spinbutton", name="Seed")).to_have_attribute("aria-invalid", "true")
        lab.page.wait_for_timeout(500)
        assert violations(lab.page) == []


def smallest_word(place: Locator) -> float:
    """Height in CSS pixels of the smallest word that a chart shows."""
    height: float = place.locator("svg:visible text").evaluate_all(
        "words => Math.min(...words.map(word => word.getBoundingClientRect().height).filter(height => height > 0))"
    )
    return height


def test_it_fits_a_phone_and_its_charts_stay_readable(page: Page, server: SiteServer) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    lab = LabPage(page, server.url)
    lab.open()
    assert smallest_word(recorded(lab)) >= 10
    move(lab, 2)
    expect_temperature(lab, 2)
    assert smallest_word(picture(lab)) >= 10
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = (
        panel(lab)
        .locator("button, input, select")
        .evaluate_all(
            "parts => parts.filter(part => part.offsetParent).map(part => part.getBoundingClientRect())"
            ".filter(box => Math.min(box.width, box.height) < 24).length"
        )
    )
    assert small == 0


def test_recorded_and_live_charts_follow_a_switch_to_the_dark(lab: LabPage) -> None:
    lab.open()
    move(lab, 2)
    expect_temperature(lab, 2)
    colour = (
        "place => getComputedStyle(place.querySelector('svg text')).fill"
        " + getComputedStyle(place.querySelector('svg [stroke]')).stroke"
    )
    places = [picture(lab).locator(".lab-chart__picture").first, lab.page.locator(".lab-cell__recorded figure").first]
    before = [place.evaluate(colour) for place in places]
    lab.page.evaluate("document.body.dataset.mdColorScheme = 'slate'")
    assert all(place.evaluate(colour) != old for place, old in zip(places, before, strict=True))


def test_nothing_moves_under_reduced_motion(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        slider(lab).fill("0.5")
        expect(picture(lab)).to_be_visible(timeout=60_000)
        moving = "document.getAnimations().filter(one => one.effect.getComputedTiming().duration > 10).length"
        assert lab.page.evaluate(moving) == 0


def test_buttons_keep_edge_and_focus_in_forced_colours(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(forced_colors="active") as context:
        lab = LabPage(context.new_page(), server.url)
        lab.open()
        for place in ("lab-panel", "lab-exercise"):
            button = lab.page.locator(f"{place} .lab-button:visible").first
            style = "button => { const { borderStyle, borderWidth } = getComputedStyle(button); "
            assert button.evaluate(style + "return `${borderStyle} ${borderWidth}`; }") == "solid 1px"
            button.focus()
            lab.page.keyboard.press("Shift+Tab")
            lab.page.keyboard.press("Tab")
            expect(button).to_be_focused()
            assert button.evaluate("button => getComputedStyle(button).outlineStyle") != "none"
