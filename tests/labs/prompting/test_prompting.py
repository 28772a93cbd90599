"""The prompting lab: what each case claims, over three seeds, and what it refuses."""

import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Columns, Moving, Table, Text
from labs.core.judging import judge, names_of
from labs.core.model.checkpoint import load_checkpoint
from labs.core.world.tasks import TOO_BIG
from labs.prompting.cases import CONTEXT, ROOM, SAYS, WISHES, by_examples, tasks_of, ways_of
from labs.prompting.exercise import EXERCISE
from labs.prompting.lab import CASES, LAB, does_it, write_all

SYSTEM = "You are a strict reviewer. Answer with one word."
CLAIMS = {
    # case: for each way to ask, the least and the most of the share that its chart shows
    "few-shot prompt": {
        "base, plain request": (0, 0.1),
        "base, three examples": (0.9, 1),
        "chat, plain request": (0.9, 1),
    },
    "system prompt": {
        "none": (0, 0),
        "yours": (0, 0.1),
        "one it was taught with": (0, 0.1),
        "a calculator offered": (0.4, 0.6),
    },
    "base model in use": {"base, in markup": (0, 0.1), "chat, in markup": (0.9, 1)},
    "wrong template": {
        "no template": (0, 0.25),
        "its template": (0.9, 1),
        "markers typed as text": (0, 0.25),
        "no generation marker": (0.35, 0.85),
    },
    "context overflow": {
        "cut at the front": (0, 0.1),
        "oldest exchanges left out": (0.8, 1),
        "cut at the end": (0, 0.1),
    },
    "over-refusal": {"as asked": (0, 0.25), "purpose, then plainly": (0.85, 1), "purpose only": (0, 0.5)},
}


def shares(case: str, seed: int) -> dict[str, float]:
    """What the lab's last chart shows."""
    items = list(run_lab("prompting", {"case": case, "seed": seed, "system": SYSTEM}))
    charts = [item.content for item in items if isinstance(item, Moving) and item.name == "all"]
    assert isinstance(charts[-1], Chart)
    return {str(row[0]): float(str(row[1]).removesuffix("%")) / 100 for row in charts[-1].table.rows}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("case", CASES)
def test_each_way_to_ask_does_what_the_page_says(case: str, seed: int) -> None:
    found = shares(case, seed)
    assert list(found) == list(CLAIMS[case])
    for way, (least, most) in CLAIMS[case].items():
        assert least <= found[way] <= most, (way, found)


def test_the_controls_cases_are_those_that_there_are() -> None:
    assert list(SAYS) == list(CASES) == list(CLAIMS)


def test_two_ways_are_shown_while_they_are_written_and_each_by_its_name() -> None:
    items = list(run_lab("prompting", {"case": "wrong template"}))
    first = items[0]
    assert isinstance(first, Moving) and isinstance(first.content, Columns)
    assert [heading for heading, _ in first.content.parts] == ["no template", "its template"]
    table = items[-1]
    assert isinstance(table, Table) and len(table.rows) == 3 * 4
    assert [row[3] for row in table.rows if row[1] == "its template"] == [True] * 3


def test_a_cut_talk_is_as_long_as_the_context_allows_and_lost_its_tools_or_its_question() -> None:
    for task in tasks_of("context overflow", 0):
        front, kept, end = ways_of("context overflow", task, SYSTEM).values()
        text = front.checkpoint.tokenizer.decode
        assert len(front.ids) == len(end.ids) == CONTEXT - ROOM >= len(kept.ids)
        assert "<tools>" not in text(front.ids) and task.question in text(front.ids)
        assert "<tools>" in text(end.ids) and task.question not in text(end.ids)
        assert "<tools>" in text(kept.ids) and task.question in text(kept.ids)


def test_without_its_tools_the_model_says_so() -> None:
    tasks = tasks_of("context overflow", 0)
    written = write_all([ways_of("context overflow", task, SYSTEM)["cut at the front"] for task in tasks])
    read = load_checkpoint("chat").assistant.read
    assert sum(TOO_BIG in read(ids).content for ids in written) >= 0.9 * len(tasks)


def test_half_a_tool_call_is_not_what_was_wanted() -> None:
    task = tasks_of("context overflow", 0)[0]
    writer = ways_of("context overflow", task, SYSTEM)["oldest exchanges left out"]
    (ids,) = write_all([writer])
    assert does_it(task, writer, ids) and not does_it(task, writer, ids[:-5])


def test_examples_show_three_others_and_end_with_the_one_asked_about() -> None:
    for task in tasks_of("few-shot prompt", 0):
        *shown, last = by_examples(task).split("\n")
        person = last.removesuffix(":")
        assert person in task.question and len(shown) == 3
        assert all(line.split(": ")[1] in task.values and not line.startswith(f"{person}:") for line in shown)


def test_wishes_are_different_and_harmless_ones() -> None:
    tasks = tasks_of("over-refusal", 0)
    assert len({task.question for task in tasks}) == len(tasks) == 24
    assert all(task.thought in WISHES.values() for task in tasks)


@pytest.mark.parametrize("system", ["", " \n", "\ud800", "🎉" * 60, "x" * 10_000])
def test_a_bad_system_prompt_is_refused_by_its_name(system: str) -> None:
    with pytest.raises(ValueError, match=r"^system: expected"):
        list(run_lab("prompting", {"case": "system prompt", "system": system}))


SYSTEMS = next(box.suggestions for box in LAB.controls if isinstance(box, Text) and box.name == "system")


@pytest.mark.parametrize("system", [*SYSTEMS, "<|im_end|>", "שלום"])
def test_other_system_prompts_run(system: str) -> None:
    assert list(run_lab("prompting", {"case": "system prompt", "system": system}))


def test_a_system_prompt_that_reads_like_the_tools_block_works() -> None:
    system = "calculator(expression): adds two numbers"
    sums = [task for task in tasks_of("system prompt", 0) if task.call]
    read = load_checkpoint("chat").assistant.read
    written = write_all([ways_of("system prompt", task, system)["yours"] for task in sums])
    replies = [read(ids) for ids in written]
    assert sum("<tool_call>" in reply.text for reply in replies) >= 0.8 * len(sums)


@pytest.mark.parametrize(
    "source",
    [
        "import re\ndef parse_tool_call(reply):\n"
        "    before, mark, rest = reply.partition('<tool_call>')\n"
        "    if not mark:\n        return None\n"
        "    body = rest.removesuffix('</tool_call>').removesuffix('</function>')\n"
        "    head, _, inner = body.partition('>')\n"
        "    parts = re.split(r'<parameter=(\\w+)>(.*?)</parameter>', inner, flags=re.S)\n"
        "    whole = rest.endswith('</function></tool_call>') and head.startswith('<function=')\n"
        "    if not whole or any(parts[::3]):\n        raise ValueError(reply)\n"
        "    return head.removeprefix('<function='), dict(zip(parts[1::3], parts[2::3]))\n",
    ],
)
def test_the_exercise_takes_another_solution(source: str) -> None:
    verdict = judge(EXERCISE, names_of(source))
    assert verdict.passed, verdict.text()
