"""From the edited messages to a conversation: an assistant's text may hold calls, in the form that the model writes."""

import re
from collections.abc import Mapping, Sequence

from labs.core.model.chat import Message, as_role, check_messages
from labs.core.model.tools import ToolCall, ToolCallError, parse_call

EXAMPLE = "<tool_call><function=calculator><parameter=expression>37+45</parameter></function></tool_call>"
"""A call, written as text."""
CALL = re.compile(r"<tool_call>(.*?)</tool_call>\s*", re.DOTALL)


def conversation(messages: Sequence[Mapping[str, str]]) -> list[Message]:
    """The messages, as the template takes them.

    Raises: ValueError if there is none, if they are out of order, or if an assistant's call is malformed.
    """
    if not messages:
        raise ValueError("messages: expected at least one message, got none; add a user's question.")
    said = [_message(number, message) for number, message in enumerate(messages, start=1)]
    try:
        check_messages(said)
    except ValueError as error:
        raise ValueError(f"messages: {error}") from error
    return said


def _message(number: int, message: Mapping[str, str]) -> Message:
    role, content = as_role(message["role"]), message["content"]
    if role != "assistant":  # whatever anybody else types is text
        return Message(role, content)
    try:
        text, calls = with_calls(content)
    except ToolCallError as error:
        raise ValueError(f"messages: {error}; a call in message {number} has to look like {EXAMPLE}.") from error
    return Message(role, text, tool_calls=calls)


def with_calls(content: str) -> tuple[str, tuple[ToolCall, ...]]:
    """The text that an assistant's content begins with, and the calls behind it; space after a call does not count.

    Example: EXAMPLE -> ("", (ToolCall("calculator", {"expression": "37+45"}),))
    Raises: ToolCallError if a call does not end or is malformed, or if text follows one.
    """
    start = content.find("<tool_call>")
    if start < 0:
        return content, ()
    calls, position = [], start
    while found := CALL.match(content, position):
        calls.append(parse_call(found[1]))
        position = found.end()
    if rest := content[position:]:
        got = repr(rest if len(rest) <= 40 else rest[:39] + "…")
        if rest.startswith("<tool_call>"):
            raise ToolCallError(f"expected </tool_call> at the end of the call, got {got}")
        raise ToolCallError(f"expected another call or the end after </tool_call>, got {got}; put text first")
    return content[:start], tuple(calls)
