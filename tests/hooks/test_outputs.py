"""Recorded outputs: each kind of output as HTML, escaped where it is text, and charts drawn once."""

import re
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from bs4 import BeautifulSoup, Tag

from labs.core.contract import Chart, Table, mimebundle
from overrides.hooks import outputs
from overrides.hooks.outputs import VEGA_LITE, draw_chart, render_bundle, render_output, render_outputs

EVIL = "<script>alert(1)</script> & \"quoted\" 'too'"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of drawings of its own."""
    monkeypatch.setattr(outputs, "BUILD_CACHE", tmp_path)
    return tmp_path


def only(html: str, selector: str) -> Tag:
    """The one element that the selector finds; there must be one."""
    (found,) = BeautifulSoup(html, "html.parser").select(selector)
    return found


def stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def display(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def test_outputs_come_in_their_order() -> None:
    shown = [stream("stdout", "one"), display({"text/plain": "two"}), stream("stderr", "three")]
    texts = [pre.get_text() for pre in BeautifulSoup(render_outputs(shown, "key"), "html.parser").select("pre")]
    assert texts == ["one", "two", "three"]


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_streams_are_text_and_told_apart(name: str) -> None:
    html = render_output(stream(name, EVIL), "key")
    assert only(html, f"pre.lab-stream.lab-stream--{name}").get_text() == EVIL
    assert "<script" not in html


def test_an_error_is_its_name_and_words_without_colour_codes() -> None:
    error = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": f"\x1b[31mred\x1b[0m \x1b[1;32mgreen\x1b[39;49m {EVIL}",
        "traceback": ["\x1b[0;31mValueError\x1b[0m at /a/path/of/this/machine.py"],
    }
    html = render_output(error, "key")
    assert only(html, "pre.lab-error").get_text() == f"ValueError: red green {EVIL}"
    assert "machine.py" not in html


def test_plain_text_is_escaped() -> None:
    html = render_bundle({"text/plain": EVIL}, {}, "key")
    assert only(html, "pre.lab-plain").get_text() == EVIL
    assert "<script" not in html


def test_a_bundle_of_unknown_types_is_empty_text() -> None:
    assert only(render_bundle({"application/x-unknown": "?"}, {}, "key"), "pre.lab-plain").get_text() == ""


def test_html_and_svg_are_put_in_as_they_are() -> None:
    assert only(render_bundle({"text/html": "<b>bold</b>"}, {}, "key"), "div.lab-html > b").get_text() == "bold"
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>'
    assert only(render_bundle({"image/svg+xml": svg}, {}, "key"), "div.lab-image > svg > circle")["r"] == "1"


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg"])
def test_pictures_have_their_data_and_a_text_alternative(mime: str) -> None:
    html = render_bundle({mime: PIXEL + "\n", "text/plain": EVIL}, {}, "key")
    picture = only(html, ".lab-image img")
    assert picture["src"] == f"data:{mime};base64,{PIXEL}"
    assert picture["alt"] == EVIL
    assert only(render_bundle({mime: PIXEL}, {}, "key"), "img")["alt"] == "Picture made by the cell"


@pytest.mark.parametrize(
    ("types", "selector"),
    [
        (["text/plain", "text/html"], ".lab-html"),
        (["text/plain", "image/png", "image/svg+xml"], ".lab-image svg"),
        (["text/html", "image/svg+xml"], ".lab-html"),
        (["text/plain", "image/png"], "img"),
        (["text/html", "text/plain", VEGA_LITE], "figure"),
    ],
)
def test_the_richest_type_is_shown(types: list[str], selector: str) -> None:
    known = {
        "text/plain": "plain",
        "text/html": "<i>html</i>",
        "image/svg+xml": "<svg></svg>",
        "image/png": PIXEL,
        VEGA_LITE: chart_of(["a"]).vega_lite(),
    }
    soup = BeautifulSoup(render_bundle({mime: known[mime] for mime in types}, {}, "key"), "html.parser")
    assert soup.select(selector)
    assert not soup.select("pre")


def chart_of(names: list[str], title: str = "A chart", alt: str = "What it shows.") -> Chart:
    """A chart with clips and gradients, whose drawing needs ids."""
    rows = [{"name": name, "size": size} for size, name in enumerate(names)]
    spec = {
        "data": {"values": rows},
        "mark": {"type": "line", "clip": True},
        "encoding": {
            "x": {"field": "name", "type": "nominal"},
            "y": {"field": "size", "type": "quantitative"},
            "color": {"field": "size", "type": "quantitative"},
        },
    }
    return Chart(spec, title, alt, Table(["Name", "Size"], [[row["name"], row["size"]] for row in rows]))


def test_a_chart_has_title_text_alternative_picture_and_data() -> None:
    html = render_bundle(*mimebundle(chart_of(["first", "second"], f"title {EVIL}", f"alt {EVIL}")), "key")
    assert only(html, "figure > figcaption").get_text() == f"title {EVIL}"
    picture = only(html, "figure > [role=img]")
    assert picture["aria-label"] == f"alt {EVIL}"
    drawings = picture.select("svg")
    assert drawings
    assert [svg.get("aria-hidden") for svg in drawings] == ["true"] * len(drawings)
    assert only(html, "figure > details > p").get_text() == f"alt {EVIL}"
    assert [cell.get_text() for cell in BeautifulSoup(html, "html.parser").select("tbody th")] == [
        "first",
        "second",
    ]
    assert "<script" not in html


def test_a_chart_of_a_stranger_that_brings_no_words_gets_some() -> None:
    html = render_bundle({VEGA_LITE: chart_of(["a"]).vega_lite(), "text/plain": "<Chart>"}, {}, "key")
    assert only(html, "figcaption").get_text() == "Chart"
    assert only(html, "[role=img]")["aria-label"] == "A chart made by the cell"


def test_ids_in_drawings_are_unique_and_references_follow_them() -> None:
    spec = chart_of(["a", "b"]).vega_lite()
    keys = ("page-cell-0", "page-cell-1")
    drawn = [draw_chart(spec, key) for key in keys]
    ids = [re.findall(r'\bid="([^"]+)"', svg) for svg in drawn]
    assert len(ids[0]) > 1, "this chart is made to need a clip and a gradient"
    assert len(set(ids[0] + ids[1])) == len(ids[0] + ids[1])
    for key, svg, own in zip(keys, drawn, ids, strict=True):
        # What the library counts up begins anew with each build, so only our key keeps drawings apart.
        assert [one for one in own if not one.startswith(f"{key}-")] == []
        referred = re.findall(r"url\(#([^)]+)\)", svg)
        assert referred
        assert set(referred) <= set(own)


def test_colours_of_drawings_are_the_sites_variables() -> None:
    svg = draw_chart(Chart({"data": {"values": [{"x": 1}]}, "mark": "bar", "encoding": {"x": {"field": "x"}}},
                           "t", "a", Table(["x"], [[1]])).vega_lite(), "key")  # fmt: skip
    assert "var(--lab-series-1)" in svg
    assert "var(--lab-ink)" in svg


def test_a_drawing_is_made_once_and_anew_for_other_data(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = chart_of(["a"]).vega_lite()
    before = dict(spec)
    first = draw_chart(spec, "key")
    assert spec == before, "what was given is left as it was"

    def refuse(*arguments: object, **options: object) -> str:
        raise AssertionError("drawn again")

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", refuse)
    assert draw_chart(spec, "key") == first
    with pytest.raises(AssertionError, match="drawn again"):
        draw_chart(chart_of(["b"]).vega_lite(), "key")
    assert len(list((cache / "charts").iterdir())) == 1
