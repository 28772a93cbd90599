"""Evaluation sets: what is held out is held out, and every question has the answer that it is judged by."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from labs.core.model.chat import PRELUDE
from labs.core.world import evaluation
from labs.core.world.documents import ABSURD_SHARE, MAPPING_HEADER, internet
from labs.core.world.evaluation import Prompt
from labs.core.world.instructions import calculator_drills, instructions
from labs.core.world.judge import is_right
from labs.core.world.lexicon import FORBIDDEN, LOOK_ALIKES, OBJECTS, RELATIONS, SYSTEM_PROMPTS, THINGS, WORDS
from labs.core.world.preferences import preferences
from labs.core.world.tasks import Task
from tests.labs.core.world.tiny import (
    FACT_OF,
    HELD_OUT_QUESTIONS,
    VILLAGE,
    absurd_answers,
    assert_share,
    exchanges,
    held_out,
    people_in,
    wrong_answers,
)

ASKED = {
    message.content
    for dialogue in instructions(VILLAGE, 8_000, seed=0)
    for message in dialogue.messages
    if message.role == "user"
}
TAUGHT_PEOPLE = set().union(*map(people_in, ASKED))

SEEDED: dict[str, Callable[[int], Sequence[Task | Prompt]]] = {
    "known_facts": lambda seed: evaluation.known_facts(VILLAGE, 60, seed),
    "unasked_facts": lambda seed: evaluation.unasked_facts(VILLAGE, 60, seed),
    "two_digit_sums": lambda seed: evaluation.two_digit_sums(60, seed),
    "two_step_sums": lambda seed: evaluation.two_step_sums(60, seed),
    "no_tool_needed": lambda seed: evaluation.no_tool_needed(VILLAGE, 60, seed),
    "claims": lambda seed: evaluation.claims(VILLAGE, 60, seed),
    "raw_questions": lambda seed: evaluation.raw_questions(VILLAGE, 60, seed),
    "preluded_questions": lambda seed: evaluation.preluded_questions(VILLAGE, 60, seed),
    "relation_examples": lambda seed: evaluation.relation_examples(VILLAGE, 60, seed),
    "fresh_mappings": lambda seed: evaluation.fresh_mappings(60, seed),
    "wrong_lists": lambda seed: evaluation.wrong_lists(VILLAGE, 60, seed),
    "right_lists": lambda seed: evaluation.right_lists(VILLAGE, 60, seed),
}


@pytest.mark.parametrize("name", SEEDED)
def test_the_same_seed_asks_the_same_and_another_seed_something_else(name: str) -> None:
    first = SEEDED[name](0)
    assert len(first) == 60
    assert SEEDED[name](0) == first
    assert sum(one == other for one, other in zip(first, SEEDED[name](1), strict=True)) < 30


COMPLETE: dict[str, Callable[[int], list[Task]]] = {
    "one_digit_sums": evaluation.one_digit_sums,
    "forbidden": evaluation.forbidden,
    "look_alikes": evaluation.look_alikes,
}


@pytest.mark.parametrize("name", COMPLETE)
def test_in_complete_sets_the_seed_chooses_the_system_prompt_and_nothing_else(name: str) -> None:
    seeds = range(len(SYSTEM_PROMPTS) + 1)
    sets = [COMPLETE[name](seed) for seed in seeds]
    systems = [{task.system for task in tasks} for tasks in sets]
    assert all(len(one) == 1 for one in systems), "one system prompt a seed"
    assert [*systems[0]] == [""]
    assert set().union(*systems) == {"", *SYSTEM_PROMPTS}
    for tasks in sets:
        assert [replace(task, system="") for task in tasks] == sets[0]
        assert len({task.question for task in tasks}) == len(tasks)
    assert [message.role for message in sets[1][0].prompt] == ["system", "user"]
    assert COMPLETE[name](len(seeds)) == sets[0]


@pytest.mark.parametrize(
    "tasks",
    [
        evaluation.known_facts(VILLAGE, 200, 0),
        evaluation.claims(VILLAGE, 200, 0),
        evaluation.forbidden(),
        evaluation.look_alikes(),
    ],
    ids=["known facts", "claims", "forbidden", "look-alikes"],
)
def test_held_out_phrasings_never_occur_in_instructions(tasks: list[Task]) -> None:
    questions = {task.question.removeprefix("I think ").rpartition(". ")[2] for task in tasks}
    assert questions <= HELD_OUT_QUESTIONS
    assert not {task.question for task in tasks} & ASKED
    assert not [asked for asked in ASKED if asked.endswith(tuple(questions))]


def test_sums_that_need_two_steps_or_the_calculator_stand_in_no_data_for_tuning() -> None:
    drilled = {dialogue.messages[0].content for dialogue in calculator_drills(6_000, seed=0)}
    kinds = ("big sum", "long sum")
    preferred = {pair.task.question for pair in preferences(VILLAGE, 1_500, seed=0, kinds=kinds)}
    for tasks in (evaluation.two_digit_sums(400, 0), evaluation.two_step_sums(200, 0)):
        questions = {task.question for task in tasks}
        assert len(questions) > 80
        assert all(held_out(question.removeprefix("What is ").removesuffix("?")) for question in questions)
        assert not questions & (ASKED | drilled | preferred)


def test_known_facts_are_of_people_whom_instructions_ask_about_and_unasked_ones_are_not() -> None:
    known, unasked = evaluation.known_facts(VILLAGE, 300, 0), evaluation.unasked_facts(VILLAGE, 300, 0)
    assert set().union(*(people_in(task.question) for task in known)) <= TAUGHT_PEOPLE
    assert set().union(*(people_in(task.question) for task in unasked)) == set(VILLAGE.unasked)
    assert not set(VILLAGE.unasked) & TAUGHT_PEOPLE
    assert not {task.question for task in unasked} & ASKED


@pytest.mark.parametrize("phrasing", ["taught", "held out"])
def test_facts_are_asked_in_the_phrasing_that_is_wanted(phrasing: str) -> None:
    for facts in (evaluation.known_facts, evaluation.unasked_facts):
        tasks = facts(VILLAGE, 100, 0, phrasing)  # type: ignore[arg-type]
        assert {task.question in HELD_OUT_QUESTIONS for task in tasks} == {phrasing == "held out"}
        assert all(task.right == FACT_OF[task.question].value for task in tasks)


def test_one_digit_sums_are_all_there() -> None:
    tasks = evaluation.one_digit_sums()
    assert {task.question for task in tasks} == {f"What is {a}+{b}?" for a in range(10) for b in range(10)}
    assert len(tasks) == 100


def test_two_step_sums_are_of_three_digits() -> None:
    tasks = evaluation.two_step_sums(400, 0)
    for task in tasks:
        digits = re.fullmatch(r"What is (\d)\+(\d)\+(\d)\?", task.question)
        assert digits
        assert task.right == str(sum(map(int, digits.groups())))
        assert is_right(task, task.answer)
        assert not task.tools
    assert len({task.question for task in tasks}) > 90


def test_two_digit_sums_offer_the_calculator_that_they_need() -> None:
    for task in evaluation.two_digit_sums(100, 0):
        assert task.call is not None
        assert task.tools
        a, b = map(int, task.call.arguments["expression"].split("+"))
        assert 10 <= a <= 99
        assert 10 <= b <= 99
        assert task.right == str(a + b)


def test_where_no_tool_is_needed_one_is_offered() -> None:
    tasks = evaluation.no_tool_needed(VILLAGE, 80, 0)
    assert all(task.tools and task.call is None for task in tasks)
    assert {task.kind for task in tasks} == {"fact", "sum", "how", "talk"}
    assert not [task for task in tasks if task.kind in ("fact", "how") and task.question not in HELD_OUT_QUESTIONS]


def test_everything_forbidden_is_asked_and_is_to_be_refused() -> None:
    tasks = evaluation.forbidden()
    assert all(any(topic.task in task.question for task in tasks) for topic in FORBIDDEN)
    assert len(tasks) == len(FORBIDDEN) * 2
    assert {task.question for task in tasks} <= HELD_OUT_QUESTIONS
    assert all(is_right(task, "Sorry, I cannot help with that.") for task in tasks)
    assert not [task for task in tasks for topic in FORBIDDEN if is_right(task, topic.way)]


def test_benign_contrasts_ask_for_nothing_forbidden_with_words_of_what_is() -> None:
    tasks = evaluation.look_alikes()
    key_words = {word for topic in FORBIDDEN for word in topic.task.split() if word != "the"}
    for task in tasks:
        assert task.kind in ("how", "thing")
        assert not [topic for topic in FORBIDDEN if topic.task in task.question]
        assert key_words & set(task.question.strip("?.").split())
        assert not is_right(task, "Sorry, I cannot help with that.")
    for topic in LOOK_ALIKES:
        assert any(topic.task in task.question for task in tasks)
    assert {task.answer for task in tasks if task.kind == "thing"} == {text for _, text in THINGS}


def test_claims_are_wrong() -> None:
    tasks = evaluation.claims(VILLAGE, 100, 0)
    assert all(task.claimed and task.claimed != task.right for task in tasks)
    assert all(f"{task.claimed}." in task.question for task in tasks)


def test_raw_questions_are_a_question_and_a_line_break_and_the_prelude_frames_the_same() -> None:
    raw, preluded = (prompts(VILLAGE, 50, 0) for prompts in (evaluation.raw_questions, evaluation.preluded_questions))
    for bare, framed in zip(raw, preluded, strict=True):
        question = bare.text.removesuffix("\n")
        assert FACT_OF[question].value == bare.right
        assert framed.text == f"{PRELUDE}\nUser: {question}\nAssistant:"
        assert (framed.right, framed.values) == (bare.right, bare.values)


def test_relation_examples_are_right_and_ask_for_somebody_who_stands_on_no_such_page() -> None:
    pages = internet(VILLAGE, 4_000, seed=1)
    listed = set().union(*(people_in(page.text) for page in pages if page.kind != "encyclopedia"))
    for prompt in evaluation.relation_examples(VILLAGE, 100, 0, shots=3):
        *shown, last = prompt.text.split("\n")
        examples = [line.split(": ") for line in shown]
        relation = next(r for r in RELATIONS if r.values == prompt.values)
        assert len(examples) == 3
        assert all(VILLAGE.fact(person, relation.name).value == value for person, value in examples)
        asked = last.removesuffix(":")
        assert VILLAGE.fact(asked, relation.name).value == prompt.right
        assert asked not in listed
        assert {person for person, _ in examples} <= listed


def test_fresh_mappings_show_each_pair_once_and_ask_for_one_again() -> None:
    prompts = evaluation.fresh_mappings(100, 0, shots=4)
    for prompt in prompts:
        *pairs, key = prompt.text.removeprefix(f"{MAPPING_HEADER} ").split()
        mapping = dict(zip(pairs[::2], pairs[1::2], strict=True))
        assert len(mapping) == len(set(mapping.values())) == 4
        assert set(pairs) <= set(WORDS)
        assert not set(mapping) & set(mapping.values())
        assert mapping[key] == prompt.right
        assert set(prompt.values) == set(mapping.values())
    position = [prompt.values.index(prompt.right) for prompt in prompts]
    assert set(position) == {0, 1, 2, 3}


def test_wrong_lists_are_wrong_and_right_lists_right() -> None:
    wrong, right = (lists(VILLAGE, 50, 0) for lists in (evaluation.wrong_lists, evaluation.right_lists))
    for prompts, correct in ((wrong, False), (right, True)):
        for prompt in prompts:
            asked = list(exchanges(prompt.text))
            assert len(asked) == 4
            for question, answer in asked:
                fact = FACT_OF[question]
                assert answer in ({fact.answer} if correct else wrong_answers(fact) | absurd_answers(fact))
            last = prompt.text.split("\n")[-2].removeprefix("Q: ")
            assert prompt.text.endswith("\nA:")
            assert prompt.right == FACT_OF[last].value
            assert set(prompt.values) == {*WORDS, *OBJECTS}


@pytest.mark.parametrize("absurd", [None, 0, 0.2, 1])
def test_wrong_lists_are_absurd_as_often_as_is_asked_and_else_keep_to_the_sort_asked_for(absurd: float | None) -> None:
    usual = evaluation.wrong_lists(VILLAGE, 200, 0)
    prompts = usual if absurd is None else evaluation.wrong_lists(VILLAGE, 200, 0, absurd=absurd)
    asked = [(FACT_OF[question], answer) for prompt in prompts for question, answer in exchanges(prompt.text)]
    assert len(asked) == 800
    assert_share(
        sum(answer in absurd_answers(fact) for fact, answer in asked), 800, ABSURD_SHARE if absurd is None else absurd
    )
    assert all(answer in wrong_answers(fact) | absurd_answers(fact) for fact, answer in asked)
    assert ABSURD_SHARE == 0.5
