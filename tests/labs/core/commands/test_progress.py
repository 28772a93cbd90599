"""The line that says how far a command has come."""

import sys

import pytest

from labs.core.commands.progress import ProgressLine, duration


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_on_a_terminal_one_line_changes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with ProgressLine() as line:
        line.show("one")
        line.show("too soon")
        clock[0] += 0.11
        line.show("two")
        line.show("the end", now=True)
    assert capsys.readouterr().err == "\rone\x1b[K\rtwo\x1b[K\rthe end\x1b[K\n"


def test_elsewhere_lines_are_few_and_whole(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with ProgressLine() as line:
        for second in range(70):
            clock[0] = second
            line.show(f"at {second} s")
        line.show("the end", now=True)
    assert capsys.readouterr().err == "at 0 s\nat 30 s\nat 60 s\nthe end\n"


def test_an_error_does_not_run_into_the_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with pytest.raises(KeyboardInterrupt), ProgressLine() as line:
        line.show("step 1")
        raise KeyboardInterrupt
    assert capsys.readouterr().err.endswith("\n")


def test_durations_in_words() -> None:
    assert [duration(s) for s in (0.2, 59.4, 60, 200, 3599.7, 7300)] == [
        "0 s",
        "59 s",
        "1 min 0 s",
        "3 min 20 s",
        "1 h 0 min",
        "2 h 1 min",
    ]
