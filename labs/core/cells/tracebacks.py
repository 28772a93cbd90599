"""Errors as a reader needs them: Python's own words, without the machinery that ran the cell."""

import traceback
from collections.abc import Callable, Iterator

from labs.core.cells.messages import cut_text
from labs.core.cells.output import OutputBuffer
from labs.core.cells.running import execute
from labs.core.cells.streams import sleep
from labs.core.contract.publishing import show

MAX_FRAMES = 20
MAX_ERROR_CHARS = 20_000

# Asked from the code itself, because a wheel of compiled files has other paths in __file__.
_our_files = {ours.__code__.co_filename for ours in (cut_text, execute, sleep, show, OutputBuffer.write)}


def hide_frames_of(function: Callable[..., object]) -> None:
    """Leave the file that holds this function out of every traceback."""
    _our_files.add(function.__code__.co_filename)


class ShortStack(traceback.StackSummary):
    """A stack that prints its two ends when it is long."""

    def format(self, **options: bool) -> list[str]:
        """The frames as text; Python itself already folds a line that only repeats."""
        frames = super().format(**options)
        if len(frames) <= MAX_FRAMES:
            return frames
        half = MAX_FRAMES // 2
        left_out = f"  [{len(frames) - 2 * half:,} more frames left out]\n"
        return [*frames[:half], left_out, *frames[-half:]]


def error_output(error: BaseException, filename: str) -> dict[str, object]:
    """An exception that ended a run, as an output.

    Its `line` is the last one of the cell `filename` that the error passed or that could not be compiled.
    """
    report = traceback.TracebackException.from_exception(error, compact=True)
    line = None
    for part in _with_causes(report):
        frames = _readers_frames(part.stack)
        if part is report:
            lines = [frame.lineno for frame in frames if frame.filename == filename]
            line = lines[-1] if lines else None
        part.stack = ShortStack(frames)
        if not frames:
            # None is what drops the heading "Traceback (most recent call last):" above no frame at all.
            part.stack = None  # type: ignore[assignment]
    if line is None and isinstance(error, SyntaxError) and error.filename == filename:
        line = error.lineno
    return {
        "output_type": "error",
        "ename": type(error).__name__,
        "evalue": cut_text(_message(error), MAX_ERROR_CHARS),
        "traceback": cut_text("".join(report.format()), MAX_ERROR_CHARS),
        "line": line,
    }


def _readers_frames(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Without what stands above the first cell (event loop, host) and without our own files."""
    first = next((place for place, frame in enumerate(frames) if frame.filename.startswith("<cell ")), 0)
    return [frame for frame in frames[first:] if frame.filename not in _our_files]


def _with_causes(report: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    """The report and everything printed with it: causes, contexts, members of groups."""
    waiting: list[traceback.TracebackException | None] = [report]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        waiting += [part.__cause__, part.__context__, *(part.exceptions or [])]


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "<exception str() failed>"
