"""One worker for the whole visit: Python outlives the page under instant navigation."""

from playwright.sync_api import expect

from tests.browser.lab_page import LabPage, follow
from tests.site_server import SiteServer


def go(lab: LabPage, link: str, heading: str) -> None:
    """Follow a link of the site's navigation, as a reader would."""
    follow(lab.page, link)
    expect(lab.page.get_by_role("heading", level=1)).to_contain_text(heading)


def test_variables_output_and_worker_survive_a_visit_elsewhere(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.page.evaluate("window.sameDocument = true")
    lab.run(1, "x = 41\nprint('set')")
    go(lab, "Glossary", "Glossary")
    server.requests.clear()
    go(lab, "The base simulator", "The base simulator")
    assert lab.page.evaluate("window.sameDocument") is True, "instant navigation keeps the document"
    expect(lab.log(1)).to_have_text("set\n")
    expect(lab.cell(1).locator(".lab-cell__recorded")).to_be_hidden()
    assert lab.run(2, "print(x + 1)").strip() == "42"
    assert not any(path.endswith("pyodide.asm.wasm") for path in server.requests)


def test_a_running_cell_goes_on_and_can_be_stopped_after_coming_back(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "print('ready')")
    lab.start(1, "import time\nfor n in range(600):\n    print('tick', n)\n    time.sleep(0.1)")
    expect(lab.log(1)).to_contain_text("tick 1")
    go(lab, "Sources", "Sources")
    lab.page.wait_for_timeout(1000)
    go(lab, "The base simulator", "The base simulator")
    expect(lab.cell(1)).to_have_attribute("data-state", "running")
    expect(lab.log(1)).to_contain_text("tick 0\ntick 1\n")
    seen = lab.log(1).inner_text().count("tick")
    assert seen >= 8, "what was put out meanwhile is there"
    expect(lab.log(1)).to_contain_text(f"tick {seen + 3}")
    lab.press("Stop", 1)
    lab.wait(1, "stopped", seconds=2)
    expect(lab.log(1)).to_contain_text("tick 0")


def test_a_run_started_before_leaving_ends_while_away(lab: LabPage) -> None:
    lab.open()
    lab.start(1, "import time\ntime.sleep(1)\nprint('done while away')")
    go(lab, "Glossary", "Glossary")
    lab.page.wait_for_timeout(6000)
    go(lab, "The base simulator", "The base simulator")
    lab.wait(1, "done")
    expect(lab.log(1)).to_have_text("done while away\n")


def test_back_and_forward_keep_the_output(lab: LabPage) -> None:
    lab.open()
    lab.run(1, "print('kept')")
    go(lab, "Glossary", "Glossary")
    lab.page.go_back()
    expect(lab.page.get_by_role("heading", level=1)).to_contain_text("The base simulator")
    expect(lab.log(1)).to_have_text("kept\n")
