"""`python -m labs measure`: the table, with every seed and every bar."""

import json
from pathlib import Path

import pytest

from labs.__main__ import main
from labs.core.commands.measuring import NO_BREAK, check_table
from labs.core.model.checkpoint import save_checkpoint, update_meta
from labs.core.model.transformer import Transformer
from tests.labs.core.commands.tiny import CONFIG, TOKENIZER, TinyRecipe


@pytest.fixture
def models(tiny: TinyRecipe, tmp_path: Path) -> str:
    """Two checkpoints by their paths, joined by a comma: one of each stage."""
    paths = []
    for seed, stage in enumerate(("base", "sft")):
        model = Transformer.initialize(CONFIG, seed)
        paths.append(save_checkpoint(tmp_path, f"my_{stage}", model, TOKENIZER, {"stage": stage}))
    return ",".join(map(str, paths))


def test_the_table_has_intervals_seeds_bars_and_verdicts(models: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "--models", models]) == 0
    lines = capsys.readouterr().out.splitlines()
    title, _, first, second, third = lines[:5]
    assert title.split() == ["behaviour", "model", "share", "[95", "%]", "each", "seed", "bar"]
    assert first.startswith("is positive  base ") and "met" not in first.lower()
    assert second.split()[0] == "sft" and second.endswith("≥ 100 %  NOT MET")
    assert third.startswith("never fails  base   100.0 % [88.9, 100.0]  100 100 100 %")
    assert third.endswith("≥ 90 %   met")
    assert "1 of 2 bars are met." in lines


def test_losses_stand_by_kind_of_page(models: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "--models", models]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("Held-out loss, nats a token [95 %]")
    assert lines[start + 1].split() == ["kind", "of", "page", "base", "sft"]
    assert [line.split()[0] for line in lines[start + 3 :]] == ["song", "story"]
    assert all(5.2 < float(number) < 6.0 for line in lines[start + 3 :] for number in line.split()[1::3])


def test_json_holds_every_number(models: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "--models", models, "--seeds", "3,4", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert list(measured) == ["base", "sft"]
    assert measured["base"]["seeds"] == [3, 4]
    cell = measured["sft"]["behaviours"]["is positive"]
    assert len(cell["by_seed"]) == 2 and cell["low"] <= cell["value"] <= cell["high"] and cell["n"] == 8 + 3 + 8 + 4
    assert (cell["bar"], cell["met"]) == ("≥ 100 %", False)
    assert set(measured["sft"]["held_out_loss_nats"]["story"]) == {"value", "low", "high", "n"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--models", "no/such"], "such.json: expected a file of a checkpoint, got none"),
        (["--seeds", "0,x"], "expected a whole number of 0 or more, got 'x'"),
        (["--seeds", "1,1"], "--seeds: expected different ones, got 1,1"),
        (["--model", "base"], "--model"),
    ],
)
def test_bad_arguments_are_said_on_stderr(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", *arguments]) == 2
    printed = capsys.readouterr()
    assert words in printed.err and printed.out == ""


def test_two_models_of_one_stage_are_refused(models: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "--models", f"{models},{models.split(',')[0]}"]) == 2
    assert "--models: expected one model of each stage, got two of 'base'" in capsys.readouterr().err


def test_what_was_recorded_is_printed_as_markdown(models: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = models.split(",")[1]
    assert main(["measure", "--recorded", "--models", path]) == 2
    assert "expected measures in its JSON, got none" in capsys.readouterr().err
    cell = {"value": 0.5, "low": 0.4, "high": 0.6, "bar": "≥ 90 %", "met": False}
    update_meta(Path(path), measures={"behaviours": {"never fails": cell}})
    assert main(["measure", "--recorded", "--models", path]) == 0
    head, _, row = capsys.readouterr().out.splitlines()
    assert head.startswith("| behaviour | ")
    assert row.replace(NO_BREAK, " ") == "| never fails | 50.0 % [40.0, 60.0] (**bar ≥ 90 % not met**) |"
    assert row.count(" ") == 7, "a column breaks only between share, interval and bar"


def cell(low: float, high: float) -> dict[str, float]:
    return {"value": (low + high) / 2, "low": low, "high": high, "n": 9}


@pytest.mark.parametrize(
    ("was", "now", "agrees"),
    [
        ((0.1, 0.3), (0.2, 0.4), True),
        ((0.2, 0.4), (0.1, 0.3), True),
        ((0.1, 0.9), (0.4, 0.5), True),
        ((0.1, 0.3), (0.3, 0.4), True),
        ((0.1, 0.3), (0.31, 0.4), False),
        ((0.31, 0.4), (0.1, 0.3), False),
    ],
)
def test_measures_agree_where_their_intervals_overlap(
    was: tuple[float, float], now: tuple[float, float], agrees: bool
) -> None:
    for kind in ("behaviours", "held_out_loss_nats"):
        text, all_agree = check_table({"base": {kind: {"a": cell(*was)}}}, {"base": {kind: {"a": cell(*now)}}})
        assert all_agree is agrees
        assert text.splitlines()[2].split()[-1] == ("yes" if agrees else "NO")


def test_a_measure_that_only_one_of_them_has_does_not_agree() -> None:
    with_it: dict[str, dict[str, object]] = {"base": {"behaviours": {"a": cell(0, 1)}}}
    without: dict[str, dict[str, object]] = {"base": {}}
    for was, now in ((with_it, without), (without, with_it)):
        text, agrees = check_table(was, now)
        assert not agrees and "none" in text and "0 of 1 measures agree" in text
