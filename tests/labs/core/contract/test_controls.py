"""Controls: good values pass, bad ones are refused in words, bad declarations never come to be."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.contract import Choice, Control, Lab, Number, Slider, Switch, Text, check_controls

TEMPERATURE = Slider("temperature", "Temperature", 1.0, 0.0, 3.0, 0.1)
STEPS = Number("steps", "Steps", 3, 1, 9)
METHOD = Choice("method", "Method", "dpo", ("dpo", "rlhf"))
PREFIX = Text("prefix", "Prefix", "hi", 5, ("hi", "you"))
THINK = Switch("think", "Think", False)
ALL: tuple[Control, ...] = (TEMPERATURE, STEPS, METHOD, PREFIX, THINK)


@given(st.floats(0, 3))
def test_a_slider_gives_back_any_float_in_its_bounds(value: float) -> None:
    assert TEMPERATURE.check(value) == value
    assert TEMPERATURE.parse(repr(value)) == value


@given(st.floats().filter(lambda value: not 0 <= value <= 3))
def test_a_slider_refuses_every_float_outside(value: float) -> None:
    with pytest.raises(ValueError, match=r"temperature: expected a number from 0.0 to 3.0, got"):
        TEMPERATURE.check(value)


@given(st.integers())
def test_a_whole_number_stays_whole_and_bounded(value: int) -> None:
    if 1 <= value <= 9:
        for given_value in (value, float(value), np.int64(value), np.float32(value)):
            checked = STEPS.check(given_value)
            assert checked == value and type(checked) is int
    else:
        with pytest.raises(ValueError, match="whole number from 1 to 9"):
            STEPS.check(value)


@pytest.mark.parametrize(
    ("control", "value", "words"),
    [
        (TEMPERATURE, True, "got True; give a plain number"),
        (TEMPERATURE, "0.7", "got '0.7'; give a plain number"),
        (TEMPERATURE, None, "got None"),
        (TEMPERATURE, math.nan, "got nan"),
        (TEMPERATURE, math.inf, "got inf; choose one within these bounds"),
        (TEMPERATURE, 10**400, "choose one within these bounds"),
        (STEPS, 2.5, "got 2.5; leave out the fraction"),
        (STEPS, math.nan, "got nan"),
        (METHOD, "ppo", "expected one of 'dpo', 'rlhf', got 'ppo'; spell it as listed"),
        (METHOD, ["dpo"], "got ['dpo']"),
        (PREFIX, "longer", "at most 5 characters, got 'longer'; shorten its 6 characters"),
        (PREFIX, 3, "got 3; put it in quotes"),
        (THINK, 1, "expected True or False, got 1"),
        (THINK, "on", "expected True or False, got 'on'"),
    ],
)
def test_a_refusal_says_expected_and_got(control: Control, value: object, words: str) -> None:
    with pytest.raises(ValueError) as refused:
        control.check(value)
    message = str(refused.value)
    assert message.startswith(f"{control.name}: expected ")
    assert words in message


@pytest.mark.parametrize(
    ("control", "text", "value"),
    [
        (TEMPERATURE, "0.7", 0.7),
        (TEMPERATURE, "2", 2.0),
        (STEPS, "4", 4),
        (METHOD, "rlhf", "rlhf"),
        (PREFIX, "12", "12"),
        (THINK, "On", True),
        (THINK, "no", False),
    ],
)
def test_the_command_lines_text_becomes_a_value(control: Control, text: str, value: object) -> None:
    parsed = control.parse(text)
    assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize(
    ("control", "text", "got"),
    [
        (TEMPERATURE, "warm", "'warm'"),
        (TEMPERATURE, "nan", "nan"),
        (STEPS, "2.5", "2.5"),
        (THINK, "maybe", "'maybe'"),
        (PREFIX, "far too long", "'far too long'"),
    ],
)
def test_text_that_stands_for_no_value_is_refused(control: Control, text: str, got: str) -> None:
    with pytest.raises(ValueError, match=rf"{control.name}: expected .* got {got}"):
        control.parse(text)


@pytest.mark.parametrize(
    ("declare", "words"),
    [
        (lambda: Slider("t", "T", 9.0, 0.0, 3.0, 0.1), "got 9.0"),
        (lambda: Slider("t", "T", 1.0, 0.0, 3.0, 0), "a step above 0"),
        (lambda: Slider("t", "T", 1.0, 0.0, 3.0, -1), "a step above 0"),
        (lambda: Slider("t", "T", 1.0, 0.0, 3.0, 4.0), "within the range"),
        (lambda: Slider("t", "T", 1.0, 0.0, 3.0, math.nan), "finite numbers"),
        (lambda: Slider("t", "T", 1.0, 3.0, 0.0, 0.1), "a minimum below the maximum"),
        (lambda: Number("n", "N", 1, 0, math.inf), "finite numbers"),
        (lambda: Number("n", "N", True, 0, 2), "got True"),
        (lambda: Number("my n", "N", 1, 0, 2), "a Python name"),
        (lambda: Number("lambda", "N", 1, 0, 2), "a Python name"),
        (lambda: Number("n", " ", 1, 0, 2), "a label"),
        (lambda: Choice("c", "C", "z", ("a", "b")), "got 'z'"),
        (lambda: Choice("c", "C", "a", ("a", "a")), "different options"),
        (lambda: Choice("c", "C", "a", ("a",)), "two or more"),
        (lambda: Text("t", "T", "long", 3), "got 'long'"),
        (lambda: Text("t", "T", "a", 3, ("long",)), "got 'long'"),
        (lambda: Text("t", "T", "", 0), "max_length of 1 or more"),
        (lambda: Switch("s", "S", 1), "got 1"),  # type: ignore[arg-type]
        (lambda: Lab("A", "B?", "live", (THINK, THINK)), "'think' 2 times"),
        (lambda: Lab("A", "B?", "alive", ()), "live, recorded, illustrative, got 'alive'"),
        (lambda: Lab(" ", "B?", "live", ()), "title"),
        (lambda: Lab("A", "", "live", ()), "question"),
    ],
)
def test_a_bad_declaration_is_refused(declare: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        declare()
    assert words in str(refused.value)


def test_a_fractional_step_makes_a_slider_of_whole_bounds_fractional() -> None:
    assert Slider("t", "T", 1, 0, 2, 0.5).check(1.5) == 1.5
    assert not Slider("t", "T", 1, 0, 2, 0.5).whole
    assert Slider("t", "T", 1, 0, 2, 1).whole


def test_missing_values_are_the_defaults() -> None:
    assert check_controls(ALL, {"steps": 5}) == {
        "temperature": 1.0,
        "steps": 5,
        "method": "dpo",
        "prefix": "hi",
        "think": False,
    }


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"expected temperature, .*; got 'temprature'; did you mean 'temperature'\?"):
        check_controls(ALL, {"temprature": 1})
    with pytest.raises(ValueError, match="got 'x'; leave it out"):
        check_controls((), {"x": 1})


def test_two_controls_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="each name once, got 'think' 2 times"):
        check_controls((THINK, THINK), {})
