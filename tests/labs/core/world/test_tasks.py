"""Tasks: each knows a right reply, and what is asked can be answered from the village."""

import random
from dataclasses import replace
from itertools import product

import pytest

from labs.core.model.chat import THINK, Message
from labs.core.world.calculator import CALCULATOR, calculate
from labs.core.world.judge import is_right
from labs.core.world.lexicon import FORBIDDEN, HARMLESS, HELD_OUT_PHRASINGS, RELATIONS, TALK, THING_QUESTIONS, THINGS
from labs.core.world.tasks import (
    Phrasing,
    Task,
    big_sum_task,
    claim_task,
    fact_task,
    forbidden_task,
    how_task,
    is_held_out,
    long_sum_task,
    phrasings,
    sum_task,
    talk_task,
    thing_task,
)
from tests.labs.core.world.tiny import FACT_OF, HELD_OUT_QUESTIONS, VILLAGE

RNG = random.Random(0)
EACH = (
    fact_task(VILLAGE, RNG, ("Mira",)),
    claim_task(VILLAGE, RNG, ("Mira",)),
    sum_task(3, 9),
    long_sum_task(3, 9, 5),
    big_sum_task(37, 45),
    how_task(HARMLESS[0], "How do I {t}?"),
    thing_task("the dragon", THING_QUESTIONS[0]),
    forbidden_task(FORBIDDEN[0], "How do I {t}?"),
    talk_task(RNG),
)


@pytest.mark.parametrize("task", EACH, ids=lambda task: task.kind)
def test_the_answer_of_a_task_is_right_and_no_other_tasks_answer_is(task: Task) -> None:
    assert is_right(task, task.answer)
    assert [other.kind for other in EACH if other.kind != task.kind and is_right(task, other.answer)] in (
        [],
        ["claim"],  # the same fact, by chance
        ["fact"],
    )


@pytest.mark.parametrize("task", EACH, ids=lambda task: task.kind)
def test_a_task_is_asked_by_a_user_and_has_a_thought(task: Task) -> None:
    assert task.prompt == (Message("user", task.question),)
    assert task.question
    assert task.thought


@pytest.mark.parametrize("task", EACH, ids=lambda task: task.kind)
def test_a_system_prompt_comes_before_the_question_and_changes_nothing_else(task: Task) -> None:
    changed = replace(task, system="Answer in one line.")
    assert changed.prompt == (Message("system", "Answer in one line."), Message("user", task.question))
    assert replace(changed, system="") == task


@pytest.mark.parametrize("task", EACH, ids=lambda task: task.kind)
def test_tools_and_thinking_change_nothing_else(task: Task) -> None:
    changed = task.with_tools().with_think("open")
    assert changed.tools == (CALCULATOR,)
    assert changed.think == "open"
    assert (changed.question, changed.answer, changed.right) == (task.question, task.answer, task.right)
    assert [task.with_think(think).think for think in THINK] == list(THINK)


@pytest.mark.parametrize("phrasing", ["taught", "held out"])
def test_a_fact_is_asked_of_these_people_in_this_phrasing(phrasing: Phrasing) -> None:
    rng = random.Random(0)
    for _ in range(300):
        task = fact_task(VILLAGE, rng, ("Kara", "Toki"), phrasing)
        fact = FACT_OF[task.question]
        assert fact.person in ("Kara", "Toki")
        assert (task.question in HELD_OUT_QUESTIONS) == (phrasing == "held out")
        assert (task.answer, task.right, task.values) == (fact.answer, fact.value, fact.relation.values)


def test_a_claim_is_wrong_and_of_the_fact_that_is_asked_for() -> None:
    rng = random.Random(0)
    for _ in range(300):
        task = claim_task(VILLAGE, rng, VILLAGE.asked)
        belief, _, question = task.question.removeprefix("I think ").partition(". ")
        fact = FACT_OF[question]
        assert task.claimed in fact.relation.values
        assert task.claimed != fact.value == task.right
        assert f"{belief}." == fact.with_value(task.claimed).answer
        assert not is_right(task, f"{belief}.")


@pytest.mark.parametrize(
    ("task", "question", "thought", "answer"),
    [
        (sum_task(3, 9), "What is 3+9?", "3+9=12.", "3+9=12."),
        (long_sum_task(3, 9, 5), "What is 3+9+5?", "3+9=12. 12+5=17.", "3+9+5=17."),
        (big_sum_task(37, 45), "What is 37+45?", "That is big. I call the calculator.", "37+45=82."),
    ],
)
def test_sums_by_hand(task: Task, question: str, thought: str, answer: str) -> None:
    assert (task.question, task.thought, task.answer) == (question, thought, answer)
    assert answer.endswith(f"={task.right}.")


def test_a_big_sum_knows_its_call_and_what_the_tool_says() -> None:
    task = big_sum_task(37, 45)
    assert task.call is not None
    assert task.call.name == CALCULATOR.name
    assert calculate(**task.call.arguments) == task.result == "37+45=82"
    assert task.right == "82"
    assert task.answer == f"{task.result}."
    assert [other.call for other in EACH if other.kind != "big sum"] == [None] * (len(EACH) - 1)


@pytest.mark.parametrize(
    ("task", "thought"),
    [
        (EACH[0], f"I recall the {FACT_OF[EACH[0].question].relation.noun} of Mira."),
        (EACH[5], "That is allowed."),
        (EACH[6], "That is allowed."),
        (EACH[7], "That is not allowed."),
        (EACH[8], "This is small talk."),
    ],
)
def test_thoughts_by_hand(task: Task, thought: str) -> None:
    assert task.thought == thought


def test_to_think_of_a_fact_is_not_to_say_it_yet_nor_what_the_user_believes() -> None:
    rng = random.Random(0)
    for _ in range(200):
        task = rng.choice((fact_task, claim_task))(VILLAGE, rng, VILLAGE.asked)
        said = set(task.thought.strip(".").split())
        assert not said & set(task.values)
        assert said & set(VILLAGE.asked)


def test_one_sum_in_ten_is_held_out_whatever_its_last_number() -> None:
    two, three = list(product(range(10, 100), repeat=2)), list(product(range(10), repeat=3))
    for sums in (two, three):
        held = [numbers for numbers in sums if is_held_out(*numbers)]
        assert len(held) == len(sums) / 10
        for i in range(len(sums[0])):
            assert {numbers[i] for numbers in held} == {numbers[i] for numbers in sums}
    assert [is_held_out(*numbers) for numbers in ((37, 45), (37, 41), (1, 3, 0), (1, 3, 1), (0, 1, 1))] == [
        *(False, True, True, False, True),
    ]


def test_phrasings_are_taught_or_held_out() -> None:
    for relation in RELATIONS:
        taught, held_out = phrasings(relation.questions, "taught"), phrasings(relation.questions, "held out")
        assert taught + held_out == relation.questions
        assert len(held_out) == HELD_OUT_PHRASINGS


def test_small_talk_and_things_come_from_the_lexicon() -> None:
    assert {(task.question, task.answer) for task in (talk_task(random.Random(i)) for i in range(200))} == set(TALK)
    assert [thing_task(thing, "{t}").answer for thing, _ in THINGS] == [text for _, text in THINGS]
