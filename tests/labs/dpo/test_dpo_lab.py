"""DPO on pairs: what becomes likelier, over three seeds; that the lab shows it; and that its parts hold."""

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Progress, Table
from labs.core.encoding import pair_all
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.training.data import reply_batch
from labs.core.training.scoring import token_logps
from labs.dpo.behaving import behave
from labs.dpo.lab import LAB, PROMPTS
from labs.dpo.looking import GROUPS, HeldOut, Look, changes, held_out_loss, margin, token_probabilities
from labs.dpo.pairs import PAIRS, draw_pairs, other_replies
from labs.dpo.pictures import replies_chart
from labs.dpo.similarity import hidden_similarity
from labs.dpo.tuning import HELD_OUT_SEED, Settings, held_out_pairs, training_pairs, tune
from tests.labs.conftest import scales_of

SEEDS = (0, 1, 2)
STEPS = 60
SIMILAR, DISSIMILAR = "one refusal over another", "refusal over compliance"
"""The same questions and the same chosen reply: only the rejected one differs."""


@cache
def sft() -> Checkpoint:
    return load_checkpoint("sft")


@cache
def trained(pairs: str, seed: int, nll_weight: float = 0.0, steps: int = 45) -> list[Look]:
    """Held-out pairs at the start, after 15 steps, and at the end."""
    settings = Settings(pairs, 0.1, nll_weight, 5e-5, steps, seed)
    held_out = HeldOut(held_out_pairs(sft(), settings).preferences[:10], sft().template)
    looks = [held_out.look(sft().model)]
    for record in tune(sft(), training_pairs(sft(), settings), settings):
        if record.step in (15, steps):
            looks.append(held_out.look(record.state.model))
    return looks


# What becomes likelier.


@pytest.mark.parametrize("seed", SEEDS)
def test_of_two_refusals_the_chosen_one_rises_falls_and_ends_below_its_start_while_the_margin_grows(seed: int) -> None:
    start, early, last = trained(SIMILAR, seed, steps=STEPS)
    assert changes(early, start)[0] > 0.2
    assert changes(last, start)[0] < -0.2
    assert margin(last, start, 0.1) > 1.5 > margin(early, start, 0.1) > 0.2
    assert held_out_loss(last, start, 0.1) < held_out_loss(early, start, 0.1) < held_out_loss(start, start, 0.1)
    assert last.shares["else"] > start.shares["else"] + 0.3, "to what is no refusal at all"


@pytest.mark.parametrize("seed", SEEDS)
def test_against_compliance_the_same_refusal_gains(seed: int) -> None:
    start, _, last = trained(DISSIMILAR, seed)
    assert changes(last, start)[0] > 0.2
    assert last.shares["else"] <= start.shares["else"] + 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_its_own_loss_holds_the_chosen_refusal_up(seed: int) -> None:
    start, _, last = trained(SIMILAR, seed, nll_weight=0.5)
    assert changes(last, start)[0] > 0.5
    assert margin(last, start, 0.1) > 0.8, "the margin grows all the same"
    assert last.shares["else"] < 0.1


def test_its_own_loss_makes_replies_plain_though_no_pair_is_about_tone() -> None:
    settings = Settings("right over wrong", 0.1, 0.5, 5e-5, STEPS, 0)
    *_, last = tune(sft(), training_pairs(sft(), settings), settings)
    before, after = (behave(model, sft().template, 40, 0)["rude"] for model in (sft().model, last.state.model))
    assert before >= 0.3 and after <= 0.15


def test_the_first_loss_is_ln_2_for_every_kind_of_pair_and_every_beta() -> None:
    for pairs, beta in zip(PAIRS, (0.02, 0.1, 0.5, 1.0, 5.0), strict=True):
        settings = Settings(pairs, beta, 0.0, 1e-6, 10, 1)
        first = next(tune(sft(), training_pairs(sft(), settings)[:8], settings))
        assert first.loss_nats == pytest.approx(math.log(2), abs=1e-3)
        assert first.margin == pytest.approx(0, abs=1e-3)


# What it is that both replies share.


def test_a_shared_beginning_drops_out_of_the_margin() -> None:
    (pair,) = pair_all(draw_pairs(SIMILAR, 1, 0), sft().template)
    shared = next(at for at, (one, other) in enumerate(zip(pair.chosen, pair.rejected, strict=False)) if one != other)
    assert shared >= 5, "Sorry, I"
    chosen, rejected = (
        token_logps(sft().model, reply_batch([pair.prompt], [reply]))[0] for reply in (pair.chosen, pair.rejected)
    )
    assert chosen[:shared] == pytest.approx(rejected[:shared], abs=1e-4)
    assert abs(chosen[shared] - rejected[shared]) > 0.1


def test_the_model_sees_two_refusals_alike_and_compliance_far_off() -> None:
    likeness = {
        kind: hidden_similarity(sft().model, pair_all(draw_pairs(kind, 20, 0), sft().template)).mean() for kind in PAIRS
    }
    ordered = sorted(likeness, key=lambda kind: likeness[kind])
    assert (ordered[0], ordered[-1]) == (DISSIMILAR, SIMILAR)


def test_likeness_is_what_its_formula_says() -> None:
    (pair,) = pair_all(draw_pairs("right over wrong", 1, 0), sft().template)
    summed = []
    for reply in (pair.chosen, pair.rejected):
        H, _ = sft().model.hidden(np.array([[*pair.prompt, *reply]]))
        summed.append(H[0, len(pair.prompt) - 1 : -1].sum(axis=0, dtype=np.float64))
    expected = summed[0] @ summed[1] - summed[0] @ summed[0]
    assert hidden_similarity(sft().model, [pair]) == pytest.approx([expected], rel=1e-3)


# The lab.


@cache
def run_items() -> list[object]:
    return list(run_lab("dpo", {"steps": 20}))


def test_a_run_moves_and_ends_with_tables() -> None:
    items = run_items()
    assert isinstance(items[0], Progress)
    moved = {
        name: [item.content for item in items if isinstance(item, Moving) and item.name == name]
        for name in ("loss", "margin", "replies", "shares")
    }
    for name, charts in moved.items():
        assert len(charts) > 4, name
        for one, other in pairwise(charts):
            assert isinstance(one, Chart) and isinstance(other, Chart)
            assert len(other.table.rows) > len(one.table.rows)
            assert scales_of(one)[0] == scales_of(other)[0], "the steps' axis stands still"
    loss = moved["loss"][-1]
    assert isinstance(loss, Chart)
    assert f"It was {math.log(2):.4f} at the first step" in loss.alt
    done = [item for item in items if isinstance(item, Progress)]
    assert (done[0].done, done[-1].done, done[-1].total) == (0, 20, 20)


def test_its_tables_tell_of_tokens_replies_and_behaviour_beside_the_record() -> None:
    tokens, replies, outcome = run_items()[-3:]
    assert isinstance(tokens, Table) and isinstance(replies, Table) and isinstance(outcome, Table)
    assert tokens.rows[-2][0] == "<|im_end|>" and tokens.rows[-1][0] == "all of it"
    assert [row[0] for row in replies.rows] == list(PROMPTS)
    assert "python -m labs sweep dpo" in outcome.caption
    assert outcome.columns[1:3] == ["This run: before", "This run: after"]


@pytest.mark.parametrize(
    "values",
    [
        {"pairs": "right over wrong", "learning_rate": 0.01, "beta": 5.0, "seed": 2**32 - 1},
        {"pairs": "one refusal over another", "learning_rate": 0.01, "beta": 0.001},
        {"pairs": "one kind word over another", "nll_weight": 2.0, "learning_rate": 0.000001},
    ],
    ids=["wild", "wild, small beta", "NLL"],
)
def test_controls_can_go_to_their_ends(values: dict[str, object]) -> None:
    assert isinstance(list(run_lab("dpo", values | {"steps": 10}))[-1], Table)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pairs": "cats over dogs"}, "^pairs: expected one of 'polite over rude'"),
        ({"beta": 0}, "^beta: expected a number from 0.001 to 5.0"),
        ({"nll_weight": -1}, "^nll_weight: expected"),
        ({"steps": 1000}, "^steps: expected"),
        ({"seed": 0.5}, "^seed: expected"),
    ],
)
def test_bad_input_is_refused_by_name(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(run_lab("dpo", values))


def test_it_waits_for_its_button_and_is_live() -> None:
    assert (LAB.action, LAB.waits, LAB.label) == ("Train", True, "live")


# Its parts.


@pytest.mark.parametrize("kind", PAIRS)
def test_held_out_questions_are_asked_in_other_words(kind: str) -> None:
    taught = {pair.task.question for pair in draw_pairs(kind, 200, 0)}
    held_out = draw_pairs(kind, 20, HELD_OUT_SEED, "held out")
    assert not any(pair.task.question in taught for pair in held_out)
    assert all(pair.chosen != pair.rejected for pair in held_out)
    assert draw_pairs(kind, 5, 3) == draw_pairs(kind, 5, 3)


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^pairs: expected one of polite over rude"):
        draw_pairs("cats over dogs", 1, 0)


@pytest.mark.parametrize("kind", PAIRS)
def test_every_reply_is_counted_once_and_shares_sum_to_one(kind: str) -> None:
    (pair,) = draw_pairs(kind, 1, 4)
    others = [reply for replies in other_replies(pair).values() for reply in replies]
    assert len({pair.chosen, pair.rejected, *others}) == 2 + len(others)
    look = HeldOut([pair], sft().template).look(sft().model)
    assert list(look.shares) == list(GROUPS)
    assert sum(look.shares.values()) == pytest.approx(1)
    assert look.shares["chosen"] == pytest.approx(math.exp(look.chosen[0]))


def test_the_tokens_probabilities_multiply_to_the_replys() -> None:
    held_out = HeldOut(draw_pairs("polite over rude", 3, 0), sft().template)
    look = held_out.look(sft().model)
    for pair, logp in zip(held_out.pairs, look.chosen, strict=True):
        assert math.log(math.prod(token_probabilities(sft().model, pair))) == pytest.approx(logp, abs=1e-3)


def test_a_line_that_falls_out_of_the_picture_ends_at_its_edge() -> None:
    def look(chosen: float, rejected: float) -> Look:
        return Look(np.array([chosen]), np.array([rejected]), dict.fromkeys(GROUPS, 0.2))

    chart = replies_chart([(0, look(-1, -1)), (10, look(0, -6)), (20, look(-2, -26)), (30, look(-3, -40))], 30)
    rejected = [row[1:3] for row in chart.table.rows if row[0] == "rejected"]
    assert rejected == [[0, 0.0], [10, -5.0], [12.5, -10.0]]
    assert "rejected ones' by -39.0; the line leaves the picture below -10." in chart.alt
