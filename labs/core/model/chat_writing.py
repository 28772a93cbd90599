"""Writing a conversation down: ids, and for each of them whether it is scored and whose turn it is in."""

from dataclasses import dataclass, field

from labs.core.model.chat import THINK, Message, Role, Think
from labs.core.model.tokenizer import Tokenizer

START, END = "<|im_start|>", "<|im_end|>"


@dataclass(frozen=True)
class Rendered:
    """A conversation as the model sees it; loss_mask is 1 on what the assistant writes, its <|im_end|> included.

    Shapes: ids, loss_mask and roles all (T,).
    """

    ids: list[int] = field(default_factory=list)
    loss_mask: list[int] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)

    def text(self, tokenizer: Tokenizer) -> str:
        """The raw text, markers written out."""
        return tokenizer.decode(self.ids)


class Page:
    """A rendering in the making."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.rendered = Rendered()
        self.role: Role = "assistant"

    def write(self, text: str, scored: bool = False) -> None:
        """Plain text: whatever it says, no id is special."""
        self._append(self.tokenizer.encode(text), scored)

    def mark(self, marker: str, scored: bool = False) -> None:
        """A special token."""
        self._append([self.tokenizer.special_id(marker)], scored)

    def _append(self, ids: list[int], scored: bool) -> None:
        self.rendered.ids.extend(ids)
        self.rendered.loss_mask.extend([int(scored)] * len(ids))
        self.rendered.roles.extend([self.role] * len(ids))

    def begin_turn(self, role: Role) -> None:
        """Its marker and header."""
        self.role = role
        self.mark(START)
        self.write(f"{role}\n")

    def end_turn(self) -> None:
        """Its end: scored in the assistant's turn, so that it learns to stop. The newline after it is not."""
        self.mark(END, scored=self.role == "assistant")
        self.write("\n")

    def begin_reply(self, think: Think) -> None:
        """What the template itself writes of a reply.

        Raises: ValueError for an unknown `think`.
        """
        if think not in THINK:
            raise ValueError(f"expected think to be {', '.join(THINK)}, got {think!r}; use one of these")
        if think != "absent":
            self.mark("<think>")
            self.write("\n")
        if think == "closed":
            self.end_think("", scored=False)

    def end_think(self, thought: str, scored: bool) -> None:
        """The rest of a think block."""
        self.write(f"{thought}\n", scored)
        self.mark("</think>", scored)
        self.write("\n\n", scored)

    def write_reply(self, message: Message) -> None:
        """Think block, content and calls, scored from where the assistant writes itself."""
        if message.think:
            self.begin_reply("open")
            self.end_think(message.think, scored=True)
        elif message.think is not None:
            self.begin_reply("closed")
        self.write(message.content, scored=True)
        for call in message.tool_calls:
            self.mark("<tool_call>", scored=True)
            self.write(call.text, scored=True)
            self.mark("</tool_call>", scored=True)
