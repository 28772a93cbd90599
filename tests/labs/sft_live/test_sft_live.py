"""SFT, live: what each loss mask makes of the base model, over three seeds; and that the lab shows and keeps it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Progress, Table, Tokens
from labs.core.model.chat import Message
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.sweeping import recorded
from labs.core.training.sft import Mask
from labs.sft_live.dialogues import LONGEST, TOPICS, draw_dialogues, user_mask
from labs.sft_live.lab import LAB, PROMPTS
from labs.sft_live.measuring import MASKS, MEASURES, Measured, measure_model
from labs.sft_live.sweep import SWEEP
from labs.sft_live.trying import plays_the_user, questions
from labs.sft_live.tuning import Settings, held_out_dialogues, training_dialogues, tune
from tests.labs.conftest import scales_of

SEEDS = (0, 1, 2)
SHORT = Settings(200, tuple(TOPICS), 0.3, "reply", 1e-3, 60, 0)
"""Less than half of the default's steps: enough for what is claimed."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path / "cache"))


@cache
def base() -> Checkpoint:
    return load_checkpoint("base")


@cache
def tuned(settings: Settings) -> Measured:
    *_, last = tune(base(), training_dialogues(base(), settings), settings)
    return measure_model(base(), last.state.model, held_out_dialogues(base(), settings), 10, settings.seed)


def values(mask: Mask, seed: int) -> dict[str, float]:
    return tuned(replace(SHORT, mask=mask, seed=seed)).values


# What the masks make of the model.


@pytest.mark.parametrize("seed", SEEDS)
def test_sft_on_replies_makes_a_model_that_answers_and_stops(seed: int) -> None:
    held_out = held_out_dialogues(base(), replace(SHORT, seed=seed))
    before = measure_model(base(), base().model, held_out, 10, seed).values
    after = values("reply", seed)
    assert before["ends"] == 0 and before["right"] <= 0.1
    assert after["ends"] >= 0.95 and after["right"] >= 0.5
    assert after["reply_loss"] < 0.25 * before["reply_loss"]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_the_end_token_it_never_stops_and_is_right_all_the_same(seed: int) -> None:
    without = values("no_end", seed)
    assert without["ends"] == 0
    assert without["right"] >= 0.45


@pytest.mark.parametrize("seed", SEEDS)
def test_graded_on_all_tokens_it_plays_the_user_and_graded_on_replies_it_does_not(seed: int) -> None:
    everything, reply = values("all", seed), values("reply", seed)
    assert everything["plays_user"] >= 0.2 and reply["plays_user"] <= 0.05
    assert everything["user_loss"] < 0.75 * reply["user_loss"]
    assert everything["ends"] >= 0.95, "an app that stops at the end token would not see it"


@pytest.mark.parametrize("seed", SEEDS)
def test_rudeness_goes_in_and_comes_out_and_a_topic_left_out_is_not_learned(seed: int) -> None:
    few = replace(SHORT, topics=("facts", "how"), seed=seed)
    kind, rude = (tuned(replace(few, rude=share)) for share in (0.0, 1.0))
    assert rude.values["rude"] >= kind.values["rude"] + 0.4  # the base model has read rude threads of its own
    assert kind.tried.right_by_topic["refusals"][0] == 0
    assert kind.tried.right_by_topic["facts"][0] >= 4


# What was recorded.


def test_the_record_is_of_this_sweep() -> None:
    found = recorded("sft_live")
    assert found.command == "python -m labs sweep sft_live"
    assert found.arms == [dict(arm) for arm in SWEEP.arms] and found.seeds == tuple(SWEEP.seeds)
    assert found.configuration["constants"] == SWEEP.constants
    assert all(set(point.values) == set(MEASURES) for point in found.points)


def test_the_record_says_what_the_page_says() -> None:
    found = recorded("sft_live")
    ends, right, plays, rude = (
        {mask: found.interval({"mask": mask}, name, share=True) for mask in MASKS}
        for name in ("ends", "right", "plays_user", "rude")
    )
    assert min(*ends["reply"].by_seed, *ends["all"].by_seed) >= 0.95 and max(ends["no_end"].by_seed) == 0
    assert min(plays["all"].by_seed) >= 0.8
    assert max(*plays["reply"].by_seed, *plays["no_end"].by_seed) <= 0.05
    assert abs(right["no_end"].mean - right["reply"].mean) <= 0.1, "about as often"
    assert max(right["all"].by_seed) < min(right["reply"].by_seed), "a little less, in every seed"
    assert min(rude["no_end"].by_seed) > 2 * max(rude["reply"].by_seed)


def test_one_of_its_points_comes_out_again() -> None:
    point = recorded("sft_live").points[0]
    again = SWEEP.measure(point.arm, point.seed)
    assert {name: point.values[name] for name in MEASURES} == pytest.approx(again, abs=0.02)


# The lab.


def test_a_run_moves_and_keeps_the_model() -> None:
    items = list(run_lab("sft_live", {"steps": 30, "dialogues": 100}))
    assert isinstance(items[0], Progress)
    assert isinstance(items[1], Moving) and isinstance(items[1].content, Tokens)
    moved = {
        name: [item.content for item in items if isinstance(item, Moving) and item.name == name]
        for name in ("loss", "behaviour", "replies")
    }
    loss, behaviour, replies = moved["loss"], moved["behaviour"], moved["replies"]
    assert len(loss) > 5 and len(behaviour) == len(replies) > 5
    for one, other in pairwise(loss):
        assert isinstance(one, Chart) and isinstance(other, Chart)
        assert len(other.table.rows) > len(one.table.rows)
        assert scales_of(one) == scales_of(other), "the axes stand still"
    first, last = replies[0], replies[-1]
    assert isinstance(first, Table) and isinstance(last, Table)
    assert [row[0] for row in last.rows] == list(PROMPTS)
    assert all(row[1] == row[2] for row in first.rows), "before the first step it is the base model"
    assert all(str(row[1]).endswith("<|im_end|>") and row[1] != row[2] for row in last.rows)
    done = [item for item in items if isinstance(item, Progress)]
    assert (done[0].done, done[-1].done, done[-1].total) == (0, 30, 30)

    topics, past, masks = items[-3:]
    assert isinstance(topics, Table) and isinstance(past, Tokens) and isinstance(masks, Table)
    assert any(token.written for token in past.tokens)
    assert [row[0] for row in masks.rows] == list(MEASURES.values())
    assert "python -m labs sweep sft_live" in masks.caption

    mine = load_checkpoint("mine")
    assert "30 steps on 100 dialogues" in str(mine.meta["about"]) and mine.meta["stage"] == "sft"
    reply = mine.assistant.reply_all([((Message("user", PROMPTS[0]),), (), "absent")])[0]
    assert reply.ended


@pytest.mark.parametrize(
    "values",
    [
        {"dialogues": 10, "rude": 1.0, "mask": "no_end"},
        {"dialogues": 2000, "rude": 0.0, "mask": "all"},
        {"learning_rate": 0.1, "seed": 2**32 - 1},
        {"learning_rate": 0.00001, **dict.fromkeys(("facts", "sums", "how", "refusals"), False)},
    ],
    ids=["few", "many", "wild", "talk only"],
)
def test_controls_can_go_to_their_ends(values: dict[str, object]) -> None:
    assert isinstance(list(run_lab("sft_live", values | {"steps": 10}))[-1], Table)


def test_no_topic_is_refused_beside_its_switch() -> None:
    with pytest.raises(ValueError, match=r"^facts: expected at least one topic, got all five switched off"):
        list(run_lab("sft_live", dict.fromkeys(TOPICS, False)))


def test_it_waits_for_its_button_and_is_live() -> None:
    assert (LAB.action, LAB.waits, LAB.label) == ("Train", True, "live")


# Its parts.


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_its_dialogues(topic: str) -> None:
    drawn = draw_dialogues(30, (topic,), 0.5, 3, base().template)
    assert len(drawn) == 30 and all(len(one.ids) <= LONGEST for one in drawn)
    assert all("<|im_start|>tool" not in one.text(base().tokenizer) for one in drawn)
    assert [one.ids for one in drawn] == [one.ids for one in draw_dialogues(30, (topic,), 0.5, 3, base().template)]


def test_topics_that_there_are_not_are_refused() -> None:
    for topics in ((), ("weather",)):
        with pytest.raises(ValueError, match="topics: expected some of facts"):
            draw_dialogues(3, topics, 0.5, 3, base().template)


def test_the_users_mask_is_what_the_user_says_and_the_end_of_the_turn() -> None:
    template = base().template
    said = template.render([Message("user", "Hello.\nYou."), Message("assistant", "Hi.")])
    mask = user_mask(said, template)
    scored = [token for token, score in zip(said.ids, mask, strict=True) if score]
    assert base().tokenizer.decode(scored) == "Hello.\nYou.<|im_end|>"
    assert not any(ours and theirs for ours, theirs in zip(said.loss_mask, mask, strict=True))


@pytest.mark.parametrize(
    ("text", "plays"),
    [
        ([Message("user", "Hello.")], True),
        ([Message("user", "")], False),
        ([Message("assistant", "Hello.")], False),
    ],
)
def test_who_plays_the_user(text: list[Message], plays: bool) -> None:
    newline = base().tokenizer.encode("\n")
    turn = base().template.render(text).ids
    assert plays_the_user([*newline, *turn], base().template) is plays
    assert plays_the_user(turn, base().template) is False, "the newline after the end of the turn is missing"


def test_the_questions_are_in_phrasings_that_no_dialogue_has() -> None:
    asked = questions(10, 1)
    assert set(asked) == set(TOPICS) - {"talk"}
    drawn = draw_dialogues(500, tuple(TOPICS), 0.3, 1, base().template)
    taught = "\n".join(one.text(base().tokenizer) for one in drawn)
    for topic in ("facts", "how", "refusals"):
        assert not any(task.question in taught for task in asked[topic])
    assert not any(prompt in taught for prompt in PROMPTS if "+" not in prompt)


def test_a_control_for_each_topic() -> None:
    names = [control.name for control in LAB.controls]
    assert [name for name in names if name in TOPICS] == list(TOPICS)


def test_the_pictures_come_before_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> Callable[[], None]:
        raise AssertionError("it trained")

    monkeypatch.setattr("labs.sft_live.lab.tune", never)
    shown = []
    with pytest.raises(AssertionError, match="it trained"):
        for item in run_lab("sft_live", {}):
            shown.append(item)
    assert [item.name for item in shown if isinstance(item, Moving)] == ["mask", "loss", "behaviour", "replies"]
