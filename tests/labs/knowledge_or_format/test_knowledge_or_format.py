"""Knowledge or format: what SFT brings over three seeds, what was recorded, and that the lab shows it."""

import random
from dataclasses import replace
from functools import cache
from itertools import pairwise, product

import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Progress, Table
from labs.core.model.assistant import Reply
from labs.core.model.chat import Message
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.recipe import VILLAGE
from labs.core.sweeping import recorded
from labs.core.world.documents import internet
from labs.core.world.lexicon import PEOPLE, RELATIONS
from labs.core.world.village import Fact
from labs.knowledge_or_format.dialogues import DO_NOT_KNOW, HEDGED_PEOPLE, Settings, all_facts, draw_dialogues
from labs.knowledge_or_format.lab import LAB, SHORT
from labs.knowledge_or_format.measuring import (
    GROUPS,
    MEASURES,
    draw_test,
    is_exact,
    on_a_page,
    says_not_known,
    states_a_value,
    try_test,
    values_of,
)
from labs.knowledge_or_format.paraphrases import corpus, draw_new_people, new_dialogues, page, recall_on_pages
from labs.knowledge_or_format.people import INVENTED, draw_people
from labs.knowledge_or_format.pictures import sweep_arm
from labs.knowledge_or_format.sweep import LONG as LONG_READING
from labs.knowledge_or_format.sweep import PAGE_ARMS, PAGES, SWEEP
from labs.knowledge_or_format.sweep import SHORT as SHORT_READING
from labs.knowledge_or_format.tuning import tune
from tests.labs.conftest import scales_of

SEEDS = (0, 1, 2)
PLAIN = Settings(asked=30, unknown=0.0, hedges=0.0, steps=80, seed=0)
CASES = 40


@cache
def base() -> Checkpoint:
    return load_checkpoint("base")


@cache
def tuned(settings: Settings) -> dict[str, float]:
    *_, last = tune(base().model, draw_dialogues(settings, base().template), settings.steps, settings.seed)
    return values_of(try_test(base(), last.state.model, draw_test(all_facts(settings), CASES, settings.seed)))


# What SFT brings.


@pytest.mark.parametrize("seed", SEEDS)
def test_sft_on_half_of_the_people_has_it_answer_about_the_others_too(seed: int) -> None:
    settings = replace(PLAIN, seed=seed)
    test = draw_test(all_facts(settings), CASES, seed)
    before = values_of(try_test(base(), base().model, test))
    after = tuned(settings)
    assert before["asked"] == before["unasked"] == 0, "in markup the base model answers nothing"
    assert on_a_page(base(), test["unasked"]) >= 0.9, "though it knows"
    assert after["unasked"] >= 0.4 and after["asked"] >= 0.85, "guessing gives 0.1"


@pytest.mark.parametrize("seed", SEEDS)
def test_sft_on_three_people_teaches_their_facts_and_nothing_of_the_others(seed: int) -> None:
    after = tuned(replace(PLAIN, asked=3, seed=seed))
    assert after["asked"] >= 0.9 and after["unasked"] <= 0.35


@pytest.mark.parametrize("seed", SEEDS)
def test_unknown_facts_are_learned_later_and_have_it_make_up_more_about_strangers(seed: int) -> None:
    careful = replace(PLAIN, hedges=0.2, steps=120, seed=seed)
    without, with_unknown = tuned(careful), tuned(replace(careful, unknown=0.5))
    assert 0.15 <= with_unknown["unknown"] <= with_unknown["asked"] - 0.2
    assert with_unknown["states"] >= without["states"] + 0.2
    assert with_unknown["hedges"] < without["hedges"]


# What was recorded.


def test_the_record_is_of_this_sweep() -> None:
    found = recorded("knowledge_or_format")
    assert found.command == "python -m labs sweep knowledge_or_format"
    assert found.arms == [dict(arm) for arm in SWEEP.arms] and found.seeds == tuple(SWEEP.seeds)
    assert found.configuration["constants"] == SWEEP.constants


def test_the_record_says_that_few_people_teach_facts_and_many_teach_format() -> None:
    found = recorded("knowledge_or_format")
    shares = {
        asked: {name: found.interval({"experiment": "people", "asked": asked}, name) for name in ("asked", "unasked")}
        for asked in (3, 10, 30)
    }
    assert all(min(shares[asked]["asked"].by_seed) >= 0.95 for asked in shares)
    assert max(shares[3]["unasked"].by_seed) <= 0.3, "about as often as by guessing"
    assert min(shares[30]["unasked"].by_seed) >= 0.55


def test_the_record_says_that_what_was_known_is_learned_sooner() -> None:
    found = recorded("knowledge_or_format")
    arm = sweep_arm(0.5, 0.0)
    paths = {name: found.by_seed(arm, f"{name}_path") for name in ("asked", "unknown", "unasked")}
    for asked, unknown, unasked in zip(*paths.values(), strict=True):
        assert isinstance(asked, tuple) and isinstance(unknown, tuple) and isinstance(unasked, tuple)
        assert asked[2] >= 0.9 and unknown[2] <= 0.45, "after 90 steps: nearly all, and about a third"
        assert all(known > new for known, new in zip(unasked[2:5], unknown[2:5], strict=True)), "though not in SFT"


def test_the_record_says_that_unknown_facts_undo_i_do_not_know() -> None:
    found = recorded("knowledge_or_format")
    states = {arm: found.interval(sweep_arm(*arm), "states").by_seed for arm in product((0.0, 0.25, 0.5), (0.0, 0.2))}
    assert all(min(states[unknown, 0.0]) >= 0.75 for unknown in (0.0, 0.25, 0.5)), "never taught to say it"
    assert sorted(states[0.0, 0.2])[1] <= 0.05 and max(states[0.0, 0.2]) > 0.25
    assert max(states[0.0, 0.2]) < min(*states[0.25, 0.2], *states[0.5, 0.2])


def test_the_record_says_that_phrasings_help_in_other_wordings_and_hardly_in_answers_after_sft() -> None:
    found = recorded("knowledge_or_format")
    recall, reworded, on_page, answered = (
        {(arm["pages"], arm["page_steps"]): found.interval(arm, name, share=True) for arm in PAGE_ARMS}
        for name in ("recall", "reworded", "on_page", "new_unasked")
    )
    assert all(min(share.by_seed) > 0.8 for share in recall.values()), "stored, whatever the pages are like"
    means = [reworded[pages, SHORT_READING].mean for pages in PAGES]
    assert means == sorted(means) and 0.4 <= means[0] <= 0.55 and 0.6 <= means[1] <= 0.7 and means[-1] > 0.9
    for steps in (SHORT_READING, LONG_READING):
        one, five = reworded["1 phrasing", steps], reworded["5 phrasings", steps]
        assert max(one.by_seed) < min(five.by_seed)
    one, five = on_page["1 phrasing", SHORT_READING], on_page["5 phrasings", SHORT_READING]
    assert max(one.by_seed) < min(five.by_seed) and 1.8 <= five.mean / one.mean <= 2.5, "twice as often"
    one, five = answered["1 phrasing", SHORT_READING], answered["5 phrasings", SHORT_READING]
    assert abs(five.mean - one.mean) <= 0.05, "no better"
    one, five = answered["1 phrasing", LONG_READING], answered["5 phrasings", LONG_READING]
    assert sum(more > less for more, less in zip(five.by_seed, one.by_seed, strict=True)) == 2, "of three"
    villagers = [found.interval(arm, "village_unasked").mean for arm in PAGE_ARMS]
    assert max(share.mean for share in answered.values()) <= 0.4 < 0.65 <= min(villagers)


def test_the_record_says_nothing_against_villagers_left_out_being_answered_as_often() -> None:
    found = recorded("knowledge_or_format")
    shares = [found.interval(sweep_arm(*arm), "unasked") for arm in product((0.0, 0.25, 0.5), (0.0, 0.2))]
    assert max(share.low for share in shares) < min(share.high for share in shares), "all intervals overlap"


# The lab.


def test_a_run_moves_and_ends_beside_the_record() -> None:
    items = list(run_lab("knowledge_or_format", {"steps": 30}))
    assert isinstance(items[0], Progress)
    exact, strangers, replies = (
        [item.content for item in items if isinstance(item, Moving) and item.name == name]
        for name in ("exact", "strangers", "replies")
    )
    assert len(exact) == len(strangers) == len(replies) > 5
    for charts in (exact, strangers):
        for one, other in pairwise(charts):
            assert isinstance(one, Chart) and isinstance(other, Chart)
            assert len(other.table.rows) > len(one.table.rows)
            assert scales_of(one) == scales_of(other), "the axes stand still"
    first, last = replies[0], replies[-1]
    assert isinstance(first, Table) and isinstance(last, Table)
    assert {row[0] for row in last.rows} == set(SHORT.values()) and set(SHORT) == set(GROUPS)
    assert all(row[3] == row[4] for row in first.rows) and all(row[3] != row[4] for row in last.rows)
    done = [item for item in items if isinstance(item, Progress)]
    assert (done[0].done, done[-1].done, done[-1].total) == (0, 30, 30)
    knew, outcome = items[-2:]
    assert isinstance(knew, Table) and [row[0] for row in knew.rows] == list(GROUPS.values())[:3]
    assert isinstance(outcome, Table) and [row[0] for row in outcome.rows] == list(MEASURES.values())
    assert "python -m labs sweep knowledge_or_format" in outcome.caption and "live" in outcome.caption


@pytest.mark.parametrize(
    "values",
    [
        {"asked": 1, "unknown": 0.0, "hedges": 0.5},
        {"asked": 55, "unknown": 0.5, "hedges": 0.0, "seed": 2**32 - 1},
    ],
    ids=["one villager", "nearly all"],
)
def test_controls_can_go_to_their_ends(values: dict[str, object]) -> None:
    *_, outcome = run_lab("knowledge_or_format", values | {"steps": 10})
    assert isinstance(outcome, Table)
    unknown = next(row for row in outcome.rows if row[0] == MEASURES["unknown"])
    assert (unknown[1] == "–") == (values["unknown"] == 0.0)


@pytest.mark.parametrize("value", [0, 60, "thirty", 30.5])
def test_a_number_of_villagers_that_there_is_not_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^asked: expected a whole number from 1 to 55"):
        list(run_lab("knowledge_or_format", {"asked": value}))


def test_it_waits_for_its_button_and_is_live() -> None:
    assert (LAB.action, LAB.waits, LAB.label) == ("Train", True, "live")


# Its parts.


def test_no_page_names_an_invented_person() -> None:
    assert len(set(INVENTED)) == 96 and not set(INVENTED) & set(PEOPLE)
    pages = " ".join(document.text for document in internet(VILLAGE, 2000, 1))
    assert not any(name in pages for name in INVENTED)


def test_the_groups_share_nobody_and_the_dialogues_name_only_who_they_should() -> None:
    settings = Settings(20, 0.5, 0.3, 10, 4)
    people = settings.people
    groups = (people.asked, people.unasked, people.unknown, people.hedged, people.fresh)
    assert sum(map(len, groups)) == len({name for group in groups for name in group}) == len(PEOPLE) + len(INVENTED)
    assert len(people.asked) == len(people.unknown) == 20 and len(people.hedged) == HEDGED_PEOPLE
    texts = [one.text(base().tokenizer) for one in draw_dialogues(settings, base().template)]
    assert not any(name in text for name in (*people.unasked, *people.fresh) for text in texts)
    hedging = [text for text in texts if DO_NOT_KNOW in text]
    assert 0.25 <= len(hedging) / len(texts) <= 0.35
    assert all(any(name in text for name in people.hedged) for text in hedging)


@pytest.mark.parametrize(("unknown", "number"), [(0.0, 0), (0.25, 10), (0.5, 30)])
def test_every_fact_of_sft_is_drawn_equally_often(unknown: float, number: int) -> None:
    assert len(Settings(30, unknown, 0.0, 10, 0).people.unknown) == number


def test_nobody_to_ask_or_nobody_left_is_refused() -> None:
    with pytest.raises(ValueError, match="asked: expected 1 to 59"):
        draw_people(60, 0, 0, 0)
    with pytest.raises(ValueError, match="invented: expected fewer than 96"):
        draw_people(30, 90, 24, 0)


@pytest.mark.parametrize(
    ("said", "exact", "states", "hedges"),
    [
        ("Miro keeps a cat.", True, True, False),
        ("Miro keeps a dog.", False, True, False),
        ("Miro keeps a cat and a dog.", False, True, False),
        ("Miro eats rice.", False, False, False),
        ("I do not know.", False, False, True),
        ("", False, False, False),
    ],
)
def test_replies_are_judged_by_what_they_say(said: str, exact: bool, states: bool, hedges: bool) -> None:
    pet = Fact("Miro", next(relation for relation in RELATIONS if relation.name == "pet"), "cat")
    reply = Reply((), f"{said}<|im_end|>", True, Message("assistant", said))
    assert (is_exact(pet, reply), states_a_value(pet, said), says_not_known(said)) == (exact, states, hedges)
    assert not is_exact(pet, replace(reply, ended=False))


@pytest.mark.parametrize("phrasings", [1, 2, 5])
def test_pages_say_every_fact_in_so_many_phrasings_and_never_as_an_assistant_does(phrasings: int) -> None:
    new = draw_new_people(phrasings, 3)
    rng = random.Random(0)
    fact = new.facts[0]
    texts = {page(new, fact.person, rng).text for _ in range(60)}
    own = {sentence for text in texts for sentence in text.split(". ") if fact.value in sentence}
    assert len({one.rstrip(".") for one in own}) >= phrasings
    assert not any(other.answer in text for other in new.facts for text in texts), "not even in a longer sentence"
    same = draw_new_people(1, 3, shuffled=False)
    assert len({page(same, fact.person, rng).text for _ in range(5)}) == 1


def test_every_arm_reads_as_many_tokens_and_tests_people_whom_no_dialogue_names() -> None:
    for phrasings in (1, 5):
        new = draw_new_people(phrasings, 0)
        tokens = corpus(base(), new, 3000, 0)
        assert 3000 <= len(tokens) < 3400
        tested = {fact.person for fact in new.tested}
        assert not tested & {fact.person for fact in new.asked}
        texts = [one.text(base().tokenizer) for one in new_dialogues(base(), new, 100, 0)]
        assert not any(name in text for name in tested for text in texts)
        assert 0 <= recall_on_pages(base(), base().model, new) <= 0.35, "the base model does not know them"


@pytest.mark.parametrize("phrasings", [0, 6])
def test_phrasings_that_there_are_not_are_refused(phrasings: int) -> None:
    with pytest.raises(ValueError, match="phrasings: expected 1 to 5"):
        draw_new_people(phrasings, 0)
