"""Compares a gradient with the difference quotients of the function itself, in float64."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from labs.core.model.arrays import Floats


def numerical_gradient(f: Callable[[], float], X: Floats, step: float = 1e-6) -> Floats:
    """The gradient of f by the entries of X, which f reads: (f(x + step) - f(x - step)) / (2 step) for each."""
    assert X.dtype == np.float64, f"differences need float64, got {X.dtype}"
    gradient = np.empty_like(X)
    for place in np.ndindex(X.shape):
        kept = X[place]
        X[place] = kept + step
        above = f()
        X[place] = kept - step
        below = f()
        X[place] = kept
        gradient[place] = (above - below) / (2 * step)
    return gradient


def check_gradients(
    f: Callable[[], float], inputs: Mapping[str, Floats], gradients: Mapping[str, Floats], tolerance: float = 1e-7
) -> None:
    """Fail at the worst entry of an input whose gradient is not its difference quotient."""
    assert inputs.keys() == gradients.keys()
    for name, X in inputs.items():
        expected, got = numerical_gradient(f, X), gradients[name]
        assert got.shape == X.shape, f"{name}: gradient of shape {got.shape} for an input of shape {X.shape}"
        error = np.abs(got - expected) / (1 + np.abs(expected))
        place = tuple(int(i) for i in np.unravel_index(np.argmax(error), X.shape))
        assert error[place] < tolerance, f"{name}{list(place)}: backward {got[place]!r}, numerical {expected[place]!r}"


def check_layer(layer: Callable[..., tuple[Floats, Callable[[Floats], tuple[Floats, ...]]]], **inputs: Floats) -> None:
    """Check a layer's gradients of all its inputs, its output weighted at random."""
    Y, backward = layer(**inputs)
    dY = np.random.default_rng(1).normal(size=Y.shape)
    gradients = dict(zip(inputs, backward(dY), strict=True))
    check_gradients(lambda: float((layer(**inputs)[0] * dY).sum()), inputs, gradients)


def kept_arrays(function: object) -> Iterator[Floats]:
    """The floating arrays that a function, and the functions it calls, keep from where they were made."""
    for cell in getattr(function, "__closure__", None) or ():
        kept = cell.cell_contents
        for value in kept if isinstance(kept, list | tuple) else [kept]:
            if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
                yield value
            else:
                yield from kept_arrays(value)
