"""Tool calls: what is written can be read, and what can't be read says why."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.core.model.tools import Tool, ToolCall, ToolCallError, check_call, parse_call

ADD = Tool("add", "Add two numbers.", ("a", "b"))
NOW = Tool("now", "The time.", ())

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
values = st.lists(st.text() | st.sampled_from(["</parameter", "<parameter=a>", "</function>", "</tool_call>"])).map(
    "".join
)
calls = st.builds(ToolCall, names, st.dictionaries(names, values.filter(lambda value: "</parameter>" not in value)))


def test_a_call_as_text() -> None:
    assert ToolCall("add", {"a": "3", "b": "-4"}).text == (
        "<function=add><parameter=a>3</parameter><parameter=b>-4</parameter></function>"
    )
    assert ToolCall("now", {}).text == "<function=now></function>"
    assert ADD.signature == "add(a, b)"


@unhurried
@given(calls)
def test_any_call_comes_back(call: ToolCall) -> None:
    read = parse_call(call.text)
    assert read == call
    assert list(read.arguments) == list(call.arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected <function=NAME> at the start of the call, got its end"),
        ("add(3, 4)", "expected <function=NAME> at the start of the call, got 'add(3, 4)'"),
        (" <function=now></function>", "expected <function=NAME> at the start of the call, got ' <function=now>"),
        ("<function=now>", "or </function> at the end of the call, got its end"),
        ("<function=now></function> ", "or </function> at the end of the call, got '</function> '"),
        ("<function=add>3</function>", "or </function> at the end of the call, got '3</function>'"),
        ("<function=add><parameter=a>3</function>", "got '<parameter=a>3</function>'"),
        ("<function=add><function=now></function></function>", "got '<function=now></function></function>'"),
        ("<function=add><parameter=a>1</parameter><parameter=a>2</parameter></function>", "got 'a' twice"),
        ("<function=></function>", "expected a name of letters, digits and _, got ''"),
        ("<function=f><parameter=a b>1</parameter></function>", "expected a name of letters, digits and _, got 'a b'"),
    ],
)
def test_a_malformed_call_says_what_was_expected_and_what_came(text: str, message: str) -> None:
    with pytest.raises(ToolCallError, match=re.escape(message)):
        parse_call(text)


def test_a_value_may_not_end_its_parameter() -> None:
    with pytest.raises(ToolCallError, match="value of a without </parameter>"):
        ToolCall("add", {"a": "1</parameter>"})


def test_a_call_is_checked_against_the_tools_on_offer() -> None:
    assert check_call(ToolCall("add", {"b": "4", "a": "3"}), [NOW, ADD]) is ADD
    for call, message in [
        (ToolCall("sub", {}), "expected a call of an offered tool (now(), add(a, b)), got 'sub'"),
        (ToolCall("add", {"a": "1", "b": "2", "c": "3"}), "expected add(a, b), got the unknown parameter 'c'"),
        (ToolCall("add", {"a": "1"}), "expected add(a, b), got no 'b'"),
    ]:
        with pytest.raises(ToolCallError, match=re.escape(message)):
            check_call(call, [NOW, ADD])
    with pytest.raises(ToolCallError, match="no tool"):
        check_call(ToolCall("add", {}), [])


def test_a_tool_that_could_not_be_listed_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'add two'"):
        Tool("add two", "", ())
    with pytest.raises(ValueError, match="got 'a,'"):
        Tool("add", "", ("a,",))
    with pytest.raises(ValueError, match="expected different parameters, got a, a"):
        Tool("add", "", ("a", "a"))
    with pytest.raises(ValueError, match="description of one line"):
        Tool("add", "a\nb", ())
