"""What a model writes, as a terminal shows it: while it comes, in plain words or as the raw token string."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from labs.core.live_chat.pieces import Pieces
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.tools import ToolCallError, parse_call

HIDDEN = ("<|im_end|>", "<|endoftext|>")
"""Markers that only say where a text ends."""

type ShowPieces = Callable[[Iterable[int], Tokenizer], Iterator[str]]


def plain_pieces(ids: Iterable[int], tokenizer: Tokenizer) -> Iterator[str]:
    """The text of tokens as they come, with think blocks and tool calls in plain words.

    An incomplete character waits for its other bytes, newlines wait for what follows them, a tool call for its end.
    Example: <think>⏎a⏎</think>⏎⏎b<|im_end|> -> [thinks] a⏎b
    """
    newlines, first = "", True  # first: nothing was written since the last marker
    call: str | None = None
    for marker, text in _marked(ids, tokenizer):
        if marker:
            newlines, first = "", True
            if marker == "<think>":
                yield "[thinks] "
            elif marker == "</think>":
                yield "\n"
            elif marker == "<tool_call>":
                call = ""
            elif marker == "</tool_call>" and call is not None:
                yield f"[calls] {_call_in_words(call)}\n"
                call = None
            elif marker not in HIDDEN:
                yield marker  # out of place
        elif call is not None:
            call += text
        else:
            text = newlines + text
            text = text.lstrip("\n") if first else text
            kept = text.rstrip("\n")
            newlines, first = text[len(kept) :], first and not kept
            if kept:
                yield kept
    if call is not None:
        yield f"[begins a call] {call}"


def raw_pieces(ids: Iterable[int], tokenizer: Tokenizer) -> Iterator[str]:
    """The token string as it is; on a terminal, special tokens have a colour that typed text can't have."""
    before, after = ("\x1b[36m", "\x1b[0m") if _in_colour() else ("", "")
    for marker, text in _marked(ids, tokenizer):
        yield f"{before}{marker}{after}" if marker else text


def raw_text(ids: Sequence[int], tokenizer: Tokenizer) -> str:
    """All of a token string, as `raw_pieces` shows it."""
    return "".join(raw_pieces(ids, tokenizer))


def _marked(ids: Iterable[int], tokenizer: Tokenizer) -> Iterator[tuple[str, str]]:
    """Special tokens as (marker, ""), the text between them as ("", text), in whole characters."""
    pieces = Pieces(tokenizer)
    for token in ids:
        if text := pieces.piece(token):
            yield "", text
        if tokenizer.is_special(token):
            yield tokenizer.token_text(token), ""
    if text := pieces.rest():
        yield "", text


def _call_in_words(text: str) -> str:
    try:
        call = parse_call(text)
    except ToolCallError:
        return text
    return f"{call.name}({', '.join(f'{name}={value}' for name, value in call.arguments.items())})"


def _in_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
