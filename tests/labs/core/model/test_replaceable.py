"""A function that another one can be put in the place of."""

from collections.abc import Iterator

import pytest

from labs.core.model import replaceable
from labs.core.model.replaceable import Replaceable, on_first_use


@pytest.fixture(autouse=True)
def _no_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaceable, "_offers", [])


@Replaceable
def double(number: int, *, plus: int = 0) -> int:
    """Twice the number."""
    return 2 * number + plus


@pytest.fixture(autouse=True)
def _plain() -> Iterator[None]:
    yield
    double.use(None)


def test_it_computes_as_it_is_written_until_another_takes_its_place() -> None:
    assert double(3, plus=1) == 7
    double.use(lambda number, *, plus=0: 100 + number + plus)
    assert double(3, plus=1) == 104
    assert double.plain(3, plus=1) == 7
    double.use(None)
    assert double(3) == 6


def test_it_keeps_name_and_docstring() -> None:
    assert double.__name__ == "double"  # type: ignore[attr-defined] # functools.update_wrapper gives it
    assert double.__doc__ == "Twice the number."


def test_an_offer_is_taken_up_before_the_first_computation_and_once() -> None:
    asked = []

    def offer() -> None:
        asked.append(double.used is double.plain)
        double.use(lambda number, *, plus=0: -1)

    on_first_use(offer)
    assert asked == []
    assert [double(3), double(3)] == [-1, -1]
    assert asked == [True]


def test_what_an_offer_computes_itself_does_not_ask_it_again() -> None:
    seen = []
    on_first_use(lambda: seen.append(double(5)))
    assert double(1) == 2
    assert seen == [10]


def test_an_offer_that_fails_is_not_asked_again() -> None:
    def fails() -> None:
        raise RuntimeError("no")

    on_first_use(fails)
    with pytest.raises(RuntimeError, match="no"):
        double(1)
    assert double(1) == 2
