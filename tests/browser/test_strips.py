"""Tokens, passages and columns: the same in the page and in a live output, readable without colour and on a phone."""

from typing import Any

from playwright.sync_api import Browser, Locator, expect

from tests.browser.lab_page import LabPage
from tests.browser.launching import SCHEMES
from tests.browser.planted import panel_of, plant, put
from tests.browser.test_reading import violations
from tests.site_server import SiteServer

LAB = """
from labs.core.contract import Columns, Lab, Passage, Table, Token, Tokens

LAB = Lab("The strips", "What did it read?", "live", ())
READ = [Token("<|im_start|>", 1, special=True, role="user"), Token("user", 2, role="user")]
READ += [Token("\\n", 3, role="user")]
READ += [Token(f" word{place}", place, role="user", scored=place % 2 == 0) for place in range(9, 30)]
WRITTEN = [Token(f" said{place}", place, role="assistant", written=True, probability=0.4) for place in range(9)]


def run():
    yield Tokens([*READ, *WRITTEN], "What the model reads")
    parts = [("Q: two lines\\nA:", "given"), (" an answer\\n" + "without-a-space" * 9, "written")]
    passage = Passage(parts, "Base")
    table = Table([f"column {place}" for place in range(9)], [list(range(9))], "Wide")
    yield Columns([("Base", passage), ("Chat", Passage([("Hello", "given")], "Chat")), ("Numbers", table)])
"""
LOOKS = """
(found) => {
    const { borderTopWidth, textDecorationLine, fontWeight, whiteSpace } = getComputedStyle(found);
    return { borderTopWidth, textDecorationLine, fontWeight, whiteSpace };
}
"""


def looks(place: Locator, found: str) -> dict[str, str]:
    """What of a part's style does not need colour."""
    style: dict[str, str] = place.locator(found).first.evaluate(LOOKS)
    return style


def panel_recorded(lab: LabPage) -> Locator:
    """The planted panel as the build writes it, on an open page."""
    names: dict[str, Any] = {}
    exec(LAB, names)
    lab.open()
    put(lab, panel_of(names["LAB"], list(names["run"]())))
    return lab.page.locator("lab-panel").first


def test_they_look_the_same_recorded_and_live_and_need_no_colour(lab: LabPage) -> None:
    panel = plant(lab, LAB)
    panel.get_by_role("button", name="Run The strips").click()
    expect(panel).to_have_attribute("data-state", "done")
    live, recorded = panel.locator(".lab-panel__picture"), panel.locator(".lab-panel__recorded")
    expect(live.locator(".lab-token").first).to_be_visible()
    parts = [".lab-token", ".lab-token--special", ".lab-token--scored", ".lab-token--written", ".lab-passage__text"]
    parts += [".lab-passage__written", ".lab-tokens figcaption", ".lab-column__heading"]
    seen = {part: looks(live, part) for part in parts}
    assert seen == {part: looks(recorded, part) for part in parts}
    plain = looks(live, ".lab-token:nth-of-type(2)")
    assert (plain["borderTopWidth"], plain["textDecorationLine"], plain["fontWeight"]) == ("0px", "none", "400")
    assert seen[".lab-token--special"]["borderTopWidth"] != "0px"
    assert seen[".lab-token--scored"]["textDecorationLine"] == "underline"
    assert seen[".lab-token--written"]["fontWeight"] == seen[".lab-passage__written"]["fontWeight"] == "700"
    assert seen[".lab-passage__text"]["whiteSpace"].startswith("pre-wrap")


def test_they_fit_a_phone_and_axe_finds_nothing(browser: Browser, server: SiteServer) -> None:
    for scheme in SCHEMES:
        with browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740}) as context:
            lab = LabPage(context.new_page(), server.url)
            panel = panel_recorded(lab)
            assert lab.page.evaluate("document.documentElement.scrollWidth") <= 360
            box = panel.locator(".lab-html").first
            assert box.evaluate("box => box.scrollWidth - box.clientWidth") == 0, "tokens wrap"
            assert violations(lab.page) == []


def test_columns_stand_beside_each_other_where_there_is_room(browser: Browser, server: SiteServer) -> None:
    for width, beside in ((1280, True), (360, False)):
        with browser.new_context(viewport={"width": width, "height": 800}) as context:
            panel = panel_recorded(LabPage(context.new_page(), server.url))
            first, second = (panel.locator(".lab-column").nth(place).bounding_box() for place in (0, 1))
            assert first is not None
            assert second is not None
            assert (abs(first["y"] - second["y"]) < 1) is beside
            assert (second["y"] >= first["y"] + first["height"]) is not beside


def test_a_special_token_is_framed_in_forced_colours_and_others_are_not(browser: Browser, server: SiteServer) -> None:
    with browser.new_context(forced_colors="active") as context:
        panel = panel_recorded(LabPage(context.new_page(), server.url))
        assert looks(panel, ".lab-token--special")["borderTopWidth"] == "2px"
        assert looks(panel, ".lab-token:nth-of-type(2)")["borderTopWidth"] == "0px"
