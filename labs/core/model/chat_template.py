"""The chat template: messages to token ids and back. Here alone do markers become special tokens.

The layout is ChatML:

    <|im_start|>system⏎{content}⏎<tools>⏎add(a, b): Add two numbers.⏎</tools><|im_end|>⏎
    <|im_start|>user⏎{content}<|im_end|>⏎
    <|im_start|>assistant⏎<think>⏎{think}⏎</think>⏎⏎{content}<tool_call>{call}</tool_call><|im_end|>⏎
    <|im_start|>tool⏎{content}<|im_end|>⏎

Every ⏎ is one newline of the template, there whatever the content is, and the parser takes away just these. Only
the one before <tools> is left out when the system message is empty; with no tools either, so is the whole turn.
"""

from collections.abc import Sequence

from labs.core.model.chat import THINK, Message, Think, check_messages
from labs.core.model.chat_reading import Segment, read_reply, read_turn, shown
from labs.core.model.chat_writing import END, START, Page, Rendered
from labs.core.model.tokenizer import END_OF_TEXT, Tokenizer
from labs.core.model.tools import Tool

__all__ = ["ChatTemplate", "Rendered", "Think"]

STOPS = (END, END_OF_TEXT)


class ChatTemplate:
    """Renders messages for a tokenizer, and reads them back."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    def render(
        self, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent", generate: bool = False
    ) -> Rendered:
        """Ids of a conversation; with generate, up to where the assistant's next reply begins.

        `think` says how that reply begins: without a think block, in an open one, or after an empty one.
        Loss mask: 0 on role headers, on the opening of a think block, on all of an empty one, and on the newline
        after <|im_end|>.

        Raises: ValueError for messages out of order, or for think without generate.
        """
        check_messages(messages)
        if think != "absent" and not generate:
            raise ValueError(f"expected think={think!r} with generate=True; in a message, set its own think instead")
        page = Page(self.tokenizer)
        system, rest = (messages[0].content, messages[1:]) if _has_system(messages) else ("", messages)
        if system or tools:
            page.begin_turn("system")
            page.write(system)
            if tools:
                page.write("\n" if system else "")
                page.mark("<tools>")
                page.write("\n" + "".join(f"{tool.signature}: {tool.description}\n" for tool in tools))
                page.mark("</tools>")
            page.end_turn()
        for message in rest:
            page.begin_turn(message.role)
            if message.role == "assistant":
                page.write_reply(message)
            else:
                page.write(message.content)
            page.end_turn()
        if generate:
            page.begin_turn("assistant")
            page.begin_reply(think)
        return page.rendered

    def parse(self, ids: Sequence[int]) -> list[Message]:
        """Messages of a rendered conversation: the inverse of `render`.

        A generation prompt at the end is no message. The tools block and an empty system turn aren't either.

        Raises: ValueError that says where the ids leave the layout; ToolCallError for a malformed call.
        """
        before, *segments = self._segments(ids)
        turns: list[list[Segment]] = []
        for marker, text in segments:
            if marker == START:
                turns.append([])
            elif not turns:
                raise ValueError(f"expected {START} at the start, got {marker}; give a whole conversation")
            turns[-1].append((marker, text))
        if before != ("", ""):
            raise ValueError(f"expected {START} at the start, got {before[1][:40]!r}; give a whole conversation")
        messages: list[Message] = []
        for position, turn in enumerate(turns):
            last = position == len(turns) - 1
            if last and turn in self._generation_prompts():
                break
            if turn[-1] != (END, "\n") and not (last and turn[-1] == (END, "")):
                raise ValueError(f"expected turn {position} to end with {END} and a newline, got {shown(turn[-1])}")
            message = read_turn(turn[:-1])
            if message.role != "system" or message.content:
                messages.append(message)
        check_messages(messages)
        return messages

    def parse_reply(self, ids: Sequence[int], think: Think = "absent") -> Message:
        """Message that a model wrote after a generation prompt with this `think`, up to its end of turn, if any.

        Raises: ValueError for a think block that doesn't end or a marker out of place; ToolCallError for a
        malformed call.
        """
        page = Page(self.tokenizer)
        page.begin_reply(think)
        stops = {self.tokenizer.special_id(marker) for marker in STOPS}
        end = next((position for position, token in enumerate(ids) if token in stops), len(ids))
        return read_reply(self._segments([*page.rendered.ids, *ids[:end]]))

    def truncate_to_context(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        think: Think = "absent",
        *,
        context_length: int,
        room: int,
    ) -> tuple[list[Message], int]:
        """Drop the oldest exchanges until prompt and `room` tokens of reply fit; returns messages and how many went.

        An exchange is a user's message with all that follows up to the next. The system message always stays.

        Raises: ValueError if the last exchange is too long on its own.
        """
        kept = list(messages)
        first = 1 if _has_system(kept) else 0
        dropped = 0
        while (needed := len(self.render(kept, tools, think, generate=True).ids)) > context_length - room:
            following = [n for n, message in enumerate(kept) if message.role == "user" and n > first]
            if not following:
                raise ValueError(
                    f"expected at most {context_length - room} tokens (context of {context_length}, {room} for the "
                    f"reply), got {needed} in the last exchange alone; shorten the message"
                )
            del kept[first : following[0]]
            dropped += 1
        return kept, dropped

    def _segments(self, ids: Sequence[int]) -> list[Segment]:
        """Split at special tokens. The first segment has no marker."""
        segments: list[tuple[str, list[int]]] = [("", [])]
        for token in ids:
            if self.tokenizer.is_special(token):
                segments.append((self.tokenizer.token_text(token), []))
            else:
                segments[-1][1].append(token)
        return [(marker, self.tokenizer.decode(text)) for marker, text in segments]

    def _generation_prompts(self) -> list[list[Segment]]:
        prompts = []
        for think in THINK:
            page = Page(self.tokenizer)
            page.begin_turn("assistant")
            page.begin_reply(think)
            prompts.append(self._segments(page.rendered.ids)[1:])
        return prompts


def _has_system(messages: Sequence[Message]) -> bool:
    return bool(messages) and messages[0].role == "system"
