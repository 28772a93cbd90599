"""A talk with one of our models: what is said so far, and what the model saw last."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from labs.core.commands.showing import Pieces, plain_pieces, raw_pieces, raw_text
from labs.core.model.assistant import MOST_CALLS, REPLY_TOKENS, carry_out, unread
from labs.core.model.chat import Message, Think, prelude_prompt
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.generation import generate
from labs.core.model.sampling import Sampling
from labs.core.world.calculator import CALCULATOR, FUNCTIONS

END_OF_TEXT = "<|endoftext|>"


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
            self._answer(line)
        else:
            self._continue(prelude_prompt(line) if self.prelude else line)
        self.seed += 1

    def last_seen(self) -> str:
        """The raw token string that the model saw last, with what it wrote."""
        return raw_text(self.seen, self.checkpoint.tokenizer) if self.seen else "The model has seen nothing yet."

    def reset(self) -> None:
        """Forget all that was said."""
        self.messages, self.seen = [], []

    def _answer(self, line: str) -> None:
        assistant, template = self.checkpoint.assistant, self.checkpoint.template
        tools = (CALCULATOR,) if self.has_tools else ()
        think: Think = "open" if self.thinks else "absent"
        context_length = self.checkpoint.model.config.context_length
        said = [*self.messages, Message("user", line)]
        for rounds_left in reversed(range(MOST_CALLS + 1)):
            said, dropped = template.truncate_to_context(
                said, tools, think, context_length=context_length, room=context_length // 4
            )
            if dropped:
                print(f"[the context is full: the oldest {dropped} of the exchanges left it]")
            prompt = assistant.prompt(said, tools, think)
            begins = [template.tokenizer.special_id("<think>")] if think == "open" else []  # as the template wrote it
            reply = assistant.read(self._write(prompt, assistant.end_id, begins), think)
            if reply.fault:
                print(f"[not a well-formed reply: {reply.fault}]")
            message = reply.message or unread(reply)
            said.append(message)
            if not message.tool_calls or not reply.ended or not rounds_left:
                break
            for call in message.tool_calls:
                result = carry_out(call, tools, FUNCTIONS) if reply.message else f"error: {reply.fault}"
                print(f"[{call.name} says] {result}")
                said.append(Message("tool", result))
        self.messages = said

    def _continue(self, text: str) -> None:
        tokenizer = self.checkpoint.tokenizer
        start = tokenizer.special_id(END_OF_TEXT)
        prompt = [start, *tokenizer.encode(text)]
        if len(prompt) >= self.checkpoint.model.config.context_length:
            raise ValueError(
                f"expected fewer than {self.checkpoint.model.config.context_length} tokens, the model's context, "
                f"got {len(prompt)}; shorten the text"
            )
        self._write(prompt, start, prompt[1:])

    def _write(self, prompt: list[int], stop_id: int, begins: list[int]) -> list[int]:
        """Print the reply while it comes, after the tokens with which it begins; Ctrl-C cuts it off."""
        tokenizer = self.checkpoint.tokenizer
        pieces: Pieces = raw_pieces if self.raw else plain_pieces
        written: list[int] = []

        def arriving() -> Iterator[int]:
            yield from prompt if self.raw else begins
            for token in generate(
                self.checkpoint.model,
                prompt,
                max_new_tokens=REPLY_TOKENS,
                sampling=self.sampling,
                stop_ids=(stop_id,),
                seed=self.seed,
            ):
                written.append(token)
                yield token

        try:
            _print(pieces(arriving(), tokenizer))
        except KeyboardInterrupt:
            print(" …", end="")
        self.seen = prompt + written
        if written[-1:] != [stop_id]:
            print(f" [cut off at token {len(written)}: it did not end by itself]", end="")
        print(flush=True)
        return written


def _print(pieces: Iterable[str]) -> None:
    for piece in pieces:
        sys.stdout.write(piece)
        sys.stdout.flush()
