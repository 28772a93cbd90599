"""A display that moves while a lab runs: always whole, always in its place, and in the end in its last state."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.lab_page import LabPage
from tests.browser.planted import panel_of, plant, put

STEPS = 40
LAB = f"""
import time
from labs.core.contract import Lab, Moving, Progress, Slider, Table
from labs.core.drawing.lines import Line, line_chart

LAB = Lab("The moving lab", "How does it learn?", "live", (Slider("seed", "Seed", 0, 0, 9, 1),))


def run(seed):
    for step in range(1, {STEPS} + 1):
        xs = list(range(step + 1))
        ys = [1 / (1 + x) for x in xs]
        words = dict(title=f"Loss, step {{step:03}}", alt=f"Step {{step:03}}", x="step", y="loss")
        lines = [Line("loss", xs, ys)]
        yield Moving("loss", line_chart(lines, **words, x_domain=(0, {STEPS}), y_domain=(0, 1)))
        columns = [f"a long heading {{place}}" for place in range(12)]
        yield Moving("table", Table(columns, [[step] * 12], "Numbers"))
        yield Progress(step, {STEPS}, "Learning")
        time.sleep(0.06)
"""
WATCH = """
panel => {
    const seen = window.seen = { frames: 0, most: 0, fewest: 9, heights: [], captions: [], overlaps: 0 };
    let going = true;
    window.unwatch = () => { going = false; return seen; };
    const look = () => {
        const picture = panel.querySelector('.lab-panel__picture:not([data-unseen])');
        const chart = picture?.querySelector('.lab-chart');
        if (chart) {
            const drawings = [...chart.querySelector('.lab-chart__picture').children];
            const shown = drawings.filter(one => {
                return getComputedStyle(one).visibility === 'visible' && one.querySelector('svg')?.clientHeight > 0;
            });
            seen.frames += 1;
            seen.most = Math.max(seen.most, drawings.length);
            seen.fewest = Math.min(seen.fewest, shown.length);
            seen.overlaps += shown.length > 1;
            const height = Math.round(picture.getBoundingClientRect().height);
            if (!seen.heights.includes(height)) seen.heights.push(height);
            const said = chart.querySelector('figcaption').textContent;
            if (seen.captions.at(-1) !== said) seen.captions.push(said);
        }
        if (going) requestAnimationFrame(look);
    };
    look();
}
"""
LINES = "svg => [...svg.querySelectorAll('path, line, text')].map(one => one.getAttribute('d') ?? one.textContent)"


def picture(panel: Locator) -> Locator:
    return panel.locator(".lab-panel__picture:not([data-unseen])")


def start(panel: Locator) -> None:
    panel.get_by_role("button", name="Run The moving lab").click()
    expect(picture(panel).locator("svg").first).to_be_visible(timeout=10_000)


def end(panel: Locator) -> None:
    expect(panel).to_have_attribute("data-state", "done", timeout=60_000)
    expect(panel.locator("[data-redrawing]")).to_have_count(0)
    expect(picture(panel).locator("figcaption")).to_have_text(f"Loss, step {STEPS:03}")


def test_a_chart_moves_without_a_flash_or_a_jump_and_ends_with_its_last_state(lab: LabPage) -> None:
    panel = plant(lab, LAB, recorded=False)
    panel.evaluate(WATCH)
    start(panel)
    expect(picture(panel).locator(".lab-cell__label")).to_contain_text("running here, now")
    expect(panel.get_by_role("progressbar", name="Learning")).to_be_visible()
    end(panel)
    seen: dict[str, Any] = lab.page.evaluate("window.unwatch()")
    assert seen["frames"] > 10
    assert seen["fewest"] == 1, "a drawing is there in each frame"
    assert seen["overlaps"] == 0
    assert seen["most"] <= 2, "the one that is seen, and one that is being drawn"
    assert len(seen["heights"]) == 1, "nothing jumps"
    assert seen["captions"] == sorted(seen["captions"]), "it never goes back"
    assert len(seen["captions"]) >= 4, "it moved"
    label = picture(panel).get_by_role("img", name=f"Step {STEPS:03}")
    expect(label).to_be_visible()
    assert label.evaluate("box => box.closest('[aria-live]').getAttribute('aria-live')") == "off"


def test_what_the_reader_has_folded_out_scrolled_and_focused_stays_so(lab: LabPage) -> None:
    panel = plant(lab, LAB, recorded=False)
    lab.page.set_viewport_size({"width": 420, "height": 800})
    start(panel)
    summary = picture(panel).get_by_text("Description and data")
    summary.focus()
    lab.page.keyboard.press("Enter")
    box = picture(panel).locator(".lab-display > .lab-html")
    box.evaluate("box => box.scrollLeft = 120")
    expect(panel).to_have_attribute("data-state", "running")
    end(panel)
    expect(picture(panel).locator("details")).to_have_attribute("open", "")
    expect(summary).to_be_focused()
    expect(picture(panel).locator("details").get_by_role("cell", name=str(STEPS), exact=True)).to_be_visible()
    expect(picture(panel).get_by_text(f"Step {STEPS:03}", exact=True)).to_be_visible()
    expect(box.get_by_role("cell").first).to_have_text(str(STEPS))
    assert box.evaluate("box => box.scrollLeft") == 120


def test_the_table_of_a_folded_chart_is_the_last_one_s(lab: LabPage) -> None:
    panel = plant(lab, LAB, recorded=False)
    start(panel)
    end(panel)
    picture(panel).get_by_text("Description and data").click()
    expect(picture(panel).locator("details").get_by_role("cell", name=str(STEPS), exact=True)).to_be_visible()


def test_a_finished_run_is_shown_again_in_its_last_state_alone(lab: LabPage) -> None:
    panel = plant(lab, LAB, recorded=False)
    start(panel)
    end(panel)
    moved = picture(panel).locator("svg").first.evaluate(LINES)
    assert len(moved) > 5
    names: dict[str, Any] = {}
    exec(LAB, names)
    panel.evaluate("panel => panel.remove()")
    put(lab, panel_of(names["LAB"], []))
    panel.evaluate(WATCH)
    expect(picture(panel).locator("svg").first).to_be_visible()
    expect(picture(panel).locator("figcaption")).to_have_text(f"Loss, step {STEPS:03}")
    seen: dict[str, Any] = lab.page.evaluate("window.unwatch()")
    assert seen["captions"] == [f"Loss, step {STEPS:03}"]
    drawn = picture(panel).locator("svg").first.evaluate(LINES)
    assert moved == drawn, "a chart that has moved there looks like one that was drawn so"


def test_a_chart_that_can_t_be_drawn_says_so_and_the_next_state_mends_it(lab: LabPage) -> None:
    lab.open()
    chart = (
        "{'$schema': 'https://vega.github.io/schema/vega-lite/v6.json', 'mark': 'point', 'data': {'values': [{'a': 1}]}"
    )
    kind = "application/vnd.vegalite.v6+json"
    lab.run(
        1,
        "import time\nfrom labs.core.contract import publish\n"
        f"good = {chart}, 'encoding': {{'x': {{'field': 'a', 'type': 'quantitative'}}}}}}\n"
        "bad = {**good, 'transform': [{'filter': 'datum.('}]}\n"
        f"publish({{'{kind}': good}}, display_id='moving', update=False)\n"
        "time.sleep(0.4)\n"
        f"publish({{'{kind}': bad}}, display_id='moving', update=True)\n",
    )
    figure = lab.cell(1).locator("figure.lab-chart")
    expect(figure.locator(".lab-notice")).to_contain_text(re.compile("The chart could not be drawn"))
    expect(figure.locator("svg")).to_be_hidden()
    lab.errors.clear()  # the drawing library reports what it can't read itself
    lab.run(
        1,
        "import time\nfrom labs.core.contract import publish\n"
        f"publish({{'{kind}': bad}}, display_id='moving', update=False)\n"
        "time.sleep(0.4)\n"
        f"publish({{'{kind}': good}}, display_id='moving', update=True)\n",
    )
    expect(figure.locator("svg")).to_be_visible()
    expect(figure.locator(".lab-notice")).to_have_count(0)
    lab.errors.clear()
