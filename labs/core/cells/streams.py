"""What print and sleep meet while a cell runs."""

import io
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import SupportsIndex

from labs.core.cells.output import OutputBuffer

_buffer: OutputBuffer | None = None
_real_sleep = time.sleep


class CellStream(io.TextIOBase):
    """Text stream into the buffer of the run that goes on, whichever run first got hold of it.

    So a logger that an earlier cell set up goes on to show. Between runs it leads to Python's own stream.
    """

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, stream: str) -> None:
        """Stand for `stdout` or `stderr`."""
        self._stream = stream

    @property
    def name(self) -> str:
        """`<stdout>` or `<stderr>`, as Python's own."""
        return f"<{self._stream}>"

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Add text to the run's output and say how many characters were taken."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if _buffer is not None:
            _buffer.write(self._stream, text)
        elif (real := getattr(sys, f"__{self._stream}__")) is not None:
            real.write(text)
        return len(text)

    def flush(self) -> None:
        """Show what was written so far."""
        if _buffer is not None:
            _buffer.request_flush()

    def close(self) -> None:
        """Do nothing: the next cell prints here too."""


STDOUT = CellStream("stdout")
STDERR = CellStream("stderr")


def sleep(seconds: float | SupportsIndex, /) -> None:
    """Delay execution for a number of seconds, after showing what was printed."""
    if _buffer is not None:
        _buffer.flush()
    _real_sleep(seconds)


@contextmanager
def captured_by(buffer: OutputBuffer) -> Generator[None]:
    """Let print, sys.stdout, sys.stderr and time.sleep go through this buffer.

    Raises: RuntimeError if another run's output is being captured.
    """
    global _buffer
    if _buffer is not None:
        raise RuntimeError("A cell is running already; wait for its end before running the next.")
    outer = sys.stdout, sys.stderr, time.sleep
    _buffer = buffer
    sys.stdout, sys.stderr, time.sleep = STDOUT, STDERR, sleep
    try:
        yield
    finally:
        sys.stdout, sys.stderr, time.sleep = outer
        _buffer = None
