"""Where the time of a training step goes: its functions are wrapped here, for one look, and the product knows nothing.

It runs in this Python and, sent there as text, in the page's, after `model_work`.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

from labs.core.model.replaceable import Replaceable
from labs.core.training.optimizer import AdamW

# By what the table calls it: module and name. What a layer returns as its backward counts as the layer's.
FUNCTIONS = {
    "matrix products": ["model.matmul matmul"],
    "attention's softmax": ["model.attention causal_attention"],
    "rotary positions": ["model.attention rotate"],
    "normalisation": ["model.layers rms_norm"],
    "activation": ["model.layers swiglu"],
    "embedding": ["model.layers embed"],
    "loss": ["model.losses cross_entropy"],
    "optimizer": ["training.optimizer clip_by_global_norm"],
}
OPTIMIZER, OTHER = "optimizer", "other"


class Shares:
    """Seconds by category; while one is at work, the one that called it is not."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys([*FUNCTIONS, OTHER], 0.0)
        self._at_work = [OTHER]
        self._since = time.perf_counter()

    def begin(self, category: str) -> None:
        """From now on count for this category."""
        self.turn()
        self._at_work.append(category)

    def end(self) -> None:
        """Go on counting for the category before."""
        self.turn()
        self._at_work.pop()

    def turn(self) -> None:
        """Count what has passed for the category that is at work."""
        now = time.perf_counter()
        self.seconds[self._at_work[-1]] += now - self._since
        self._since = now

    def wrapped(self, category: str, function: Callable[..., object]) -> Callable[..., object]:
        """The function, counted; and the functions that it returns, too."""

        def counted(*given: object, **named: object) -> object:
            self.begin(category)
            try:
                result = function(*given, **named)
            finally:
                self.end()
            last = result[-1] if isinstance(result, tuple) else None
            if isinstance(result, tuple) and callable(last):
                return *result[:-1], self.wrapped(category, last)
            return result

        return counted


@contextmanager
def counted_functions(shares: Shares) -> Iterator[None]:
    """While this lasts, the functions are counted, in every module of `labs` that uses them."""
    undo: list[Callable[[], None]] = []

    def put(owner: object, name: str, new: object) -> None:
        old = getattr(owner, name)
        setattr(owner, name, new)
        undo.append(lambda: setattr(owner, name, old))

    try:
        for category, places in FUNCTIONS.items():
            for place in places:
                module, name = place.split()
                function = getattr(import_module(f"labs.core.{module}"), name)
                if isinstance(function, Replaceable):
                    put(function, "used", shares.wrapped(category, function.used))
                    continue
                counted = shares.wrapped(category, function)
                for user in [m for n, m in sys.modules.items() if n.startswith("labs.core.")]:
                    if vars(user).get(name) is function:
                        put(user, name, counted)
        put(AdamW, "update", shares.wrapped(OPTIMIZER, AdamW.update))
        yield
    finally:
        for one in reversed(undo):
            one()


def breakdown(shape: str, steps: int) -> dict[str, float]:
    """Milliseconds of a step in each category, over so many steps of a training of this shape (as JSON)."""
    started = import_module("model_work" if "model_work" in sys.modules else "tests.bench.model_work").started
    running = started(shape)
    shares = Shares()
    with counted_functions(shares):
        for _ in range(steps):
            next(running)
        shares.turn()
    return {category: seconds * 1000 / steps for category, seconds in shares.seconds.items()}
