"""How far a long command has come: one line that changes on a terminal, and now and then a line elsewhere."""

import sys
import time

TERMINAL_SECONDS = 0.1
FILE_SECONDS = 30.0


class ProgressLine:
    """Progress on standard error; as a context manager, it leaves no open line behind."""

    def __init__(self) -> None:
        self._shown_at = float("-inf")
        self._open = False

    def __enter__(self) -> "ProgressLine":
        """Itself."""
        return self

    def __exit__(self, *fault: object) -> None:
        """End the line, whatever happened."""
        self.end()

    def show(self, text: str, *, now: bool = False) -> None:
        """Show this, unless something was shown a moment ago; `now` shows it all the same."""
        terminal = sys.stderr.isatty()
        wait = TERMINAL_SECONDS if terminal else FILE_SECONDS
        if not now and time.monotonic() - self._shown_at < wait:
            return
        self._shown_at = time.monotonic()
        self._open = terminal
        print(f"\r{text}\x1b[K" if terminal else text, end="" if terminal else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the line, so that what comes next has its own."""
        if self._open:
            print(file=sys.stderr)
        self._open = False
        self._shown_at = float("-inf")


def duration(seconds: float) -> str:
    """A time in words.

    Example: 200 -> "3 min 20 s"
    """
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
