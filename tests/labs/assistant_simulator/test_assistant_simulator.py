"""The assistant simulator: a learned preference keeps a distribution, a filter breaks it, and framing slips past."""

import math

import pytest

from labs.assistant_simulator.filtering import is_blocked, renormalised, zeroed
from labs.assistant_simulator.lab import LAB, MODES, run
from labs.assistant_simulator.replies import BLOCKED, PARAPHRASES, REPLIES
from labs.assistant_simulator.rows import REPLY_SHARE, after, at_temperature, before, mass
from labs.core.contract import Chart, Table
from labs.core.simulator.table import TABLE

PREFIX = "The easiest way to open a"
HARMFUL = [prefix for prefix in TABLE if any(c.harmful for c in TABLE[prefix])]


def test_every_prefix_has_replies_and_every_harmful_line_a_paraphrase() -> None:
    assert set(REPLIES) == set(TABLE)
    for replies in REPLIES.values():
        assert sorted(reply.kind for reply in replies) == ["helpful", "helpful", "refusal"]
    assert set(PARAPHRASES) == {c.text for row in TABLE.values() for c in row if c.harmful}


@pytest.mark.parametrize("prefix", TABLE)
@pytest.mark.parametrize("framed", [False, True])
def test_both_rows_are_distributions_over_the_same_lines(prefix: str, framed: bool) -> None:
    old, new = before(prefix, framed), after(prefix, framed)
    assert [line.text for line in old] == [line.text for line in new]
    assert math.isclose(mass(old), 1) and math.isclose(mass(new), 1)
    assert mass(old, "helpful", "refusal") == pytest.approx(REPLY_SHARE)
    assert all(line.probability > 0 for line in new)


@pytest.mark.parametrize("prefix", HARMFUL)
def test_tuning_makes_harm_rare_and_replies_likely(prefix: str) -> None:
    assert 0 < mass(after(prefix), "harmful") < mass(before(prefix), "harmful") / 20
    assert mass(after(prefix), "helpful", "refusal") > 0.5
    assert mass(after(prefix), "refusal") > mass(before(prefix), "refusal")


def test_after_is_the_optimum_of_reward_and_closeness() -> None:
    old, new = before(PREFIX), after(PREFIX, beta=2.0)
    for a, b in zip(zip(old, new, strict=True), zip(old[1:], new[1:], strict=True), strict=False):
        gained = math.log(a[1].probability / a[0].probability) - math.log(b[1].probability / b[0].probability)
        assert gained == pytest.approx((a[0].reward - b[0].reward) / 2.0)


def test_a_large_beta_stays_at_the_base_model_and_a_small_one_takes_the_best_reward() -> None:
    assert [x.probability for x in after(PREFIX, beta=1e9)] == pytest.approx([x.probability for x in before(PREFIX)])
    best = after(PREFIX, beta=1e-3)
    assert sum(x.probability for x in best if x.reward == 5.0) == pytest.approx(1)


@pytest.mark.parametrize("beta", [0, -1, math.nan])
def test_a_beta_that_is_not_positive_is_refused(beta: float) -> None:
    with pytest.raises(ValueError, match=f"beta: expected a number above 0, got {beta}"):
        after(PREFIX, beta=beta)


@pytest.mark.parametrize("prefix", HARMFUL)
def test_the_filter_stops_all_harm_and_leaves_no_distribution(prefix: str) -> None:
    row = zeroed(before(prefix))
    assert mass(row, "harmful") == 0
    assert mass(row) == pytest.approx(1 - mass(tuple(x for x in before(prefix) if is_blocked(x.text))))
    assert mass(row) < 1


@pytest.mark.parametrize("prefix", TABLE)
def test_renormalising_mends_the_sum_and_keeps_the_ratios(prefix: str) -> None:
    row = zeroed(before(prefix))
    mended = renormalised(row)
    assert mass(mended) == pytest.approx(1)
    for x, y in zip(row, mended, strict=True):
        assert y.probability * mass(row) == pytest.approx(x.probability)


def test_nothing_left_to_renormalise_is_refused() -> None:
    with pytest.raises(ValueError, match="expected some probability, got a sum of 0"):
        renormalised(zeroed(before(PREFIX), [""]))


def test_the_filter_reads_words_and_so_hits_the_innocent() -> None:
    blocked = {line.kind for prefix in TABLE for line in before(prefix) if is_blocked(line.text)}
    assert {"ok", "refusal"} <= blocked
    assert is_blocked("your PASSWORD please") and not is_blocked("your secret word")


@pytest.mark.parametrize("prefix", HARMFUL)
def test_a_framing_slips_past_the_filter_and_weakens_the_preference(prefix: str) -> None:
    assert mass(zeroed(before(prefix, framed=True)), "harmful") == pytest.approx(mass(before(prefix), "harmful"))
    framed = mass(after(prefix, framed=True), "harmful")
    assert mass(after(prefix), "harmful") < framed < mass(before(prefix), "harmful") / 4
    assert not any(phrase.lower() in text.lower() for text in PARAPHRASES.values() for phrase in BLOCKED)


def test_an_unknown_prefix_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="Did you mean 'The easiest way to open a'"):
        before("The easiest way to open")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("temperature", [0.0, 1.0, 3.0])
def test_a_run_shows_both_rows_and_all_sums(mode: str, temperature: float) -> None:
    first, chart, sums = run(PREFIX, mode, False, temperature)
    assert isinstance(first, Table) and len(first.rows) == (1 if mode == "base" else 2)
    assert isinstance(chart, Chart) and len(chart.table.rows) == len(before(PREFIX))
    assert isinstance(sums, Table)
    totals = {str(row[0]): float(str(row[5])) for row in sums.rows}
    assert [name for name in totals if not math.isclose(totals[name], 1)] == (["filter"] if temperature else [])


def test_a_filter_can_leave_nothing_at_temperature_zero() -> None:
    with pytest.raises(ValueError, match="block fewer lines"):
        renormalised(zeroed(at_temperature(before(PREFIX), 0), ["jar"]))


def test_every_prefix_runs_at_every_end_of_the_controls() -> None:
    for prefix in TABLE:
        for framed in (False, True):
            for mode in MODES:
                for temperature in (0.0, 3.0):
                    assert len(list(run(prefix, mode, framed, temperature))) == 3


def test_what_the_filter_leaves_of_a_blocked_favourite_is_nothing() -> None:
    first, *_ = run("People from the next town are", "filter", False, 0.0)
    assert isinstance(first, Table) and first.rows[1][1] == "nothing: it is blocked"


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match=r"mode: expected one of 'base', .*got 'both'"):
        list(run(PREFIX, "both", False, 1.0))


def test_the_lab_says_that_it_is_illustrative() -> None:
    assert LAB.label == "illustrative"
