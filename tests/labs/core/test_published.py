"""Published figures: dated, sourced, and what the reports themselves make of them."""

import re
from pathlib import Path

import pytest

from labs.core.published import (
    ALPACA,
    BUDGETS,
    DEEPSEEK_DOLLARS_PER_HOUR,
    DEEPSEEK_V3,
    GPT3_FLOPS,
    INSTRUCTGPT,
    LLAMA_2,
    REPORTS,
    RUNS,
    TULU_3_8B,
    TULU_3_70B,
    Report,
    training_flops,
)

SOURCES = Path(__file__).parents[3] / "docs" / "sources.md"
ANCHORS = set(re.findall(r"\{ #([\w-]+) \}", SOURCES.read_text(encoding="utf-8")))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.model)
def test_every_report_is_dated_and_has_an_entry_among_the_sources(report: Report) -> None:
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", report.date)
    assert report.anchor in ANCHORS
    assert report.source.split(",")[0].split()[-1] == report.anchor.split("-")[-1], "the year of source and anchor"


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: budget.model)
def test_every_budget_has_an_entry_among_the_sources(budget: object) -> None:
    assert getattr(budget, "anchor", None) in ANCHORS


def test_reports_stand_in_order_of_their_dates_and_each_model_once() -> None:
    assert [report.date for report in REPORTS] == sorted(report.date for report in REPORTS)
    assert len({report.model for report in REPORTS}) == len(REPORTS)


def test_the_figures_are_those_of_the_reports() -> None:
    assert (INSTRUCTGPT.sft_examples, INSTRUCTGPT.comparisons, INSTRUCTGPT.rl_prompts) == (13_000, 33_000, 31_000)
    assert (LLAMA_2.tokens, LLAMA_2.sft_examples, LLAMA_2.comparisons) == (2e12, 27_540, 1_400_000)
    assert (TULU_3_8B.comparisons, TULU_3_70B.comparisons) == (271_409, 334_367)
    assert pytest.approx(3.14e23, rel=0.01) == INSTRUCTGPT.stated_flops == GPT3_FLOPS
    assert ALPACA.dollars == 600


def test_deepseeks_hours_cost_what_its_report_says() -> None:
    assert DEEPSEEK_V3.gpu_hours is not None
    assert DEEPSEEK_V3.gpu_hours * DEEPSEEK_DOLLARS_PER_HOUR == DEEPSEEK_V3.dollars


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.model)
def test_six_n_d_meets_what_a_report_states(run: object) -> None:
    parameters, tokens, stated = (getattr(run, name) for name in ("parameters", "tokens", "stated_flops"))
    assert training_flops(parameters, tokens) == pytest.approx(stated, rel=0.15)


def test_nothing_is_no_training() -> None:
    with pytest.raises(ValueError, match=r"expected numbers above 0, got \(0, 1\)"):
        training_flops(0, 1)
