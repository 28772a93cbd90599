"""The comparison itself sees differences that matter and passes over those that do not."""

from typing import Any

import pytest

from tests.pyodide.comparing import differences, settled


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(text: str, display_id: str | None, update: bool = False) -> dict[str, Any]:
    kind = "update_display_data" if update else "display_data"
    return {"output_type": kind, "data": {"text/plain": text}, "metadata": {}, "display_id": display_id}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loss 0.25", "loss 0.26"),
        ("loss 0.25", "gain 0.25"),
        ("1 2", "1 2 3"),
        (1.0, 1.00001),
        (1, None),
        (True, 1),
        ([1, 2], [1]),
        ({"a": 1}, {"b": 1}),
        ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}),
        ("-1", "1"),
        ("1e-5", "1e-6"),
    ],
)
def test_differences_are_seen(one: object, other: object) -> None:
    assert differences(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("loss 0.2500000001", "loss 0.25"), (1.0, 1 + 1e-9), (0.0, 1e-15), ({"a": [1.0, "x2"]}, {"a": [1, "x2"]})],
)
def test_rounding_is_no_difference(one: object, other: object) -> None:
    assert differences(one, other) == []


def test_batches_and_intermediate_states_are_no_difference() -> None:
    one = [stream("a"), stream("b"), shown("1", "x"), shown("2", "x", update=True), stream("c")]
    other = [stream("ab"), shown("2", "y"), stream("c")]
    assert differences(settled(one), settled(other)) == []
    assert differences(settled(one), settled([stream("ab"), shown("1", "y"), stream("c")]))
    assert differences(settled([stream("a", "stderr")]), settled([stream("a")]))


def test_what_was_given_is_left_as_it_was() -> None:
    outputs = [stream("a"), stream("b"), shown("1", "x"), shown("2", "x", update=True)]
    settled(outputs)
    assert outputs == [stream("a"), stream("b"), shown("1", "x"), shown("2", "x", update=True)]
