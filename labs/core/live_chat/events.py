"""What happens in a turn, and each event as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from labs.core.model.assistant import Reply, unread
from labs.core.model.chat import Message
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.tools import ToolCall

type Reason = Literal["ended", "length", "calls", "overflow"]
type Data = dict[str, object]


@dataclass(frozen=True)
class Prompt:
    """What the model reads before it writes; `dropped` exchanges did not fit. `messages` are those that are in it."""

    ids: Sequence[int]
    roles: Sequence[str]
    messages: tuple[Message, ...]
    dropped: int
    context: int
    tokenizer: Tokenizer

    def data(self) -> Data:
        """Its tokens with ids, texts and roles."""
        tokens = [
            {
                "id": token,
                "text": self.tokenizer.token_text(token),
                "special": self.tokenizer.is_special(token),
                "role": role,
            }
            for token, role in zip(self.ids, self.roles, strict=True)
        ]
        return {
            "kind": "prompt",
            "tokens": tokens,
            "dropped": self.dropped,
            "context": self.context,
            "used": len(self.ids),
        }


@dataclass(frozen=True)
class Written:
    """One token that the model wrote.

    `text` is the token made readable, `piece` what it adds to the text in whole characters. `probability` and `top`,
    the likeliest tokens, are the model's own, before temperature and top_p.
    """

    id: int
    text: str
    piece: str
    special: bool
    probability: float
    top: tuple[tuple[str, float], ...]

    def data(self) -> Data:
        """All of it."""
        top = [{"text": text, "probability": probability} for text, probability in self.top]
        return {
            "kind": "token",
            "id": self.id,
            "text": self.text,
            "piece": self.piece,
            "special": self.special,
            "probability": self.probability,
            "top": top,
        }


@dataclass(frozen=True)
class Said:
    """The reply as it is read, once it is written."""

    reply: Reply

    @property
    def message(self) -> Message:
        """What goes into the conversation, well-formed or not."""
        return self.reply.message or unread(self.reply)

    def data(self) -> Data:
        """The message, whether it ended, and what is wrong with it."""
        return {
            "kind": "message",
            "message": message_data(self.message),
            "ended": self.reply.ended,
            "fault": self.reply.fault,
        }


@dataclass(frozen=True)
class Called:
    """A tool call with its result, or in its place what is wrong with the call; `message` is what the model reads."""

    call: ToolCall
    result: str
    message: Message
    ok: bool

    @property
    def cut(self) -> bool:
        """Whether the model reads only the beginning of the result, for want of room."""
        return self.message.content != self.result

    def data(self) -> Data:
        """All of it."""
        return {
            "kind": "tool",
            "name": self.call.name,
            "arguments": dict(self.call.arguments),
            "result": self.result,
            "ok": self.ok,
            "cut": self.cut,
            "message": message_data(self.message),
        }


@dataclass(frozen=True)
class Ended:
    """The turn is over, for this reason; `said` is all of it, and `fault` says in words why there is no more."""

    reason: Reason
    said: tuple[Message, ...]
    fault: str = ""

    def data(self) -> Data:
        """All of it."""
        said = [message_data(message) for message in self.said]
        return {"kind": "end", "reason": self.reason, "said": said, "fault": self.fault}


type Event = Prompt | Written | Said | Called | Ended


def message_data(message: Message) -> Data:
    """A message as a request may hold it."""
    data: Data = {"role": message.role, "content": message.content}
    if message.role == "assistant":
        data["think"] = message.think
        data["tool_calls"] = [{"name": call.name, "arguments": dict(call.arguments)} for call in message.tool_calls]
    return data
