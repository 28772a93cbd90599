"""How a model reads a conversation: in chat markup, as the beginning of a page, or as a scene that a prelude sets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from labs.core.model.assistant import Assistant, Reply
from labs.core.model.chat import Message, Role, Think, prelude_prompt
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.tokenizer import END_OF_TEXT
from labs.core.model.tools import Tool

type FramingName = Literal["markup", "raw", "prelude"]
FRAMINGS: tuple[FramingName, ...] = get_args(FramingName.__value__)
ROOM_AFTER_RESULT = 8
"""With so few tokens free a model may still reply to a tool's result."""


class Overflow(ValueError):
    """What was said last does not fit into the model's context, whatever else is left out."""


@dataclass(frozen=True)
class Framed:
    """A conversation as token ids: `messages` are those that are in it, `dropped` counts the exchanges that are not.

    Shapes: ids and roles both (T,); a role is "" where nobody's turn is marked.
    """

    ids: list[int]
    roles: Sequence[Role | Literal[""]]
    messages: tuple[Message, ...]
    dropped: int = 0


class Framing(Protocol):
    """One way to have a model take part in a conversation."""

    @property
    def checkpoint(self) -> Checkpoint:
        """The model."""

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """The tokens after which it is not asked for more."""

    def frame(self, messages: Sequence[Message]) -> Framed:
        """What the model goes on with.

        Raises: Overflow if the last exchange alone leaves no room for a reply.
        """

    def read(self, ids: Sequence[int]) -> Reply:
        """What written tokens say."""


@dataclass(frozen=True)
class Markup:
    """The chat template, with tools and a think block: what assistants are tuned on. The oldest exchanges give way."""

    checkpoint: Checkpoint
    tools: tuple[Tool, ...] = ()
    think: Think = "absent"

    @property
    def assistant(self) -> Assistant:
        """The model as one that replies to messages."""
        return self.checkpoint.assistant

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """The end of the turn."""
        return (self.assistant.end_id,)

    def frame(self, messages: Sequence[Message]) -> Framed:
        """The rendered conversation, up to where the reply begins.

        With tools there should be room for a call, its result and a reply to that. The reply to a result may be short.
        """
        context, template = _context(self.checkpoint), self.checkpoint.template
        spare, is_result = self.spare(messages), messages[-1].role == "tool"
        if is_result and spare < ROOM_AFTER_RESULT:
            raise Overflow(
                f"expected at most {context - ROOM_AFTER_RESULT} tokens (context of {context}, {ROOM_AFTER_RESULT} for "
                f"the reply), got {context - spare} with call and result; offer fewer tools or ask in fewer words"
            )
        least = ROOM_AFTER_RESULT if is_result else _room(context)
        room = max(least, min(spare, (2 if self.tools else 1) * _room(context)))
        try:
            kept, dropped = template.truncate_to_context(
                messages, self.tools, self.think, context_length=context, room=room
            )
        except ValueError as fault:
            raise Overflow(str(fault)) from fault
        rendered = template.render(kept, self.tools, self.think, generate=True)
        return Framed(rendered.ids, rendered.roles, tuple(kept), dropped)

    def spare(self, messages: Sequence[Message]) -> int:
        """How many tokens the last exchange alone leaves of the context; below 0 if it is too long."""
        system = messages[:1] if messages and messages[0].role == "system" else ()
        *_, last = _exchanges(messages[len(system) :])
        return _context(self.checkpoint) - len(self.assistant.prompt([*system, *last], self.tools, self.think))

    def read(self, ids: Sequence[int]) -> Reply:
        """The reply as the template reads it."""
        return self.assistant.read(ids, self.think)


@dataclass(frozen=True)
class Raw:
    """The user's last message as the beginning of a page. The reply is how the page goes on, until it ends."""

    checkpoint: Checkpoint

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """The end of the page."""
        return (self.checkpoint.tokenizer.special_id(END_OF_TEXT),)

    def frame(self, messages: Sequence[Message]) -> Framed:
        """The message after <|endoftext|>, which begins every page that the model has read."""
        context = _context(self.checkpoint)
        ids = _page(self.checkpoint, messages[-1].content)
        if len(ids) >= context:
            raise Overflow(
                f"expected fewer than {context} tokens, the model's context, got {len(ids)}; shorten the text"
            )
        return Framed(ids, [""] * len(ids), tuple(messages[-1:]))

    def read(self, ids: Sequence[int]) -> Reply:
        """All that was written."""
        return _plain_reply(self.checkpoint, ids, self.stop_ids)


@dataclass(frozen=True)
class Prelude:
    """A scene in which the likely continuation is an answer. No markup: what the user types could be anybody's line.

    The system message follows the prelude; tool calls and their results are left out. The oldest exchanges give way.
    """

    checkpoint: Checkpoint

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """The end of the line, or of the page."""
        tokenizer = self.checkpoint.tokenizer
        newlines = [token for token in range(tokenizer.vocab_size) if b"\n" in tokenizer.token_bytes(token)]
        return (tokenizer.special_id(END_OF_TEXT), *newlines)

    def frame(self, messages: Sequence[Message]) -> Framed:
        """Prelude and lines, up to where the assistant's next line begins."""
        context = _context(self.checkpoint)
        most = context - _room(context)
        system = tuple(messages[:1]) if messages[0].role == "system" else ()
        exchanges = list(_exchanges(messages[len(system) :]))
        for dropped in range(len(exchanges)):
            kept = [message for exchange in exchanges[dropped:] for message in exchange]
            ids = _page(self.checkpoint, _scene(system, kept))
            if len(ids) <= most:
                return Framed(ids, [""] * len(ids), (*system, *kept), dropped)
        raise Overflow(
            f"expected at most {most} tokens (context of {context}, {_room(context)} for the reply), got {len(ids)} "
            "in the last exchange alone; shorten the message"
        )

    def read(self, ids: Sequence[int]) -> Reply:
        """The rest of the assistant's line."""
        return _plain_reply(self.checkpoint, ids, self.stop_ids, line=True)


def framing_of(
    name: FramingName, checkpoint: Checkpoint, tools: Sequence[Tool] = (), think: Think = "absent"
) -> Markup | Raw | Prelude:
    """The framing of this name; tools and thinking are matters of markup, and nothing to the others."""
    match name:
        case "markup":
            return Markup(checkpoint, tuple(tools), think)
        case "raw":
            return Raw(checkpoint)
        case "prelude":
            return Prelude(checkpoint)


def _context(checkpoint: Checkpoint) -> int:
    return checkpoint.model.config.context_length


def _room(context_length: int) -> int:
    """What is kept free for a reply."""
    return context_length // 4


def _page(checkpoint: Checkpoint, text: str) -> list[int]:
    return [checkpoint.tokenizer.special_id(END_OF_TEXT), *checkpoint.tokenizer.encode(text)]


def _exchanges(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """A user's message with all that follows up to the next, and so on."""
    exchange: list[Message] = []
    for message in messages:
        if message.role == "user" and exchange:
            yield exchange
            exchange = []
        exchange.append(message)
    yield exchange


def _scene(system: Sequence[Message], messages: Sequence[Message]) -> str:
    """The prelude, and each message as a line; of a single question it is `prelude_prompt`."""
    speakers = {"user": "User", "assistant": "Assistant"}
    *before, question = [m for m in messages if m.role in speakers and (m.content or m.role == "user")]
    prelude, lines = prelude_prompt(question.content).split("\n", maxsplit=1)
    said = [f"{speakers[message.role]}: {message.content}" for message in before]
    return "\n".join([" ".join([prelude, *(message.content for message in system)]), *said, lines])


def _plain_reply(checkpoint: Checkpoint, ids: Sequence[int], stop_ids: Sequence[int], line: bool = False) -> Reply:
    """What was written with no markup, without the token that ended it; of a line without the spaces around it."""
    text = checkpoint.tokenizer.decode(ids)
    ended = bool(ids) and ids[-1] in stop_ids
    content = checkpoint.tokenizer.decode(ids[:-1] if ended else ids)
    return Reply(tuple(ids), text, ended, Message("assistant", content.strip() if line else content))
