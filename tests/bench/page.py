"""The Python of a lab page in real Chromium, asked for values through the page's first cell."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.bench.visiting import cell_press, chromium_page, press
from tests.browser.lab_page import PATH

# Keeps, for each worker that the page makes, when it was made and when it said that its Python is ready.
WATCH_WORKERS = """
window.benchWorkers = [];
window.Worker = class extends Worker {
    constructor(...given) {
        super(...given);
        const seen = { made: performance.now(), ready: null };
        window.benchWorkers.push(seen);
        this.addEventListener("message", ({ data }) => {
            if (data?.type === "ready") seen.ready ??= performance.now();
        });
    }
};
"""
READY_MS = 60_000
BEGIN, END = "<answer>", "</answer>"
DONE = "<done {}>"


class PagePython:
    """Evaluates expressions in the page's Python, whose variables stay from one to the next."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._presses = 0

    def run(self, source: str) -> str:
        """Run code in the page, and return what it prints.

        Raises: RuntimeError if it ends with an error.
        """
        self._presses += 1
        done = DONE.format(self._presses)  # another each time: the page shows old output until there is new
        _, text = press(self.page, cell_press(f"{source}\nprint({done!r})", done))
        return text

    def load(self, *modules: Path) -> None:
        """Run these files in the page, each as a module that can be imported by its name."""
        for path in modules:
            self.run(module_source(path))

    def evaluate(self, source: str) -> Any:  # noqa: ANN401 - whatever the expression is worth
        """The value of an expression in what was run before."""
        return value(self.run(evaluation(source)))

    def wait_for_standby(self, made_after: float = 0.0, ready: int = 1) -> float:
        """Wait until so many workers made after this time of the page's clock are ready; when the last of them was.

        Raises: TimeoutError of Playwright if they do not come.
        """
        self.page.wait_for_function(
            "([after, n]) => benchWorkers.filter(one => one.made >= after && one.ready !== null).length >= n",
            arg=[made_after, ready],
            timeout=READY_MS,
            polling=20,
        )
        found: float = self.page.evaluate(
            "([after, n]) => benchWorkers.filter(one => one.made >= after && one.ready !== null)"
            ".map(one => one.ready).sort((a, b) => a - b)[n - 1]",
            [made_after, ready],
        )
        return found


def module_source(path: Path) -> str:
    """Code that makes a module of a file and puts its names among the cell's own."""
    name = path.stem
    return (
        "import sys, types\n"
        f"sys.modules[{name!r}] = types.ModuleType({name!r})\n"
        f"exec(compile({path.read_text()!r}, {path.name!r}, 'exec'), vars(sys.modules[{name!r}]))\n"
        f"from {name} import *\n"
    )


def evaluation(source: str) -> str:
    """Code that prints an expression's value between marks."""
    return f"import json\nprint({BEGIN!r} + json.dumps({source}) + {END!r})"


def value(text: str) -> Any:  # noqa: ANN401 - whatever the expression is worth
    """The value that `evaluation` printed."""
    return json.loads(text.partition(BEGIN)[2].partition(END)[0])


@contextmanager
def page_python(url: str) -> Iterator[PagePython]:
    """The Python of a lab page of this site, booted, with its standby ready and at rest."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, chromium_page(Path(profile)) as page:
        page.add_init_script(WATCH_WORKERS)
        page.goto(url + PATH)
        python = PagePython(page)
        python.run("pass")
        python.wait_for_standby(ready=2)
        yield python
