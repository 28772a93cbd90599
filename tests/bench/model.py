"""The pocket model natively, on one thread: training against PyTorch, writing, how its work grows, its memory.

TORCH_PYTHON names a Python that has PyTorch, where this one has not.
"""

import os
import subprocess
import sys
from dataclasses import replace

from tests.bench.results import Results, at_least
from tests.bench.shapes import SHIPPED, SMALL, Python, in_turn
from tests.bench.worker import Worker

STEPS = 8
BATCH_SIZES = (4, 8, 16, 32)
LENGTHS = (30, 60, 120, 240)


def measure_model(results: Results) -> None:
    """Every figure; seconds are the processor's, so that what else the machine does does not count."""
    with Worker("tests.bench.model_work") as ours:
        against_torch(ours, results)
        writing(ours, results)
        growth(ours, results)
        for shape in (SMALL, SHIPPED):
            peak, largest = (shape.call(ours, function) / 1e6 for function in ("peak_bytes", "largest_temporary"))
            results.add("model", f"peak memory of a step, {shape}", "MB", [peak], exact=True)
            results.add("model", f"its largest temporary, {shape}", "MB", [largest], exact=True)


def against_torch(ours: Python, results: Results) -> None:
    """Training, in pairs with PyTorch's."""
    python = os.environ.get("TORCH_PYTHON", sys.executable)
    command = [python, "-c", "import torch; print(torch.__version__)"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode:
        print("  PyTorch: skipped, it is not installed (TORCH_PYTHON can name a Python that has it)")
        return
    name = f"PyTorch {asked.stdout.strip()}, eager"
    with Worker("tests.bench.model_in_torch", python) as torch:
        for shape in (SMALL, SHIPPED):
            assert shape.call(torch, "n_params") == shape.config.n_params
            theirs, own = in_turn(shape.step_ms(torch, STEPS), shape.step_ms(ours, STEPS))
            results.add("model", f"training step, {shape}", "ms", own, beside=(name, theirs))


def writing(ours: Python, results: Results) -> None:
    """Replies that fill the context."""
    for shape in (SMALL, SHIPPED):
        tokens = shape.config.context_length - 4
        (speeds,) = in_turn(shape.writing(ours, tokens))
        name = f"writing {tokens} tokens with the cache, {shape.size}"
        results.add("model", name, "tokens/s", speeds, goal=at_least(1000))


def growth(ours: Python, results: Results) -> None:
    """What a token costs in batches and in replies of four sizes: as much in each, if the work grows as tokens do."""
    batches = [replace(SHIPPED, batch_size=size) for size in BATCH_SIZES]
    steps = in_turn(*(batch.step_ms(ours, 64 // batch.batch_size) for batch in batches))
    for batch, found in zip(batches, steps, strict=True):
        tokens = batch.batch_size * batch.length
        results.add("model", f"training, a token, {batch}", "µs", [1000 * ms / tokens for ms in found])
    longer = replace(SHIPPED, config=replace(SHIPPED.config, context_length=max(LENGTHS) + 16))
    replies = in_turn(*(longer.writing(ours, length) for length in LENGTHS))
    for length, speeds in zip(LENGTHS, replies, strict=True):
        name = f"writing, a token of {length}, {SHIPPED.size}"
        results.add("model", name, "µs", [1e6 / speed for speed in speeds])
