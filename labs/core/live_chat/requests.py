"""What is asked of the live chat: JSON, read with suspicion."""

import json
import re
from dataclasses import dataclass
from typing import Literal, get_args

from labs.core.contract.declaring import refusal
from labs.core.live_chat.framings import FRAMINGS, FramingName
from labs.core.live_chat.messages import read_messages
from labs.core.model.assistant import GREEDY
from labs.core.model.chat import THINK, Message, Think
from labs.core.model.sampling import Sampling
from labs.core.model.tools import Tool
from labs.core.world.tools import TOOLS

type ModelName = Literal["base", "sft", "chat", "mine"]
MODELS: tuple[ModelName, ...] = get_args(ModelName.__value__)
MOST_COLUMNS = 2
HOTTEST = 2.0
"""The highest temperature; above it everything is noise."""
DEEPEST = 20
"""Brackets in one another; a request with a call has six."""
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")
LARGEST_SEED = 2**53
"""Beyond it JavaScript has no whole numbers."""


@dataclass(frozen=True)
class Column:
    """One conversation: with which model, in which framing, and what was said."""

    model: ModelName
    framing: FramingName
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Request:
    """One turn of each column; thinking and tools are offered in markup only."""

    columns: tuple[Column, ...]
    think: Think = "absent"
    tools: tuple[Tool, ...] = ()
    sampling: Sampling = GREEDY
    seed: int = 0


def read_request(text: str) -> Request:
    """A request from its JSON.

    Raises: ValueError that begins with the name of what is wrong.
    """
    try:
        parsed = None if _is_too_deep(text) else json.loads(text)
    except ValueError:
        raise refusal("request", "JSON", text, "send an object with columns") from None
    known = {"columns", "think", "tools", "temperature", "top_p", "seed"}
    if not isinstance(parsed, dict) or not {"columns"} <= set(parsed) <= known:
        raise refusal("request", "an object with columns and settings", parsed, f"give {', '.join(sorted(known))}")
    columns = parsed["columns"]
    if not isinstance(columns, list) or not 1 <= len(columns) <= MOST_COLUMNS:
        raise refusal("columns", f"a list of 1 to {MOST_COLUMNS} conversations", columns, "compare at most two models")
    return Request(
        tuple(_column(column) for column in columns),
        _one_of("think", parsed.get("think", "absent"), THINK),
        _tools(parsed.get("tools", [])),
        Sampling(
            _number("temperature", parsed.get("temperature", 0), HOTTEST),
            top_p=_number("top_p", parsed.get("top_p", 1), 1),
        ),
        _seed(parsed.get("seed", 0)),
    )


def _is_too_deep(text: str) -> bool:
    """Whether brackets stand in one another as in no request. (In the page that would end Python.)"""
    depth = 0
    for bracket in BRACKET.findall(STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            return True
    return False


def _column(value: object) -> Column:
    if not isinstance(value, dict) or set(value) != {"model", "framing", "messages"}:
        raise refusal("columns", "model, framing and messages in each", value, "give just these three")
    framing, messages = _one_of("framing", value["framing"], FRAMINGS), read_messages(value["messages"])
    if messages[-1].tool_calls and framing != "markup":
        raise refusal("framing", "markup where a tool call is to be answered", framing, "no other has calls")
    return Column(_one_of("model", value["model"], MODELS), framing, messages)


def _one_of[Name: str](name: str, value: object, names: tuple[Name, ...]) -> Name:
    for known in names:
        if value == known:
            return known
    raise refusal(name, f"one of {', '.join(names)}", value, "choose one of these")


def _tools(value: object) -> tuple[Tool, ...]:
    if not isinstance(value, list):
        raise refusal("tools", f"a list of names from {', '.join(TOOLS)}", value, "an empty list offers none")
    names = [_one_of("tools", name, tuple(TOOLS)) for name in value]
    return tuple(tool for name, tool in TOOLS.items() if name in names)


def _number(name: str, value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise refusal(name, f"a number from 0 to {most:g}", value, "choose one in this range")
    return float(value)


def _seed(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_SEED:
        raise refusal("seed", "a whole number of 0 or more", value, "0 will do")
    return value
