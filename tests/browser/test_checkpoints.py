"""A trained model in the page: its weights are fetched when a cell asks for them, and a failed fetch breaks nothing."""

import re

import pytest
from playwright.sync_api import expect

from overrides.hooks.common import ROOT
from tests.browser.lab_page import LabPage
from tests.site_server import Fault, SiteServer

pytestmark = pytest.mark.skipif(
    not (ROOT / "labs/checkpoints/base.npz").is_file(), reason="no checkpoints are made yet"
)

GENERATE = """
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.generation import generate
base = load_checkpoint("base")
token = next(generate(base.model, base.tokenizer.encode("The"), max_new_tokens=1))
print(len(base.tokenizer.token_text(token)) > 0, base.name)
"""


def weights_requests(server: SiteServer) -> list[str]:
    return [path for path in server.requests if path.endswith(".npz")]


def test_weights_are_fetched_when_a_cell_asks_for_them_and_the_model_writes(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.run(1, "print('ready')")
    assert weights_requests(server) == []
    assert lab.run(2, GENERATE).strip() == "True base"
    (only,) = weights_requests(server)
    assert re.fullmatch(r"/runtime/checkpoints-[0-9a-f]{12}/base\.npz", only)
    assert lab.run(1, GENERATE).strip() == "True base"
    assert len(weights_requests(server)) == 1, "the second time it comes from the browser's cache"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("missing", "The file base.npz could not be used. The server answered 404"),
        ("truncated", "The file base.npz arrived incomplete."),
        ("refused", "The file base.npz could not be fetched. The connection failed"),
    ],
)
def test_weights_that_do_not_come_are_named_python_stays_and_running_again_works(
    lab: LabPage, server: SiteServer, fault: Fault, said: str
) -> None:
    server.faults["base.npz"] = fault
    lab.open()
    lab.run(1, "kept = 'kept'")
    shown = lab.run(2, GENERATE, state="error")
    assert said in shown
    assert "Check your connection and run this again." in shown
    assert lab.run(1, "print(kept)").strip() == "kept"
    server.faults.clear()
    assert lab.run(2, GENERATE).strip() == "True base"
    lab.errors.clear()  # the browser reports the failed download itself


def test_the_reader_is_told_what_is_fetched_and_can_stop_it(lab: LabPage, server: SiteServer) -> None:
    lab.open()
    lab.run(1, "print('ready')")
    server.faults["base.npz"] = "stalled"
    lab.start(2, GENERATE)
    expect(lab.status(2)).to_have_text(re.compile(r"^Loading the model base, \d\.\d MB…"))
    lab.press("Stop", 2)
    lab.wait(2, "stopped")
    server.faults.clear()
    assert lab.run(2, GENERATE).strip() == "True base"
    lab.errors.clear()
