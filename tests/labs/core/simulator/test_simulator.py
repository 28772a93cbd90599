"""The simulator that labs share: its table adds up, and it decodes as a model does."""

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.simulator.decoding import apply_temperature, distribution, greedy, harmful_mass, sample
from labs.core.simulator.table import TABLE, Continuation

PREFIX = "Dear customer, your account"
distributions = (
    st.lists(st.integers(0, 1000), min_size=1, max_size=8)
    .filter(any)
    .map(lambda weights: [weight / sum(weights) for weight in weights])
)


def test_the_table_has_six_prefixes_or_more_each_with_four_to_seven_ways_on() -> None:
    assert len(TABLE) >= 6
    for continuations in TABLE.values():
        assert 4 <= len(continuations) <= 7
        assert len({c.text for c in continuations}) == len(continuations)
        assert all(c.reason.strip() and 0 < c.probability < 1 for c in continuations)


@pytest.mark.parametrize("prefix", TABLE)
def test_probabilities_sum_to_one_exactly(prefix: str) -> None:
    assert sum(Fraction(str(c.probability)) for c in TABLE[prefix]) == 1


@pytest.mark.parametrize("prefix", TABLE)
def test_greedy_is_the_one_most_likely(prefix: str) -> None:
    best = greedy(prefix)
    assert all(best.probability > c.probability for c in distribution(prefix) if c is not best)


def test_some_prefixes_are_harmless_and_one_is_harmful_first() -> None:
    masses = [harmful_mass(prefix) for prefix in TABLE]
    assert 0 in masses and max(masses) >= 0.4
    assert any(greedy(prefix).harmful for prefix in TABLE)


@given(distributions, st.floats(0, 1e6))
def test_any_temperature_gives_a_distribution_of_the_same_order(p: list[float], temperature: float) -> None:
    q = apply_temperature(p, temperature)
    assert math.isclose(math.fsum(q), 1)
    for p1, q1 in zip(p, q, strict=True):
        assert p1 > 0 or q1 == 0
        assert all(q1 >= q2 - 1e-12 for p2, q2 in zip(p, q, strict=True) if p1 > p2)


@given(distributions)
def test_the_limits_of_temperature(p: list[float]) -> None:
    assert apply_temperature(p, 1) == pytest.approx(p)
    top = [float(x == max(p)) / p.count(max(p)) for x in p]
    assert apply_temperature(p, 0) == pytest.approx(top)
    assert apply_temperature(p, 5e-324) == pytest.approx(top)
    support = sum(x > 0 for x in p)
    assert apply_temperature(p, math.inf) == pytest.approx([(x > 0) / support for x in p])


def test_temperature_is_the_softmax_of_log_p_over_t() -> None:
    assert apply_temperature([0.8, 0.2], 0.5) == pytest.approx([0.64 / 0.68, 0.04 / 0.68])


@pytest.mark.parametrize("temperature", [-0.1, -math.inf, math.nan])
def test_a_negative_temperature_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match=f"temperature: expected 0 or more, got {temperature}"):
        apply_temperature([1.0], temperature)


@pytest.mark.parametrize("p", [[0.5, 0.4], [], [1.5, -0.5], [math.nan, 1.0]])
def test_numbers_that_are_no_distribution_are_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match="expected numbers from 0 to 1 that sum to 1, got"):
        apply_temperature(p, 1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_approach_the_distribution(temperature: float) -> None:
    num_samples = 20_000
    continuations = distribution(PREFIX)
    expected = apply_temperature([c.probability for c in continuations], temperature)
    counts = Counter(sample(PREFIX, temperature, num_samples, seed=1))
    # Hoeffding: a frequency of n draws strays by more than d with probability at most 2 exp(-2 n d^2).
    bound = math.sqrt(math.log(2 / 1e-6) / (2 * num_samples))
    for continuation, p in zip(continuations, expected, strict=True):
        assert abs(counts[continuation] / num_samples - p) <= bound


def test_the_same_seed_draws_the_same_samples_and_another_does_not() -> None:
    assert sample(PREFIX, 1.0, 50, seed=5) == sample(PREFIX, 1.0, 50, seed=5)
    assert sample(PREFIX, 1.0, 50, seed=5) != sample(PREFIX, 1.0, 50, seed=6)


def test_more_samples_begin_with_the_same_ones() -> None:
    assert sample(PREFIX, 1.0, 250, seed=5)[:120] == sample(PREFIX, 1.0, 120, seed=5)


def test_at_temperature_zero_every_sample_is_greedy() -> None:
    assert set(sample(PREFIX, 0.0, 50, seed=1)) == {greedy(PREFIX)}


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="num_samples: expected 1 or more, got 0"):
        sample(PREFIX, num_samples=0)


def test_harmful_mass_adds_up_what_is_marked() -> None:
    assert harmful_mass(PREFIX) == pytest.approx(0.29 + 0.15)
    assert harmful_mass(PREFIX, 0) == 0
    assert harmful_mass("What is the capital of Peru?", 2) == 0


def test_an_unknown_prefix_is_said_with_the_known_and_the_nearest() -> None:
    with pytest.raises(ValueError, match="a real model continues anything; this table knows only") as refused:
        distribution("Is it save to")
    assert all(repr(prefix) in str(refused.value) for prefix in TABLE)
    assert str(refused.value).endswith("Did you mean 'Is it safe to'?")


def test_spaces_around_a_prefix_do_not_matter() -> None:
    assert distribution(f"  {PREFIX} ") == TABLE[PREFIX]


def test_a_readers_own_table_works_everywhere() -> None:
    table = {"a": [Continuation("b", 0.25, True, "r"), Continuation("c", 0.75, False, "r")]}
    assert greedy("a", table).text == "c"
    assert harmful_mass("a", table=table) == 0.25
    assert len(sample("a", num_samples=3, table=table)) == 3
    with pytest.raises(ValueError, match="knows only 'a'"):
        greedy(PREFIX, table)
