"""The kernels' check: they are used if each of them gives what the function in whose place it comes gives."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labs.core.kernels import Exports, Kernels
from labs.core.model.arrays import Floats
from labs.core.model.attention import causal_softmax, softmax_backward, turn
from labs.core.model.layers import rms_norm, swiglu
from labs.core.model.losses import exponential_rows
from labs.core.model.matmul import matmul
from labs.core.model.replaceable import Replaceable
from labs.core.training.optimizer import adam_step

REPLACED: dict[str, Replaceable[..., Any]] = {
    "matmul": matmul,
    "swiglu": swiglu,
    "rms_norm": rms_norm,
    "causal_softmax": causal_softmax,
    "softmax_backward": softmax_backward,
    "turn": turn,
    "exponential_rows": exponential_rows,
    "adam_step": adam_step,
}

_in_use: list[Kernels] = []


def use_if_right(exports: Exports) -> str:
    """Put the kernels into their places if all of them pass; return what is wrong with them, nothing if all is well."""
    try:
        kernels = Kernels(exports)
        wrong = differing(kernels)
    except Exception as error:  # whatever a WebAssembly module does instead of computing, NumPy is there
        return f"They failed: {error}"
    if wrong:
        return f"What they compute differs from NumPy: {', '.join(wrong)}."
    use(kernels)
    return ""


def use(kernels: Kernels | None) -> None:
    """Put the kernels into their places; None puts the plain functions back."""
    _in_use[:] = [] if kernels is None else [kernels]
    for name, function in REPLACED.items():
        function.use(None if kernels is None else getattr(kernels, name))


def in_use() -> Kernels | None:
    """The kernels that compute in the plain functions' places, if any do."""
    return _in_use[0] if _in_use else None


def differing(kernels: Kernels) -> list[str]:
    """The names of those that don't give what the plain functions give, on numbers drawn at random."""
    return [
        name
        for name, function in REPLACED.items()
        if not _agree(_TRIALS[name](function.plain), _TRIALS[name](getattr(kernels, name)))
    ]


def _agree(expected: Sequence[Floats], got: Sequence[Floats]) -> bool:
    return all(np.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(expected, got, strict=True))


# The trials: large enough for a kernel to be called, with edges of every kind.


def _draw(*shape: int) -> Floats:
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


def _products(product: Callable[..., Floats]) -> list[Floats]:
    # Sums longer than one part, operands that lie across, batches.
    return [
        product(_draw(13, 300), _draw(300, 21)),
        product(_draw(300, 13).T, _draw(21, 300).T),
        product(_draw(2, 3, 20, 24), _draw(2, 3, 32, 24).swapaxes(-1, -2)),
    ]


def _swiglu(function: Callable[..., Any]) -> list[Floats]:
    Y, backward = function(_draw(67, 63) * 20, _draw(67, 63))
    return [Y, *backward(_draw(63, 67).T)]


def _rms_norm(function: Callable[..., Any]) -> list[Floats]:
    Y, backward = function(_draw(33, 13, 10), _draw(10), 1e-5)
    return [Y, *backward(_draw(10, 13, 33).T)]


def _softmax(function: Callable[..., Floats]) -> list[Floats]:
    return [function(_draw(5, 31, 62) * 10, 2), function(_draw(3, 40, 40) * 10, 1)]


def _adam(function: Callable[..., None]) -> list[Floats]:
    size = 5003
    grad, first, second, step = _draw(size), _draw(size) / 2, np.abs(_draw(size)) / 3, np.empty(size, np.float32)
    function(grad, first, second, step, (0.9, 0.95), 1e-8, 0.1)
    return [first, second, step]


_TRIALS: dict[str, Callable[[Callable[..., Any]], Sequence[Floats]]] = {
    "matmul": _products,
    "swiglu": _swiglu,
    "rms_norm": _rms_norm,
    "causal_softmax": _softmax,
    "softmax_backward": lambda function: [function(_draw(3, 31, 62), np.cos(_draw(3, 31, 62)), _draw(3, 62))],
    "turn": lambda function: [function(_draw(3, 21, 5, 14).swapaxes(1, 2), _draw(21, 14), np.cos(_draw(21, 14)))],
    "exponential_rows": lambda function: function(_draw(61, 71) * 10),
    "adam_step": _adam,
}
