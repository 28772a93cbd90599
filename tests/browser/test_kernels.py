"""The kernels in Chromium: they compute what NumPy computes, and where they can't, NumPy does and the page says so."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab_page import LabPage
from tests.pyodide.kernel_cells import AGAINST_NUMPY, LOSSES, PACKED, answer, native_losses
from tests.site_server import SiteServer

# Put before the worker's own script: what a browser without vectors, or with a fault, would do.
NO_VECTORS = """
const validate = WebAssembly.validate;
WebAssembly.validate = (bytes) => bytes.byteLength < 100 && validate(bytes);
"""
NOT_STARTED = """
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (given, imports) => {
  if (given.byteLength < 10_000) throw new Error("no more of these");
  return instantiate(given, imports);
};
"""
WRONG = """
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (given, imports) => {
  const made = await instantiate(given, imports);
  if (!(given.byteLength < 10_000)) return made;
  return { instance: { exports: { ...made.instance.exports, rms_norm: () => {} } } };
};
"""


def about(lab: LabPage) -> str:
    """What the page says of Python here, when it is opened."""
    details = lab.page.locator(".lab-about")
    if details.get_attribute("open") is None:
        details.get_by_text("About Python here").click()
    return details.locator("p").inner_text()


def test_they_agree_with_numpy_and_the_page_says_what_computes(lab: LabPage, server: SiteServer, packed: Path) -> None:
    server.more[PACKED] = packed
    lab.open()
    assert about(lab) == "Python is not here yet: it starts when you first run something."
    lab.run(1, "print(1)")
    assert "They are checked against NumPy when a model is first used." in about(lab)
    lab.start(1, AGAINST_NUMPY)
    lab.wait(1, "done", 240)
    status, said = answer(lab.log(1).inner_text())
    assert status == 0, said
    assert re.search(
        r"Pyodide \d+\S+\. What models compute most is done by kernels.*They agree with NumPy\.$", about(lab)
    )


def test_a_training_loses_what_it_loses_natively(lab: LabPage) -> None:
    lab.open()
    used = "from labs.core.kernel_check import in_use\nassert in_use() is not None"
    losses = answer(lab.run(1, LOSSES + used))
    native = native_losses()
    assert losses == pytest.approx(native, abs=1e-3)
    assert native[-1] < native[0] - 0.5


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (NO_VECTORS, "NumPy computes everything here: this browser's WebAssembly has no vectors (SIMD)."),
        (NOT_STARTED, "this site's kernels could not be started. Error: no more of these"),
        (WRONG, "did not pass their check. What they compute differs from NumPy: rms_norm."),
    ],
)
def test_numpy_computes_where_they_do_not_and_the_page_says_so(
    page: Page, server: SiteServer, fault: str, said: str
) -> None:
    page.route(
        re.compile(r"/worker-[^/]+\.js$"),
        lambda route: route.fulfill(body=fault + route.fetch().text(), content_type="text/javascript"),
    )
    lab = LabPage(page, server.url)
    lab.open()
    assert answer(lab.run(1, LOSSES)) == pytest.approx(native_losses(), abs=1e-3)
    assert said in about(lab)


def test_a_restarted_python_says_it_anew(lab: LabPage) -> None:
    lab.open()
    lab.run(1, LOSSES)
    assert "They agree with NumPy." in about(lab)
    lab.start(1, "while True: pass")
    lab.wait(1, "running")
    lab.press("Stop", 1)
    lab.wait(1, "stopped")
    expect(lab.page.locator(".lab-about p")).to_contain_text("They are checked against NumPy", timeout=30_000)
