"""The calculator shows a sum with its value, and says what it expects when it is given anything else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.core.model.tools import ToolCall, check_call
from labs.core.world.calculator import CALCULATOR, FUNCTIONS, calculate

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault


@unhurried
@given(st.lists(st.integers(0, 10**9 - 1), min_size=2, max_size=6))
def test_it_adds_and_shows_the_sum_with_its_value(numbers: list[int]) -> None:
    expression = "+".join(map(str, numbers))
    assert calculate(expression) == f"{expression}={sum(numbers)}"


def test_numbers_are_shown_as_they_were_typed() -> None:
    assert calculate("007+1") == "007+1=8"


@pytest.mark.parametrize(
    "expression", ["", "7", "+", "3+", "+3", "3++4", "3-4", "3 + 4", "3+4\n", "a+b", "1e3+2", "1234567890+1", "3+4=7"]
)
def test_anything_else_is_refused_with_what_came(expression: str) -> None:
    with pytest.raises(ValueError, match=r"expected whole numbers joined by \+, such as 37\+45, got "):
        calculate(expression)


def test_a_long_expression_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="got") as caught:
        calculate("x" * 10_000)
    assert len(str(caught.value)) < 200


def test_it_is_offered_by_the_name_under_which_it_is_found() -> None:
    call = ToolCall(CALCULATOR.name, {"expression": "37+45"})
    assert check_call(call, [CALCULATOR]) == CALCULATOR
    assert FUNCTIONS[call.name](**call.arguments) == "37+45=82"
