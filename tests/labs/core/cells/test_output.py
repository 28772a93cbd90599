"""The output buffer: order, batches and limits, on a clock that the test turns."""

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.cells import output as limits
from labs.core.cells.output import OutputBuffer


class Page:
    """Takes batches in, as the browser would, on a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.batches: list[list[dict[str, Any]]] = []
        self.buffer = OutputBuffer(self.receive, lambda: self.seconds)

    def receive(self, batch: str) -> None:
        self.batches.append(json.loads(batch))

    @property
    def outputs(self) -> list[dict[str, Any]]:
        self.buffer.flush()
        return [output for batch in self.batches for output in batch]

    @property
    def text(self) -> str:
        return "".join(out["text"] for out in self.outputs if out["output_type"] == "stream")

    @property
    def notices(self) -> list[str]:
        return [out["text"] for out in self.outputs if out["output_type"] == "notice"]


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text()), max_size=30))
def test_any_text_arrives_whole_in_order_and_merged(writes: list[tuple[str, str]]) -> None:
    page = Page()
    for stream, text in writes:
        page.buffer.write(stream, text)
    for name in ("stdout", "stderr"):
        sent = "".join(out["text"] for out in page.outputs if out["name"] == name)
        assert sent == "".join(text for stream, text in writes if stream == name)
    assert page.text == "".join(text for _, text in writes)
    for batch in page.batches:
        assert all(a["name"] != b["name"] for a, b in itertools.pairwise(batch))


def test_half_a_character_pair_passes() -> None:
    page = Page()
    page.buffer.write("stdout", "\ud800\n")
    assert page.text == "\ud800\n"


def test_a_line_is_sent_at_once_and_half_a_line_waits_for_its_end() -> None:
    page = Page()
    page.buffer.write("stdout", "half")
    assert page.batches == []
    page.buffer.write("stdout", "\n")
    assert page.batches == [[{"output_type": "stream", "name": "stdout", "text": "half\n"}]]


def test_half_a_line_does_not_wait_for_ever() -> None:
    page = Page()
    for _ in range(3):
        page.buffer.write("stdout", ".")
        page.seconds += 0.04
    assert [batch[0]["text"] for batch in page.batches] == ["..."]


def test_two_hundred_quick_lines_make_seventeen_batches() -> None:
    page = Page()
    for number in range(200):
        page.buffer.write("stdout", f"{number}\n")
    page.buffer.flush()
    assert len(page.batches) == limits.BATCHES_PER_WINDOW + 1


def test_slow_lines_are_each_sent_at_once() -> None:
    page = Page()
    for number in range(100):
        page.buffer.write("stdout", f"{number}\n")
        assert page.batches[-1][0]["text"] == f"{number}\n"
        page.seconds += 0.01


def test_a_flood_stays_within_its_batches_and_says_so_once() -> None:
    page = Page()
    lines = 0
    for number in range(1_000_000):
        page.buffer.write("stdout", f"{number}\n")
        page.seconds += 1e-5
    seconds = limits.MAX_LINES * 1e-5
    assert len(page.batches) <= limits.BATCHES_PER_WINDOW * (seconds / limits.WINDOW_SECONDS + 1) + 1
    lines = page.text.count("\n")
    assert lines == limits.MAX_LINES
    assert page.notices == ["Output stopped at 10,000 lines; the program runs on."]
    assert page.outputs[-1]["output_type"] == "notice"


def test_exactly_the_limit_needs_no_notice() -> None:
    page = Page()
    page.buffer.write("stdout", "x\n" * limits.MAX_LINES)
    assert page.notices == []
    page.buffer.write("stdout", "x")
    assert page.notices == ["Output stopped at 10,000 lines; the program runs on."]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_long_text_is_cut_at_the_limit(stream: str) -> None:
    page = Page()
    page.buffer.write(stream, "x" * (limits.MAX_TEXT_CHARS + 1))
    assert page.text == "x" * limits.MAX_TEXT_CHARS
    assert page.notices == ["Output stopped at 250,000 characters; the program runs on."]


def test_nothing_is_held_after_a_limit_but_errors_pass() -> None:
    page = Page()
    page.buffer.write("stdout", "\n" * (limits.MAX_LINES + 1))
    before = len(page.outputs)
    for _ in range(1000):
        page.buffer.write("stdout", "y\n")
        page.buffer.show("display_data", {"text/plain": "z"}, {})
    page.buffer.always({"output_type": "error", "ename": "E"})
    assert [out["output_type"] for out in page.outputs[before:]] == ["error"]


def test_displays_are_counted() -> None:
    page = Page()
    for number in range(limits.MAX_DISPLAYS + 5):
        page.buffer.show("display_data", {"text/plain": str(number)}, {})
    assert sum(out["output_type"] == "display_data" for out in page.outputs) == limits.MAX_DISPLAYS
    assert page.notices == ["Output stopped at 2,000 displays; the program runs on."]


def test_rich_data_is_counted_and_what_replaces_it_is_not_counted_twice() -> None:
    page = Page()
    picture = {"image/png": "x" * 1_000_000}
    page.buffer.show("display_data", picture, {}, "a")
    for _ in range(20):
        page.buffer.show("update_display_data", picture, {}, "a")
    assert page.notices == []
    for _ in range(5):
        page.buffer.show("display_data", picture, {})
    assert len(page.notices) == 1
    assert "5,000,000 characters of tables, charts and pictures" in page.notices[0]


def test_updates_that_the_page_has_not_seen_replace_each_other() -> None:
    page = Page()
    page.buffer.show("display_data", {"text/plain": "start"}, {}, "bar")
    for step in range(1000):
        page.buffer.show("update_display_data", {"text/plain": str(step)}, {}, "bar")
    shown = [out["data"]["text/plain"] for out in page.outputs]
    assert len(shown) == limits.UPDATES_PER_WINDOW + 1
    assert (shown[0], shown[-1]) == ("start", "999")


def test_a_pending_display_that_is_updated_stays_a_display() -> None:
    page = Page()
    for _ in range(limits.BATCHES_PER_WINDOW):
        page.buffer.write("stdout", "x\n")
    page.buffer.show("display_data", {"text/plain": "old"}, {}, "bar")
    page.buffer.show("update_display_data", {"text/plain": "new"}, {}, "bar")
    assert page.outputs[-1]["output_type"] == "display_data"
    assert page.outputs[-1]["data"] == {"text/plain": "new"}


def test_text_and_displays_keep_their_order() -> None:
    page = Page()
    page.buffer.write("stdout", "a")
    page.buffer.show("display_data", {"text/plain": "b"}, {})
    page.buffer.write("stdout", "c")
    assert [out.get("text") or out["data"]["text/plain"] for out in page.outputs] == ["a", "b", "c"]


def test_asking_for_a_flush_is_granted_until_a_flood_asks() -> None:
    page = Page()
    for number in range(5000):
        page.buffer.write("stdout", ".")
        page.buffer.request_flush()
        assert number >= limits.FORCED_FLUSHES or len(page.batches) == number + 1
    assert len(page.batches) <= limits.FORCED_FLUSHES + limits.BATCHES_PER_WINDOW


def test_data_becomes_what_json_can_say() -> None:
    page = Page()
    spec = {
        "values": np.array([1.0, np.nan]),
        "n": np.int64(3),
        "inf": float("inf"),
        3: (1, {2}),
        "what": object,
        "huge": 10**10_000,
        "bytes": b"\x00",
    }
    page.buffer.show("display_data", {"application/json": spec}, {})
    assert page.outputs[0]["data"]["application/json"] == {
        "values": [1.0, None],
        "n": 3,
        "inf": None,
        "3": [1, [2]],
        "what": "<class 'object'>",
        "huge": None,
        "bytes": "AA==",
    }


def test_what_is_shown_is_its_state_when_it_was_shown() -> None:
    page = Page()
    for _ in range(limits.BATCHES_PER_WINDOW):
        page.buffer.write("stdout", "x\n")
    data = {"application/json": [1]}
    page.buffer.show("display_data", data, {})
    data["application/json"].append(2)
    assert page.outputs[-1]["data"]["application/json"] == [1]


def test_a_long_repr_is_cut_and_says_by_how_much() -> None:
    page = Page()
    page.buffer.show("execute_result", {"text/plain": "x" * 200_000}, {})
    shown = page.outputs[0]["data"]["text/plain"]
    assert shown == "x" * 100_000 + "… (100,000 more characters)"
