"""Tool calls of a reply carried out, as an app has to: whatever the model wrote, it gets a result that fits."""

from collections.abc import Iterator, Sequence

from labs.core.live_chat.events import Called, Said
from labs.core.live_chat.framings import ROOM_AFTER_RESULT, Markup
from labs.core.model.assistant import ToolFunctions, carry_out
from labs.core.model.chat import Message
from labs.core.model.tokenizer import Tokenizer
from labs.core.world.tools import shortened

SHORT_REPLY = 12
"""Tokens in which a model can say that the result is to be seen above."""


def carried_out(
    said: Said, framing: Markup, conversation: Sequence[Message], functions: ToolFunctions
) -> Iterator[Called]:
    """The calls of a reply with their results; a call that fails, or can't be read, has the error's text as its result.

    `conversation` ends with the reply. Where results leave too little of the context for a reply to them, they are cut.
    """
    calls = said.message.tool_calls
    error = f"error: {said.reply.fault}" if said.reply.fault else ""
    results = [error or carry_out(call, framing.tools, functions) for call in calls]
    tokenizer = framing.checkpoint.tokenizer
    room = room_for_results(framing.spare([*conversation, *(Message("tool", "") for _ in calls)]))
    for call, result, content in zip(calls, results, fitting(results, room, tokenizer), strict=True):
        yield Called(call, result, Message("tool", content), ok=not result.startswith("error: "))


def room_for_results(spare: int) -> int:
    """How many of the tokens that are free results may take.

    The reply to a short one repeats it, so it may take half of them. That to a long one will be short.
    """
    return min(max(spare // 2, spare - SHORT_REPLY), spare - ROOM_AFTER_RESULT)


def fitting(texts: Sequence[str], room: int, tokenizer: Tokenizer) -> list[str]:
    """The texts, cut where they take more than `room` tokens together; a short one leaves its share to the others."""
    lengths = [len(tokenizer.encode(text)) for text in texts]
    if sum(lengths) <= room:
        return list(texts)
    fitted = list(texts)
    by_length = sorted(range(len(texts)), key=lambda n: lengths[n])
    for waiting, n in zip(range(len(texts), 0, -1), by_length, strict=True):
        fitted[n] = cut_to(texts[n], max(0, room) // waiting, tokenizer)
        room -= len(tokenizer.encode(fitted[n]))
    return fitted


def cut_to(text: str, most_tokens: int, tokenizer: Tokenizer) -> str:
    """A text, or its first words and "…", in at most so many tokens; where not even that fits, nothing."""
    if len(tokenizer.encode(text)) <= most_tokens:
        return text
    longest = len(tokenizer.decode(tokenizer.encode(text)[:most_tokens]))
    for characters in range(longest, 1, -1):
        kept = shortened(text, characters)
        if len(tokenizer.encode(kept)) <= most_tokens:
            return kept
    return ""
