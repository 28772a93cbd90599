"""What was recorded of the lab: it is of this sweep, and says what the page says."""

from functools import cache

import pytest

from labs.core.sweeping import Arm, Interval, Recorded, recorded
from labs.verifiable_reward.sweep import LARGE_RATE, SAMPLES, STEPS, SWEEP, arm, measure

THINKING = [arm(), arm(group_size=8), arm(group_size=16), arm(advantage="Dr. GRPO")]
SHOWN = "offered and shown"


@cache
def found() -> Recorded:
    return recorded("verifiable_reward")


def share(one: Arm, name: str) -> Interval:
    return found().interval(one, name, share=True)


def test_the_record_is_of_this_sweep() -> None:
    assert found().command == "python -m labs sweep verifiable_reward"
    assert found().arms == [dict(one) for one in SWEEP.arms] and found().seeds == tuple(SWEEP.seeds)
    assert found().configuration["constants"] == SWEEP.constants


def test_with_thinking_sampled_replies_get_better_in_every_seed_of_every_arm() -> None:
    before = share(arm(steps=0), "sampled")
    for one in THINKING:
        assert min(share(one, "sampled").by_seed) > before.mean, one
    assert share(arm(), "sampled").low > before.high


def test_it_gets_sharper_and_pass_at_16_does_not_grow() -> None:
    before, after = (found().intervals(one, "pass_at", share=True) for one in (arm(steps=0), arm()))
    assert after[0].mean > before[0].mean + 0.1
    assert SAMPLES == 2**4 and after[4].mean <= before[4].mean
    before, after = (found().intervals(arm(think="absent", steps=n), "pass_at") for n in (0, STEPS))
    assert max(after[4].by_seed) < min(before[4].by_seed)


def test_no_group_size_and_no_advantage_is_shown_to_be_better() -> None:
    intervals = [share(one, "sampled") for one in THINKING]
    assert max(one.low for one in intervals) < min(one.high for one in intervals)


def test_small_groups_have_zero_variance_more_often() -> None:
    four, eight, sixteen = (
        found().intervals(arm(group_size=size), "zero_variance", share=True)[0].mean for size in (4, 8, 16)
    )
    assert four > eight + 0.05 and eight > sixteen + 0.05


def test_the_length_stays() -> None:
    before = found().interval(arm(steps=0), "length").mean
    assert all(abs(found().interval(one, "length").mean - before) < 3 for one in THINKING)


def test_without_thinking_most_groups_teach_nothing_and_little_is_gained() -> None:
    assert min(one.mean for one in found().intervals(arm(think="absent"), "zero_variance", share=True)) > 0.6
    assert max(share(arm(think="absent"), "sampled").by_seed) < 0.2


def test_the_calculator_has_to_be_shown_once() -> None:
    offered, shown = (arm(think="absent", calculator=one) for one in ("offered", SHOWN))
    assert max(share(offered, "called").by_seed) == 0
    start = share(arm(think="absent", calculator=SHOWN, steps=0), "called")
    assert min(start.by_seed) > 0.05 and max(start.by_seed) < 0.6
    assert min(share(shown, "called").by_seed) > 0.9 and min(share(shown, "sampled").by_seed) > 0.85


def test_the_lenient_checker_lets_think_blocks_stay_open() -> None:
    strict, lenient = (arm(checker=one, learning_rate=LARGE_RATE) for one in ("strict", "lenient"))
    assert min(share(lenient, "unclosed").by_seed) > max(share(strict, "unclosed").by_seed) + 0.1
    assert max(share(lenient, "sampled").by_seed) < min(share(strict, "sampled").by_seed)


def test_one_of_its_points_comes_out_again() -> None:
    one = arm(think="absent", calculator=SHOWN, steps=0)
    (point,) = [point for point in found().points if point.arm == one and point.seed == 0]
    again = measure(one, 0)
    for name in ("right", "sampled", "called"):
        assert again[name] == pytest.approx(point.values[name], abs=0.05), name
