"""Matplotlib in a reader's own code: figures become pictures with words, and nothing loads before it is asked for."""

import base64
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.labs.conftest import RunCell

PNG = b"\x89PNG\r\n\x1a\n"
IMPORT = "import matplotlib.pyplot as plt\n"


def pictures(outputs: list[dict[str, Any]]) -> list[str]:
    """The words of every picture, each of which must be a PNG."""
    found = [out["data"] for out in outputs if "image/png" in out.get("data", {})]
    assert all(base64.b64decode(data["image/png"]).startswith(PNG) for data in found)
    return [data["text/plain"] for data in found]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("plt.plot([1, 2]);", ["Matplotlib figure: 1 line"]),
        ("plt.plot([1, 2])\nplt.show()", ["Matplotlib figure: 1 line"]),
        ("figure, axes = plt.subplots()\naxes.plot([1])\nfigure", ["Matplotlib figure: 1 line"]),
        ("figure, axes = plt.subplots()\naxes.plot([1])\ndisplay(figure)", ["Matplotlib figure: 1 line"]),
        ("figure = plt.figure()\ndisplay(figure)\nplt.show()\nfigure", ["Matplotlib figure: empty"] * 2),
        ("from matplotlib.figure import Figure\nFigure()", ["Matplotlib figure: empty"]),
        ("plt.figure()\nplt.figure();", ["Matplotlib figure: empty"] * 2),
        (
            "plt.plot([1], [2])\nplt.plot([2], [1])\nplt.title('Loss')\nplt.xlabel('step')\nplt.ylabel('nats');",
            ["Matplotlib figure “Loss”: step, nats, 2 lines"],
        ),
        ("plt.bar([1, 2], [3, 4])\nplt.title('T', loc='left');", ["Matplotlib figure “T”: 2 bars or shapes"]),
        ("plt.scatter([1], [2]);", ["Matplotlib figure: 1 group of points"]),
        ("plt.imshow([[1]]);", ["Matplotlib figure: 1 image"]),
        (
            "figure, (a, b) = plt.subplots(2)\nfigure.suptitle('Both')\na.plot([1])\nb.set_title('B');",
            ["Matplotlib figure “Both”: 1 line; “B” (nothing drawn)"],
        ),
    ],
)
def test_a_figure_is_shown_once_with_words(run: RunCell, source: str, words: list[str]) -> None:
    status, outputs = run(IMPORT + source)
    assert status == "ok", outputs
    assert pictures(outputs) == words
    assert run(IMPORT + "plt.get_fignums()", cell="2")[1][0]["data"]["text/plain"] == "[]"


def test_show_puts_the_picture_between_what_is_printed(run: RunCell) -> None:
    _, outputs = run(IMPORT + "print('a')\nplt.plot([1])\nplt.show()\nprint('b')")
    assert [out.get("text", "picture") for out in outputs] == ["a\n", "picture", "b\n"]


def test_nothing_is_left_over_for_the_next_cell(run: RunCell) -> None:
    run(IMPORT + "plt.plot([1])")
    assert pictures(run("1", cell="2")[1]) == []


def test_a_figure_can_be_drawn_on_in_a_later_cell(run: RunCell) -> None:
    run(IMPORT + "figure, axes = plt.subplots()")
    assert pictures(run("axes.plot([1])\nfigure", cell="2")[1]) == ["Matplotlib figure: 1 line"]


def test_what_was_drawn_before_an_error_is_shown(run: RunCell) -> None:
    status, outputs = run(IMPORT + "plt.plot([1])\n1 / 0")
    assert status == "error" and pictures(outputs) == ["Matplotlib figure: 1 line"]
    assert outputs[-1]["output_type"] == "error"


def test_a_figure_that_can_not_be_drawn_is_a_note_and_not_the_end(run: RunCell) -> None:
    status, outputs = run(IMPORT + "plt.plot([1])\nplt.title('$\\\\nothing$');\nprint('on')")
    assert status == "ok" and pictures(outputs) == []
    assert any("savefig raised ValueError" in out.get("text", "") for out in outputs)


def test_matplotlib_is_not_imported_unless_the_code_does_it() -> None:
    source = (
        "import asyncio, sys\nfrom labs.core.bridge import run_cell\nsent = []\n"
        "asyncio.run(run_cell('display(1)\\n2', 'p', '1', sent.append))\nprint('matplotlib' in sys.modules)\n"
        "asyncio.run(run_cell('import matplotlib\\nmatplotlib.get_backend()', 'p', '2', sent.append))\n"
        "print(sent[-1])\n"
        "import os; print(os.environ.get('MPLBACKEND'))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, env=environment)
    loaded, backend, left = done.stdout.splitlines()
    assert (loaded, left) == ("False", "None") and "labs.core.cells.agg" in backend
