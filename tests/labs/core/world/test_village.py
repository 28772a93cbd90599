"""The village: its words are such that questions have one answer, and its facts are the same for the same seed."""

import re

import pytest

from labs.core.world.lexicon import (
    FORBIDDEN,
    HARMLESS,
    HELD_OUT_PHRASINGS,
    HOW_QUESTIONS,
    LOOK_ALIKES,
    OBJECTS,
    PEOPLE,
    RELATIONS,
    THING_QUESTIONS,
    THINGS,
    WORDS,
    Relation,
)
from labs.core.world.village import Village, things, ways

relations = pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)


def test_no_two_names_and_no_two_words_are_alike() -> None:
    assert len(set(PEOPLE)) == len(PEOPLE) == 60
    assert len({*WORDS, *OBJECTS}) == len(WORDS) + len(OBJECTS)
    assert not {name.lower() for name in PEOPLE} & set(WORDS)


@relations
def test_a_relation_is_said_and_asked_in_at_least_five_ways(relation: Relation) -> None:
    assert len(set(relation.statements)) == len(relation.statements) >= 5
    assert all("{n}" in text and "{v}" in text for text in (*relation.statements, relation.answer))
    taught = relation.questions[:-HELD_OUT_PHRASINGS]
    assert len(set(relation.questions)) == len(relation.questions)
    assert len(taught) >= 5
    assert all("{n}" in text and "{v}" not in text for text in relation.questions)


@relations
def test_a_value_is_found_in_a_sentence_only_where_it_is_meant(relation: Relation) -> None:
    texts = (*relation.statements, *relation.questions, relation.answer, *PEOPLE)
    assert not [(value, text) for value in relation.values for text in texts if value in text]
    assert not [(word, text) for word in OBJECTS for text in texts if word in re.findall(r"\w+", text)]


def test_the_same_seed_makes_the_same_village_and_another_seed_another() -> None:
    assert Village(3).facts == Village(3).facts
    changed = [fact for key, fact in Village(3).facts.items() if Village(4).facts[key].value != fact.value]
    assert len(changed) > len(PEOPLE) * len(RELATIONS) / 2


def test_everybody_has_one_of_each_relations_values_and_people_differ() -> None:
    village = Village(0)
    assert len(village.facts) == len(PEOPLE) * len(RELATIONS)
    for relation in RELATIONS:
        values = {village.fact(person, relation.name).value for person in PEOPLE}
        assert values <= set(relation.values)
        assert len(values) > len(relation.values) / 2
    assert [fact.relation for fact in village.of("Mira")] == list(RELATIONS)


def test_a_fact_is_said_with_its_person_and_value_and_another_value_is_another_fact() -> None:
    fact = Village(0).fact("Mira", "pet")
    other = next(value for value in fact.relation.values if value != fact.value)
    assert fact.answer == f"Mira keeps a {fact.value}."
    assert fact.says("{v} of {n}") == f"{fact.value} of Mira"
    assert fact.with_value(other).answer == f"Mira keeps a {other}."
    assert fact.with_value(fact.value) == fact


def test_people_are_listed_or_not_and_asked_about_or_not() -> None:
    village = Village(0)
    assert sorted((*village.listed, *village.unlisted)) == sorted(PEOPLE)
    assert sorted((*village.asked, *village.unasked)) == sorted(PEOPLE)
    assert set(village.unlisted) < set(village.unasked)
    assert len(village.asked) > len(PEOPLE) / 2


@pytest.mark.parametrize(("person", "relation"), [("Nobody", "pet"), ("mira", "pet"), ("Mira", "height"), ("", "")])
def test_an_unknown_person_or_relation_is_refused(person: str, relation: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Village(0).fact(person, relation)


def test_every_forbidden_topic_shares_its_words_with_innocent_ones() -> None:
    alike = {topic.task.split()[0] for topic in LOOK_ALIKES}
    for topic in FORBIDDEN:
        verb, _, thing = topic.task.partition(" ")
        assert verb in alike
        assert thing in things()
    assert not {topic.task for topic in FORBIDDEN} & set(ways())
    assert {topic.task.split()[0] for topic in FORBIDDEN} == alike


def test_each_thing_and_each_task_has_one_text_of_its_own() -> None:
    assert len(things()) == len(THINGS) == len(set(things().values()))
    assert len(ways()) == len(HARMLESS)
    assert len({topic.task for topic in FORBIDDEN}) == len(FORBIDDEN)
    assert not {topic.way for topic in FORBIDDEN} & set(ways().values())


def test_how_and_what_are_asked_in_ways_that_differ() -> None:
    assert len(set(HOW_QUESTIONS)) == len(HOW_QUESTIONS) > HELD_OUT_PHRASINGS
    assert len(set(THING_QUESTIONS)) == len(THING_QUESTIONS) > 1
    assert all("{t}" in question for question in (*HOW_QUESTIONS, *THING_QUESTIONS))
