"""The controls that count and that hold a conversation."""

import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.contract import Counter, Messages, Text
from labs.core.contract.messages import ROLES
from labs.core.describing import describe_control
from labs.core.model.chat import ROLES as CHAT_ROLES

UPDATES = Counter("updates", "Updates", "Apply", 5)
TALK = Messages("talk", "Conversation", [{"role": "user", "content": "Hi"}], max_messages=2, max_length=9)


@given(st.integers(-3, 9))
def test_a_counter_counts_from_zero_to_its_maximum(value: int) -> None:
    if 0 <= value <= 5:
        assert UPDATES.check(value) == UPDATES.check(float(value)) == UPDATES.parse(str(value)) == value
        assert type(UPDATES.check(float(value))) is int
    else:
        with pytest.raises(ValueError, match="updates: expected a whole number from 0 to 5, got"):
            UPDATES.check(value)


@pytest.mark.parametrize("value", [True, "3", None, 2.5, math.nan, math.inf])
def test_a_counter_refuses_what_is_no_count(value: object) -> None:
    with pytest.raises(ValueError, match="updates: expected a whole number from 0 to 5"):
        UPDATES.check(value)


def test_a_counter_reads_digits_alone() -> None:
    with pytest.raises(ValueError, match="write it in digits"):
        UPDATES.parse("two")


def test_messages_come_back_as_they_were_given_in_code_and_on_a_command_line() -> None:
    talk = [{"role": role, "content": "x"} for role in ("system", "tool")]
    assert TALK.check(talk) == TALK.parse(json.dumps(talk)) == tuple(talk)
    assert TALK.check([]) == ()
    assert TALK.default == ({"role": "user", "content": "Hi"},)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Hi", "a list of at most 2 messages"),
        (7, "a list of at most 2 messages"),
        ([{"role": "user", "content": "x"}] * 3, "got '3 messages'; remove some"),
        ([{"role": "user"}], "role and content in message 1"),
        ([{"role": "user", "content": "x", "name": "y"}], "just these two"),
        ([{"role": "user", "content": "x"}, {"role": "bot", "content": "x"}], "role of message 2, got 'bot'"),
        ([{"role": "user", "content": "x" * 10}], "at most 9 characters in message 1"),
        ([{"role": "user", "content": 3}], "text of at most 9 characters"),
        ([None], "role and content in message 1"),
    ],
)
def test_a_bad_conversation_is_refused_with_its_place(value: object, words: str) -> None:
    with pytest.raises(ValueError, match="talk: expected") as refused:
        TALK.check(value)
    assert words in str(refused.value)


def test_a_command_line_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="talk: expected JSON"):
        TALK.parse("Hello")


def test_roles_are_those_of_the_models() -> None:
    assert ROLES == CHAT_ROLES


@pytest.mark.parametrize("declare", [
    lambda: Counter("n", "N", " ", 5),
    lambda: Counter("n", "N", "Go", 0),
    lambda: Counter("n", "N", "Go", 5, default=6),
    lambda: Messages("n", "N", [], max_messages=0),
    lambda: Messages("n", "N", [{"role": "user", "content": "x"}], max_length=True),
    lambda: Messages("n", "N", [{"role": "user", "content": "xx"}], max_length=1),
    lambda: Text("n", "N", "", 5, lines=0),
])  # fmt: skip
def test_a_declaration_that_contradicts_itself_is_refused(declare: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        declare()


def test_descriptions_are_plain_data() -> None:
    for control in (UPDATES, TALK, Text("t", "T", "a\nb", 9, lines=3)):
        described = describe_control(control)
        assert json.loads(json.dumps(described)) == described
    assert describe_control(TALK)["default"] == [{"role": "user", "content": "Hi"}]
    assert describe_control(UPDATES)["action"] == "Apply"
