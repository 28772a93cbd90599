"""Every exercise: its solution passes, its starter fails, and every wrong answer that it knows gets its own message."""

import asyncio
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup

from labs.core.bridge import check_exercise, describe_exercise, describe_labs, exercises, load_exercise
from labs.core.contract import WrongAnswer
from labs.core.judging import CHECK_MIME, names_of, recognized_as

NAMES = exercises()
WRONG = [(name, wrong) for name in NAMES for wrong in load_exercise(name).wrong_answers]
KINDS = {
    "sample with temperature": "base_simulator",
    "build the ChatML string": "chat_template",
    "write the loss mask": "sft_live",
    "Bradley–Terry loss": "preference_nudge.bradley_terry",
    "DPO loss and its gradient weight": "preference_nudge",
    "KL to the reference": "preference_nudge.kl_to_reference",
    "a refusal evaluation with over-refusal": "assistant_simulator.refusal_evaluation",
    "best of n": "preference_nudge.best_of_n",
    "FLOPs and cost": "lifecycle.flops_and_cost",
    "parse a tool call": "prompting",
    "spot the broken template": "chat_template.broken_template",
    "find the error in the parameter-equivalence estimate": "gap",
    "read off an equivalent size": "measured_gap",
    "diagnose a DPO run": "dpo",
    "find where a proxy is over-optimised": "rlhf",
    "choose an operating point": "refusals",
    "count sycophancy and nothing else": "sycophancy",
    "split what SFT brought": "knowledge_or_format",
    "a low-rank correction": "alignment_tax",
    "the advantages of a group": "verifiable_reward",
}
"""What a reader of the course has to be able to do, and the exercise for it."""


def verdict(name: str, source: str) -> dict[str, Any]:
    outputs: list[dict[str, Any]] = []
    done = asyncio.run(check_exercise(name, source, "1", lambda batch: outputs.extend(json.loads(batch))))
    assert done == "ok", outputs
    (judged,) = [out["data"] for out in outputs if CHECK_MIME in out.get("data", {})]
    assert set(judged) == {CHECK_MIME, "text/html", "text/plain"}
    words = BeautifulSoup(judged["text/html"], "html.parser").select("ul.lab-checks > li")
    assert len(words) == len(load_exercise(name).checks)
    found: dict[str, Any] = judged[CHECK_MIME]
    return found


def test_every_lab_of_the_course_has_an_exercise() -> None:
    labs: list[dict[str, Any]] = describe_labs()
    described: dict[str, list[str]] = {lab["slug"]: lab["exercises"] for lab in labs}
    assert sorted(name for names in described.values() for name in names) == NAMES
    assert all(slug in names for slug, names in described.items())


@pytest.mark.parametrize("kind", KINDS)
def test_the_course_has_an_exercise_of_each_kind(kind: str) -> None:
    assert KINDS[kind] in NAMES
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_passes_and_is_no_known_mistake(name: str) -> None:
    exercise = load_exercise(name)
    found = verdict(name, exercise.solution)
    assert found["passed"], found
    assert found["recognized"] is None
    assert [check["name"] for check in found["checks"]] == [check.name for check in exercise.checks]
    assert all(check["passed"] and check["expected"] is None for check in found["checks"])
    assert recognized_as(exercise, names_of(exercise.solution)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_starter_runs_fails_and_says_what_to_do(name: str) -> None:
    exercise = load_exercise(name)
    found = verdict(name, exercise.starter)
    assert not found["passed"]
    if name != "framing":  # it starts from the bare question, which is the mistake that most people begin with
        assert found["recognized"] is None, "who has done nothing yet has made no mistake"
    last = found["checks"][-1]
    assert all(last[key].strip() for key in ("expected", "got", "next"))
    assert set(names_of(exercise.starter)) <= set(names_of(exercise.solution)), "the starter has other names"


@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=[f"{name}-{wrong.name}" for name, wrong in WRONG])
def test_a_wrong_answer_fails_and_gets_its_own_message(name: str, wrong: WrongAnswer) -> None:
    found = verdict(name, wrong.source)
    assert not found["passed"]
    assert found["recognized"] == wrong.message
    assert wrong.source != load_exercise(name).solution


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_knows_three_mistakes_and_has_hints(name: str) -> None:
    exercise = load_exercise(name)
    assert len(exercise.wrong_answers) >= 3 and len(exercise.hints) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_description_is_plain_data(name: str) -> None:
    described = describe_exercise(name)
    assert json.loads(json.dumps(described)) == described
    assert set(described) == {"name", "title", "task", "starter", "solution", "hints", "checks"}


JUNK = ["None", "3", "'text'", "float('nan')", "float('inf')", "[]", "{}", "[None, None, None]", "object()", "10**400"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", [*JUNK, "1 / 0", "exit()", "[float('nan')] * 3", "__import__('numpy').full(3, 0.5)"])
def test_no_value_whatever_makes_a_check_crash(name: str, junk: str) -> None:
    defined = [one for one, value in names_of(load_exercise(name).solution).items() if callable(value)]
    source = "\n".join(f"def {one}(*arguments):\n    return {junk}" for one in defined)
    last = verdict(name, source)["checks"][-1]
    assert not last["passed"]
    assert all(last[key].strip() for key in ("expected", "got", "next"))
    for ours in ("Traceback", ".py", "object at 0x7f" if junk != "object()" else "Traceback"):
        assert ours not in last["got"]
