"""Where output goes: to the page, to a notebook, or onto a terminal, by Jupyter's own protocol."""

import os
import sys
from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Protocol

Bundle = dict[str, object]

REPR_METHODS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_latex_": "text/latex",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
}


class Publisher(Protocol):
    """What takes output in: called with the arguments of `publish`."""

    def __call__(self, data: Bundle, metadata: Bundle, display_id: str | None, update: bool) -> None:
        """Take in one display, or the new content of an earlier one."""


_publisher: Publisher | None = None


@contextmanager
def publishing_to(publisher: Publisher) -> Generator[None]:
    """Send everything that is displayed inside the `with` block to this publisher."""
    global _publisher
    outer, _publisher = _publisher, publisher
    try:
        yield
    finally:
        _publisher = outer


def publish(
    data: Mapping[str, object],
    metadata: Mapping[str, object] | None = None,
    display_id: str | None = None,
    update: bool = False,
) -> None:
    """Show one MIME bundle; with `update`, put it in place of the earlier one with this display_id.

    Raises: ValueError if there is nothing to show or an update names no display_id.
    """
    if not data:
        raise ValueError("Nothing to publish: expected at least one MIME type, got none; add text/plain.")
    if update and display_id is None:
        raise ValueError("An update: expected the display_id of an earlier display, got None; name it.")
    publisher = _publisher or _ipython_publisher() or _print_text
    publisher(dict(data), dict(metadata or {}), display_id, update)


def display(*objects: object) -> None:
    """Show each object in the richest form that it offers."""
    for shown in objects:
        publish(*mimebundle(shown))


def show(items: Iterable[object]) -> None:
    """Display what a lab's run yields: neighbouring progress records share one bar, moving displays their place."""
    from labs.core.contract.moving import Moving  # Python boots with this module, not with these
    from labs.core.contract.progress import Progress

    # Random, so that a restarted Python never updates what an earlier one left on the page.
    run = os.urandom(8).hex()
    bars, in_bar = 0, False
    moving: set[str] = set()
    for item in items:
        if isinstance(item, Progress):
            bars += not in_bar
            publish(*mimebundle(item), display_id=f"progress-{run}-{bars}", update=in_bar)
        elif isinstance(item, Moving):
            publish(*mimebundle(item.content), display_id=f"moving-{run}-{item.name}", update=item.name in moving)
            moving.add(item.name)
        else:
            display(item)
        # A moving display between two steps of progress leaves the bar where it is.
        in_bar = isinstance(item, Progress) or (in_bar and isinstance(item, Moving))


def mimebundle(shown: object) -> tuple[Bundle, Bundle]:
    """An object as MIME bundle and metadata by Jupyter's protocol, with its repr as text/plain.

    A method that raises is left out with a note on stderr, so that showing never ends a run.
    """
    data: Bundle = _figure(shown)
    metadata: Bundle = {}
    bundle = _call(shown, "_repr_mimebundle_", include=None, exclude=None)
    content, extra = _split(bundle)
    if isinstance(content, Mapping):
        data.update(content)
        metadata.update(extra)
    for method, mime in REPR_METHODS.items():
        if mime in data:
            continue
        content, extra = _split(_call(shown, method))
        if content is not None:
            data[mime] = content
            if extra:
                metadata[mime] = extra
    if "text/plain" not in data:
        data["text/plain"] = safe_repr(shown)
    return {mime: _as_text(content) for mime, content in data.items()}, metadata


def _figure(shown: object) -> Bundle:
    """Matplotlib's own figures, which bring no form of their own along; nothing is imported to find out."""
    figure_type = getattr(sys.modules.get("matplotlib.figure"), "Figure", None)
    if figure_type is None or not isinstance(shown, figure_type):
        return {}
    from labs.core.contract.figures import figure_bundle

    try:
        return figure_bundle(shown)
    except Exception as error:
        _note(shown, "savefig", error)
        return {}


def _split(returned: object) -> tuple[object, Mapping[str, object]]:
    """Jupyter lets a method return its content alone or with metadata."""
    if isinstance(returned, tuple) and len(returned) == 2 and isinstance(returned[1], Mapping):
        return returned
    return returned, {}


def _call(shown: object, name: str, **arguments: object) -> object:
    # Looked up on the type, as Python does with its own special methods: an object that answers to
    # every name (a mock, a proxy) promises nothing, and a class is shown as a class.
    method: Callable[..., object] | None = getattr(type(shown), name, None)
    if not callable(method):
        return None
    try:
        return method(shown, **arguments)
    except Exception as error:
        _note(shown, name, error)
        return None


def safe_repr(shown: object) -> str:
    """An object's repr, or words in its place if that raises."""
    try:
        return repr(shown)
    except Exception as error:
        _note(shown, "__repr__", error)
        return f"<{type(shown).__name__} object, its repr failed>"


def _note(shown: object, name: str, error: Exception) -> None:
    try:
        reason = str(error)
    except Exception:
        reason = "with an unprintable message"
    print(f"{type(shown).__name__}.{name} raised {type(error).__name__}: {reason}", file=sys.stderr)


def _as_text(content: object) -> object:
    return b64encode(content).decode("ascii") if isinstance(content, bytes | bytearray) else content


def _ipython_publisher() -> Publisher | None:
    """IPython's publisher when this code runs under IPython, which it never loads by itself."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None:
        return None

    def publish_to_ipython(data: Bundle, metadata: Bundle, display_id: str | None, update: bool) -> None:
        transient = {} if display_id is None else {"display_id": display_id}
        shell.display_pub.publish(data=data, metadata=metadata, transient=transient, update=update)

    return publish_to_ipython


def _print_text(data: Bundle, metadata: Bundle, display_id: str | None, update: bool) -> None:
    if not update:  # what is printed can't be taken back, so only the first state shows
        print(data.get("text/plain", f"<{', '.join(data)}>"))
