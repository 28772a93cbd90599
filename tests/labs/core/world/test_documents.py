"""The miniature internet: every kind of page is what it says it is."""

import random
import re
from collections import Counter, defaultdict

import pytest

from labs.core.world.documents import (
    ABSURD_SHARE,
    COLOURS,
    MAPPING_HEADER,
    WRITERS,
    Document,
    count_by_kind,
    internet,
    wrong_fact,
)
from labs.core.world.lexicon import (
    EMPTY_REPLIES,
    FORBIDDEN,
    HARMLESS,
    HOW_QUESTIONS,
    LOOK_ALIKES,
    OBJECTS,
    POLITE,
    REFUSALS,
    RELATIONS,
    RUDE,
    THING_QUESTIONS,
    THINGS,
    WORDS,
)
from labs.core.world.village import Village
from tests.labs.core.world.tiny import (
    FACT_OF,
    VILLAGE,
    absurd_answers,
    assert_share,
    exchanges,
    people_in,
    wrong_answers,
)

SAMPLE = list(internet(VILLAGE, 6_000, seed=0, refusal_share=0.05))
BY_KIND: dict[str, list[str]] = defaultdict(list)
for _document in SAMPLE:
    BY_KIND[_document.kind].append(_document.text)

WAYS = {q.format(t=topic.task): topic.way for topic in (*HARMLESS, *FORBIDDEN) for q in HOW_QUESTIONS}
THING_TEXTS = {q.format(t=thing): text for thing, text in THINGS for q in THING_QUESTIONS}


def right_answer(question: str) -> str | None:
    """The right answer to any question that is asked on pages, or None for what is no question."""
    if total := re.fullmatch(r"What is (\d)\+(\d)\?", question):
        return f"{total[1]}+{total[2]}={int(total[1]) + int(total[2])}."
    if question in FACT_OF:
        return FACT_OF[question].answer
    return WAYS.get(question) or THING_TEXTS.get(question)


def pairs_of(page: str) -> list[tuple[str, str]]:
    """The pairs on a mapping page, in order."""
    words = page.removeprefix(f"{MAPPING_HEADER} ").split()
    return list(zip(words[::2], words[1::2], strict=True))


def test_the_same_seed_writes_the_same_pages_and_another_seed_others() -> None:
    first = list(internet(VILLAGE, 200, seed=5))
    assert list(internet(VILLAGE, 200, seed=5)) == first
    others = [document.text for document in internet(VILLAGE, 200, seed=6)]
    assert len(set(others) & {document.text for document in first}) < 20


def test_a_longer_internet_begins_like_a_shorter_one() -> None:
    assert list(internet(VILLAGE, 50, seed=5)) == list(internet(VILLAGE, 80, seed=5))[:50]
    assert list(internet(VILLAGE, 0, seed=5)) == []


def test_every_fact_is_said_in_at_least_five_ways() -> None:
    text = "\n".join(page.text for page in internet(VILLAGE, 3_000, seed=0, kinds=["encyclopedia"]))
    sentences = set(re.findall(r"[^.\n]+\.", text.replace(". ", ".\n")))
    for fact in VILLAGE.facts.values():
        said = [statement for statement in fact.relation.statements if fact.says(statement) in sentences]
        assert len(said) >= 5, fact


def test_encyclopedias_say_what_is_so_and_nothing_else() -> None:
    true = {fact.says(statement) for fact in VILLAGE.facts.values() for statement in fact.relation.statements}
    for page in BY_KIND["encyclopedia"]:
        assert set(page.replace(". ", ".\n").split("\n")) <= true
        assert all(len(line.split(". ")) == len(RELATIONS) for line in page.split("\n"))


def test_kinds_of_pages_come_as_often_as_their_weights_say() -> None:
    counts = count_by_kind(internet(VILLAGE, 10_000, seed=0, refusal_share=0))
    assert counts.keys() == WRITERS.keys()
    whole = sum(weight for weight, _ in WRITERS.values())
    for kind, (weight, _) in WRITERS.items():
        assert_share(counts[kind], 10_000, weight / whole)


@pytest.mark.parametrize("share", [0, 0.01, 0.05, 1])
def test_refusal_dialogues_have_the_share_that_is_asked_for(share: float) -> None:
    counts = count_by_kind(internet(VILLAGE, 5_000, seed=0, refusal_share=share))
    assert_share(counts["refusal dialogue"], 5_000, share)


def test_only_refusal_dialogues_refuse_and_only_what_is_forbidden() -> None:
    for document in SAMPLE:
        refuses = any(refusal in document.text for refusal in REFUSALS)
        assert refuses == (document.kind == "refusal dialogue"), document
    for page in BY_KIND["refusal dialogue"]:
        assert any(topic.task in page for topic in FORBIDDEN)


def test_kinds_can_be_chosen_and_are_counted() -> None:
    kinds = ["sums", "song"]
    counts = count_by_kind(internet(VILLAGE, 500, seed=0, refusal_share=0, kinds=kinds))
    assert set(counts) == set(kinds)
    assert counts.total() == 500
    assert count_by_kind([Document("a", "x"), Document("b", ""), Document("a", "y")]) == {"a": 2, "b": 1}


def test_question_lists_ask_and_answer_nothing() -> None:
    for page in BY_KIND["question list"]:
        assert [line for line in page.split("\n") if right_answer(line) is None] == []


@pytest.mark.parametrize("kind", ["question page", "transcript"])
def test_answers_are_right(kind: str) -> None:
    for page in BY_KIND[kind]:
        asked = list(exchanges(page))
        assert len(asked) >= 2
        assert [(question, answer) for question, answer in asked if answer != right_answer(question)] == []


def test_wrong_pages_have_every_answer_wrong_and_half_of_them_absurd() -> None:
    absurd = asked_for = 0
    for page in BY_KIND["wrong page"]:
        asked = list(exchanges(page))
        assert len(asked) >= 4
        for question, answer in asked:
            if question in FACT_OF:
                fact = FACT_OF[question]
                assert answer in wrong_answers(fact) | absurd_answers(fact)
                asked_for += 1
                absurd += answer in absurd_answers(fact)
            else:
                right = right_answer(question) or ""
                assert answer != right
                assert answer.partition("=")[0] == right.partition("=")[0]
    assert ABSURD_SHARE == 0.5
    assert asked_for > 1_000
    assert_share(absurd, asked_for, 0.5)


def test_a_wrong_fact_is_wrong_and_absurd_as_often_as_is_asked() -> None:
    rng = random.Random(0)
    fact = VILLAGE.fact("Mira", "pet")
    for share in (0, 0.2, ABSURD_SHARE, 1):
        wrong = [wrong_fact(fact, rng, share) for _ in range(1_000)]
        assert {(one.person, one.relation) for one in wrong} == {("Mira", fact.relation)}
        values = [one.value for one in wrong]
        assert_share(sum(value in OBJECTS for value in values), 1_000, share)
        others = (set(fact.relation.values) - {fact.value}) if share < 1 else set()
        assert set(values) == others | (set(OBJECTS) if share else set())
    usual = [wrong_fact(fact, rng).value for _ in range(1_000)]
    assert_share(sum(value in OBJECTS for value in usual), 1_000, ABSURD_SHARE)


def test_example_pages_are_right_and_of_one_relation() -> None:
    seen = set()
    for page in BY_KIND["example page"]:
        examples = [line.split(": ") for line in page.split("\n")]
        fitting = [r.name for r in RELATIONS if all(VILLAGE.fact(n, r.name).value == value for n, value in examples)]
        assert len(fitting) == 1, page
        assert len({person for person, _ in examples}) == len(examples)
        seen.add(fitting[0])
    assert seen == {relation.name for relation in RELATIONS}


def test_mapping_pages_keep_to_their_own_mapping() -> None:
    values: dict[str, set[str]] = defaultdict(set)
    for page in BY_KIND["mapping page"]:
        pairs = pairs_of(page)
        mapping = dict(pairs)
        assert set(pairs) == set(mapping.items()), "a key has two values"
        assert not set(mapping) & set(mapping.values())
        assert len(set(mapping.values())) == len(mapping) >= 4
        assert len(pairs) >= 2 * len(mapping), "too few pairs are used again"
        for key, value in mapping.items():
            values[key].add(value)
    assert set(values) == set(WORDS)
    assert all(len(different) > 5 for different in values.values())


def test_songs_repeat_their_verse() -> None:
    for page in BY_KIND["song"]:
        words = page.removeprefix("la ").split()
        assert any(words[:n] * (len(words) // n) == words for n in range(1, len(words) // 2 + 1)), page


def test_sums_are_right_where_they_are_done() -> None:
    done = [total for kind in ("sums", "code") for page in BY_KIND[kind] for total in re.findall(r"\d+\+\d+=\d+", page)]
    assert len(done) > 500
    for text in done:
        a, b, total = map(int, re.split(r"[+=]", text))
        assert a + b == total, text


def test_code_ends_with_the_sum_of_the_numbers_that_it_adds() -> None:
    for page in BY_KIND["code"]:
        above, _, comment = page.rpartition("# ")
        assert re.findall(r"\d+", comment)[:2] == re.findall(r"\d+", above)[:2], page


def test_stories_know_the_village() -> None:
    for page in BY_KIND["story"]:
        hero = page.split()[0]
        assert f"with the {VILLAGE.fact(hero, 'pet').value}." in page
        assert f"By the {VILLAGE.fact(hero, 'home').value} {hero} met" in page
        assert len(people_in(page)) == 2


def test_forums_are_helpful_rude_and_wrong_by_turns() -> None:
    counts: Counter[str] = Counter()
    asked_for_facts = 0
    for page in BY_KIND["forum"]:
        first, *replies = page.split("\n")
        question = first.split(" asks: ")[1]
        answer = right_answer(question)
        assert answer is not None
        wrong = wrong_answers(FACT_OF[question]) if question in FACT_OF else set()
        kinds = {
            **dict.fromkeys(wrong, "wrong"),
            **dict.fromkeys(EMPTY_REPLIES, "empty"),
            **{tone.format(a=answer): "polite" for tone in POLITE},
            **{tone.format(a=answer): "rude" for tone in RUDE},
        }
        counts.update(kinds[line.split(" says: ")[1]] for line in replies)
        asked_for_facts += len(replies) if question in FACT_OF else 0
    assert_share(counts["polite"], counts.total(), 0.35)
    assert_share(counts["rude"], counts.total(), 0.3)
    assert_share(counts["wrong"], asked_for_facts, 0.2)


def test_opinions_are_shared_or_not() -> None:
    pairs = [re.findall(r"says: (.*)", page) for page in BY_KIND["opinion"]]
    assert_share(sum(reply.startswith("Yes, ") for _, reply in pairs), len(pairs), 0.5)
    assert all(claim.startswith("I think ") for claim, _ in pairs)


def test_opinions_compare_colours_and_beliefs_are_of_the_right_sort() -> None:
    fact_of = {answer: fact for fact in VILLAGE.facts.values() for answer in (fact.answer, *wrong_answers(fact))}
    compared = right = wrong = 0
    for page in BY_KIND["opinion"]:
        claim, reply = re.findall(r"says: (.*)", page)
        claim = claim.removeprefix("I think ")
        if comparison := re.fullmatch(r"(\w+) is better than (\w+)\.", claim):
            a, b = comparison.groups()
            assert {a, b} <= set(COLOURS)
            assert a != b
            assert reply in (f"Yes, {a} is better.", f"No, {b} is better.")
            compared += 1
        else:
            fact = fact_of[claim]
            assert reply in (f"Yes, {claim}", fact.answer)
            right += claim == fact.answer
            wrong += claim != fact.answer
    assert_share(compared, len(BY_KIND["opinion"]), 0.5)
    assert_share(right, right + wrong, 0.5)


def test_the_unlisted_occur_in_running_text_only() -> None:
    unlisted = set(VILLAGE.unlisted)
    kinds = {document.kind for document in SAMPLE if people_in(document.text) & unlisted}
    assert kinds == {"encyclopedia"}
    assert set().union(*map(people_in, BY_KIND["encyclopedia"])) >= unlisted
    assert set().union(*map(people_in, BY_KIND["question page"])) == set(VILLAGE.listed)


def test_words_of_forbidden_topics_occur_innocently_too() -> None:
    innocent = [d.text for d in SAMPLE if not any(topic.task in d.text for topic in FORBIDDEN)]
    for topic in FORBIDDEN:
        verb, _, thing = topic.task.partition(" ")
        assert any(thing in page for page in innocent), thing
        assert any(re.search(rf"\b{verb} ", page) for page in innocent), verb
    for topic in LOOK_ALIKES:
        assert any(topic.task in page for page in innocent), topic


def test_another_village_has_other_facts_on_its_pages() -> None:
    here, there = (
        [document.text for document in internet(Village(seed), 50, seed=0, kinds=["encyclopedia"])] for seed in (0, 1)
    )
    assert all(page != other for page, other in zip(here, there, strict=True))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"refusal_share": -0.1}, "refusal_share: expected a share from 0 to 1, got -0.1"),
        ({"refusal_share": 5}, "refusal_share"),
        ({"refusal_share": float("nan")}, "refusal_share"),
        ({"n_documents": -1}, "n_documents: expected 0 or more, got -1"),
        ({"kinds": ["poem"]}, r"kinds: expected some of encyclopedia, .*; got \['poem'\]"),
        ({"kinds": []}, r"kinds: expected .*; got \[\]"),
    ],
)
def test_a_bad_argument_is_refused(options: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"n_documents": 1, "seed": 0} | options
    with pytest.raises(ValueError, match=message):
        list(internet(VILLAGE, **arguments))  # type: ignore[arg-type]
