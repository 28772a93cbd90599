"""How Python starts in the page, and what the page says when it can't."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab_page import LabPage
from tests.site_server import Fault, SiteServer

WASM = "pyodide.asm.wasm"


COMPILED = """
import sys, zipimport
from importlib.machinery import SourceFileLoader
compiled = []
SourceFileLoader.source_to_code = lambda self, data, path, **options: compiled.append(path)
zipimport._compile_source = lambda path, source: compiled.append(path)
for name in [name for name in sys.modules if name.startswith("labs.core.model")]:
    del sys.modules[name]
import json.tool, wave, numpy.ma.mrecords, labs.core.model.transformer
print(len(compiled), "compiled, json.tool and labs imported")
"""


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
    assert len(fetched) == len(set(fetched)) == 7, "six for any Python, and the lab that the cell imports"


def test_what_travels_is_compressed_and_shown_as_such(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    before = server.bytes_sent
    lab.run(1)
    sent = (server.bytes_sent - before) / 1e6
    assert 6 < sent <= 7.5


def test_nothing_is_compiled_in_the_page(lab: LabPage) -> None:
    lab.open()
    text = lab.run(1, COMPILED)
    assert text.split() == ["0", "compiled,", "json.tool", "and", "labs", "imported"]


def test_the_page_counts_real_bytes_and_a_stalled_download_can_be_started_again(
    lab: LabPage, server: SiteServer
) -> None:
    server.faults[WASM] = "stalled"
    lab.open()
    lab.start(1, "print('made')")
    shown = lab.cell(1).locator(".lab-cell__bytes")
    expect(shown).to_have_text(re.compile(r"^[1-9]?\d\.\d of 7\.\d MB$"), timeout=20_000)
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
        (WASM, "damaged", "arrived damaged"),
        (WASM, "missing", "answered 404"),
        (WASM, "refused", "could not be fetched"),
        ("pyodide.asm.mjs", "wrong-type", "where browsers insist on “text/javascript”"),
        ("pyodide.asm.mjs", "missing", "answered 404"),
        ("pyodide.asm.mjs", "truncated", "arrived incomplete"),
        ("python_stdlib.zip", "missing", "answered 404"),
        ("python_stdlib.zip", "truncated", "arrived incomplete"),
        ("python_stdlib.zip", "damaged", "arrived damaged"),
        ("pyodide-lock.json", "missing", "answered 404"),
        ("pyodide-lock.json", "truncated", "arrived incomplete"),
        ("wasm32.whl", "missing", "answered 404"),
        ("wasm32.whl", "truncated", "arrived incomplete"),
        ("wasm32.whl", "damaged", "arrived damaged"),
        ("wasm32.whl", "refused", "could not be fetched"),
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
    expect(alert).to_contain_text(file)
    expect(alert).to_contain_text("press Try again")
    server.faults.clear()
    alert.get_by_role("button", name="Try again to run cell 1").click()
    lab.wait(1, "done")
    assert lab.log(1).inner_text().strip() == "made"
    expect(alert).to_be_hidden()
    lab.errors.clear()  # the browser reports the failed downloads itself


def test_a_host_that_compresses_nothing_is_asked_for_the_copies(lab: LabPage, server: SiteServer) -> None:
    server.encodings = ()
    lab.open()
    assert lab.run(1, "import numpy\nprint(numpy.arange(3).sum())").strip() == "3"
    fetched = runtime_requests(server)
    copies = [path for path in fetched if path.endswith(".gz")]
    assert len(copies) == 4
    assert {path.removesuffix(".gz") for path in copies} < set(fetched)
    lab.run(1, "import matplotlib\nprint('made')")
    later = [path for path in runtime_requests(server) if path.endswith(".gz") and "matplotlib" in path]
    assert len(later) == 1


def test_a_bad_copy_is_named(lab: LabPage, server: SiteServer) -> None:
    server.encodings = ()
    server.faults["wasm32.whl.gz"] = "truncated"
    lab.open()
    lab.start(1)
    lab.wait(1, "failed")
    expect(lab.cell(1).get_by_role("alert")).to_contain_text("wasm32.whl arrived incomplete")
    server.faults.clear()
    lab.page.get_by_role("button", name="Try again to run cell 1").click()
    lab.wait(1, "done")
    lab.errors.clear()


WATCH_BOOTS = """
window.compiledAtBoot = [];
window.Worker = class extends Worker {
    postMessage(message) {
        if (message.type === "boot") window.compiledAtBoot.push(message.compiled instanceof WebAssembly.Module);
        super.postMessage(message);
    }
};
"""


def test_a_python_in_reserve_is_given_what_the_first_has_compiled(lab: LabPage) -> None:
    lab.page.add_init_script(WATCH_BOOTS)
    lab.open()
    lab.run(1, "print('ready')")
    lab.start(1, "while True: pass")
    lab.wait(1, "running")
    lab.press("Stop", 1)
    lab.run(1, "print('again')")
    given = lab.page.evaluate("window.compiledAtBoot")
    assert given[0] is False
    assert len(given) >= 2
    assert all(given[1:])


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


def test_webassembly_that_can_not_be_started_is_said(page: Page, server: SiteServer) -> None:
    fault = """
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (given, imports) => {
  if (imports?.wasi_snapshot_preview1) throw new WebAssembly.LinkError("no room for it");
  return instantiate(given, imports);
};
"""
    page.route(
        re.compile(r"/worker-[^/]+\.js$"),
        lambda route: route.fulfill(body=fault + route.fetch().text(), content_type="text/javascript"),
    )
    lab = LabPage(page, server.url)
    lab.open()
    lab.start(1)
    lab.wait(1, "failed")
    alert = lab.cell(1).get_by_role("alert")
    expect(alert).to_contain_text("Python's WebAssembly could not be started. LinkError: no room for it")
