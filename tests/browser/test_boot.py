"""How Python starts in the page, and what the page says when it can't."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab_page import LabPage
from tests.site_server import Fault, SiteServer

WASM = "pyodide.asm.wasm"


def runtime_requests(server: SiteServer) -> list[str]:
    return [path for path in server.requests if path.startswith("/runtime/")]


def test_python_is_not_loaded_before_the_reader_asks(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.page.wait_for_load_state("networkidle")
    assert runtime_requests(server) == []
    assert not any("worker-" in path for path in server.requests if path.startswith("/assets/browser/"))


def test_run_answers_at_once_and_shows_live_output(lab: LabPage) -> None:
    lab.open()
    said = lab.cell(1).evaluate(
        "cell => { cell.querySelector('.lab-button--run').click();"
        " return [cell.querySelector('[role=status]').textContent, cell.querySelector('.lab-cell__boot').hidden]; }"
    )
    assert said == ["Downloading Python…", False]
    lab.wait(1, "done")
    assert lab.run(2, "print('hello from', 6 * 7)").strip() == "hello from 42"
    assert re.fullmatch(r"Finished in \d+\.\d\d s\.", lab.status(2).inner_text())


def test_each_file_of_the_runtime_is_fetched_once(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.run(1)
    fetched = runtime_requests(server)
    assert len(fetched) == len(set(fetched)) == 7


def test_the_page_counts_real_bytes_and_a_stalled_download_can_be_started_again(
    lab: LabPage, server: SiteServer
) -> None:
    server.faults[WASM] = "stalled"
    lab.open()
    lab.start(1, "print('made')")
    shown = lab.cell(1).locator(".lab-cell__bytes")
    expect(shown).to_have_text(re.compile(r"^[1-9]\d?\.\d of 16\.\d MB$"), timeout=20_000)
    expect(lab.cell(1).get_by_text("Nothing has come for a while.")).to_be_visible(timeout=40_000)
    server.faults.clear()
    lab.page.get_by_role("button", name="Start Python again").click()
    lab.wait(1, "done")
    assert lab.log(1).inner_text().strip() == "made"


@pytest.mark.parametrize(
    ("file", "fault", "said"),
    [
        (WASM, "wrong-type", "sent it as “text/plain” where browsers insist on “application/wasm”"),
        (WASM, "truncated", "arrived incomplete"),
        (WASM, "missing", "answered 404"),
        (WASM, "refused", "could not be fetched"),
        ("pyodide.mjs", "wrong-type", "sent it as “text/plain” where browsers insist on “text/javascript”"),
        ("pyodide.mjs", "missing", "answered 404"),
        ("pyodide.asm.mjs", "wrong-type", "where browsers insist on “text/javascript”"),
        ("pyodide.asm.mjs", "truncated", "could not start"),
        ("python_stdlib.zip", "truncated", "arrived incomplete"),
        ("pyodide-lock.json", "missing", "answered 404"),
        ("pyodide-lock.json", "truncated", "arrived incomplete"),
        ("wasm32.whl", "missing", "answered 404"),
        ("wasm32.whl", "truncated", "arrived damaged or incomplete"),
        ("none-any.whl", "missing", "answered 404"),
    ],
)
def test_a_bad_file_is_named_and_retry_works_once_it_is_mended(
    lab: LabPage, server: SiteServer, file: str, fault: Fault, said: str
) -> None:
    server.faults[file] = fault
    lab.open()
    lab.start(1, "print('made')")
    lab.wait(1, "failed")
    alert = lab.cell(1).get_by_role("alert")
    expect(alert).to_contain_text(said)
    if said != "could not start":
        expect(alert).to_contain_text(file)
    expect(alert).to_contain_text("press Try again")
    server.faults.clear()
    alert.get_by_role("button", name="Try again to run cell 1").click()
    lab.wait(1, "done")
    assert lab.log(1).inner_text().strip() == "made"
    expect(alert).to_be_hidden()
    lab.errors.clear()  # the browser reports the failed downloads itself


@pytest.mark.parametrize("fault", ["missing", "wrong-type", "refused"])
def test_a_bad_worker_script_is_named_and_retry_works(lab: LabPage, server: SiteServer, fault: Fault) -> None:
    lab.open()
    worker = next(server.folder.glob("assets/browser/worker-*.js")).name
    server.faults[worker] = fault
    lab.start(1, "print('made')")
    lab.wait(1, "failed")
    expect(lab.cell(1).get_by_role("alert")).to_contain_text(worker)
    server.faults.clear()
    lab.page.get_by_role("button", name="Try again to run cell 1").click()
    lab.wait(1, "done")
    lab.errors.clear()


def test_blocked_webassembly_is_said(lab: LabPage, server: SiteServer) -> None:
    server.headers["Content-Security-Policy"] = "script-src 'self' 'unsafe-inline'"
    lab.open()
    lab.start(1)
    lab.wait(1, "failed")
    expect(lab.cell(1).get_by_role("alert")).to_contain_text("does not let the page run WebAssembly")


def test_webassembly_that_is_not_there_is_said(page: Page, server: SiteServer) -> None:
    page.route(
        re.compile(r"/worker-[^/]+\.js$"),
        lambda route: route.fulfill(
            body="delete globalThis.WebAssembly;\n" + route.fetch().text(), content_type="text/javascript"
        ),
    )
    lab = LabPage(page, server.url)
    lab.open()
    lab.start(1)
    lab.wait(1, "failed")
    expect(lab.cell(1).get_by_role("alert")).to_contain_text("has no WebAssembly")
