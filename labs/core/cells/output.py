"""The one place through which a running cell's output leaves, in order, in batches, within limits."""

import time
from collections.abc import Callable, Mapping

from labs.core.cells.messages import MAX_PLAIN_CHARS, cut_text, output_json

MAX_LINES = 10_000
MAX_TEXT_CHARS = 250_000
MAX_RICH_CHARS = 5_000_000
MAX_DISPLAYS = 2_000

WINDOW_SECONDS = 0.05
BATCHES_PER_WINDOW = 16
UPDATES_PER_WINDOW = 4  # a moving chart costs the page more than a line of text
FORCED_FLUSHES = 1_000  # as often a run may flush by itself before the pace below holds for it too


class OutputBuffer:
    """Collects what a run shows and calls `emit` with JSON lists of outputs.

    A batch leaves at the end of a line or a display while fewer than BATCHES_PER_WINDOW left in the current
    window of WINDOW_SECONDS, and otherwise with the first output after that window. Nothing here can wait
    for a timer: Python keeps the thread to itself while a cell runs. What exceeds a limit is dropped, and
    one notice names the limit.
    """

    def __init__(self, emit: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty; `clock` gives seconds."""
        self._emit = emit
        self._clock = clock
        self._pending: list[str] = []  # outputs as JSON
        self._pending_ids: dict[str, int] = {}  # display_id -> its place among the pending
        self._stream = ""
        self._stream_parts: list[str] = []
        self._waiting_since = self._window_start = float("-inf")
        self._batches_in_window = 0
        self._forced = 0
        self._lines = self._text_chars = self._rich_chars = self._displays = 0
        self._chars_by_id: dict[str, int] = {}
        self.stopped = False

    def write(self, stream: str, text: str) -> None:
        """Add text to `stdout` or `stderr`; after a limit this does nothing, quickly."""
        if self.stopped or not text:
            return
        kept, limit = self._within_limits(text)
        self._lines += kept.count("\n")
        self._text_chars += len(kept)
        if kept:
            if stream != self._stream:
                self._close_stream()
                self._stream = stream
            if not (self._pending or self._stream_parts):
                self._waiting_since = self._clock()
            self._stream_parts.append(kept)
        if limit:
            self._stop(limit)
        # Half a line waits for its end, but not for long: a dot per step is progress.
        elif "\n" in kept or self._clock() - self._waiting_since >= WINDOW_SECONDS:
            self._flush_in_turn(BATCHES_PER_WINDOW)

    def show(
        self,
        output_type: str,
        data: Mapping[str, object],
        metadata: Mapping[str, object],
        display_id: str | None = None,
    ) -> None:
        """Add a display_data, update_display_data or execute_result."""
        if self.stopped:
            return
        plain = data.get("text/plain")
        if isinstance(plain, str) and len(plain) > MAX_PLAIN_CHARS:
            data = {**data, "text/plain": cut_text(plain)}
        output: dict[str, object] = {"output_type": output_type, "data": data, "metadata": metadata}
        if output_type != "execute_result":
            output["display_id"] = display_id
        message = output_json(output)
        if limit := self._display_limit(message, display_id):
            self._stop(limit)
            return
        if output_type == "update_display_data" and display_id in self._pending_ids:
            # The page has not seen the earlier state: it never needs to.
            place = self._pending_ids[display_id]
            first = self._pending[place].startswith('{"output_type":"display_data"')
            output["output_type"] = "display_data" if first else output_type
            self._pending[place] = output_json(output)
        else:
            self._add(message, display_id)
        is_update = output_type == "update_display_data"
        self._flush_in_turn(UPDATES_PER_WINDOW if is_update else BATCHES_PER_WINDOW)

    def always(self, output: Mapping[str, object]) -> None:
        """Add an error or a notice, which no limit holds back."""
        self._add(output_json(output))

    def request_flush(self) -> None:
        """What `print(..., flush=True)` asks for: granted at once, unless a flood asks."""
        if self._forced < FORCED_FLUSHES:
            self._forced += 1
            self.flush()
        else:
            self._flush_in_turn(BATCHES_PER_WINDOW)

    def flush(self) -> None:
        """Send what is pending, now."""
        self._close_stream()
        if not self._pending:
            return
        now = self._clock()
        if now - self._window_start >= WINDOW_SECONDS:
            self._window_start = now
            self._batches_in_window = 0
        self._batches_in_window += 1
        batch = f"[{','.join(self._pending)}]"
        self._pending.clear()
        self._pending_ids.clear()
        self._emit(batch)

    def _flush_in_turn(self, allowed: int) -> None:
        if self._batches_in_window < allowed or self._clock() - self._window_start >= WINDOW_SECONDS:
            self.flush()

    def _within_limits(self, text: str) -> tuple[str, str | None]:
        """The part of the text that still fits, and the limit that cut it."""
        end, limit = len(text), None
        room = MAX_TEXT_CHARS - self._text_chars
        if end > room:
            end, limit = room, f"{MAX_TEXT_CHARS:,} characters"
        lines_left = MAX_LINES - self._lines
        if lines_left <= text.count("\n", 0, end):
            after = 0
            for _ in range(lines_left):
                after = text.index("\n", after) + 1
            if after < end:
                end, limit = after, f"{MAX_LINES:,} lines"
        return text[:end], limit

    def _display_limit(self, message: str, display_id: str | None) -> str | None:
        """Count a display in, or name the limit that it would exceed.

        What replaces an earlier state counts only by how much larger it is: a page holds one of them.
        """
        earlier = None if display_id is None else self._chars_by_id.get(display_id)
        growth = max(0, len(message) - (earlier or 0))
        if earlier is None and self._displays == MAX_DISPLAYS:
            return f"{MAX_DISPLAYS:,} displays"
        if self._rich_chars + growth > MAX_RICH_CHARS:
            return f"{MAX_RICH_CHARS:,} characters of tables, charts and pictures"
        self._displays += earlier is None
        self._rich_chars += growth
        if display_id is not None:
            self._chars_by_id[display_id] = (earlier or 0) + growth
        return None

    def _stop(self, limit: str) -> None:
        self.stopped = True
        self.always({"output_type": "notice", "text": f"Output stopped at {limit}; the program runs on."})
        self.flush()

    def _add(self, message: str, display_id: str | None = None) -> None:
        self._close_stream()
        if display_id is not None:
            self._pending_ids[display_id] = len(self._pending)
        self._pending.append(message)

    def _close_stream(self) -> None:
        if self._stream_parts:
            text = "".join(self._stream_parts)
            self._stream_parts = []
            self._pending.append(output_json({"output_type": "stream", "name": self._stream, "text": text}))
