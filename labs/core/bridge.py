"""The one door to the labs: what the browser's worker and the build call.

Python boots with this module, so it imports little: a lab, and NumPy with it, loads when first asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, cast

from labs.core.cells.messages import cut_text
from labs.core.cells.namespaces import forget, namespace
from labs.core.cells.output import OutputBuffer
from labs.core.cells.running import compile_cell, execute
from labs.core.cells.streams import captured_by
from labs.core.cells.tracebacks import error_output
from labs.core.contract.publishing import Bundle, mimebundle, publishing_to, safe_repr

if TYPE_CHECKING:
    from labs.core.contract.lab import Lab

__all__ = ["LabModule", "forget", "lab_slugs", "load_lab", "run_cell", "run_lab"]


class LabModule(Protocol):
    """What a lab's module holds."""

    LAB: "Lab"

    def run(self, **controls: object) -> Iterator[object]:
        """Yield what the lab shows."""


async def run_cell(source: str, page: str, cell: str, emit: Callable[[str], None]) -> str:
    """Run one cell of a page and return `ok` or `error`.

    `emit` gets JSON lists of outputs as they come, in nbformat's words: stream, display_data,
    update_display_data, execute_result, error (with `line`, counted in this cell), and notice.
    Raises: RuntimeError if another cell is still running.
    """
    filename = f"<cell {cell}>"
    names = namespace(page)
    buffer = OutputBuffer(emit)

    def publish(data: Bundle, metadata: Bundle, display_id: str | None, update: bool) -> None:
        buffer.show("update_display_data" if update else "display_data", data, metadata, display_id)

    with captured_by(buffer), publishing_to(publish), names.entered(filename, source):
        try:
            statements, expression = compile_cell(source, filename)
            await execute(statements, names.names, buffer.flush)
            if expression is not None:
                result = await execute(expression, names.names, buffer.flush)
                if result is not None:
                    buffer.show("execute_result", *mimebundle(result))
            return "ok"
        except GeneratorExit:
            raise
        except SystemExit as leaving:
            code = leaving.code
            said = f"The cell called exit({'' if code is None else cut_text(safe_repr(code), 200)})"
            buffer.always({"output_type": "notice", "text": said})
            return "error" if code else "ok"
        except BaseException as error:
            buffer.always(error_output(error, filename))
            return "error"
        finally:
            buffer.flush()


def lab_slugs() -> list[str]:
    """The labs by name, in alphabetical order: the folders beside `core`."""
    import pkgutil

    import labs

    return sorted(
        found.name for found in pkgutil.iter_modules(labs.__path__) if found.ispkg and found.name != "core"
    )


def load_lab(slug: str) -> LabModule:
    """A lab's module, with `LAB` and `run`.

    Raises: ValueError if no lab has that name.
    """
    import importlib

    known = lab_slugs()
    if slug not in known:
        from labs.core.contract.controls import nearest

        close = nearest(slug, known)
        fix = f"did you mean {close!r}?" if close else "choose one of them."
        raise ValueError(f"Unknown lab: expected one of {', '.join(known)}; got {slug!r}; {fix}")
    return cast(LabModule, importlib.import_module(f"labs.{slug}.lab"))


def run_lab(slug: str, values: Mapping[str, object]) -> Iterator[object]:
    """Run a lab with these control values, defaults for the rest, and yield what it shows.

    Raises: ValueError if the lab or a control is unknown or a value is out of bounds, before anything runs.
    """
    from labs.core.contract.controls import check_controls

    lab = load_lab(slug)
    return lab.run(**check_controls(lab.LAB.controls, values))
