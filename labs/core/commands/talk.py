"""A talk with one of our models: what is said so far, and what the model saw last."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from labs.core.commands.showing import ShowPieces, plain_pieces, raw_pieces, raw_text
from labs.core.live_chat.events import Called, Ended, Event, Prompt, Said, Written
from labs.core.live_chat.framings import Framing, framing_of
from labs.core.live_chat.turn import Settings, take_turn
from labs.core.model.chat import Message, prelude_prompt
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.sampling import Sampling
from labs.core.world.tools import TOOLS


@dataclass
class Talk:
    """A talk: in chat markup, or, with markup off, pages that the model continues (after a prelude, if there is one).

    The reply to each line is drawn with a seed of its own, and is printed while it is written.
    """

    checkpoint: Checkpoint
    sampling: Sampling
    seed: int = 0
    markup: bool = True
    prelude: bool = False
    raw: bool = False
    thinks: bool = False
    has_tools: bool = False
    messages: list[Message] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    @property
    def begins_pages(self) -> bool:
        """Whether an empty line means something: a page from its very beginning."""
        return not self.markup and not self.prelude

    def say(self, line: str) -> None:
        """Have the model answer a line, or continue it.

        Raises: ValueError if the line is too long for the model's context; the talk is then as it was.
        """
        if self.markup:
            tools = tuple(TOOLS.values()) if self.has_tools else ()
            framing = framing_of("markup", self.checkpoint, tools, "open" if self.thinks else "absent")
            self.messages = self._take_turn(framing, [*self.messages, Message("user", line)])
        else:
            text = prelude_prompt(line) if self.prelude else line
            self._take_turn(framing_of("raw", self.checkpoint), [Message("user", text)])
        self.seed += 1

    def last_seen(self) -> str:
        """The raw token string that the model saw last, with what it wrote."""
        return raw_text(self.seen, self.checkpoint.tokenizer) if self.seen else "The model has seen nothing yet."

    def reset(self) -> None:
        """Forget all that was said."""
        self.messages, self.seen = [], []

    def _take_turn(self, framing: Framing, messages: list[Message]) -> list[Message]:
        """Print the model's turn; returns the conversation, as far as it fitted into the context, with this turn."""
        events = take_turn(framing, messages, Settings(self.sampling, self.seed))
        dropped = 0
        for event in events:
            match event:
                case Prompt():
                    if event.dropped > dropped:
                        print(f"[the context is full: the oldest {event.dropped - dropped} of the exchanges left it]")
                    dropped = event.dropped
                    said = self._write(framing, event, events)
                    messages = [*event.messages, said.message]
                    if said.reply.fault:
                        print(f"[not a well-formed reply: {said.reply.fault}]")
                case Called():
                    print(f"[{event.call.name} says] {event.result}")
                    messages.append(event.message)
                case Ended(reason="overflow"):
                    raise ValueError(event.fault)
        return messages

    def _write(self, framing: Framing, prompt: Prompt, events: Iterator[Event]) -> Said:
        """Print the reply while it comes, after the tokens with which it begins; Ctrl-C cuts it off."""
        tokenizer = self.checkpoint.tokenizer
        pieces: ShowPieces = raw_pieces if self.raw else plain_pieces
        begins = prompt.ids[1:]  # a page is shown as a whole
        if self.markup:
            begins = [tokenizer.special_id("<think>")] if self.thinks else []  # as the template wrote it
        written: list[int] = []
        said: list[Said] = []

        def arriving() -> Iterator[int]:
            yield from prompt.ids if self.raw else begins
            for event in events:
                if isinstance(event, Said):
                    said.append(event)
                    return
                assert isinstance(event, Written)
                written.append(event.id)
                yield event.id

        try:
            _print(pieces(arriving(), tokenizer))
        except KeyboardInterrupt:
            print(" …", end="")
        reply = said[0] if said else Said(framing.read(written))
        self.seen = [*prompt.ids, *written]
        if not reply.reply.ended:
            print(f" [cut off at token {len(written)}: it did not end by itself]", end="")
        print(flush=True)
        return reply


def _print(pieces: Iterable[str]) -> None:
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()
