"""What is measured of the model, from inside: it runs in this Python and, sent there as text, in the page's."""

import json
import sys
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from types import FrameType
from typing import Any

import numpy as np

from labs.core.model.config import ModelConfig
from labs.core.model.generation import generate
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule
from labs.core.training.pretrain import PretrainStep, pretrain

_clock: list[Callable[[], float]] = [time.process_time]


def use_wall_clock() -> None:
    """Measure by the wall's clock, as the page must; the processor's does not count what else a machine does."""
    _clock[0] = time.perf_counter


@cache
def model(shape: str) -> Transformer:
    """A model of this shape (as JSON)."""
    return Transformer.initialize(ModelConfig.from_dict(json.loads(shape)["config"]), seed=0)


@cache
def started(shape: str) -> Iterator[PretrainStep]:
    """A training of this shape, warmed up."""
    sizes = json.loads(shape)
    tokens = np.random.default_rng(0).integers(0, model(shape).config.vocab_size, 100_000, np.int32)
    steps = pretrain(
        model(shape),
        tokens,
        schedule=Schedule(10**6, 1e-3),
        batch_size=sizes["batch_size"],
        length=sizes["length"],
        seed=0,
    )
    for _ in range(3):
        next(steps)
    return steps


def train(shape: str, steps: int) -> float:
    """Seconds of this many steps."""
    running = started(shape)
    began = _clock[0]()
    for _ in range(steps):
        next(running)
    return _clock[0]() - began


def write(shape: str, n_tokens: int) -> float:
    """Seconds of a reply of this many tokens, drawn one by one."""
    writing = model(shape)
    began = _clock[0]()
    deque(generate(writing, [1, 2, 3], max_new_tokens=n_tokens), maxlen=0)
    return _clock[0]() - began


def peak_bytes(shape: str) -> int:
    """The most that a step of training has in use beyond what was there before it."""
    running = started(shape)
    tracemalloc.start()
    next(running)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def largest_temporary(shape: str) -> int:
    """The largest thing that a step of training makes: the most bytes that one instruction adds to those in use."""
    running = started(shape)
    largest = before = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ANN401 - what sys.settrace asks for
        nonlocal largest, before
        frame.f_trace_opcodes = True
        now, most = tracemalloc.get_traced_memory()
        largest, before = max(largest, most - before), now
        tracemalloc.reset_peak()
        return trace

    tracemalloc.start()
    sys.settrace(trace)
    next(running)
    sys.settrace(None)
    tracemalloc.stop()
    return largest


def page_memory() -> int:
    """In the page: bytes of WebAssembly's memory, which grows and never shrinks, so that its size is its peak."""
    return int(import_module("pyodide_js")._module.HEAPU8.length)


if __name__ == "__main__":
    from tests.bench.worker import answer

    answer(globals())
