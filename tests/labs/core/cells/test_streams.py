"""The streams that a cell prints to."""

import io
import json
import sys
import time

import pytest

from labs.core.cells.output import OutputBuffer
from labs.core.cells.streams import STDOUT, captured_by


def test_the_stream_has_the_manners_of_a_real_one() -> None:
    assert (STDOUT.encoding, STDOUT.name, STDOUT.isatty(), STDOUT.writable()) == (
        "utf-8",
        "<stdout>",
        False,
        True,
    )
    with pytest.raises(io.UnsupportedOperation):
        STDOUT.fileno()
    with captured_by(OutputBuffer(lambda batch: None)):
        assert sys.stdout.write("four") == 4
        with pytest.raises(TypeError, match="must be str, not int"):
            sys.stdout.write(4)  # type: ignore[arg-type]


def test_print_with_flush_shows_half_a_line() -> None:
    batches: list[str] = []
    with captured_by(OutputBuffer(batches.append)):
        print("half", end="", flush=True)
        assert [json.loads(batch)[0]["text"] for batch in batches] == ["half"]


def test_sleep_shows_first_what_was_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[str] = []
    seen: list[tuple[float, int]] = []
    monkeypatch.setattr("labs.core.cells.streams._real_sleep", lambda seconds: seen.append((seconds, len(batches))))
    real = time.sleep
    with captured_by(OutputBuffer(batches.append)):
        print("half", end="")
        time.sleep(60)
    assert seen == [(60, 1)]
    assert time.sleep is real


def test_everything_is_put_back_even_after_an_error() -> None:
    before = sys.stdout, sys.stderr, time.sleep
    with pytest.raises(KeyError), captured_by(OutputBuffer(lambda batch: None)):
        raise KeyError
    assert (sys.stdout, sys.stderr, time.sleep) == before


def test_a_write_after_the_run_goes_to_pythons_own_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    late = io.StringIO()
    monkeypatch.setattr(sys, "__stdout__", late)
    assert STDOUT.write("late") == 4
    STDOUT.flush()
    monkeypatch.setattr(sys, "__stdout__", None)
    assert STDOUT.write("later") == 5
    assert late.getvalue() == "late"


def test_closing_the_stream_does_not_silence_the_next_cell() -> None:
    batches: list[str] = []
    with captured_by(OutputBuffer(batches.append)):
        sys.stdout.close()
        print("still here")
    assert "still here" in batches[0]


def test_two_captures_at_once_are_refused() -> None:
    with captured_by(OutputBuffer(lambda batch: None)):
        with (
            pytest.raises(RuntimeError, match="running already"),
            captured_by(OutputBuffer(lambda batch: None)),
        ):
            raise AssertionError("the second capture began")
        print("the first goes on")
    assert sys.stdout is not STDOUT
