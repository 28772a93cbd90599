"""What a running cell puts out, and how the page shows it."""

import re

from playwright.sync_api import expect

from tests.browser.lab_page import LabPage
from tests.site_server import SiteServer

HOSTILE = """
class Hostile:
    def _repr_html_(self):
        return '''<h3>shown</h3><style>* { color: rgb(1, 2, 3) !important } h1 { display: none }
        @import url("https://example.invalid/i.css");</style>
        <script>document.title = 'hit'</script><img src="https://example.invalid/a.png" onerror="document.title='hit'">
        <svg onload="document.title='hit'"><image href="https://example.invalid/b.png"/></svg>
        <div style="position:fixed;inset:0;background:red;z-index:9999" onclick="document.title='hit'">cover</div>
        <p style="background-image:url(https://example.invalid/c.png)">p</p>
        <iframe src="https://example.invalid/"></iframe><form action="https://example.invalid/"><input></form>
        <link rel=stylesheet href="https://example.invalid/d.css"><meta http-equiv=refresh content="0;url=/">
        <video poster="https://example.invalid/e.png"></video><a href="javascript:document.title='hit'">click</a>'''
Hostile()
"""


def test_output_streams_as_it_is_produced(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "print('ready')")
    lab.start(1, "import time\nprint('first')\ntime.sleep(2)\nprint('second')")
    expect(lab.log(1)).to_have_text("first\n", timeout=1500)
    expect(lab.cell(1)).to_have_attribute("data-state", "running")
    lab.wait(1, "done")
    expect(lab.log(1)).to_have_text("first\nsecond\n")


def test_the_log_is_named_empty_at_first_append_only_and_not_flooded(lab: LabPage) -> None:
    lab.open()
    assert lab.log(1).get_attribute("aria-label") == "Output of cell 1"
    assert lab.log(1).inner_html() == ""
    lab.run(1, "print('ready')")
    lab.put(1, "import time\nfor n in range(200):\n    print('line', n)\n    time.sleep(0.01)")
    lab.log(1).evaluate(
        """log => {
            window.seen = { added: 0, removed: 0 };
            new MutationObserver(records => {
                for (const record of records) {
                    window.seen.added += record.addedNodes.length;
                    if (!document.querySelector('lab-cell').dataset.state.match(/waiting/))
                        window.seen.removed += record.removedNodes.length;
                }
            }).observe(log, { childList: true, subtree: true });
        }"""
    )
    run = lab.page.get_by_role("button", name="Run cell 1")
    run.focus()
    run.press("Enter")
    lab.wait(1, "done")
    seen = lab.page.evaluate("window.seen")
    assert 2 <= seen["added"] <= 27
    assert lab.log(1).inner_text().splitlines() == [f"line {n}" for n in range(200)]
    expect(run).to_be_focused()
    assert lab.log(1).get_attribute("aria-live") == "off", "a long output is no longer read aloud"


def test_a_print_flood_is_capped_with_a_notice(lab: LabPage) -> None:
    lab.open()
    text = lab.run(1, "for n in range(300_000):\n    print(n)")
    assert text.splitlines()[9_999] == "9999"
    assert "10000" not in text
    expect(lab.cell(1).locator(".lab-notice")).to_have_count(1)
    expect(lab.cell(1).locator(".lab-notice")).to_contain_text("10,000 lines")


def test_errors_and_stderr_are_told_apart_and_our_own_frames_hidden(lab: LabPage) -> None:
    lab.open()
    source = "import sys\nprint('out')\nprint('err', file=sys.stderr)\ndef inner():\n    return 1 / 0\ninner()"
    text = lab.run(1, source, state="error")
    expect(lab.log(1).locator(".lab-stream--stdout")).to_have_text("out\n")
    expect(lab.log(1).locator(".lab-stream--stderr")).to_have_text("err\n")
    error = lab.log(1).locator(".lab-error")
    expect(error).to_contain_text("ZeroDivisionError: division by zero")
    expect(error).to_contain_text('File "<cell 1>", line 5, in inner')
    assert "labs/core" not in text
    assert "pyodide" not in text


def test_html_from_code_cannot_touch_the_page(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    title = lab.page.title()
    colour = (
        "getComputedStyle(document.querySelector('h1')).color + getComputedStyle(document.querySelector('h1')).display"
    )
    before = lab.page.evaluate(colour)
    lab.run(1, HOSTILE)
    expect(lab.log(1).get_by_role("heading", name="shown")).to_be_visible()
    lab.page.wait_for_timeout(500)
    lab.log(1).get_by_text("click", exact=True).click(modifiers=[], force=True)
    assert lab.page.title() == title
    assert lab.page.evaluate(colour) == before
    assert lab.page.locator("iframe, form[action*=invalid]").count() == 0
    covered = "document.elementFromPoint(5, 5).closest('lab-cell') !== null"
    assert lab.page.evaluate(covered) is False, "a fixed box stays inside its output"
    assert len(lab.page.context.pages) == 1


def test_svg_png_and_a_result_that_raises_in_its_repr_are_shown(lab: LabPage) -> None:
    lab.open()
    lab.run(
        1,
        "class Svg:\n    def _repr_svg_(self):\n"
        '        return \'<svg width="20" height="20"><title>dot</title><circle r="9"/></svg>\'\nSvg()',
    )
    expect(lab.log(1).locator("svg circle")).to_have_count(1)
    png = (
        "import base64\nclass Png:\n    def _repr_png_(self):\n"
        "        return base64.b64decode("
        "'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'"
        "'+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==')\n"
        "    def __repr__(self):\n        return 'one dot'\nPng()"
    )
    lab.run(1, png)
    expect(lab.log(1).get_by_role("img", name="one dot")).to_have_js_property("naturalWidth", 1)
    lab.run(1, "class Bad:\n    def _repr_html_(self):\n        raise RuntimeError('no')\nBad()")
    expect(lab.log(1)).to_contain_text("Bad object")


def test_tables_and_charts_are_drawn_with_text_alternative_and_data(lab: LabPage) -> None:
    lab.open()
    lab.run(
        1,
        "from labs.core.contract import Chart, Table\n"
        "table = Table(['word', 'share'], [['a', 0.25], ['<b>', 0.75]], 'Shares')\n"
        "spec = {'data': {'values': [{'w': 'a', 's': 0.25}, {'w': 'b', 's': 0.75}]}, 'mark': 'bar',"
        " 'width': 'container', 'encoding': {'x': {'field': 's', 'type': 'quantitative'},"
        " 'y': {'field': 'w', 'type': 'nominal'}}}\n"
        "Chart(spec, 'Share of each word', 'Bars: a 25 %, b 75 %.', table)",
    )
    picture = lab.log(1).get_by_role("img", name="Bars: a 25 %, b 75 %.")
    expect(picture.locator("svg")).to_be_visible()
    expect(lab.log(1).locator("figcaption")).to_have_text("Share of each word")
    lab.log(1).get_by_text("Description and data").click()
    expect(lab.log(1).get_by_role("table", name="Shares")).to_be_visible()
    expect(
        lab.log(1).get_by_role("rowheader", name="<b>").or_(lab.log(1).get_by_role("cell", name="<b>"))
    ).to_be_visible()


def test_every_output_wears_one_label_and_running_replaces_the_recorded_one(lab: LabPage) -> None:
    lab.open()
    recorded = lab.cell(1).locator(".lab-cell__recorded")
    expect(recorded).to_be_visible()
    expect(recorded.locator(".lab-label")).to_have_text("illustrative")
    expect(recorded.locator(".lab-cell__label")).to_contain_text("ran when this page was built")
    lab.run(1)
    expect(recorded).to_be_hidden()
    live = lab.cell(1).locator(".lab-cell__live")
    expect(live.locator(".lab-label")).to_have_text("illustrative")
    expect(live.locator(".lab-cell__label")).to_contain_text("ran here, in your browser")


def test_the_recorded_output_stays_until_there_is_something_to_replace_it(lab: LabPage, server: SiteServer) -> None:
    server.faults["pyodide.asm.wasm"] = "missing"
    lab.open()
    lab.start(1)
    lab.wait(1, "failed")
    expect(lab.cell(1).locator(".lab-cell__recorded")).to_be_visible()
    expect(lab.cell(1).locator(".lab-cell__live")).to_be_hidden()
    lab.errors.clear()


def test_top_level_await_and_input_that_cannot_be_had(lab: LabPage) -> None:
    lab.open()
    assert lab.run(1, "import asyncio\nawait asyncio.sleep(0.05)\nprint('awaited')").strip() == "awaited"
    text = lab.run(1, "input('name? ')", state="error")
    assert re.search(r"OSError|EOFError|RuntimeError", text)
