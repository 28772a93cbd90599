"""The scale of the data: published numbers as published, ours as counted, units kept apart."""

import math

import pytest

from labs.core import recipe
from labs.core.bridge import run_lab
from labs.core.contract import Chart, Progress, Table
from labs.core.encoding import render_all
from labs.core.model.checkpoint import load_checkpoint, load_meta
from labs.core.published import LLAMA_2, REPORTS
from labs.data_scale.amounts import Amount, in_order, pocket, published, words
from labs.data_scale.converting import Length, Lengths, count_lengths, in_tokens
from labs.data_scale.lab import FEW, FEW_MODELS, PIXELS, scale_chart, vanishing

LENGTHS = Lengths(Length(80, 3, 9), Length(30, 2, 9), Length(100, 4, 9))


def test_every_published_number_is_one_of_the_reports() -> None:
    amounts = published()
    llama = {(amount.stage, amount.unit): amount.number for amount in amounts if amount.model == LLAMA_2.model}
    assert llama == {
        ("pretraining", "tokens"): 2e12,
        ("SFT", "examples"): 27_540,
        ("preferences", "comparisons"): 1_400_000,
    }
    assert len(amounts) == sum(
        number is not None
        for report in REPORTS
        for number in (report.tokens, report.sft_examples, report.comparisons, report.rl_prompts)
    )
    assert all(amount.date and amount.source and amount.anchor for amount in amounts)


def test_a_report_that_is_silent_gives_no_bar() -> None:
    assert not any(amount.model == "DeepSeek-V3" for amount in published())


def test_ours_are_steps_times_rows_of_the_checkpoints_files() -> None:
    base, sft, reward, chat = pocket()
    made = load_meta("base")["configuration"]
    assert base.number == made["schedule"]["steps"] * made["batch_size"] * made["length"]
    assert base.unit == "tokens" and base.ours
    made = load_meta("sft")["configuration"]
    assert sft.number == pytest.approx(made["schedule"]["steps"] * made["batch_size"] * (1 - made["replay"]))
    for amount, name in ((reward, "reward"), (chat, "chat")):
        made = load_meta(name)["configuration"]
        assert amount.number == made["schedule"]["steps"] * made["batch_size"]
        assert name in amount.unit.lower() or "DPO" in amount.unit
    assert all(" read" in amount.unit for amount in (sft, reward, chat))


@pytest.mark.parametrize("name", ["reward", "chat"])
def test_the_counted_comparisons_are_as_long_as_training_finds_them(name: str) -> None:
    """Against the tokens that a step of this stage says that it was trained on."""
    sft = load_checkpoint("sft")
    made = recipe.stage(name, {"sft": sft.model}, sft.tokenizer, scale=0.02)
    a_pair = next(made.records).tokens / recipe.SIZES[name].batch_size
    a_pair += 2 if name == "chat" else 0  # DPO counts predictions, one fewer a sequence than tokens
    assert a_pair == pytest.approx(count_lengths().comparison.mean, rel=0.2)


def test_the_counted_dialogues_are_those_of_the_recipe() -> None:
    counted = count_lengths(200)
    dialogues = render_all(recipe.sft_dialogues(300), load_checkpoint("base").template)
    scored = [sum(one.loss_mask) for one in dialogues]
    assert counted.scored.mean == pytest.approx(sum(scored) / len(scored), rel=0.15)
    assert counted.scored.mean < counted.dialogue.mean
    assert 0 < counted.dialogue.plus_minus < counted.dialogue.mean / 5


def test_a_larger_sample_knows_the_mean_better() -> None:
    small, large = count_lengths(50), count_lengths(450)
    assert large.dialogue.plus_minus < small.dialogue.plus_minus / 2


def test_ours_become_tokens_by_counting_and_reports_by_assumption() -> None:
    given = [
        Amount("theirs", "pretraining", 1e9, "tokens", "", "", "x"),
        Amount("theirs", "SFT", 10, "examples", "", "", "x"),
        Amount("theirs", "preferences", 10, "comparisons", "", "", "x"),
        Amount("theirs", "RL", 10, "prompts", "", "", "x"),
        Amount("ours", "SFT", 10, "dialogues", "", "", how="counted here"),
        Amount("ours", "preferences", 10, "comparisons, reward model", "", "", how="counted here"),
        Amount("ours", "preferences", 10, "comparisons, DPO", "", "", how="counted here"),
    ]
    converted = in_tokens(given, LENGTHS, 500)
    assert [amount.number for amount in converted] == [1e9, 5_000, 10_000, 800, 1_000, 1_000]
    assert {amount.unit for amount in converted} == {"tokens"}
    assert [amount.how for amount in converted] == [
        "reported",
        "at your assumption",
        "at your assumption",
        *["counted here"] * 3,
    ]
    assert in_tokens(given, LENGTHS, 50)[-1].number == 1_000  # ours don't depend on an assumption


def test_on_a_linear_axis_bars_vanish_that_a_logarithmic_one_shows() -> None:
    amounts = [Amount("a", "SFT", number, "tokens", "", "") for number in (PIXELS * 10, 11, 9)]
    assert [amount.number for amount in vanishing(amounts)] == [9]
    linear, log = (scale_chart(amounts, scale) for scale in ("linear", "logarithmic"))
    assert linear.title.startswith("On a linear axis 1 of 3 bars")
    assert "scale" in str(log.spec) and "'log'" in str(log.spec) and "'log'" not in str(linear.spec)


def test_the_default_run_shows_pretraining_dwarf_everything_else() -> None:
    chart, amounts, units = (item for item in run_lab("data_scale", {}) if not isinstance(item, Progress))
    assert isinstance(chart, Chart)
    assert isinstance(amounts, Table) and isinstance(units, Table)
    assert len(amounts.rows) == 7
    assert "6 of 7 bars" in chart.title and "Units differ" in chart.alt
    assert all(row[5] and row[6] for row in amounts.rows), "every number has a date and a source"


@pytest.mark.parametrize("models", ["all", FEW_MODELS])
@pytest.mark.parametrize("unit", ["as reported", "tokens"])
def test_on_a_linear_axis_only_pretraining_is_left(models: str, unit: str) -> None:
    amounts = in_order([*published(), *pocket()])
    if models == FEW_MODELS:
        amounts = [amount for amount in amounts if amount.model == FEW or amount.ours]
    if unit == "tokens":
        amounts = in_tokens(amounts, LENGTHS, 500)
    seen = [amount for amount in amounts if amount not in vanishing(amounts)]
    assert seen and {amount.stage for amount in seen} == {"pretraining"}


def test_in_tokens_a_chart_has_one_unit_and_no_warning() -> None:
    items = run_lab("data_scale", {"unit": "tokens", "models": "all", "scale": "logarithmic"})
    chart, amounts, _ = (item for item in items if not isinstance(item, Progress))
    assert isinstance(chart, Chart) and isinstance(amounts, Table)
    assert "Units differ" not in chart.alt
    assert {row[3] for row in amounts.rows} == {"tokens"}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (2e12, "2 trillion"),
        (15.6e12, "15.6 trillion"),
        (16_384_000, "16.4 million"),
        (27_540, "27,540"),
        (1e9, "1 billion"),
    ],
)
def test_numbers_are_said_as_people_say_them(number: float, said: str) -> None:
    assert words(number) == said


@pytest.mark.parametrize(("control", "value"), [("tokens_per_example", 0), ("scale", "cubic"), ("unit", "bytes")])
def test_a_value_that_means_nothing_is_refused(control: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{control}: expected"):
        list(run_lab("data_scale", {control: value}))


@pytest.mark.parametrize("assumed", [0.0, -1.0, math.nan])
def test_an_assumption_that_is_no_length_is_refused(assumed: float) -> None:
    with pytest.raises(ValueError, match="tokens_per_example: expected a number above 0"):
        in_tokens([], LENGTHS, assumed)


def test_a_sample_of_few_is_refused() -> None:
    with pytest.raises(ValueError, match="sample: expected 10 or more, got 9"):
        count_lengths(9)
