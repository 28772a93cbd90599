"""Every exercise: its solution passes, its starter fails, and every wrong answer that it knows gets its own message."""

import asyncio
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup

from labs.core.bridge import check_exercise, describe_exercise, describe_labs, lab_slugs, load_exercise
from labs.core.contract import WrongAnswer
from labs.core.finding import has_exercise
from labs.core.judging import CHECK_MIME, names_of, recognized_as

SLUGS = [slug for slug in lab_slugs() if has_exercise(slug)]
WRONG = [(slug, wrong) for slug in SLUGS for wrong in load_exercise(slug).wrong_answers]


def verdict(slug: str, source: str) -> dict[str, Any]:
    outputs: list[dict[str, Any]] = []
    done = asyncio.run(check_exercise(slug, source, "1", lambda batch: outputs.extend(json.loads(batch))))
    assert done == "ok", outputs
    (judged,) = [out["data"] for out in outputs if CHECK_MIME in out.get("data", {})]
    assert set(judged) == {CHECK_MIME, "text/html", "text/plain"}
    words = BeautifulSoup(judged["text/html"], "html.parser").select("ul.lab-checks > li")
    assert len(words) == len(load_exercise(slug).checks)
    found: dict[str, Any] = judged[CHECK_MIME]
    return found


def test_every_lab_of_the_course_has_an_exercise() -> None:
    assert set(SLUGS) >= {"base_simulator", "assistant_simulator", "gap"}
    assert all(lab["exercise"] is (lab["slug"] in SLUGS) for lab in describe_labs())


@pytest.mark.parametrize("slug", SLUGS)
def test_the_solution_passes_and_is_no_known_mistake(slug: str) -> None:
    exercise = load_exercise(slug)
    found = verdict(slug, exercise.solution)
    assert found["passed"], found
    assert found["recognized"] is None
    assert [check["name"] for check in found["checks"]] == [check.name for check in exercise.checks]
    assert all(check["passed"] and check["expected"] is None for check in found["checks"])
    assert recognized_as(exercise, names_of(exercise.solution)) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_starter_runs_fails_and_says_what_to_do(slug: str) -> None:
    exercise = load_exercise(slug)
    found = verdict(slug, exercise.starter)
    assert not found["passed"]
    last = found["checks"][-1]
    assert all(last[key].strip() for key in ("expected", "got", "next"))
    assert set(names_of(exercise.starter)) <= set(names_of(exercise.solution)), "the starter has other names"


@pytest.mark.parametrize(("slug", "wrong"), WRONG, ids=[f"{slug}-{wrong.name}" for slug, wrong in WRONG])
def test_a_wrong_answer_fails_and_gets_its_own_message(slug: str, wrong: WrongAnswer) -> None:
    found = verdict(slug, wrong.source)
    assert not found["passed"]
    assert found["recognized"] == wrong.message
    assert wrong.source != load_exercise(slug).solution


@pytest.mark.parametrize("slug", SLUGS)
def test_an_exercise_knows_three_mistakes_and_has_hints(slug: str) -> None:
    exercise = load_exercise(slug)
    assert len(exercise.wrong_answers) >= 3 and len(exercise.hints) >= 2


@pytest.mark.parametrize("slug", SLUGS)
def test_a_description_is_plain_data(slug: str) -> None:
    described = describe_exercise(slug)
    assert json.loads(json.dumps(described)) == described
    assert set(described) == {"slug", "title", "task", "starter", "solution", "hints", "checks"}


JUNK = ["None", "3", "'text'", "float('nan')", "float('inf')", "[]", "{}", "[None, None, None]", "object()", "10**400"]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("junk", [*JUNK, "1 / 0", "exit()", "[float('nan')] * 3", "__import__('numpy').full(3, 0.5)"])
def test_no_value_whatever_makes_a_check_crash(slug: str, junk: str) -> None:
    defined = [name for name, value in names_of(load_exercise(slug).solution).items() if callable(value)]
    source = "\n".join(f"def {name}(*arguments):\n    return {junk}" for name in defined)
    last = verdict(slug, source)["checks"][-1]
    assert not last["passed"]
    assert all(last[key].strip() for key in ("expected", "got", "next"))
    for ours in ("Traceback", ".py", "object at 0x7f" if junk != "object()" else "Traceback"):
        assert ours not in last["got"]
