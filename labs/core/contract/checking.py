"""What checks are made of: look up a name, call it, and compare, with words for whatever goes wrong."""

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from numbers import Real

from labs.core.contract.exercise import CheckFailed, Names
from labs.core.contract.publishing import safe_repr

MAX_SHOWN_CHARS = 120


def shown(value: object) -> str:
    """A value's repr, short enough for a message; a float with six digits."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if value is ...:
        return "`...`, the gap that is yours to fill"
    if type(value) is list and all(isinstance(part, float) for part in value):
        text = f"[{', '.join(map(shown, value))}]"
    else:
        text = safe_repr(value)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"


def function_named(names: Names, name: str) -> Callable[..., object]:
    """The reader's function of that name.

    Raises: CheckFailed if there is none.
    """
    if name not in names:
        raise CheckFailed(f"a function `{name}`", "no such name", f"Define it with `def {name}(...):`.")
    function = names[name]
    if not callable(function):
        got = f"{name} = {shown(function)}"
        raise CheckFailed(f"a function `{name}`", got, f"Define it with `def {name}(...):`.")
    return function


def call(names: Names, name: str, *arguments: object) -> object:
    """What the reader's function returns for these arguments.

    Raises: CheckFailed if there is no such function, if it raises, or if it returns None.
    """
    function = function_named(names, name)
    called = call_text(name, *arguments)
    try:
        value = function(*arguments)
    except (Exception, SystemExit) as error:
        got = f"{type(error).__name__}: {_message(error)}"
        raise CheckFailed(f"{called} to return a value", got, _advice(error, called)) from error
    if value is None:
        raise CheckFailed(f"{called} to return a value", "None", "End the function with `return …`.")
    return value


def call_text(name: str, *arguments: object) -> str:
    """A call as it is written: `double(3)`; a function among the arguments by its name."""
    return f"`{name}({', '.join(getattr(part, '__name__', None) or shown(part) for part in arguments)})`"


def number(value: object, what: str) -> float:
    """The value as a finite float.

    Raises: CheckFailed if it is no number, infinite, or NaN.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise CheckFailed(f"{what} to be a number", _with_type(value), "Return a plain number.")
    if not math.isfinite(value):
        step = "Look for a division by zero, or for numbers too large."
        raise CheckFailed(f"{what} to be a finite number", shown(float(value)), step)
    return float(value)


def numbers(value: object, length: int, what: str) -> list[float]:
    """The value as a list of so many finite floats.

    Raises: CheckFailed if it is something else.
    """
    expected = f"{what} to be a list of {length} numbers"
    tolist = getattr(value, "tolist", None)
    given = tolist() if callable(tolist) else value
    if not isinstance(given, list | tuple):
        raise CheckFailed(expected, _with_type(value), "Collect the numbers in a list and return that.")
    if len(given) != length:
        raise CheckFailed(expected, f"{shown(value)}, with {len(given)}", "Give one number for each.")
    return [number(part, f"every part of {what}") for part in given]


def close(got: Sequence[float], expected: Sequence[float]) -> bool:
    """True if the numbers agree to one part in a million, or to a billionth."""
    return len(got) == len(expected) and all(
        math.isclose(g, e, rel_tol=1e-6, abs_tol=1e-9) for g, e in zip(got, expected, strict=True)
    )


def agree(got: Sequence[float], expected: Sequence[float], wanted: str, next_step: str) -> None:
    """Compare numbers; `wanted` says what should have come.

    Raises: CheckFailed if they differ.
    """
    if not close(got, list(map(float, expected))):
        raise CheckFailed(wanted, shown(got[0] if len(got) == 1 else list(got)), next_step)


def expect_number(names: Names, name: str, arguments: Sequence[object], expected: float, next_step: str) -> None:
    """Call the reader's function with copies of the arguments, and compare what comes with a number.

    Raises: CheckFailed if the call fails, or returns something else.
    """
    called = call_text(name, *arguments)
    got = number(call(names, name, *deepcopy(tuple(arguments))), called)
    agree([got], [expected], f"{called} to return {shown(float(expected))}", next_step)


def expect_numbers(
    names: Names, name: str, arguments: Sequence[object], expected: Sequence[float], next_step: str
) -> None:
    """The same with a list of numbers.

    Raises: CheckFailed if the call fails, or returns something else.
    """
    called = call_text(name, *arguments)
    got = numbers(call(names, name, *deepcopy(tuple(arguments))), len(expected), called)
    agree(got, expected, f"{called} to return {shown(list(map(float, expected)))}", next_step)


def expect_value(names: Names, name: str, arguments: Sequence[object], expected: object, next_step: str) -> None:
    """The same with any value, of the same type: True is not 1 here.

    Raises: CheckFailed if the call fails, or returns something else.
    """
    called = call_text(name, *arguments)
    got = call(names, name, *deepcopy(tuple(arguments)))
    if type(got) is not type(expected) or got != expected:
        raise CheckFailed(f"{called} to return {shown(expected)}", shown(got), next_step)


def probe(name: str, *arguments: object) -> Callable[[Names], object]:
    """The probe of a wrong answer that makes this one call, with copies of the arguments."""
    return lambda names: outcome(names, name, *deepcopy(arguments))


def outcome(names: Names, name: str, *arguments: object) -> object:
    """What a call gives, an exception included, for the probe of a wrong answer to compare."""
    function = names.get(name)
    if not callable(function):
        return ("missing", name)
    try:
        return function(*arguments)
    except (Exception, SystemExit) as error:
        return ("raised", type(error).__name__)


def alike(one: object, other: object) -> bool:
    """True if two outcomes are the same, floats within a rounding error."""
    one, other = _plain(one), _plain(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9) or (one != one and other != other)
    return type(one) is type(other) and bool(one == other)


def _with_type(value: object) -> str:
    """What came, where its type is what is wrong with it; of a gap there is nothing more to say."""
    return shown(value) if value is ... else f"{shown(value)}, of type {type(value).__name__}"


def _plain(value: object) -> object:
    tolist = getattr(value, "tolist", None)
    value = tolist() if callable(tolist) else value
    if isinstance(value, dict):
        return [list(pair) for pair in value.items()]
    if isinstance(value, tuple):
        return list(value)
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else value


def _advice(error: BaseException, called: str) -> str:
    if isinstance(error, TypeError) and "argument" in str(error):
        return "Give the function the parameters that the task names, in that order."
    return f"Run {called} in the cell to see the line where it happens."


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""
    return shown_text(text) or "no message"


def shown_text(text: str) -> str:
    """Text short enough for a message."""
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 1]}…"
