"""One run from its first output to its status, whatever the program in it does."""

import os
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from labs.core.cells.messages import cut_text
from labs.core.cells.output import OutputBuffer
from labs.core.cells.running import compile_cell, execute
from labs.core.cells.streams import captured_by
from labs.core.cells.tracebacks import error_output, hide_frames_of
from labs.core.contract.publishing import Bundle, mimebundle, publishing_to, safe_repr

MATPLOTLIB_BACKEND = "module://labs.core.cells.agg"


async def supervised(
    body: Callable[[OutputBuffer], Awaitable[object]],
    emit: Callable[[str], None],
    filename: str = "",
    says_it_all: tuple[type[Exception], ...] = (),
) -> str:
    """Run `body` with its output captured, and return `ok` or `error`.

    `emit` gets JSON lists of outputs as they come. An exception becomes an error output whose `line` is
    counted in the cell `filename`; of a type in `says_it_all`, and of one that says that it is `for_people`, only the
    message is shown. (Not of every subtype: Python's own UnicodeEncodeError is a ValueError too.)
    Raises: RuntimeError if another run is going on.
    """
    buffer = OutputBuffer(emit)

    def publish(data: Bundle, metadata: Bundle, display_id: str | None, update: bool) -> None:
        buffer.show("update_display_data" if update else "display_data", data, metadata, display_id)

    with captured_by(buffer), publishing_to(publish), _drawing_for_us():
        try:
            try:
                await body(buffer)
            finally:
                _show_open_figures()
            return "ok"
        except GeneratorExit:
            raise
        except SystemExit as leaving:
            code = leaving.code
            said = f"The cell called exit({'' if code is None else cut_text(safe_repr(code), 200)})"
            buffer.always({"output_type": "notice", "text": said})
            return "error" if code else "ok"
        except BaseException as error:
            if says_it_all and (type(error) in says_it_all or getattr(error, "for_people", False)):
                message = str(error)
                kind = next((known for known in says_it_all if isinstance(error, known)), type(error))
                said_error = {"ename": kind.__name__, "evalue": message, "traceback": message}
                buffer.always({"output_type": "error", **said_error, "line": None})
                return "error"
            if isinstance(error, ModuleNotFoundError):
                from labs.core.cells.shipped import name_what_is_shipped

                name_what_is_shipped(error)
            buffer.always(error_output(error, filename))
            return "error"
        finally:
            buffer.flush()


async def run_source(source: str, filename: str, names: dict[str, object], buffer: OutputBuffer) -> None:
    """Run a cell's statements in a namespace and show the value of its last expression."""
    statements, expression = compile_cell(source, filename)
    await execute(statements, names, buffer.flush)
    if expression is not None:
        result = await execute(expression, names, buffer.flush)
        if result is not None:
            buffer.show("execute_result", *mimebundle(result))


@contextmanager
def _drawing_for_us() -> Generator[None]:
    """Let Matplotlib, should the program import it, draw pictures for the page instead of windows."""
    if "matplotlib" in sys.modules:
        yield
        return
    outer = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = MATPLOTLIB_BACKEND
    try:
        yield
    finally:
        if outer is not None:
            os.environ["MPLBACKEND"] = outer
        elif os.environ.get("MPLBACKEND") == MATPLOTLIB_BACKEND:
            del os.environ["MPLBACKEND"]


def _show_open_figures() -> None:
    if "matplotlib.pyplot" in sys.modules:
        from labs.core.contract.figures import show_open_figures

        show_open_figures()


hide_frames_of(supervised)
