"""A lab with a sweep of four tasks of a moment each, in a package of its own, which says who measured what."""

import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path

import pytest

from labs.core import finding

SWEEP = """
    import os
    import time
    from pathlib import Path

    import numpy as np

    from labs.core.sweeping import Sweep

    HERE = Path(__file__).parent


    def measure(arm, seed):
        with (HERE / "measured.txt").open("a") as file:
            file.write(f"{arm['size']}/{seed}\\n")
        with (HERE / "by.txt").open("a") as file:
            file.write(f"{arm['size']}/{seed} {os.getppid()} {os.getpid()}\\n")
        while (HERE / f"hold-{arm['size']}-{seed}").exists():
            time.sleep(0.02)
        if (HERE / f"fail-{arm['size']}-{seed}").exists():
            raise ValueError("the loss is no number")
        if (HERE / f"die-{arm['size']}-{seed}").exists():
            os._exit(7)
        rng = np.random.default_rng((arm["size"], seed))
        matrix = rng.normal(size=(300, 300)).astype(np.float32)
        threads = int(os.environ["OPENBLAS_NUM_THREADS"])
        return {"sum": float((matrix @ matrix).sum()), "curve": rng.random(3).tolist(), "threads": threads}


    SWEEP = Sweep(arms=({"size": 1}, {"size": 2}), measure=measure, seeds=(0, 1), constants={"steps": 5})
"""


class Tiny:
    """A package with a lab `tiny` that has a sweep."""

    def __init__(self, folder: Path) -> None:
        self.root, self.folder = folder, folder / "tiny_labs/tiny"
        self.folder.mkdir(parents=True)
        for file in (self.folder.parent, self.folder):
            (file / "__init__.py").write_text("")
        (self.folder / "sweep.py").write_text(textwrap.dedent(SWEEP))

    @property
    def record(self) -> Path:
        return self.folder / "recorded.json"

    @property
    def measured(self) -> list[str]:
        """What was measured, in order of their names."""
        file = self.folder / "measured.txt"
        return sorted(file.read_text().split()) if file.exists() else []

    def processes(self, task: str) -> tuple[int, int]:
        """Who last measured a task: the parent of its process, and that process."""
        lines = [line.split() for line in (self.folder / "by.txt").read_text().splitlines()]
        _, parent, own = next(line for line in reversed(lines) if line[0] == task)
        return int(parent), int(own)

    def forget(self) -> None:
        for name in ("measured.txt", "by.txt", "recorded.json"):
            (self.folder / name).unlink(missing_ok=True)


START = """
import sys
from labs.core import finding
finding.lab_home = lambda slug: "tiny_labs.tiny.lab"
from labs.core.commands.sweeping import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""
"""The command as a program, which finds the lab."""


@contextmanager
def found(tiny: Tiny, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiny]:
    """Have the command find the lab, and use this cache."""
    monkeypatch.setenv("LLM_MASTERCLASS_CACHE", str(cache))
    monkeypatch.syspath_prepend(str(tiny.root))
    home = finding.lab_home
    monkeypatch.setattr(finding, "lab_home", lambda slug: "tiny_labs.tiny.lab" if slug == "tiny" else home(slug))
    invalidate_caches()
    yield tiny
    for name in [name for name in sys.modules if name.partition(".")[0] == "tiny_labs"]:
        del sys.modules[name]


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until it is true.

    Raises: AssertionError if it does not come true in time.
    """
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it took too long"
        time.sleep(0.05)
