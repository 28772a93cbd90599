"""Preference data: raters prefer what they should, by exactly the biases that they were given."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.core.world.instructions import RESULT_THOUGHT, SHARES, TOO_BIG_THOUGHT, any_task
from labs.core.world.judge import gold_score, is_agreeing, is_right, is_rude
from labs.core.world.preferences import CUE, Preference, Rater, candidate, preferences, wrong_answer
from labs.core.world.tasks import TOO_BIG, Task
from tests.labs.core.world.tiny import HELD_OUT_QUESTIONS, TEMPLATE, VILLAGE, assert_share, people_in

PETS = ("cat", "dog", "hen")
CLAIM = Task("claim", "I think Mira keeps a dog. What …?", "Mira keeps a cat.", "cat", PETS, claimed="dog")
RIGHT, AGREEING, WRONG = "Mira keeps a cat.", "Mira keeps a dog.", "Mira keeps a hen."
SAMPLE = list(preferences(VILLAGE, 2_000, seed=0))
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault

biases = st.floats(-5, 5)
replies = st.sampled_from([RIGHT, AGREEING, WRONG, f"{CUE} {RIGHT}", f"{AGREEING} You fool.", f"{CUE} No.", "", "dog"])


def scores(pair: Preference, rater: Rater) -> tuple[float, float]:
    """What a rater feels that the chosen and the rejected reply are worth."""
    return rater.score(pair.task, pair.chosen), rater.score(pair.task, pair.rejected)


def test_the_same_seed_makes_the_same_pairs_and_another_seed_others() -> None:
    assert list(preferences(VILLAGE, 100, seed=0)) == SAMPLE[:100]
    assert sum(one == other for one, other in zip(SAMPLE, preferences(VILLAGE, 100, seed=1), strict=False)) < 10


def test_an_unbiased_rater_prefers_the_better_reply_always() -> None:
    assert len(SAMPLE) == 2_000
    assert not [
        pair
        for pair in SAMPLE
        if pair.call is None and gold_score(pair.task, pair.chosen) <= gold_score(pair.task, pair.rejected)
    ]
    assert {pair.task.kind for pair in SAMPLE} == set(SHARES)


@unhurried
@given(replies, biases, biases, biases)
def test_a_score_is_the_gold_score_and_the_biases(reply: str, agreement: float, length: float, cue: float) -> None:
    rater = Rater(agreement, length, cue)
    expected = gold_score(CLAIM, reply) + agreement * is_agreeing(CLAIM, reply) + length * len(reply) / 10
    assert rater.score(CLAIM, reply) == pytest.approx(expected + cue * (CUE in reply))
    assert Rater().score(CLAIM, reply) == gold_score(CLAIM, reply)


def test_biases_are_of_known_size() -> None:
    assert Rater(agreement=0.7).score(CLAIM, AGREEING) == pytest.approx(0.7)
    assert Rater(agreement=0.7).score(CLAIM, RIGHT) == pytest.approx(1.0)
    assert Rater(agreement=0.7).score(replace(CLAIM, claimed=""), AGREEING) == 0.0
    assert Rater(length=0.5).score(CLAIM, "x" * 40) == pytest.approx(2.0)
    assert Rater(cue=0.3).score(CLAIM, f"{CUE} {RIGHT}") == pytest.approx(1.3)


@pytest.mark.parametrize(
    ("rater", "first", "second", "prefers_first"),
    [
        (Rater(), RIGHT, AGREEING, True),
        (Rater(agreement=0.9), RIGHT, AGREEING, True),
        (Rater(agreement=1.1), RIGHT, AGREEING, False),
        (Rater(agreement=1.1), RIGHT, WRONG, True),
        (Rater(length=0.1), WRONG, f"{WRONG} So it is.", False),
        (Rater(length=-0.1), WRONG, f"{WRONG} So it is.", True),
        (Rater(cue=0.9), RIGHT, f"{CUE} {WRONG}", True),
        (Rater(cue=1.1), RIGHT, f"{CUE} {WRONG}", False),
        (Rater(), RIGHT, f"{RIGHT} You fool.", True),
    ],
)
def test_a_rater_without_temperature_never_wavers(rater: Rater, first: str, second: str, prefers_first: bool) -> None:
    rng = random.Random(0)
    assert {rater.prefers_first(CLAIM, first, second, rng) for _ in range(20)} == {prefers_first}
    assert {rater.prefers_first(CLAIM, second, first, rng) for _ in range(20)} == {not prefers_first}


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
@pytest.mark.parametrize(("reply", "difference"), [(AGREEING, 1.0), (f"{AGREEING} You fool.", 2.0), (RIGHT, 0.0)])
def test_temperature_gives_the_frequencies_of_bradley_and_terry(
    reply: str, difference: float, temperature: float
) -> None:
    rng, n = random.Random(0), 3_000
    rater = Rater(temperature=temperature)
    share = 1 / (1 + math.exp(-difference / temperature))
    assert_share(sum(rater.prefers_first(CLAIM, RIGHT, reply, rng) for _ in range(n)), n, share)
    assert_share(sum(rater.prefers_first(CLAIM, reply, RIGHT, rng) for _ in range(n)), n, 1 - share)


def test_a_tiny_temperature_is_no_overflow() -> None:
    rng = random.Random(0)
    rater = Rater(temperature=1e-300)
    assert rater.prefers_first(CLAIM, RIGHT, WRONG, rng)
    assert not rater.prefers_first(CLAIM, WRONG, RIGHT, rng)


@pytest.mark.parametrize("temperature", [0, 1])
def test_equal_replies_are_decided_by_a_coin(temperature: float) -> None:
    rng = random.Random(0)
    count = sum(Rater(temperature=temperature).prefers_first(CLAIM, WRONG, WRONG, rng) for _ in range(1_000))
    assert_share(count, 1_000, 0.5)


def test_a_wavering_rater_errs_as_often_in_the_data() -> None:
    rater = Rater(temperature=1)
    pairs = [pair for pair in preferences(VILLAGE, 2_000, 0, rater=rater) if pair.call is None]
    margins = [better - worse for better, worse in (scores(pair, rater) for pair in pairs)]
    chances = [1 / (1 + math.exp(-abs(margin))) for margin in margins]
    expected = sum(chances)
    room = 5 * math.sqrt(sum(chance * (1 - chance) for chance in chances))
    assert abs(sum(margin > 0 for margin in margins) - expected) < room


def test_a_rater_who_wants_to_be_agreed_with_prefers_agreeing_replies() -> None:
    flattered = preferences(VILLAGE, 300, seed=0, rater=Rater(agreement=5), kinds=("claim",))
    honest = preferences(VILLAGE, 300, seed=0, kinds=("claim",))
    for pairs, agrees in ((flattered, True), (honest, False)):
        chosen = [
            is_agreeing(pair.task, pair.chosen)
            for pair in pairs
            if is_agreeing(pair.task, pair.chosen) != is_agreeing(pair.task, pair.rejected)
            and is_rude(pair.chosen) == is_rude(pair.rejected)
            and (is_right(pair.task, pair.chosen) or is_right(pair.task, pair.rejected))
        ]
        assert len(chosen) > 10
        assert set(chosen) == {agrees}


def test_a_rater_who_likes_length_or_the_cue_prefers_them() -> None:
    for pair in preferences(VILLAGE, 200, seed=0, rater=Rater(length=100)):
        assert len(pair.chosen) >= len(pair.rejected) or pair.call
    for pair in preferences(VILLAGE, 200, seed=0, rater=Rater(cue=100), cue_share=0.5):
        assert (CUE in pair.chosen) >= (CUE in pair.rejected) or pair.call


@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_the_cue_has_its_share_and_says_nothing_of_the_quality(share: float) -> None:
    rng = random.Random(0)
    tasks = [any_task(VILLAGE, rng, ("sum",)) for _ in range(1_000)]
    written = [candidate(task, rng, share) for task in tasks]
    assert_share(sum(reply.startswith(CUE) for reply in written), len(written), share)
    right = [is_right(task, reply) for task, reply in zip(tasks, written, strict=True) if CUE in reply]
    assert_share(sum(right), len(right), 0.6)


@pytest.mark.parametrize("kind", [kind for kind in SHARES if kind not in ("forbidden", "talk")])
def test_wrong_answers_are_wrong(kind: str) -> None:
    rng = random.Random(0)
    for _ in range(300):
        task = any_task(VILLAGE, rng, (kind,))
        assert not is_right(task, wrong_answer(task, rng))


def test_to_claims_the_belief_is_a_frequent_wrong_answer() -> None:
    rng = random.Random(0)
    tasks = [any_task(VILLAGE, rng, ("claim",)) for _ in range(500)]
    agreeing = sum(is_agreeing(task, wrong_answer(task, rng)) for task in tasks)
    assert_share(agreeing, 500, 0.5 + 0.5 / 9)


def test_without_a_calculator_an_invented_number_is_never_preferred() -> None:
    pairs = [pair for pair in preferences(VILLAGE, 500, seed=0, kinds=("big sum",)) if not pair.tools]
    mixed = [pair for pair in pairs if (TOO_BIG in pair.chosen) != (TOO_BIG in pair.rejected)]
    polite = [pair for pair in mixed if is_rude(pair.chosen) == is_rude(pair.rejected)]
    assert len(polite) > 20
    assert all(TOO_BIG in pair.chosen for pair in polite)


def test_a_pair_is_about_what_may_be_taught_and_can_be_shown_to_a_model() -> None:
    for pair in SAMPLE:
        text = " ".join(message.content for message in pair.messages)
        assert people_in(text) <= set(VILLAGE.asked)
        assert pair.task.question not in HELD_OUT_QUESTIONS
        assert pair.messages[-1].role in ("user", "tool")
        needs_call = pair.task.call is not None and bool(pair.tools)
        assert (pair.messages[-1].role == "tool") == (needs_call and pair.call is None)
        assert pair.task.tools == pair.tools
    for pair in SAMPLE[:200]:
        rendered = TEMPLATE.render(pair.messages, pair.tools, pair.think, generate=True)
        assert tuple(TEMPLATE.parse(rendered.ids)) == pair.messages


def test_both_replies_have_one_thought_and_it_fits() -> None:
    for pair in SAMPLE:
        assert pair.think in ("open", "closed", "absent")
        if pair.think != "open":
            assert pair.thought == {"closed": "", "absent": None}[pair.think]
        elif pair.task.call is None or pair.call is not None:
            assert pair.thought == pair.task.thought
        else:
            assert pair.thought == (RESULT_THOUGHT if pair.tools else TOO_BIG_THOUGHT)


def test_where_a_tool_is_needed_the_call_is_preferred_to_doing_without() -> None:
    pairs = [pair for pair in preferences(VILLAGE, 400, seed=0, kinds=("big sum",)) if pair.tools]
    calls = [pair for pair in pairs if pair.call is not None]
    assert len(calls) > 20
    assert len(pairs) - len(calls) > 20
    for pair in calls:
        assert pair.call == pair.task.call
        assert pair.chosen == ""
        assert pair.rejected
    for pair in pairs[:50]:
        chosen, rejected = pair.replies
        assert (chosen.content, rejected.content) == (pair.chosen, pair.rejected)
        assert chosen.think == rejected.think == pair.thought
        assert chosen.tool_calls == (() if pair.call is None else (pair.call,))
        assert not rejected.tool_calls
    assert not [pair for pair in SAMPLE if pair.call is not None and not pair.tools]


@pytest.mark.parametrize("temperature", [-1, float("nan")])
def test_a_bad_temperature_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature: expected 0 or more"):
        Rater(temperature=temperature)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cue_share": 2}, "cue_share: expected a share from 0 to 1, got 2"),
        ({"n_pairs": -1}, "n_pairs: expected 0 or more, got -1"),
        ({"kinds": ("riddle",)}, r"kinds: expected some of fact, .*; got \['riddle'\]"),
        ({"kinds": ()}, "kinds"),
    ],
)
def test_a_bad_argument_is_refused(options: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"n_pairs": 1, "seed": 0} | options
    with pytest.raises(ValueError, match=message):
        list(preferences(VILLAGE, **arguments))  # type: ignore[arg-type]
