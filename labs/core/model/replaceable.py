"""Functions in whose place a quicker one can be put: a browser's NumPy is slow, and has kernels of ours beside it."""

import functools
from collections.abc import Callable

_offers: list[Callable[[], None]] = []


class Replaceable[**P, R]:
    """A function as it is written, until `use` puts one in its place that computes the same."""

    def __init__(self, plain: Callable[P, R]) -> None:
        functools.update_wrapper(self, plain)
        self.plain = plain
        self.used = plain

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Compute it, with the function that is in use."""
        while _offers:
            _offers.pop()()
        return self.used(*args, **kwargs)

    def use(self, other: Callable[P, R] | None) -> None:
        """Put another function in the plain one's place; None puts the plain one back."""
        self.used = self.plain if other is None else other


def on_first_use(offer: Callable[[], None]) -> None:
    """Call this before a replaceable function is used for the first time: it may put others in their places."""
    _offers.append(offer)
