"""The messages of a request, checked one by one and in their order."""

from collections.abc import Mapping

from labs.core.contract.declaring import refusal
from labs.core.model.bpe import utf8
from labs.core.model.chat import ROLES, Message, check_messages
from labs.core.model.tools import ToolCall

NAME = "messages"
MOST_MESSAGES = 400
MOST_CHARACTERS = 20_000
"""In one message. What the model's context holds is far less; this only bounds the work of finding that out."""


def read_messages(value: object) -> tuple[Message, ...]:
    """A conversation, which a user's message ends, or tool calls: those that somebody writes in the assistant's place.

    Raises: ValueError that begins with "messages:".
    """
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_MESSAGES:
        got = f"{len(value)} messages" if isinstance(value, list) else value
        raise refusal(NAME, f"a list of 1 to {MOST_MESSAGES} messages", got, "begin a new conversation")
    try:
        messages = tuple(_message(message) for message in value)
        check_messages(messages)
    except ValueError as fault:
        raise ValueError(str(fault) if str(fault).startswith(f"{NAME}:") else f"{NAME}: {fault}.") from None
    last = messages[-1]
    if last.tool_calls and any(message.role == "user" for message in messages):
        return messages
    if last.role != "user":
        raise refusal(NAME, "a user's message or a tool call at the end", f"one of {last.role}", "say something first")
    if not last.content.strip():
        raise refusal(NAME, "some text in the last message", last.content, "say something first")
    return messages


def _message(value: object) -> Message:
    known = {"role", "content", "think", "tool_calls"}
    if not isinstance(value, dict) or not {"role", "content"} <= set(value) <= known:
        raise refusal(NAME, "role and content in each", value, "an assistant's may have think and tool_calls as well")
    role, think, calls = value["role"], value.get("think"), value.get("tool_calls", [])
    if not isinstance(calls, list):
        raise refusal(NAME, "a list of tool_calls", calls, "an empty list is none")
    for known_role in ROLES:
        if role == known_role:
            thought = None if think is None else _text("think", think)
            return Message(known_role, _text("content", value["content"]), thought, tuple(map(_call, calls)))
    raise refusal(NAME, f"a role of {', '.join(ROLES)}", role, "use one of these")


def _call(value: object) -> ToolCall:
    if not isinstance(value, dict) or set(value) != {"name", "arguments"}:
        raise refusal(NAME, "name and arguments in each call", value, "give just these two")
    arguments = value["arguments"]
    if not isinstance(arguments, Mapping):
        raise refusal(NAME, "a call's arguments as an object", arguments, "write names and values")
    return ToolCall(
        _text("name", value["name"]), {_text("name", name): _text(name, given) for name, given in arguments.items()}
    )


def _text(name: str, value: object) -> str:
    """Text that has a UTF-8: JSON can hold half of a surrogate pair."""
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise refusal(NAME, f"text of at most {MOST_CHARACTERS:,} characters as {name}", value, "shorten it")
    utf8(value)
    return value
