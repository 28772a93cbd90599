"""What a turn says: from its markers and the texts between them to a message."""

from collections.abc import Sequence
from itertools import batched

from labs.core.model.chat import Message, as_role
from labs.core.model.tools import ToolCall, ToolCallError, parse_call

type Segment = tuple[str, str]  # a marker, or "" at the start, and the text from there to the next one


def read_turn(segments: Sequence[Segment]) -> Message:
    """Message of a turn, given without its end: <|im_start|> and the header, then the content.

    Raises: ValueError for an unknown role or a marker out of place; ToolCallError for a malformed call.
    """
    (_, opening), *inner = segments
    role, newline, content = opening.partition("\n")
    if not newline:
        raise ValueError(f"expected a role and a newline after <|im_start|>, got {opening[:40]!r}; add them")
    if as_role(role) == "assistant":
        return read_reply([("", content), *inner])
    if role == "system" and [marker for marker, _ in inner] == ["<tools>", "</tools>"] and not inner[1][1]:
        return Message("system", content.removesuffix("\n"))
    if inner:
        raise ValueError(f"expected no marker in the content of {role!r}, got {shown(inner[0])}; encode it as text")
    return Message(as_role(role), content)


def read_reply(segments: Sequence[Segment]) -> Message:
    """Message of an assistant's turn, given without its header and its end.

    Raises: ValueError for a think block that doesn't end or a marker out of place; ToolCallError for a malformed call.
    """
    (_, content), *inner = segments
    think = None
    if inner and inner[0][0] == "<think>":
        if content:
            raise ValueError(f"expected <think> at the start of the reply, got {content[:40]!r} before it; remove that")
        if len(inner) == 1 or inner[1][0] != "</think>":
            got = shown(inner[1]) if inner[1:] else "the end of the reply"
            raise ValueError(f"expected </think> after <think>, got {got}; let the model write more tokens")
        (_, thought), (_, content), *inner = inner
        think = thought.removeprefix("\n").removesuffix("\n")
        content = content.removeprefix("\n\n")
    return Message("assistant", content, think, tuple(_read_calls(inner)))


def _read_calls(segments: Sequence[Segment]) -> list[ToolCall]:
    calls = []
    for pair in batched(segments, 2):
        marker, text = pair[0]
        if marker != "<tool_call>":
            raise ValueError(f"expected text, <tool_call> or the end of the reply, got {shown(pair[0])}; remove it")
        if len(pair) == 1 or pair[1][0] != "</tool_call>":
            got = shown(pair[1]) if pair[1:] else "the end of the reply"
            raise ToolCallError(f"expected </tool_call> after <tool_call>{text[:40]}, got {got}; end the call first")
        if pair[1][1]:
            raise ToolCallError(f"expected another call or the end of the reply, got {shown(pair[1])}; put text first")
        calls.append(parse_call(text))
    return calls


def shown(segment: Segment) -> str:
    """A segment in an error message: its marker and how its text begins."""
    marker, text = segment
    return repr(marker + (text if len(text) <= 40 else text[:39] + "…"))
