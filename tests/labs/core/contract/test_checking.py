"""What checks are made of: comparing what a reader's function returns, on copies of the arguments."""

from collections.abc import Callable
from typing import Any

import pytest

from labs.core.contract.checking import (
    agree,
    call_text,
    expect_number,
    expect_numbers,
    expect_value,
    outcome,
    probe,
)
from labs.core.contract.exercise import CheckFailed

STEP = "Look again."


def refused(check: Callable[[], None]) -> CheckFailed:
    with pytest.raises(CheckFailed) as failed:
        check()
    return failed.value


def test_what_is_right_passes_within_a_rounding_error() -> None:
    names = {"third": lambda n: n / 3, "both": lambda n: (n, n + 1e-12), "same": lambda text: text}
    expect_number(names, "third", (1,), 1 / 3, STEP)
    expect_number(names, "third", (0,), 0, STEP)
    expect_numbers(names, "both", (2,), [2, 2], STEP)
    expect_value(names, "same", ("a",), "a", STEP)
    agree([1.0], [1], "one", STEP)


def test_what_is_wrong_is_said_with_the_call_and_the_next_step() -> None:
    names: dict[str, Any] = {"double": lambda n: n + 2}
    failure = refused(lambda: expect_number(names, "double", (3,), 6, STEP))
    assert (failure.expected, failure.got, failure.next_step) == ("`double(3)` to return 6", "5", STEP)
    names = {"pair": lambda: [1, 2.5]}
    failure = refused(lambda: expect_numbers(names, "pair", (), [1, 2], STEP))
    assert (failure.expected, failure.got) == ("`pair()` to return [1, 2]", "[1, 2.5]")
    assert "with 2" in refused(lambda: expect_numbers(names, "pair", (), [1, 2, 3], STEP)).got
    assert refused(lambda: agree([1.0, 2.0], [1, 1], "two ones", STEP)).got == "[1, 2]"


@pytest.mark.parametrize(("got", "expected"), [("a", "b"), (True, 1), (1, True), (["a"], ("a",)), (1.0, 1)])
def test_a_value_of_another_type_is_another_value(got: object, expected: object) -> None:
    failure = refused(lambda: expect_value({"f": lambda: got}, "f", (), expected, STEP))
    assert failure.got == repr(got) or got == 1.0


@pytest.mark.parametrize("check", [expect_number, expect_numbers, expect_value])
def test_a_function_that_is_missing_or_raises_is_a_failure_in_words(check: Callable[..., None]) -> None:
    expected = [1.0] if check is expect_numbers else 1.0
    assert refused(lambda: check({}, "f", (), expected, STEP)).got == "no such name"
    assert refused(lambda: check({"f": lambda: 1 / 0}, "f", (), expected, STEP)).got.startswith("ZeroDivisionError")
    assert refused(lambda: check({"f": lambda: None}, "f", (), expected, STEP)).got == "None"


def test_a_gap_that_is_returned_is_called_one() -> None:
    names: dict[str, Any] = {"f": lambda: ..., "g": ...}
    gap = "`...`, the gap that is yours to fill"
    assert refused(lambda: expect_number(names, "f", (), 1, STEP)).got == gap
    assert refused(lambda: expect_numbers(names, "f", (), [1], STEP)).got == gap
    assert refused(lambda: expect_value(names, "f", (), "a", STEP)).got == gap
    assert refused(lambda: expect_value(names, "g", (), "a", STEP)).got == f"g = {gap}"
    assert refused(lambda: expect_number({"f": lambda: "1"}, "f", (), 1, STEP)).got == "'1', of type str"


def test_readers_get_copies_of_the_arguments() -> None:
    given = [3.0, 1.0]

    def spoils(row: list[float]) -> float:
        row.sort()
        return row.pop()

    expect_number({"f": spoils}, "f", (given,), 3, STEP)
    asks = probe("f", given)
    assert asks({"f": spoils}) == asks({"f": spoils}) == 3
    assert given == [3.0, 1.0]


def test_a_probe_is_the_outcome_of_its_call() -> None:
    assert probe("f", 2)({"f": lambda n: n + 1}) == outcome({"f": lambda n: n + 1}, "f", 2) == 3
    assert probe("f")({}) == ("missing", "f")


def test_a_function_among_the_arguments_is_written_by_its_name() -> None:
    assert call_text("best_of", ["a"], len) == "`best_of(['a'], len)`"
