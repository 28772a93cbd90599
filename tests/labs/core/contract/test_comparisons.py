"""The control that gives a ranking of pairs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.contract import Comparisons, check_controls
from labs.core.describing import describe_control

PAIRS = (("Why?", "So.", "No."), ("Who?", "Mira.", "Tomo."), ("Where?", "Here.", "There."))
RANKING = Comparisons("ranking", "You prefer", PAIRS)


@given(st.text(alphabet="AB-abC ", max_size=4))
def test_one_letter_a_pair_and_nothing_else(value: str) -> None:
    if len(value) == 3 and set(value) <= set("AB-"):
        assert RANKING.check(value) == RANKING.parse(f" {value.lower()} ") == value
    else:
        with pytest.raises(ValueError, match="ranking: expected 3 letters, one a pair: A, B or -, got"):
            RANKING.check(value)


@pytest.mark.parametrize("value", [None, 3, True, ["A", "B", "-"], "", "AB", "ABAB" * 5_000, "AB😀", "A\nB"])
def test_what_is_no_ranking_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="ranking: expected 3 letters"):
        RANKING.check(value)


def test_until_the_reader_answers_no_pair_is_answered() -> None:
    assert RANKING.default == "---" and check_controls([RANKING], {}) == {"ranking": "---"}
    assert Comparisons("ranking", "You prefer", PAIRS, "A-B").default == "A-B"


@pytest.mark.parametrize(
    "declared",
    [
        {"pairs": ()},
        {"pairs": [("Why?", "So.", "So.")]},
        {"pairs": [("Why?", " ", "So.")]},
        {"pairs": [("Why?", "So.")]},
        {"pairs": PAIRS, "default": "AB"},
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(declared: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="ranking: expected"):
        Comparisons("ranking", "You prefer", **declared)


def test_its_description_is_plain_data() -> None:
    described = describe_control(RANKING)
    assert json.loads(json.dumps(described)) == described
    assert (described["kind"], described["default"]) == ("comparisons", "---")
    assert described["pairs"] == [list(pair) for pair in PAIRS]
