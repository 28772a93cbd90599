"""The gap: the estimate depends on the unit, the mended one does not, and 6ND meets the published numbers."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Number, Slider, Table
from labs.gap.budgets import BUDGETS, DEEPSEEK_DOLLARS_PER_HOUR, DEEPSEEK_HOURS, GPT3_FLOPS, RUNS, Run
from labs.gap.cost import gpu_hours, training_flops
from labs.gap.lab import LAB, run
from labs.gap.scores import SCORES, one_point_estimate, two_point_estimate


def test_the_scores_are_the_five_hypothetical_ones() -> None:
    assert [(score.before, score.after) for score in SCORES] == [(50, 85), (20, 85), (40, 88), (5, 92), (10, 88)]
    assert SCORES[0].improvement == 35


def test_the_popular_estimate_is_neither_two_hundred_billion_nor_one_number() -> None:
    assert one_point_estimate(7e9, 50, 85) == pytest.approx(5.45e16, rel=1e-2)
    assert one_point_estimate(7e9, 50, 85, unit=1e9) == pytest.approx(27.3e9, rel=1e-2)


@given(st.floats(1.1, 1e12), st.floats(1, 99))
def test_the_estimate_gives_back_the_point_that_it_came_from(parameters: float, score: float) -> None:
    assert one_point_estimate(parameters, score, score) == pytest.approx(parameters)


@given(
    st.floats(1e6, 1e12), st.floats(1.1, 20), st.floats(10, 50), st.floats(1, 30), st.floats(0, 100), st.floats(1, 1e9)
)
def test_two_points_give_one_answer_in_every_unit(
    parameters: float, factor: float, score: float, gained: float, target: float, unit: float
) -> None:
    plain = two_point_estimate(parameters, score, parameters * factor, score + gained, target)
    counted = two_point_estimate(parameters / unit, score, parameters * factor / unit, score + gained, target) * unit
    assert counted == pytest.approx(plain, rel=1e-6)


def test_two_points_go_through_both() -> None:
    assert two_point_estimate(1e9, 40, 1e10, 50, 60) == pytest.approx(1e11)
    assert two_point_estimate(1e9, 40, 1e10, 50, 40) == pytest.approx(1e9)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: one_point_estimate(7, 50, 85, 7), "more than one unit"),
        (lambda: one_point_estimate(math.nan, 50, 85), "got nan"),
        (lambda: one_point_estimate(7e9, 0, 85), "score: expected a number above 0, got 0"),
        (lambda: two_point_estimate(1, 2, 1, 3, 4), "different parameters"),
        (lambda: two_point_estimate(1, 2, 2, 2, 4), "and scores"),
        (lambda: training_flops(0, 1), "numbers above 0"),
        (lambda: gpu_hours(1, 0, 0.5), "peak"),
        (lambda: gpu_hours(1, 1, 0), "utilisation"),
        (lambda: gpu_hours(1, 1, 1.5), "40 % is 0.4"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(bad: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        bad()
    assert words in str(refused.value)


@pytest.mark.parametrize("published", RUNS, ids=lambda run: run.model)
def test_six_n_d_meets_the_published_operations(published: Run) -> None:
    assert training_flops(published.parameters, published.tokens) == pytest.approx(published.stated_flops, rel=0.15)


def test_llama_three_to_two_digits() -> None:
    assert f"{training_flops(405e9, 15.6e12):.1e}" == "3.8e+25"


def test_the_published_shares_and_costs() -> None:
    shares = {budget.model: budget.share for budget in BUDGETS}
    assert shares == {
        "InstructGPT 175B": pytest.approx(0.0178, abs=1e-4),
        "DeepSeek-V3": pytest.approx(0.0019, abs=1e-4),
    }
    assert DEEPSEEK_HOURS * DEEPSEEK_DOLLARS_PER_HOUR == 5_576_000
    assert pytest.approx(3.14e23, rel=0.01) == GPT3_FLOPS


def test_hours_are_operations_by_speed() -> None:
    assert gpu_hours(3600e12, 1e12, 0.5) == pytest.approx(2)


def test_a_run_shows_scores_estimate_cost_check_and_budgets() -> None:
    scores, estimate, cost, check, budgets = run_lab("gap", {})
    assert isinstance(scores, Chart) and len(scores.table.rows) == 5
    assert isinstance(estimate, Table)
    assert [row[2] for row in estimate.rows] == ["5.5e+16", "4.3e+14", "3.4e+12", "2.7e+10"]
    assert isinstance(cost, Table) and cost.rows[0][1] == "8.4e+22 FLOPs"
    assert isinstance(check, Table) and isinstance(budgets, Table)
    assert [row[4] for row in budgets.rows] == ["1.8%", "0.2%"]


@pytest.mark.parametrize("control", LAB.controls, ids=lambda control: control.name)
@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_every_control_can_go_to_its_ends(control: Slider | Number, end: str) -> None:
    assert len(list(run_lab("gap", {control.name: getattr(control, end)}))) == 5


def test_a_price_twice_as_high_costs_twice_as_much() -> None:
    def cost(price: float) -> float:
        table = list(run(7.0, 2000.0, 0.4, price, 989.0))[2]
        assert isinstance(table, Table)
        return float(str(table.rows[2][1]).strip("$").replace(",", ""))

    assert cost(4.0) == pytest.approx(2 * cost(2.0), rel=1e-4)


def test_the_lab_says_that_it_is_illustrative() -> None:
    assert LAB.label == "illustrative"
