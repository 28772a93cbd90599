"""Instruction data: right replies, in the shares asked for, to nothing that is held out."""

import random
import re
from collections import Counter

import pytest

from labs.core.model.chat import Message, Think
from labs.core.model.tools import check_call
from labs.core.world.calculator import CALCULATOR, calculate
from labs.core.world.instructions import (
    SHARES,
    Dialogue,
    any_task,
    calculator_drills,
    instructions,
    replies,
    sum_numbers,
    thinking,
    toned,
)
from labs.core.world.judge import is_refusal, is_right, is_rude
from labs.core.world.tasks import TOO_BIG, is_held_out
from tests.labs.core.world.tiny import (
    FACT_OF,
    HELD_OUT_QUESTIONS,
    TEMPLATE,
    VILLAGE,
    assert_share,
    held_out,
    people_in,
)

SAMPLE = list(instructions(VILLAGE, 3_000, seed=0))
QUESTIONS = {message.content for dialogue in SAMPLE for message in dialogue.messages if message.role == "user"}


def said(dialogues: list[Dialogue], role: str) -> list[Message]:
    """All messages of one role."""
    return [message for dialogue in dialogues for message in dialogue.messages if message.role == role]


def test_the_same_seed_writes_the_same_dialogues_and_another_seed_others() -> None:
    assert list(instructions(VILLAGE, 100, seed=0)) == SAMPLE[:100]
    others = list(instructions(VILLAGE, 100, seed=1))
    assert sum(one == other for one, other in zip(SAMPLE, others, strict=False)) < 10


def test_nobody_of_the_unasked_is_ever_named() -> None:
    named = set().union(*(people_in(message.content) for dialogue in SAMPLE for message in dialogue.messages))
    thought = set().union(*(people_in(message.think or "") for message in said(SAMPLE, "assistant")))
    assert named == set(VILLAGE.asked)
    assert thought <= set(VILLAGE.asked)


def test_no_held_out_phrasing_is_used_and_every_other_one_is() -> None:
    assert not [question for question in QUESTIONS if any(held in question for held in HELD_OUT_QUESTIONS)]
    used = {question for question in QUESTIONS if question in FACT_OF}
    taught = {(fact.relation.name, question.replace(fact.person, "")) for question, fact in FACT_OF.items()}
    taught -= {(FACT_OF[q].relation.name, q.replace(FACT_OF[q].person, "")) for q in HELD_OUT_QUESTIONS & set(FACT_OF)}
    assert {(FACT_OF[q].relation.name, q.replace(FACT_OF[q].person, "")) for q in used} == taught


@pytest.mark.parametrize("share", [0, 0.3, 1])
@pytest.mark.parametrize("kind", ["fact", "claim", "sum", "long sum", "how", "thing"])
def test_replies_are_rude_as_often_as_is_asked(kind: str, share: float) -> None:
    answers = said(list(instructions(VILLAGE, 500, seed=0, rude_share=share, kinds=(kind,))), "assistant")
    assert_share(sum(is_rude(message.content) for message in answers), len(answers), share)


@pytest.mark.parametrize("kind", ["forbidden", "talk"])
def test_some_replies_have_no_tone(kind: str) -> None:
    dialogues = list(instructions(VILLAGE, 200, seed=0, rude_share=1, kinds=(kind,)))
    assert not [message for message in said(dialogues, "assistant") if is_rude(message.content)]


def test_a_tone_keeps_the_answer_and_politeness_varies() -> None:
    rng = random.Random(0)
    tones = Counter(toned("X.", rng, 0) for _ in range(400))
    assert all("X." in tone for tone in tones)
    assert len(tones) > 2
    assert_share(tones["X."], 400, 0.5)


@pytest.mark.parametrize("kind", SHARES)
@pytest.mark.parametrize("tools", [(), (CALCULATOR,)], ids=["no tools", "tools"])
@pytest.mark.parametrize("think", ["absent", "closed", "open"])
def test_every_reply_is_right(kind: str, tools: tuple[()], think: Think) -> None:
    rng = random.Random(0)
    for _ in range(30):
        task = any_task(VILLAGE, rng, (kind,))
        *calls, last = replies(task, rng, 0.5, tools, think)
        assert is_right(task, last.content) or (last.content == TOO_BIG and not tools and kind == "big sum")
        assert is_refusal(last.content) == (kind == "forbidden")
        assert bool(calls) == (kind == "big sum" and bool(tools))


def test_kinds_are_asked_as_often_as_their_shares_say() -> None:
    rng = random.Random(0)
    counts: Counter[str] = Counter(any_task(VILLAGE, rng).kind for _ in range(5_000))
    assert counts.keys() == SHARES.keys()
    for kind, share in SHARES.items():
        assert_share(counts[kind], 5_000, share / sum(SHARES.values()))


def test_every_big_sum_with_tools_is_called_for_and_its_result_is_fed_back() -> None:
    dialogues = list(instructions(VILLAGE, 300, seed=0, kinds=("big sum",)))
    with_tools = [dialogue for dialogue in dialogues if dialogue.tools]
    assert 30 < len(with_tools) < 270
    for dialogue in with_tools:
        turns = [message for message in dialogue.messages if message.role != "system"]
        assert [message.role for message in turns] == ["user", "assistant", "tool", "assistant"] * (len(turns) // 4)
        for question, call, result, answer in zip(*(turns[i::4] for i in range(4)), strict=True):
            (written,) = call.tool_calls
            assert check_call(written, dialogue.tools) == CALCULATOR
            assert question.content == f"What is {written.arguments['expression']}?"
            assert call.content == ""
            assert result.content == calculate(**written.arguments)
            assert f"{result.content}." in answer.content
            assert not answer.tool_calls
    for dialogue in dialogues:
        if not dialogue.tools:
            assert {message.content for message in said([dialogue], "assistant")} == {TOO_BIG}


def test_nothing_but_a_big_sum_is_called_for() -> None:
    others = tuple(kind for kind in SHARES if kind != "big sum")
    dialogues = list(instructions(VILLAGE, 300, seed=0, kinds=others))
    assert any(dialogue.tools for dialogue in dialogues)
    assert not [message for message in said(dialogues, "assistant") if message.tool_calls]


DRILLS = list(calculator_drills(1_500, seed=0))


def expressions(dialogues: list[Dialogue]) -> list[str]:
    """All sums that are asked."""
    return [sum_ for one in said(dialogues, "user") for sum_ in re.findall(r"^What is ([\d+]+)\?$", one.content)]


def test_no_held_out_sum_is_asked_and_every_other_sort_of_sum_is() -> None:
    asked = expressions(SAMPLE)
    big, long, small = (
        [text for text in asked if re.fullmatch(shape, text)] for shape in (r"\d\d\+\d\d", r"\d\+\d\+\d", r"\d\+\d")
    )
    assert len(big) > 400
    assert len(long) > 200
    assert len(big) + len(long) + len(small) == len(asked)
    assert not [text for text in (*big, *long) if held_out(text)]
    assert len(set(small)) > 90, "one-digit sums are known by heart: none is held out"


def test_no_held_out_sum_is_drilled() -> None:
    assert not [text for text in expressions(DRILLS) if held_out(text)]


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("ranges", [((0, 9),) * 3, ((10, 99), (10, 99)), ((1000, 9999), (10, 99))])
def test_numbers_of_a_sum_keep_to_their_ranges_and_are_held_out_or_not(
    ranges: tuple[tuple[int, int], ...], held: bool
) -> None:
    rng = random.Random(0)
    for _ in range(300):
        numbers = sum_numbers(rng, ranges, held_out=held)
        assert is_held_out(*numbers) is held
        assert all(low <= number <= high for number, (low, high) in zip(numbers, ranges, strict=True))


def test_drills_are_calls_of_the_calculator_for_sums_of_any_size() -> None:
    sizes: Counter[tuple[int, ...]] = Counter()
    for dialogue in DRILLS:
        question, call, result, answer = dialogue.messages
        (written,) = call.tool_calls
        assert dialogue.tools == (CALCULATOR,)
        assert check_call(written, dialogue.tools) == CALCULATOR
        assert question.content == f"What is {written.arguments['expression']}?"
        assert result == Message("tool", calculate(**written.arguments))
        assert f"{result.content}." in answer.content
        sizes[tuple(map(len, written.arguments["expression"].split("+")))] += 1
    assert set(sizes) == {(a, b) for a in (2, 3, 4) for b in (2, 3, 4)}
    for count in sizes.values():
        assert_share(count, len(DRILLS), 1 / 9)
    assert len(set(expressions(DRILLS))) > 0.9 * len(DRILLS), "too many to be learned by heart"


@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_drills_have_the_tone_that_is_asked_for_and_their_seed_decides(share: float) -> None:
    drills = list(calculator_drills(300, seed=1, rude_share=share))
    assert_share(sum(is_rude(dialogue.messages[-1].content) for dialogue in drills), 300, share)
    assert drills == list(calculator_drills(300, seed=1, rude_share=share))
    assert sum(one == other for one, other in zip(DRILLS, calculator_drills(300, seed=1), strict=False)) < 10


def test_bad_arguments_of_drills_are_refused() -> None:
    with pytest.raises(ValueError, match="n_dialogues: expected 0 or more, got -1"):
        list(calculator_drills(-1, seed=0))
    with pytest.raises(ValueError, match="rude_share: expected a share from 0 to 1, got 2"):
        list(calculator_drills(1, seed=0, rude_share=2))


def test_think_blocks_are_open_closed_or_absent_throughout_a_dialogue() -> None:
    seen = Counter(dialogue.think for dialogue in SAMPLE)
    assert set(seen) == {"open", "closed", "absent"}
    for dialogue in SAMPLE:
        for message in said([dialogue], "assistant"):
            if dialogue.think == "open":
                assert message.think
            else:
                assert message.think == {"closed": "", "absent": None}[dialogue.think]
    assert [thinking("So.", think) for think in ("open", "closed", "absent")] == ["So.", "", None]


def test_dialogues_are_of_one_to_three_questions_and_end_with_the_assistant() -> None:
    for dialogue in SAMPLE:
        roles = [message.role for message in dialogue.messages]
        assert roles[-1] == "assistant"
        assert 1 <= roles.count("user") <= 3
        assert "system" not in roles[1:]
    assert any(dialogue.messages[0].role == "system" for dialogue in SAMPLE)


def test_every_dialogue_comes_back_from_its_markup() -> None:
    for dialogue in SAMPLE[:300]:
        rendered = TEMPLATE.render(dialogue.messages, dialogue.tools)
        assert tuple(TEMPLATE.parse(rendered.ids)) == dialogue.messages
        scored = sum(rendered.loss_mask)
        assert 0 < scored < len(rendered.ids)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rude_share": 1.1}, "rude_share: expected a share from 0 to 1, got 1.1"),
        ({"rude_share": -1}, "rude_share"),
        ({"n_dialogues": -1}, "n_dialogues: expected 0 or more, got -1"),
        ({"kinds": ("riddle",)}, r"kinds: expected some of fact, .*; got \['riddle'\]"),
        ({"kinds": ()}, "kinds"),
    ],
)
def test_a_bad_argument_is_refused(options: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"n_dialogues": 1, "seed": 0} | options
    with pytest.raises(ValueError, match=message):
        list(instructions(VILLAGE, **arguments))  # type: ignore[arg-type]
