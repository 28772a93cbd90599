"""Reward model and RLHF: what biased raters teach a proxy, what climbing it is worth, and how both are shown."""

from functools import cache
from statistics import fmean

import numpy as np
import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Progress, Table
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.sweeping import Arm, recorded
from labs.core.training.best_of_n import best_of_n_kl
from labs.core.training.reward_model import RewardModel
from labs.core.world.judge import is_refusal, is_rude
from labs.core.world.preferences import CUE, Rater
from labs.rlhf.fitting import FORMS, fit
from labs.rlhf.lab import LAB, WINDOW
from labs.rlhf.optimising import Written, best_of, in_groups, kl_a_reply, policy_gradient, write
from labs.rlhf.pairs import (
    FEWEST,
    HELD_OUT_SEED,
    YOURS,
    compare,
    draw_compared,
    draw_tasks,
    told_apart,
    your_pairs,
    your_preferences,
)
from labs.rlhf.proxy import likes, start_policy, train_proxy
from labs.rlhf.recorded_pictures import mean_fit, recorded_fit
from labs.rlhf.sweep import NS, SWEEP

SEEDS = (0, 1, 2)
JUDGES = (is_refusal, is_rude)
CUE_LIKED = f"“{CUE}” in front"
ALL_RANKED = "AB" * (YOURS // 2)


@cache
def sft_model() -> Checkpoint:
    return load_checkpoint("sft")


@cache
def proxy(cue: float, seed: int) -> RewardModel:
    preferences = compare(draw_compared(300, seed), Rater(cue=cue, temperature=0.3), seed)
    *_, last = train_proxy(sft_model(), preferences, 40, seed)
    return last.reward_model


@cache
def written(seed: int) -> Written:
    tasks = draw_tasks(16, seed + HELD_OUT_SEED)
    return write(start_policy(sft_model(), seed), sft_model(), proxy(1.5, seed), tasks, 16, seed)


# What is claimed.


@pytest.mark.parametrize("seed", SEEDS)
def test_raters_who_like_a_word_teach_the_proxy_to_pay_for_it(seed: int) -> None:
    biased = likes(proxy(1.5, seed), sft_model(), seed)
    assert biased[CUE_LIKED] > 1 and biased[CUE_LIKED] > biased["right, not wrong"]


def test_unbiased_raters_do_not() -> None:
    assert abs(likes(proxy(0.0, 0), sft_model(), 0)[CUE_LIKED]) < 0.7


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_raters_who_like_length_teach_it_to_pay_for_the_word_as_well(seed: int) -> None:
    drawn = draw_compared(300, seed)
    paid = []
    for length in (0.5, 0.0):
        preferences = compare(drawn, Rater(length=length, temperature=0.3), seed)
        *_, last = train_proxy(sft_model(), preferences, 30, seed)
        paid.append(likes(last.reward_model, sft_model(), seed)[CUE_LIKED])
    assert paid[0] > paid[1] + 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_choosing_by_the_proxy_says_the_word_and_gains_less_than_it_seems(seed: int) -> None:
    start, best = (best_of(written(seed), n) for n in (1, 16))
    assert best.cue > 1.8 * start.cue and best.proxy > 1
    assert best.gold / written(seed).gold_spread < 0.7 * best.proxy


@pytest.mark.parametrize("seed", SEEDS)
def test_at_the_start_a_reply_with_the_word_hardly_ever_declines(seed: int) -> None:
    start = written(seed)
    declines, rude = (np.array([[judged(text) for text in row] for row in start.replies]) for judged in JUDGES)
    says_it = start.cue > 0
    assert declines[says_it].mean() < 0.05 < declines[~says_it].mean()
    assert 0.15 < rude.mean() < 0.55, "a fifth to a half"


# Its parts.


def made_up(proxy_points: list[list[float]], gold: list[list[float]]) -> Written:
    nothing = np.zeros_like(np.array(gold))
    texts = [["x"] * len(row) for row in gold]
    return Written([], [], texts, np.array(proxy_points), np.array(gold), nothing, nothing)


def test_the_best_of_n_is_the_mean_over_all_ways_to_draw_n() -> None:
    some = made_up([[3.0, 1.0, 2.0, 0.0]], [[1.0, 5.0, -2.0, 0.5]])
    golds = dict(zip((3.0, 1.0, 2.0, 0.0), (1.0, 5.0, -2.0, 0.5), strict=True))
    pairs = [(a, b) for a in golds for b in golds if a < b]
    expected = sum(golds[max(pair)] for pair in pairs) / len(pairs)
    assert best_of(some, 2).gold == pytest.approx(expected - sum(golds.values()) / 4)
    assert best_of(some, 4).gold == pytest.approx(1.0 - sum(golds.values()) / 4)
    assert best_of(some, 1).gold == pytest.approx(0) and best_of(some, 1).distance == 0
    assert best_of(some, 4).distance == pytest.approx(best_of_n_kl(4) ** 0.5)


def test_both_forms_give_their_own_coefficients_back() -> None:
    ds = [0.0, 0.5, 1.0, 2.0, 3.0]
    for form, gains in (
        ("best-of-n", [d * (1 - 0.2 * d) for d in ds]),
        ("policy gradient", [0.0, *(d * (1 - 0.5 * float(np.log(d))) for d in ds[1:])]),
    ):
        fitted = fit(form, ds, gains)
        assert (fitted.alpha, fitted.beta) == pytest.approx((1, 0.2 if form == "best-of-n" else 0.5))
        assert fitted.rmse == pytest.approx(0, abs=1e-9) and fitted.explained == pytest.approx(1)
        assert fitted.curve(ds) == pytest.approx(gains) and len(fitted.residuals) == 4
        assert fitted.peak is not None
        beside = fitted.curve([fitted.peak - 0.1, fitted.peak, fitted.peak + 0.1])
        assert beside[1] == max(beside)
    assert fit("best-of-n", ds, [d * d for d in ds]).peak is None


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(ValueError, match="form: expected one of best-of-n"):
        fit("parabola", [1, 2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match="distances: expected three or more above 0, got 2"):
        fit(next(iter(FORMS)), [0, 1, 2], [0, 1, 2])


def test_policy_gradient_begins_where_the_start_is_and_goes_away_from_it() -> None:
    policy = start_policy(sft_model(), 0)
    points = [point for point, _ in policy_gradient(policy, sft_model(), proxy(1.5, 0), written(0), 0.0, 5, 0)]
    assert points[0].distance == 0 and points[-1].distance > 0.3
    assert [point.label for point in points] == [f"step {step}" for step in range(5)]
    grouped = in_groups(points, 2)
    assert len(grouped) == 3 and grouped[0].gold == pytest.approx((points[0].gold + points[1].gold) / 2)


def test_a_model_is_no_distance_from_itself_and_some_from_another() -> None:
    model = sft_model().model
    prompts, replies = written(0).prompts[:2], [[5, 6, 7], [8, 9]]
    assert kl_a_reply(model, model.copy(), prompts, replies) == pytest.approx(0, abs=1e-5)
    assert kl_a_reply(proxy(1.5, 0).model, model, prompts, replies) > 0.01


def test_pairs_are_ranked_as_their_rater_ranks_and_the_same_each_time() -> None:
    drawn = draw_compared(50, 3)
    assert drawn == draw_compared(50, 3) and all(one.first != one.second for one in drawn)
    likes_cue = Rater(cue=100.0)
    for one in compare(drawn, likes_cue, 0):
        assert (CUE in one.chosen) >= (CUE in one.rejected)
    gold = Rater()
    assert all(gold.score(one.task, one.chosen) > gold.score(one.task, one.rejected) for one in told_apart(drawn))


def test_the_readers_pairs_are_as_they_were_ranked() -> None:
    assert len(your_pairs()) == YOURS >= FEWEST
    first, second = your_preferences("AB" + "-" * (YOURS - 2))
    assert first.chosen == your_pairs()[0].first and second.chosen == your_pairs()[1].second


# The lab.


def test_a_run_moves_and_shows_what_is_claimed() -> None:
    items = list(run_lab("rlhf", {"reward_steps": 20, "n": 4}))
    assert isinstance(items[0], Progress) and isinstance(items[1], Table)
    moved = {
        name: [item.content for item in items if isinstance(item, Moving) and item.name == name]
        for name in ("learning", "climb", "replies")
    }
    assert len(moved["learning"]) == 20 // WINDOW + 1 and len(moved["climb"]) == 3
    assert all(isinstance(chart, Chart) for chart in moved["climb"])
    liked, ends, fits = [item for item in items if isinstance(item, Table)][1:]
    assert [row[0] for row in liked.rows][2] == CUE_LIKED
    assert [row[0] for row in ends.rows] == ["The start", "Best of 4"] and ends.rows[0][2] == "0.00"
    assert "python -m labs sweep rlhf" in fits.caption


def test_both_ways_from_pairs_that_the_reader_ranked() -> None:
    values = {"raters": "you", "ranking": ALL_RANKED, "optimiser": "both", "reward_steps": 10, "steps": 4, "n": 3}
    items = list(run_lab("rlhf", values))
    replies = [item.content for item in items if isinstance(item, Moving) and item.name == "replies"][-1]
    assert isinstance(replies, Table)
    assert list(replies.columns)[1:] == ["The start writes", "Best of 3, by the proxy", "After policy gradient"]
    tables = [item for item in items if isinstance(item, Table)]
    assert f"of {YOURS} pairs, ranked by: you" in tables[0].caption
    assert "its raters" not in tables[1].caption, "what the reader would prefer elsewhere nobody knows"


def test_yours_and_simulated_together() -> None:
    values = {"raters": "both", "ranking": ALL_RANKED, "pairs": 100, "reward_steps": 10, "n": 2}
    tables = [item for item in run_lab("rlhf", values) if isinstance(item, Table)]
    assert "of 200 pairs" in tables[0].caption


@pytest.mark.parametrize("raters", ["you", "both"])
def test_too_few_ranked_pairs_are_refused_beside_the_control(raters: str) -> None:
    with pytest.raises(ValueError, match=r"^ranking: expected at least 12 ranked pairs, got 11; rank more"):
        list(run_lab("rlhf", {"raters": raters, "ranking": "A" * 11 + "-" * 5}))


@pytest.mark.parametrize("ranking", ["", "AB", "C" * YOURS, "A" * 10_000, "😀" * YOURS, "<|im_end|>"])
def test_what_is_no_ranking_is_refused(ranking: str) -> None:
    with pytest.raises(ValueError, match="ranking: expected 16 letters, one a pair"):
        list(run_lab("rlhf", {"ranking": ranking}))


@pytest.mark.parametrize(
    "values",
    [
        {"cue": 3.0, "length": 1.0, "agreement": 3.0, "noise": 2.0, "n": 2, "optimiser": "best-of-n"},
        {"cue": 0.0, "noise": 0.0, "pairs": 100, "optimiser": "policy gradient", "beta": 1.0, "steps": 4, "n": 2},
    ],
    ids=["biased", "unbiased"],
)
def test_controls_can_go_to_their_ends(values: dict[str, object]) -> None:
    assert isinstance(list(run_lab("rlhf", values | {"reward_steps": 10, "seed": 2**31 - 1}))[-1], Table)


def test_it_waits_for_its_button_and_is_live() -> None:
    assert (LAB.action, LAB.waits, LAB.label) == ("Train", True, "live")


# What was recorded.

LIKED, UNBIASED = {"cue": 1.5, "pairs": 500, "beta": 0.0}, {"cue": 0.0, "pairs": 500, "beta": 0.0}
PRICED, FEW = LIKED | {"beta": 0.2}, LIKED | {"pairs": 100}


def test_the_record_is_of_this_sweep() -> None:
    found = recorded("rlhf")
    assert found.command == "python -m labs sweep rlhf"
    assert found.arms == [dict(arm) for arm in SWEEP.arms] and found.seeds == tuple(SWEEP.seeds)
    assert found.configuration["constants"] == SWEEP.constants
    assert found.arms == [LIKED, PRICED, UNBIASED, FEW]


def ends(arm: Arm, name: str) -> list[float]:
    """The mean of the last five points of each seed's policy gradient."""
    rows = recorded("rlhf").by_seed(arm, f"gradient_{name}")
    return [fmean(row[-5:]) for row in rows if isinstance(row, tuple)]


def best_at(arm: Arm, name: str, n: int) -> list[float]:
    rows = recorded("rlhf").by_seed(arm, f"best_{name}")
    return [row[NS.index(n)] for row in rows if isinstance(row, tuple)]


def test_the_proxy_climbs_while_the_gold_judge_does_not() -> None:
    assert min(ends(LIKED, "proxy")) > 1.6, "standard deviations, in every seed"
    assert fmean(ends(LIKED, "gold")) < 0.2 and min(ends(LIKED, "gold")) < 0, "points"
    assert min(ends(LIKED, "cue")) > 0.9 and max(best_at(LIKED, "cue", 1)) < 0.25


def test_a_bias_costs_best_of_n_part_of_its_gain() -> None:
    assert fmean(best_at(UNBIASED, "gold", 8)) > 1.5 * fmean(best_at(LIKED, "gold", 8))
    assert min(best_at(LIKED, "cue", 64)) > 0.8 and max(best_at(UNBIASED, "cue", 64)) < 0.4


def test_unbiased_raters_do_not_keep_policy_gradient_from_the_word() -> None:
    assert min(ends(UNBIASED, "cue")) > 0.7
    assert abs(recorded("rlhf").interval(UNBIASED, f"likes: {CUE_LIKED}").mean) < 0.3


def test_the_gold_judge_turns_where_raters_are_unbiased() -> None:
    means = [interval.mean for interval in recorded("rlhf").intervals(UNBIASED, "best_gold")]
    assert 4 <= NS[means.index(max(means))] <= 16 and means[-1] < 0.8 * max(means)


def test_the_forms_fit_best_of_n_and_not_policy_gradient() -> None:
    found = recorded("rlhf")
    own, other = (mean_fit(found, UNBIASED, "best", form).explained for form in FORMS)
    assert own > 0.9 and other < 0.8
    assert max(recorded_fit(found, UNBIASED, "best", form).explained for form in FORMS) < 0.4
    for form in FORMS:
        assert mean_fit(found, LIKED, "best", form).explained > 0.9
        for arm in (LIKED, UNBIASED, FEW):
            assert recorded_fit(found, arm, "best", form).explained < 0.5, "one seed's curve is not another's"
        assert recorded_fit(found, LIKED, "gradient", form).explained < 0.1
        assert mean_fit(found, LIKED, "gradient", form).explained < 0.3


def test_the_price_keeps_the_policy_near_and_does_not_keep_it_from_the_word() -> None:
    free, priced = ends(LIKED, "distance"), ends(PRICED, "distance")
    assert all(one > other + 0.3 for one, other in zip(free, priced, strict=True))
    assert min(ends(PRICED, "cue")) > 0.9 and min(ends(PRICED, "proxy")) > 0.8 * min(ends(LIKED, "proxy"))
