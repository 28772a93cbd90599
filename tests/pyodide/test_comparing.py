"""The comparison itself sees differences that matter and passes over those that do not."""

from typing import Any

import pytest

from tests.pyodide.comparing import MODEL, differences, frames, settled


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


def test_a_models_numbers_may_differ_a_little_more_and_its_words_not_at_all() -> None:
    assert differences("loss 0.25", "loss 0.2501", tolerance=MODEL) == []
    assert differences({"p": [0.0001]}, {"p": [0.0003]}, tolerance=MODEL) == []
    assert differences("loss 0.25", "loss 0.26", tolerance=MODEL)
    assert differences("“Hello” 0.25", "“Hallo” 0.25", tolerance=MODEL)
    assert differences(0.0, 0.01, tolerance=MODEL)


def test_of_two_trainings_the_frames_agree_whatever_the_models_write() -> None:
    def chart(title: str, text: str, mime: str = "text/html") -> dict[str, Any]:
        return {"output_type": "display_data", "data": {mime: text}, "metadata": {"chart": {"title": title}}}

    assert frames([chart("Loss", "1")]) == frames([chart("Loss", "2")])
    assert frames([chart("Loss", "1")]) != frames([chart("Gain", "1")])
    assert frames([chart("Loss", "1")]) != frames([chart("Loss", "1", "image/png")])
    assert frames([chart("Loss", "1")]) != frames([chart("Loss", "1"), stream("a")])


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
