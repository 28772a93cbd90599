"""`python -m labs train`: what it writes, how it goes on after an interruption, and what --check says."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labs.__main__ import main
from labs.core.commands.kept_states import state_file
from labs.core.course_cache import cache_folder
from labs.core.model.checkpoint import load_checkpoint, load_meta, update_meta
from labs.core.recipe import STAGES
from tests.labs.core.commands.tiny import CONFIG, TinyRecipe, bytes_of

Train = Callable[..., int]


def test_it_writes_four_checkpoints_that_load(
    tiny: TinyRecipe, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train() == 0
    printed = capsys.readouterr().out
    for name in STAGES:
        assert f"{name}: 6 steps in" in printed
        checkpoint = load_checkpoint(tmp_path / "made" / name)
        meta = checkpoint.meta
        assert checkpoint.model.config == CONFIG
        assert (meta["stage"], meta["seed"], meta["steps"], meta["corpus_hash"]) == (name, 0, 6, "c0ffee")
        assert meta["configuration"] == {"steps": 6, "pair": [1, 2]}
        assert (checkpoint.reward_head is not None) == (name == "reward")
    assert " of 2 bars are met" in printed
    assert "All in all: " in printed
    assert list(cache_folder("training").iterdir()) == []


def test_each_stage_starts_from_its_parents_checkpoint(tiny: TinyRecipe, train: Train, tmp_path: Path) -> None:
    assert train() == 0
    parents = {name: load_meta(tmp_path / "made" / name)["parent_sha256"] for name in STAGES}
    hashes = {name: load_meta(tmp_path / "made" / name)["weights_sha256"] for name in STAGES}
    assert parents == {"base": None, "sft": hashes["base"], "chat": hashes["sft"], "reward": hashes["sft"]}
    assert len(set(hashes.values())) == 4


def test_final_measures_stand_in_the_json(tiny: TinyRecipe, train: Train, tmp_path: Path) -> None:
    assert train("--stages", "base") == 0
    measures = json.loads((tmp_path / "made" / "base.json").read_text("utf-8"))["measures"]
    assert measures["seeds"] == [0, 1, 2]
    assert measures["behaviours"]["never fails"] == {
        "value": 1.0,
        "low": pytest.approx(1 - 3 / 27, abs=1e-4),
        "high": 1.0,
        "n": 27,
        "by_seed": [1.0, 1.0, 1.0],
        "bar": "≥ 90 %",
        "met": True,
    }
    assert set(measures["held_out_loss_nats"]) == {"story", "song"}
    load_checkpoint(tmp_path / "made" / "base")  # the hash is of the weights, and still fits


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    tiny: TinyRecipe, train: Train, tmp_path: Path
) -> None:
    for folder, seed in (("one", "0"), ("two", "0"), ("three", "1")):
        assert train("--seed", seed, folder=folder) == 0
    one, two, three = (bytes_of(tmp_path / folder) for folder in ("one", "two", "three"))
    assert one == two and not set(one.values()) & set(three.values())


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(
    stage: str, tiny: TinyRecipe, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(folder="whole") == 0
    tiny.interrupt = {stage: 4}
    capsys.readouterr()
    assert train() == 130
    said = capsys.readouterr().out
    assert f"To go on: python -m labs train --to {tmp_path / 'made'}" in said and str(cache_folder("training")) in said
    tiny.interrupt, tiny.begun = {}, []
    assert train() == 0
    place = STAGES.index(stage)
    assert tiny.begun == [(name, [6, 4, 0][(i >= place) + (i > place)]) for i, name in enumerate(STAGES)]
    assert f"{stage}: going on from step 4" in capsys.readouterr().out
    assert bytes_of(tmp_path / "made") == bytes_of(tmp_path / "whole")
    told = [json.loads((tmp_path / folder / f"{stage}.json").read_text("utf-8")) for folder in ("made", "whole")]
    assert [meta.pop("wall_seconds") >= 0 for meta in told] == [True, True]
    assert [meta.pop("loss_nats") > 0 for meta in told] == [True, True]  # of the last steps, which are fewer now
    assert told[0] == told[1]


def test_a_damaged_state_is_said_and_ignored(
    tiny: TinyRecipe, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("--stages", "base", folder="whole") == 0
    tiny.interrupt = {"base": 4}
    assert train("--stages", "base") == 130
    file = state_file("base", 0)
    content = bytearray(file.read_bytes())
    content[-30] ^= 4
    for damaged in (bytes(content), bytes(content[:100]), b""):
        file.write_bytes(damaged)
        tiny.interrupt, tiny.begun = {}, []
        capsys.readouterr()
        assert train("--stages", "base") == 0
        assert "got a damaged file; it is ignored, and the stage starts anew" in capsys.readouterr().out
        assert tiny.begun == [("base", 0)]
        assert bytes_of(tmp_path / "made", ["base"]) == bytes_of(tmp_path / "whole", ["base"])


def test_the_state_of_another_recipe_or_parent_is_not_gone_on_with(
    tiny: TinyRecipe, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.interrupt = {"base": 4}
    assert train("--stages", "base") == 130
    tiny.interrupt, tiny.steps = {}, 8
    capsys.readouterr()
    assert train("--stages", "base") == 0
    assert "base: the interrupted training was another one" in capsys.readouterr().out
    tiny.interrupt = {"sft": 4}
    assert train("--stages", "sft") == 130
    tiny.interrupt = {}
    tiny.steps = 7
    assert train("--stages", "base") == 0
    tiny.steps = 8
    capsys.readouterr()
    assert train("--stages", "sft") == 0
    assert "sft: the interrupted training was another one" in capsys.readouterr().out
    tiny.interrupt = {"base": 4}
    assert train("--stages", "base") == 130
    tiny.interrupt, tiny.config = {}, replace(CONFIG, n_layer=2)
    capsys.readouterr()
    assert train("--stages", "base") == 0
    assert "base: the interrupted training was another one" in capsys.readouterr().out


def test_fresh_starts_anew(tiny: TinyRecipe, train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    tiny.interrupt = {"base": 4}
    assert train("--stages", "base", "--fresh") == 130
    assert "--fresh" not in capsys.readouterr().out
    tiny.interrupt, tiny.begun = {}, []
    assert train("--stages", "base", "--fresh") == 0
    assert tiny.begun == [("base", 0)]


def test_check_agrees_with_the_same_training_and_writes_nothing(
    tiny: TinyRecipe, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train() == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    capsys.readouterr()
    assert train("--check") == 0
    printed = capsys.readouterr().out
    assert "chat: the weights are the same to the bit." in printed
    assert "reward: there is nothing to compare it by.\n9 of 9 measures agree." in printed and "All in all" in printed
    assert {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()} == before


def test_check_never_goes_on_with_the_training_that_it_checks(
    tiny: TinyRecipe, train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train() == 0
    tiny.interrupt = {"chat": 4}
    assert train("--fresh", folder="other") == 130  # leaves states of base, sft and half of chat
    tiny.interrupt, tiny.begun = {}, []
    assert train("--check") == 0
    assert [step for _, step in tiny.begun] == [0, 0, 0, 0]


def test_check_finds_a_measure_that_is_another_one(
    tiny: TinyRecipe, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("--stages", "base") == 0
    path = tmp_path / "made" / "base.npz"
    measures = json.loads(json.dumps(load_meta(path)["measures"]))
    measures["behaviours"]["never fails"] |= {"value": 0.5, "low": 0.4, "high": 0.6}
    update_meta(path, measures=measures)
    capsys.readouterr()
    assert train("--check", "--stages", "base") == 1
    printed = capsys.readouterr().out
    (line,) = [line for line in printed.splitlines() if line.startswith("never fails")]
    assert line.split()[-1] == "NO" and "50.0 % [40.0, 60.0]" in line
    assert "3 of 4 measures agree." in printed


def test_check_says_when_there_is_nothing_to_compare_with(tiny: TinyRecipe, train: Train, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"base\.json: expected a file of a checkpoint, got none"):
        train("--check")
    assert train("--stages", "base") == 0
    update_meta(tmp_path / "made" / "base.npz", measures={})
    with pytest.raises(ValueError, match=r"--check: expected measures in .*train it first"):
        train("--check", "--stages", "base")


def test_a_later_stage_alone_starts_from_what_is_in_the_folder(
    tiny: TinyRecipe, train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train() == 0
    whole = bytes_of(tmp_path / "made")
    capsys.readouterr()
    assert train("--stages", "reward,sft") == 0
    assert bytes_of(tmp_path / "made") == whole
    assert "Older than what they start from: chat. Train them too." in capsys.readouterr().out
    assert train("--stages", "chat") == 0
    assert bytes_of(tmp_path / "made") == whole
    assert train("--stages", "base") == 0
    assert "Older than what they start from: sft, chat, reward." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--stages", "base,dpo"], "expected some of base,sft,chat,reward, got 'dpo'"),
        (["--stages", ""], "got ''"),
        (["--seed", "-1"], "expected a whole number of 0 or more, got '-1'"),
        (["--stages", "chat"], "sft.json: expected a file of a checkpoint, got none of that name"),
        (["--to", __file__], "--to: expected a folder to write to, got"),
        (["--stage", "base"], "--stage"),
    ],
)
def test_bad_arguments_are_said_on_stderr(
    arguments: list[str], words: str, tiny: TinyRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--to", str(tmp_path / "new"), *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_stage_that_can_not_be_trained_says_why(tiny: TinyRecipe, train: Train) -> None:
    tiny.text = np.array([999] * 40)
    with pytest.raises(ValueError, match="999"):
        train("--stages", "base")
