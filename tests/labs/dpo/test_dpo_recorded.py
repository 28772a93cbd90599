"""What was recorded of DPO, and that the page's words about it hold."""

from itertools import product

import pytest

from labs.core.sweeping import recorded
from labs.dpo.behaving import BEHAVIOURS
from labs.dpo.comparing import nearest_arm
from labs.dpo.looking import GROUPS
from labs.dpo.pairs import PAIRS
from labs.dpo.parts import PARTS
from labs.dpo.sweep import KIND, LONGER, LOOKS, REFUSALS, RUDE, SWEEP, arm
from labs.dpo.tuning import Settings

FOUND = recorded("dpo")
RIGHT, COMPLIANCE = "right over wrong", "refusal over compliance"


def by_seed(name: str, pairs: str, **settings: float) -> tuple[float, ...]:
    return FOUND.interval(arm(pairs, **settings), name).by_seed


def test_it_is_of_this_sweep() -> None:
    assert FOUND.command == "python -m labs sweep dpo"
    assert FOUND.arms == [dict(one) for one in SWEEP.arms] and FOUND.seeds == tuple(SWEEP.seeds)
    assert FOUND.configuration["constants"] == SWEEP.constants
    for point in FOUND.points:
        assert {*GROUPS} == {name.removesuffix("_share") for name in point.values if name.endswith("_share")}
        assert set(BEHAVIOURS) <= set(point.values)
    for one in FOUND.arms:
        moved = sum(FOUND.interval(one, f"{part}_change").mean for part in PARTS)
        assert moved == pytest.approx(FOUND.interval(one, "chosen").mean, abs=0.01)
        assert len(FOUND.intervals(one, "chosen_path")) == len(LOOKS) + 1


def test_one_refusal_over_another_rises_and_is_displaced_in_what_both_share() -> None:
    assert min(by_seed("best", REFUSALS)) > 0.4
    assert max(by_seed("chosen", REFUSALS)) < -0.7
    falls = [best - last for best, last in zip(by_seed("best", REFUSALS), by_seed("chosen", REFUSALS), strict=True)]
    assert 1.3 < sum(falls) / 3 < 1.7, "about a nat and a half"
    assert max(by_seed("shared_change", REFUSALS)) < -1 and min(by_seed("parting_change", REFUSALS)) > 0.4
    assert min(by_seed("margin", REFUSALS)) > 2.5
    assert max(by_seed("refuses", REFUSALS)) < 0.5, "fewer than half"
    assert min(by_seed("right", REFUSALS)) > 0.95, "facts are told as rightly as before"


def test_the_same_refusal_against_compliance_gains_and_something_else_suffers() -> None:
    assert min(by_seed("chosen", COMPLIANCE)) > 0.3 and min(by_seed("refuses", COMPLIANCE)) == 1
    assert max(by_seed("rejected", COMPLIANCE)) < -24, "dozens of nats"
    assert max(by_seed("ends", COMPLIANCE)) < 0.8


def test_the_most_alike_pairs_are_the_only_ones_displaced() -> None:
    likeness = {kind: FOUND.interval(arm(kind), "similarity").mean for kind in PAIRS}
    assert min(likeness, key=lambda kind: likeness[kind]) == COMPLIANCE
    assert max(likeness, key=lambda kind: likeness[kind]) == REFUSALS
    assert all(min(by_seed("chosen", kind)) > -0.1 for kind in PAIRS if kind != REFUSALS)


def test_polite_over_rude_does_what_it_is_for() -> None:
    last, best = by_seed("chosen", RUDE), by_seed("best", RUDE)
    assert min(last) > 0.4
    assert sum(high - low > 0.05 for low, high in zip(last, best, strict=True)) == 2, "slips in two of three seeds"
    assert max(by_seed("rude", RUDE)) < 0.1 and min(by_seed("right", RUDE)) > 0.95


def test_right_over_wrong_hardly_moves() -> None:
    assert max(map(abs, by_seed("chosen", RIGHT))) < 0.1 and min(by_seed("rude", RIGHT)) > 0.4


def test_one_kind_word_over_another_gains_and_loses_half_to_elsewhere() -> None:
    assert min(by_seed("chosen", KIND)) > 1
    assert min(by_seed("else_share", KIND)) > 0.45 and max(by_seed("else_share", KIND)) < 0.6
    assert max(by_seed("shared_change", KIND)) < -0.5, "what comes before it is not held"


def test_its_own_loss_holds_the_chosen_reply_up() -> None:
    assert min(by_seed("chosen", REFUSALS, nll_weight=0.5)) > 0.7
    assert min(by_seed("refuses", REFUSALS, nll_weight=0.5)) == 1
    with_it, without = (by_seed("margin", REFUSALS, nll_weight=weight) for weight in (0.5, 0.0))
    assert min(with_it) > 0.8 * max(without), "the margin grows nearly as far"


def test_small_betas_come_out_alike_and_a_large_one_displaces_less() -> None:
    for tenth, fiftieth, half in zip(
        *(by_seed("chosen", REFUSALS, beta=beta) for beta in (0.1, 0.02, 0.5)), strict=True
    ):
        assert abs(tenth - fiftieth) < 0.1
        assert tenth + 0.4 < half < 0


def test_longer_steps_displace_more_and_pairs_that_are_not_alike_too() -> None:
    for kind in (RUDE, REFUSALS):
        longer, shorter = by_seed("chosen", kind, learning_rate=LONGER), by_seed("chosen", kind)
        assert all(one < other - 0.3 for one, other in zip(longer, shorter, strict=True))
    assert max(by_seed("chosen", REFUSALS, learning_rate=LONGER)) < -2
    below = sorted(by_seed("chosen", RUDE, learning_rate=LONGER))
    assert below[0] < -2 and below[1] > 0, "one seed of three"
    best = by_seed("best", RUDE, learning_rate=LONGER)
    last = by_seed("chosen", RUDE, learning_rate=LONGER)
    assert all(one < other - 0.3 for one, other in zip(last, best, strict=True)), "they slip in every seed"
    assert max(by_seed("ends", RUDE, learning_rate=LONGER)) < 0.75
    assert min(by_seed("ends", RUDE, nll_weight=0.5, learning_rate=LONGER)) >= 0.9, "mends most of it"


def test_one_of_its_points_comes_out_again() -> None:
    (point,) = (point for point in FOUND.points if point.arm == arm(REFUSALS) and point.seed == 0)
    again = SWEEP.measure(point.arm, point.seed)
    assert again["chosen"] == pytest.approx(point.values["chosen"], abs=0.1)
    assert again["refuses"] == pytest.approx(point.values["refuses"], abs=0.1)


@pytest.mark.parametrize(("pairs", "weight", "rate"), list(product(PAIRS, (0.0, 0.7), (1e-6, 5e-5, 1e-2))))
def test_every_setting_has_a_recorded_one_next_to_it(pairs: str, weight: float, rate: float) -> None:
    assert nearest_arm(Settings(pairs, 0.1, weight, rate, 60, 0), FOUND)["pairs"] == pairs


def test_what_was_recorded_exactly_is_found() -> None:
    for one in FOUND.arms:
        beta, weight, rate = (float(one[name]) for name in ("beta", "nll_weight", "learning_rate"))
        assert nearest_arm(Settings(str(one["pairs"]), beta, weight, rate, 60, 0), FOUND) == one
