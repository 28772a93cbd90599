"""What the tests of the live chat share: a tiny model, and a script in the place of its own writing."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from labs.core.live_chat.events import Event
from labs.core.model.arrays import Floats
from labs.core.model.chat import Message
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import SPECIAL_TOKENS, Tokenizer
from labs.core.model.tools import Tool, ToolCall
from labs.core.model.transformer import Transformer

TOKENIZER = Tokenizer(())
ADD = Tool("add", "adds", ("a", "b"))
CALL = ToolCall("add", {"a": "3", "b": "4"})
CALLED = f"<tool_call>{CALL.text}</tool_call><|im_end|>"


def checkpoint(context_length: int = 400) -> Checkpoint:
    """A model with a token for each byte."""
    config = ModelConfig(
        vocab_size=TOKENIZER.vocab_size,
        n_layer=1,
        n_head=1,
        n_kv_head=1,
        n_embd=4,
        n_hidden=4,
        context_length=context_length,
    )
    return Checkpoint("tiny", Transformer.initialize(config, 0), TOKENIZER)


def user(text: str) -> Message:
    return Message("user", text)


def ids_of(raw: str) -> list[int]:
    """Ids of what a model writes: markers are special tokens."""
    parts = re.split("(" + "|".join(map(re.escape, SPECIAL_TOKENS)) + ")", raw)
    return [
        token
        for part in parts
        for token in ([TOKENIZER.special_id(part)] if part in SPECIAL_TOKENS else TOKENIZER.encode(part))
    ]


class Script:
    """Writes these texts, one at each call, as far as it may, and keeps the prompts and options that it was given."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.prompts: list[str] = []
        self.options: list[dict[str, Any]] = []

    def __call__(
        self, model: Transformer, ids: Sequence[int], *, max_new_tokens: int, **options: object
    ) -> Iterator[tuple[int, Floats]]:
        self.prompts.append(TOKENIZER.decode(ids))
        self.options.append(options)
        for token in ids_of(self.texts.pop(0))[:max_new_tokens]:
            yield token, np.full(TOKENIZER.vocab_size, 1 / TOKENIZER.vocab_size)


def of_kind[E: Event](events: Sequence[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]
