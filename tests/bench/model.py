"""The pocket model: how fast it trains and writes, against PyTorch and in the page; how its work grows; its memory.

What is compared is measured in turn, in one run, each on one thread; a ratio is the median of the pairs' ratios.
TORCH_PYTHON names a Python that has PyTorch, where this one has not.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from labs.core.model.config import ModelConfig
from labs.core.recipe import CONFIG, SIZES
from tests.bench.worker import ROOT, Worker
from tests.pyodide.conftest import Shipped

ROUNDS = 5
BATCH_SIZES = (4, 8, 16, 32)
LENGTHS = (30, 60, 120, 240)
IN_THE_PAGE = f"""import sys, pyodide_js
pyodide_js.mountNodeFS("/project", {str(ROOT)!r})
sys.path.append("/project")
sys.dont_write_bytecode = True
from tests.bench.model_work import *
sys.version
"""

Speed = Callable[[], float]
"""Measures it once, in tokens a second."""


class Python(Protocol):
    """A Python in which the functions of `model_work` can be called."""

    def evaluate(self, source: str) -> Any:  # noqa: ANN401 - whatever the expression is worth
        """The value of an expression."""


@dataclass(frozen=True)
class Shape:
    """A model and the batches that it trains on."""

    config: ModelConfig
    batch_size: int
    length: int

    @property
    def model(self) -> str:
        """The model's size."""
        return f"{self.config.n_layer} layers × {self.config.n_embd}, {self.config.n_params:,} weights"

    def __str__(self) -> str:
        """All sizes."""
        return f"{self.model}, batch {self.batch_size} × {self.length}"

    def call(self, python: Python, function: str, *numbers: int) -> float:
        """What a function of `model_work` says of this shape."""
        return float(python.evaluate(f"{function}{(json.dumps(asdict(self)), *numbers)}"))

    def training(self, python: Python, steps: int) -> Speed:
        """Tokens a second of so many steps."""
        return lambda: steps * self.batch_size * self.length / self.call(python, "train", steps)

    def writing(self, python: Python, tokens: int) -> Speed:
        """Tokens a second of a reply of this length."""
        return lambda: tokens / self.call(python, "write", tokens)


SMALL = Shape(ModelConfig(192, n_layer=3, n_head=4, n_kv_head=4, n_embd=64, n_hidden=176, context_length=64), 16, 64)
SHIPPED = Shape(CONFIG, SIZES["base"].batch_size, SIZES["base"].length)


def measure_model(site: Path) -> None:
    """Print every figure; the page's Python is that of this site."""
    with Worker("tests.bench.model_work") as ours:
        against_torch(ours)
        in_the_page(ours, site)
        growth(ours)
        for shape in (SMALL, SHIPPED):
            print(f"memory of a training step, {shape}")
            line("in use at its peak", f"{shape.call(ours, 'peak_bytes') / 1e6:.2f} MB")
            line("its largest temporary", f"{shape.call(ours, 'largest_temporary') / 1e6:.2f} MB")


def against_torch(ours: Python) -> None:
    """Training, in pairs with PyTorch's."""
    python = os.environ.get("TORCH_PYTHON", sys.executable)
    command = [python, "-c", "import torch; print(torch.__version__)"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode:
        print("training against PyTorch: skipped, it is not installed (TORCH_PYTHON can name a Python that has it)")
        return
    with Worker("tests.bench.model_in_torch", python) as torch:
        for shape in (SMALL, SHIPPED):
            assert shape.call(torch, "n_params") == shape.config.n_params
            print(f"training, {shape} (goal: a ratio of 1)")
            compare(f"PyTorch {asked.stdout.strip()}, eager", shape.training(torch, 8), "ours", shape.training(ours, 8))


def in_the_page(ours: Python, site: Path) -> None:
    """Training and writing, in pairs with the page's Python under Node."""
    with closing(Shipped(site)) as page:
        page.evaluate(IN_THE_PAGE)
        for shape in (SMALL, SHIPPED):
            print(f"training, {shape}")
            compare("native", shape.training(ours, 4), "Pyodide under Node", shape.training(page, 1))
        for shape in (SMALL, SHIPPED):
            tokens = shape.config.context_length - 4
            print(f"writing {tokens} tokens with the cache, {shape.model} (goal: 1,000 a second, native)")
            compare("native", shape.writing(ours, tokens), "Pyodide under Node", shape.writing(page, tokens))


def growth(ours: Python) -> None:
    """What a token costs in batches and in replies of four sizes: as much in each, if the work grows as tokens do."""
    print(f"a token's time as their number grows, {SHIPPED.model}")
    batches = [replace(SHIPPED, batch_size=size).training(ours, 64 // size) for size in BATCH_SIZES]
    for size, speeds in zip(BATCH_SIZES, zip(*in_turn(*batches), strict=True), strict=True):
        line(f"training on {size} × {SHIPPED.length}", f"{1e6 / statistics.median(speeds):.1f} µs")
    replies = [SHIPPED.writing(ours, length) for length in LENGTHS]
    for length, speeds in zip(LENGTHS, zip(*in_turn(*replies), strict=True), strict=True):
        line(f"writing {length}", f"{1e6 / statistics.median(speeds):.0f} µs")


def compare(one_name: str, one: Speed, other_name: str, other: Speed) -> None:
    """Print both speeds, and the second's ratio to the first."""
    rounds = in_turn(one, other)
    for name, speeds in zip((one_name, other_name), zip(*rounds, strict=True), strict=True):
        line(name, f"{statistics.median(speeds):,.0f} tokens/s")
    line("ratio, pair by pair", f"{statistics.median(b / a for a, b in rounds):.3g}")


def in_turn(*speeds: Speed) -> list[tuple[float, ...]]:
    """Every speed in each of the rounds; a first round, in which they warm up, is left out."""
    return [tuple(speed() for speed in speeds) for _ in range(1 + ROUNDS)][1:]


def line(name: str, value: str) -> None:
    """Print a figure."""
    print(f"  {name:32}{value}")
