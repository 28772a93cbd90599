"""The models that are trained and asked to write, each with the batches that it is measured on."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from labs.core.model.config import ModelConfig
from labs.core.recipe import CONFIG, SIZES
from tests.bench.results import ROUNDS

Speed = Callable[[], float]
"""Measures it once, as a number."""


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
    def json(self) -> str:
        """What the functions of `model_work` take."""
        return json.dumps(asdict(self))

    @property
    def size(self) -> str:
        """The model's size."""
        return f"{self.config.n_params / 1000:.0f}k parameters"

    def __str__(self) -> str:
        """The model's size and the batch's."""
        return f"{self.size}, batch {self.batch_size} × {self.length}"

    def call(self, python: Python, function: str, *numbers: int) -> Any:  # noqa: ANN401 - whatever it returns
        """What a function of `model_work` says of this shape."""
        return python.evaluate(f"{function}{(self.json, *numbers)}")

    def step_ms(self, python: Python, steps: int) -> Speed:
        """Milliseconds of a training step, the mean of so many."""
        return lambda: float(self.call(python, "train", steps)) * 1000 / steps

    def writing(self, python: Python, tokens: int) -> Speed:
        """Tokens a second of a reply of this length."""
        return lambda: tokens / float(self.call(python, "write", tokens))


# 192 tokens, 3 layers of 64, and 640 tokens, 4 layers of 128; the shipped model lies between.
SMALL = Shape(ModelConfig(192, n_layer=3, n_head=4, n_kv_head=4, n_embd=64, n_hidden=128, context_length=64), 16, 64)
SHIPPED = Shape(CONFIG, SIZES["base"].batch_size, SIZES["base"].length)
LARGE = Shape(ModelConfig(640, n_layer=4, n_head=4, n_kv_head=4, n_embd=128, n_hidden=384, context_length=128), 16, 128)


def in_turn(*speeds: Speed) -> list[list[float]]:
    """Each one's numbers, measured in turn in each round; a first round, in which they warm up, is left out."""
    rounds = [[speed() for speed in speeds] for _ in range(1 + ROUNDS)][1:]
    return [list(values) for values in zip(*rounds, strict=True)]
