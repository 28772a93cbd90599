"""Requests: what is asked is read as it is meant, and anything else is refused by its name."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.core.live_chat.requests import MODELS, Column, Request, read_request
from labs.core.model.chat import Message
from labs.core.model.sampling import Sampling
from labs.core.model.tools import ToolCall
from labs.core.world.tools import TOOLS

HELLO = [{"role": "user", "content": "hello"}]


def request(**changes: object) -> str:
    """JSON of a request with one column, or with these parts changed."""
    column: dict[str, object] = {"model": "chat", "framing": "markup", "messages": HELLO}
    column |= {name: changes.pop(name) for name in ("model", "framing", "messages") if name in changes}
    return json.dumps({"columns": [column], **changes})


CLOCK = {"role": "assistant", "content": "", "tool_calls": [{"name": "clock", "arguments": {}}]}


def test_a_conversation_may_end_with_a_call_that_is_to_be_carried_out_in_markup() -> None:
    read = read_request(request(messages=[*HELLO, CLOCK], tools=["clock"]))
    assert read.columns[0].messages[-1] == Message("assistant", "", tool_calls=(ToolCall("clock", {}),))
    with pytest.raises(ValueError, match="framing: expected markup"):
        read_request(request(messages=[*HELLO, CLOCK], framing="raw"))
    with pytest.raises(ValueError, match="messages: expected a user's message"):
        read_request(request(messages=[CLOCK]))


def test_all_of_a_request_is_read() -> None:
    call = {"name": "calculator", "arguments": {"expression": "3+4"}}
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "3+4?"},
        {"role": "assistant", "content": "", "think": None, "tool_calls": [call]},
        {"role": "tool", "content": "3+4=7"},
        {"role": "assistant", "content": "7", "think": "easy", "tool_calls": []},
        {"role": "user", "content": "Thanks."},
    ]
    columns = [
        {"model": "base", "framing": "prelude", "messages": HELLO},
        {"model": "mine", "framing": "markup", "messages": messages},
    ]
    asked = {"columns": columns, "think": "open", "tools": ["clock", "calculator"], "temperature": 1, "top_p": 0.9}
    read = read_request(json.dumps({**asked, "seed": 3}))
    assert read == Request(
        (
            Column("base", "prelude", (Message("user", "hello"),)),
            Column(
                "mine",
                "markup",
                (
                    Message("system", "Be kind."),
                    Message("user", "3+4?"),
                    Message("assistant", "", None, (ToolCall("calculator", {"expression": "3+4"}),)),
                    Message("tool", "3+4=7"),
                    Message("assistant", "7", "easy"),
                    Message("user", "Thanks."),
                ),
            ),
        ),
        "open",
        (TOOLS["calculator"], TOOLS["clock"]),  # in the course's own order
        Sampling(1.0, 0, 0.9),
        3,
    )


def test_settings_may_be_left_out() -> None:
    assert read_request(request()) == Request((Column("chat", "markup", (Message("user", "hello"),)),))


@pytest.mark.parametrize("name", MODELS)
def test_every_model_may_be_asked_for(name: str) -> None:
    assert read_request(request(model=name)).columns[0].model == name


USER, ASSISTANT = {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "request: expected JSON, got ''"),
        ("[" * 100_000, "request: expected an object"),
        ('{"columns":' + "[" * 100_000, "request: expected an object"),
        ("[]", "request: expected an object with columns"),
        ("{}", "request: expected an object with columns"),
        (request(colour="red"), "request: expected an object with columns and settings"),
        (json.dumps({"columns": []}), "columns: expected a list of 1 to 2 conversations"),
        (json.dumps({"columns": {}}), "columns: expected a list of 1 to 2"),
        (json.dumps({"columns": [{"model": "chat"}]}), "columns: expected model, framing and messages"),
        (json.dumps({"columns": json.loads(request())["columns"] * 3}), "columns: expected a list of 1 to 2"),
        (request(model="reward"), "model: expected one of base, sft, chat, mine, got 'reward'"),
        (request(model=["chat"]), "model: expected one of"),
        (request(framing="markdown"), "framing: expected one of markup, raw, prelude, got 'markdown'"),
        (request(think=True), "think: expected one of absent, open, closed, got True"),
        (request(tools="clock"), "tools: expected a list of names from calculator, convert, clock, glossary"),
        (request(tools=["hammer"]), "tools: expected one of calculator, .* got 'hammer'"),
        (request(temperature=2.5), "temperature: expected a number from 0 to 2, got 2.5"),
        (request(temperature=float("nan")), "temperature: expected a number from 0 to 2, got nan"),
        (request(temperature="hot"), "temperature: expected"),
        (request(temperature=True), "temperature: expected"),
        (request(top_p=0), "top_p: expected a number above 0"),
        (request(top_p=1.5), "top_p: expected a number from 0 to 1"),
        (request(seed=-1), "seed: expected a whole number of 0 or more"),
        (request(seed=1.5), "seed: expected a whole number"),
        (request(seed=2**60), "seed: expected a whole number"),
        (request(messages="hello"), "messages: expected a list of 1 to 400 messages"),
        (request(messages=[]), "messages: expected a list of 1 to 400 messages, got '0 messages'"),
        (request(messages=[USER] * 401), "messages: expected .* begin a new conversation"),
        (request(messages=["hello"]), "messages: expected role and content in each"),
        (request(messages=[{"role": "user"}]), "messages: expected role and content in each"),
        (request(messages=[USER | {"name": "Ann"}]), "messages: expected role and content in each"),
        (request(messages=[USER | {"role": "bot"}]), "messages: expected a role of system, user, assistant, tool"),
        (request(messages=[USER | {"content": ""}]), "messages: expected some text in the last message"),
        (request(messages=[USER | {"content": " \n\t"}]), "messages: expected some text in the last message"),
        (request(messages=[USER | {"content": 3}]), "messages: expected text of at most 20,000 characters as content"),
        (request(messages=[USER | {"content": "x" * 20_001}]), "messages: expected text of at most 20,000"),
        (request(messages=[USER | {"content": "half \ud83d"}]), "messages: expected Unicode text, got the lone"),
        (request(messages=[USER, ASSISTANT]), "messages: expected a user's message or a tool call at the end"),
        (request(messages=[USER, {"role": "system", "content": "a"}]), "messages: expected a system message only at"),
        (request(messages=[{"role": "tool", "content": "7"}, USER]), "messages: expected a tool message after"),
        (request(messages=[USER | {"think": "hm"}]), "messages: expected think and tool_calls of an assistant only"),
        (request(messages=[ASSISTANT | {"think": 3}, USER]), "messages: expected text .* as think"),
        (request(messages=[ASSISTANT | {"tool_calls": {}}, USER]), "messages: expected a list of tool_calls"),
        (request(messages=[ASSISTANT | {"tool_calls": [{}]}, USER]), "messages: expected name and arguments"),
        (
            request(messages=[ASSISTANT | {"tool_calls": [{"name": "a b", "arguments": {}}]}, USER]),
            "messages: expected a name of letters",
        ),
        (
            request(messages=[ASSISTANT | {"tool_calls": [{"name": "a", "arguments": {"b": "</parameter>"}}]}, USER]),
            "messages: expected a value of b without",
        ),
        (
            request(messages=[ASSISTANT | {"tool_calls": [{"name": "a", "arguments": []}]}, USER]),
            "messages: expected a call's arguments as an object",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}") as refused:
        read_request(text)
    assert type(refused.value) is ValueError and len(str(refused.value)) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
PLACES = ["columns", "think", "tools", "temperature", "top_p", "seed", "model", "framing", "messages"]


@settings(max_examples=300)
@given(st.sampled_from(PLACES), JSON)
def test_whatever_stands_anywhere_is_read_or_refused(place: str, value: object) -> None:
    try:
        assert isinstance(read_request(request(**{place: value})), Request)
    except ValueError as refused:
        assert ": expected " in str(refused)


@settings(max_examples=300)
@given(st.sampled_from(["role", "content", "think", "tool_calls"]), JSON)
def test_whatever_stands_in_a_message_is_read_or_refused(place: str, value: object) -> None:
    try:
        read_request(request(messages=[{"role": "assistant", "content": "b", place: value}, USER]))
    except ValueError as refused:
        assert str(refused).startswith("messages: expected ")


def test_brackets_in_what_is_said_are_text() -> None:
    said = '[{"' * 5_000 + "\\"
    read = read_request(request(messages=[{"role": "user", "content": said}]))
    assert read.columns[0].messages[0].content == said
