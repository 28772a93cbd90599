"""The one door to the labs: what the browser's worker and the build call.

Python boots with this module, so it imports little: a lab, and NumPy with it, loads when first asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from labs.core.cells.namespaces import Namespace, forget, namespace
from labs.core.cells.output import OutputBuffer
from labs.core.cells.session import run_source, supervised
from labs.core.cells.shipped import set_loadable
from labs.core.cells.tracebacks import hide_frames_of
from labs.core.contract.publishing import mimebundle, publish, show
from labs.core.finding import LabModule, exercises, lab_slugs, load_exercise, load_lab
from labs.core.lab_archives import fetch_labs_with
from labs.core.model.checkpoint_source import fetch_checkpoints_with
from labs.core.model.replaceable import on_first_use

if TYPE_CHECKING:
    from labs.core.external import ExternalDistribution
    from labs.core.kernels import Exports
    from labs.core.model.checkpoint_source import Fetched

CHAT_MIME = "application/vnd.labs.chat+json"

__all__ = [
    "LabModule",
    "chat",
    "check_exercise",
    "describe_exercise",
    "describe_labs",
    "exercises",
    "external_distributions",
    "fetch_checkpoints_with",
    "fetch_labs_with",
    "forget",
    "lab_slugs",
    "load_exercise",
    "load_lab",
    "offer_kernels",
    "on_keep",
    "restore",
    "run_cell",
    "run_lab",
    "set_loadable",
    "show_lab",
]


async def run_cell(source: str, page: str, cell: str, emit: Callable[[str], None]) -> str:
    """Run one cell of a page and return `ok` or `error`.

    `emit` gets JSON lists of outputs as they come, in nbformat's words: stream, display_data,
    update_display_data, execute_result, error (with `line`, counted in this cell), and notice.
    Raises: RuntimeError if another cell is still running.
    """
    filename = f"<cell {cell}>"
    names = namespace(page)

    async def body(buffer: OutputBuffer) -> None:
        with names.entered(filename, source):
            await run_source(source, filename, names.names, buffer)

    return await supervised(body, emit, filename)


async def show_lab(slug: str, values: str, emit: Callable[[str], None]) -> str:
    """Run a lab with control values, a JSON object, show what it yields, and return `ok` or `error`.

    `emit` gets outputs as those of a cell. A display leaves before the lab computes the next one. A
    ValueError, of a value or of the lab, is an error output whose `traceback` is its message alone.
    Raises: RuntimeError if a cell or a lab is still running.
    """

    async def body(buffer: OutputBuffer) -> None:
        show(_each_sent(run_lab(slug, _object_from(values)), buffer))

    return await supervised(body, emit, says_it_all=(ValueError,))


async def check_exercise(exercise: str, source: str, cell: str, emit: Callable[[str], None]) -> str:
    """Run a reader's code in a fresh namespace, check it, and return `ok`, or `error` if it did not run through.

    `exercise` is its name: the lab's slug, or `slug.name`. After the code's own outputs comes a display of what the
    checks found, as `application/vnd.labs.check+json`, HTML and text. Passed or not, that is `ok`.
    Raises: RuntimeError if a cell or a lab is still running.
    """
    filename = f"<cell {cell}>"
    judged = False

    async def body(buffer: OutputBuffer) -> None:
        nonlocal judged
        names = Namespace()
        with names.entered(filename, source):
            await run_source(source, filename, names.names, buffer)
            from labs.core.judging import judge  # checks load when somebody asks for them

            publish(*mimebundle(judge(load_exercise(exercise), names.names)))
        judged = True

    async def known(buffer: OutputBuffer) -> None:
        load_exercise(exercise)

    if await supervised(known, emit, says_it_all=(ValueError,)) == "error":
        return "error"
    status = await supervised(body, emit, filename)
    return status if judged else "error"


async def chat(request: str, emit: Callable[[str], None]) -> str:
    """Have the models of a request, JSON, take their turns in its conversations, and return `ok` or `error`.

    `emit` gets each event as a display of `application/vnd.labs.chat+json`, see `labs.core.live_chat.events`; two
    columns write at once, a token each. A ValueError is an error output whose `traceback` is its message alone.
    Raises: RuntimeError if a cell or a lab is still running.
    """

    async def body(buffer: OutputBuffer) -> None:
        from labs.core.live_chat.columns import event_data, take_turns
        from labs.core.live_chat.requests import read_request

        for column, event in take_turns(read_request(request)):
            data = event_data(column, event)
            publish({CHAT_MIME: data, "text/plain": f"column {column}: {data['kind']}"})

    return await supervised(body, emit, says_it_all=(ValueError,))


def on_keep(tell: Callable[[dict[str, bytes]], None] | None) -> None:
    """Have this function hear of the files of a model that the reader trains, see `labs.core.model.my_model`.

    Nothing loads for it until a model first computes something, and none is trained before.
    """

    def listen() -> None:
        from labs.core.model.my_model import on_keep

        on_keep(tell)

    on_first_use(listen)


def restore(files: "Mapping[str, bytes | memoryview | Fetched]") -> None:
    """Put the files of a model that the reader trained in another Python into their place.

    Raises: ValueError if they are no such files.
    """
    from labs.core.model.my_model import restore

    restore(
        {name: bytes(held) if isinstance(held, bytes | memoryview) else held.to_bytes() for name, held in files.items()}
    )


def run_lab(slug: str, values: Mapping[str, object]) -> Iterator[object]:
    """Run a lab with these control values, defaults for the rest, and yield what it shows.

    Raises: ValueError if the lab or a control is unknown or a value is out of bounds, before anything runs.
    """
    from labs.core.contract.controls import check_controls

    lab = load_lab(slug)
    return lab.run(**check_controls(lab.LAB.controls, values))


def offer_kernels(exports: "Exports", tell: Callable[[str], None]) -> None:
    """Have these kernels compute for the models, if they pass their check when a model first computes something.

    `tell` then gets what is wrong with them, or an empty text.
    """

    def check() -> None:
        from labs.core.kernel_check import use_if_right

        tell(use_if_right(exports))

    on_first_use(check)


def describe_labs() -> list[dict[str, object]]:
    """Every lab as plain data, see `labs.core.describing`."""
    from labs.core.describing import describe_labs

    return describe_labs()


def describe_exercise(name: str) -> dict[str, object]:
    """An exercise as plain data, see `labs.core.describing`.

    Raises: ValueError if there is none of that name.
    """
    from labs.core.describing import describe_exercise

    return describe_exercise(name)


def external_distributions() -> "list[ExternalDistribution]":
    """The installed packages that add labs, see `labs.core.external`.

    Raises: ValueError if a slug is bad, is one of the course's own, or is given by two packages.
    """
    from labs.core.external import external_distributions

    return external_distributions()


def _each_sent(items: Iterator[object], buffer: OutputBuffer) -> Iterator[object]:
    """The items; each picture among them is on its way before the next item is asked for."""
    from labs.core.contract.moving import Moving
    from labs.core.contract.progress import Progress

    for item in items:
        yield item
        if not isinstance(item, Progress | Moving):  # these come often, and the buffer paces them
            buffer.request_flush()


def _object_from(values: str) -> dict[str, object]:
    import json

    try:
        parsed = json.loads(values)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ValueError(f"Control values: expected a JSON object, got {values[:60]!r}; write name and value.")
    return parsed


hide_frames_of(run_lab)
