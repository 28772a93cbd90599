"""The cartoon follows the rules that it states, and says that it is one."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Table, mimebundle
from labs.preference_nudge.cartoon import REWARD_STEP, STEP, cartoon, sigmoid

METHODS = ("DPO", "RLHF")
CHOICES = ("A", "B")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("preferred", CHOICES)
def test_no_update_is_fifty_fifty_and_a_loss_of_ln_two(method: str, preferred: str) -> None:
    (step,) = cartoon(method, preferred, 0, beta=0.1)
    assert step.p_a == 0.5 and step.loss == pytest.approx(math.log(2))


@given(st.sampled_from(METHODS), st.sampled_from(CHOICES), st.integers(1, 20), st.floats(0.05, 1.0))
def test_every_update_favours_the_preferred_reply(method: str, preferred: str, updates: int, beta: float) -> None:
    chances = [step.p_a if preferred == "A" else 1 - step.p_a for step in cartoon(method, preferred, updates, beta)]
    assert len(chances) == updates + 1
    assert all(later > earlier for earlier, later in pairwise(chances))


@given(st.integers(1, 20), st.floats(0.05, 1.0))
def test_dpo_moves_by_the_gradient_of_its_loss(updates: int, beta: float) -> None:
    for before, after in pairwise(cartoon("DPO", "A", updates, beta)):
        slope = _slope(lambda log_odds: math.log1p(math.exp(-beta * log_odds)), before.log_odds)
        assert after.log_odds - before.log_odds == pytest.approx(-STEP * slope, rel=1e-4)
        assert before.weight == pytest.approx(sigmoid(-before.margin))


@given(st.integers(1, 20), st.floats(0.05, 1.0))
def test_rlhf_moves_by_the_gradients_of_bradley_terry_and_of_reward_less_kl(updates: int, beta: float) -> None:
    for before, after in pairwise(cartoon("RLHF", "B", updates, beta)):
        assert before.reward_margin is not None and after.reward_margin is not None
        surprise = _slope(lambda margin: math.log1p(math.exp(-margin)), before.reward_margin)
        assert after.reward_margin - before.reward_margin == pytest.approx(-REWARD_STEP * surprise, rel=1e-4)

        def objective(log_odds: float, reward: float = after.reward_margin) -> float:
            p = sigmoid(log_odds)
            return p * reward - beta * (p * math.log(2 * p) + (1 - p) * math.log(2 * (1 - p)))

        moved = STEP * _slope(objective, before.log_odds)
        assert after.log_odds - before.log_odds == pytest.approx(moved, rel=1e-4, abs=1e-8)


def test_a_choice_of_b_mirrors_a_choice_of_a() -> None:
    for method in METHODS:
        one, other = cartoon(method, "A", 9, 0.3), cartoon(method, "B", 9, 0.3)
        assert [step.p_a for step in one] == pytest.approx([1 - step.p_a for step in other])


@pytest.mark.parametrize("method", METHODS)
def test_every_display_of_it_says_that_it_is_a_cartoon(method: str) -> None:
    shown = list(run_lab("preference_nudge", {"mode": "cartoon", "method": method, "updates": 3}))
    assert len(shown) == 4
    for display in shown:
        words = str(mimebundle(display)[0]["text/plain"])
        assert "cartoon" in words.lower() and "illustrative" in words


def test_the_chart_ends_where_the_rule_does() -> None:
    shown = list(run_lab("preference_nudge", {"mode": "cartoon", "updates": 5}))
    chart, table = shown[1], shown[3]
    assert isinstance(chart, Chart) and isinstance(table, Table)
    *_, last = cartoon("DPO", "A", 5, 0.1)
    drawn = [row for row in chart.table.rows if row[0] == "P(A)"]
    assert len(drawn) == len(table.rows) == 6
    assert drawn[-1][2] == pytest.approx(last.p_a, abs=1e-5)


def test_a_beta_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"beta: expected a positive number, got 0"):
        list(cartoon("DPO", "A", 1, 0))


def _slope(function: Callable[[float], float], at: float, width: float = 1e-5) -> float:
    return (function(at + width) - function(at - width)) / (2 * width)
