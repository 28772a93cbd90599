"""Conversations: messages, what a well-formed one is, and how a base model can be shown one without markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from labs.core.model.tools import ToolCall

type Role = Literal["system", "user", "assistant", "tool"]
type Think = Literal["absent", "open", "closed"]  # how a reply begins: its think block
ROLES: tuple[Role, ...] = get_args(Role.__value__)
THINK: tuple[Think, ...] = get_args(Think.__value__)

PRELUDE = "The following is a conversation between a curious user and a knowledgeable assistant."
"""Sets a scene in which the likely continuation is an answer."""


def as_role(name: str) -> Role:
    """The role of this name.

    Raises: ValueError if there is none.
    """
    for role in ROLES:
        if name == role:
            return role
    raise ValueError(f"expected a role of {', '.join(ROLES)}, got {name[:40]!r}; use one of these")


@dataclass(frozen=True)
class Message:
    """One turn of a conversation: content is plain text, whatever it says.

    An assistant may think first and call tools last. `think=None` is no think block, `think=""` an empty one.

    Raises: ValueError for an unknown role, or for thoughts or calls of anybody but the assistant.
    """

    role: Role
    content: str
    think: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no conversation has."""
        as_role(self.role)
        if self.role != "assistant" and (self.think is not None or self.tool_calls):
            raise ValueError(
                f"expected think and tool_calls of an assistant only, got them of {self.role!r}; remove them"
            )


def check_messages(messages: Sequence[Message]) -> None:
    """Check the order of a conversation's messages.

    Raises: ValueError if a system message isn't the first, or a tool's answer doesn't follow a call for it.
    """
    calls_open = 0
    for position, message in enumerate(messages):
        if message.role == "system" and position > 0:
            raise ValueError(
                f"expected a system message only at the start, got one as message {position + 1}; move it there"
            )
        if message.role == "tool":
            if not calls_open:
                raise ValueError(
                    f"expected a tool message after an assistant's call for it, got one as message {position + 1}; "
                    "put the call before it"
                )
            calls_open -= 1
        else:
            calls_open = len(message.tool_calls)


def prelude_prompt(question: str) -> str:
    """Frame a question so that a base model's likely continuation is an answer, with no markup.

    Example: "…a knowledgeable assistant.\\nUser: What is 2+2?\\nAssistant:"
    """
    return f"{PRELUDE}\nUser: {question}\nAssistant:"
