"""Matplotlib's figures as pictures with words; loaded only where a program has imported Matplotlib."""

import sys
from io import BytesIO
from typing import Any
from weakref import WeakSet

from labs.core.contract.publishing import Bundle, display

_shown: WeakSet[Any] = WeakSet()  # since figures were last closed


def figure_bundle(figure: Any) -> Bundle:  # noqa: ANN401 - Matplotlib's Figure, which this module never imports
    """A figure as PNG, and in words for who can't see it.

    Example of the words: `Matplotlib figure “Loss”: step, nats, 2 lines`.
    """
    _shown.add(figure)
    picture = BytesIO()
    figure.savefig(picture, format="png", bbox_inches="tight")
    return {"image/png": picture.getvalue(), "text/plain": _figure_words(figure)}


def show_open_figures() -> None:
    """Show the figures that pyplot holds open and that were not shown yet, then close them all."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if not hasattr(pyplot, "close"):  # absent, or its import failed halfway
        return
    for number in pyplot.get_fignums():
        figure = pyplot.figure(number)
        if figure not in _shown:
            display(figure)
    pyplot.close("all")
    _shown.clear()


def _figure_words(figure: Any) -> str:  # noqa: ANN401 - as above
    title = figure.get_suptitle()
    parts = [_axes_words(axes) for axes in figure.axes]
    if len(parts) == 1 and not title:
        own, rest = parts[0]
        return f"Matplotlib figure{own}: {rest}"
    listed = "; ".join(f"{own.strip()} ({rest})" if own else rest for own, rest in parts)
    return f"Matplotlib figure{f' “{title}”' if title else ''}: {listed or 'empty'}"


def _axes_words(axes: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
    """The quoted title, and the rest: labels of both axes and what is drawn, counted."""
    title = axes.get_title() or axes.get_title("left") or axes.get_title("right")
    counts = [
        (len(axes.lines), "line", "lines"),
        (len(axes.patches), "bar or shape", "bars or shapes"),
        (len(axes.collections), "group of points", "groups of points"),
        (len(axes.images), "image", "images"),
    ]
    drawn = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    labels = [label for label in (axes.get_xlabel(), axes.get_ylabel()) if label]
    return f" “{title}”" if title else "", ", ".join([*labels, *(drawn or ["nothing drawn"])])
