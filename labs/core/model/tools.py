"""Tools that an assistant may call, and the text of a call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FUNCTION = re.compile(r"<function=([^<>\n]*)>")
PARAMETER = re.compile(r"<parameter=([^<>\n]*)>(.*?)</parameter>", re.DOTALL)


class ToolCallError(ValueError):
    """A call that is malformed, or that no offered tool can answer."""


@dataclass(frozen=True)
class Tool:
    """A function offered to the assistant: its name, one line about it, and its parameters, all of them needed.

    Raises: ValueError for names that aren't identifiers, a parameter named twice, or a description of several lines.
    """

    name: str
    description: str
    parameters: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what the tools block could not list on one line."""
        for name in (self.name, *self.parameters):
            if not NAME.fullmatch(name):
                raise ValueError(f"expected a name of letters, digits and _, got {name!r}; rename it")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError(f"expected different parameters, got {', '.join(self.parameters)}; rename one")
        if "\n" in self.description:
            raise ValueError(f"expected a description of one line, got {self.description!r}; join its lines")

    @property
    def signature(self) -> str:
        """The tool as the tools block lists it.

        Example: "add(a, b)"
        """
        return f"{self.name}({', '.join(self.parameters)})"


@dataclass(frozen=True)
class ToolCall:
    """A call that the assistant writes: a function's name and its arguments, all text.

    Raises: ToolCallError for names that aren't identifiers, or a value that holds </parameter>, which would end it.
    """

    name: str
    arguments: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse what could not be read back."""
        for name in (self.name, *self.arguments):
            if not NAME.fullmatch(name):
                raise ToolCallError(f"expected a name of letters, digits and _, got {name!r}; use the tool's names")
        for name, value in self.arguments.items():
            if "</parameter>" in value:
                raise ToolCallError(f"expected a value of {name} without </parameter>, got {value!r}; leave that out")

    @property
    def text(self) -> str:
        """The call as it stands between <tool_call> and </tool_call>.

        Example: "<function=add><parameter=a>3</parameter><parameter=b>4</parameter></function>"
        """
        parameters = (f"<parameter={name}>{value}</parameter>" for name, value in self.arguments.items())
        return f"<function={self.name}>{''.join(parameters)}</function>"


def parse_call(text: str) -> ToolCall:
    """Read what stands between <tool_call> and </tool_call>: the inverse of `ToolCall.text`.

    Raises: ToolCallError that says what was expected and what came instead.
    """
    function = FUNCTION.match(text)
    if not function:
        raise ToolCallError(f"expected <function=NAME> at the start of the call, got {_start_of(text)}")
    arguments: dict[str, str] = {}
    position = function.end()
    while parameter := PARAMETER.match(text, position):
        name, value = parameter.groups()
        if name in arguments:
            raise ToolCallError(f"expected each parameter once, got {name!r} twice; give it one value")
        arguments[name] = value
        position = parameter.end()
    if text[position:] != "</function>":
        raise ToolCallError(
            "expected <parameter=NAME>VALUE</parameter>, or </function> at the end of the call, "
            f"got {_start_of(text[position:])}"
        )
    return ToolCall(function[1], arguments)


def check_call(call: ToolCall, tools: Sequence[Tool]) -> Tool:
    """Find the tool that a call is for, with just its parameters given.

    Raises: ToolCallError if no such tool is offered, or a parameter is unknown or missing.
    """
    tool = next((tool for tool in tools if tool.name == call.name), None)
    if tool is None:
        offered = ", ".join(tool.signature for tool in tools) or "no tool"
        raise ToolCallError(
            f"expected a call of an offered tool ({offered}), got {call.name!r}; offer it or call another"
        )
    for name in call.arguments:
        if name not in tool.parameters:
            raise ToolCallError(f"expected {tool.signature}, got the unknown parameter {name!r}; leave it out")
    for name in tool.parameters:
        if name not in call.arguments:
            raise ToolCallError(f"expected {tool.signature}, got no {name!r}; give it a value")
    return tool


def _start_of(text: str) -> str:
    if not text:
        return "its end"
    return repr(text if len(text) <= 40 else text[:39] + "…")
