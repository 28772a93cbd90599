"""Models that write before the reader's eyes: rows of tokens that grow side by side."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from labs.core.contract.moving import Moving
from labs.core.contract.passages import Columns
from labs.core.contract.tokens import Tokens
from labs.core.drawing.tokens import shown
from labs.core.model.arrays import Floats
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.generation import generate
from labs.core.model.sampling import UNCHANGED, Sampling
from labs.core.model.tokenizer import END_OF_TEXT

END_OF_TURN = "<|im_end|>"
PICTURE_EVERY = 3
"""Tokens a column writes from one picture to the next."""


@dataclass(frozen=True)
class Writer:
    """A model about to write: what it reads, whose turn each token stands in, and the marker that ends its text."""

    name: str
    checkpoint: Checkpoint
    ids: Sequence[int]
    end: str
    roles: Sequence[str] = ()

    @property
    def end_id(self) -> int:
        """The token that ends its text."""
        return self.checkpoint.tokenizer.special_id(self.end)

    def tokens(self, written: Sequence[int], note: str = "") -> Tokens:
        """What it read, and what it has written so far."""
        ids = [*self.ids, *written]
        roles = [*self.roles, *(["assistant"] * len(written))] if self.roles else None
        row = shown(ids, self.checkpoint.tokenizer, written_from=len(self.ids), roles=roles)
        count = f"{len(self.ids)} tokens read" + (f", {len(written)} written" if written else "")
        return Tokens(row, count, note)

    def distributions(self, written: Sequence[int]) -> Floats:
        """The model's own distribution at each place of what it wrote, before any temperature, top-k or top-p.

        Shapes: written (n,) -> (n, V), row i being that of the token i.
        Raises: ValueError if nothing was written.
        """
        if not written:
            raise ValueError("written: expected at least one token, got none; let the model write first.")
        import numpy as np

        logits = self.checkpoint.model.forward_only(np.array([[*self.ids, *written[:-1]]]))[0]
        return UNCHANGED.distribution(logits[len(self.ids) - 1 :])


def raw_writer(name: str, checkpoint: Checkpoint, text: str, control: str, room: int) -> Writer:
    """A model that reads bare text from the beginning of a page, and ends as pages do.

    Raises: ValueError, beginning with the control's name, for text that is blank, no text, or too long.
    """
    tokenizer = checkpoint.tokenizer
    ids = [tokenizer.special_id(END_OF_TEXT), *encoded(control, text, checkpoint)]
    return Writer(name, checkpoint, fitting(control, ids, checkpoint, room), END_OF_TEXT)


def markup_writer(name: str, checkpoint: Checkpoint, text: str, control: str, room: int) -> Writer:
    """A model that reads the text as a user's message in chat markup, and ends as turns do.

    Raises: ValueError as `raw_writer` does.
    """
    from labs.core.model.chat import Message

    encoded(control, text, checkpoint)
    rendered = checkpoint.template.render([Message("user", text)], generate=True)
    return Writer(name, checkpoint, fitting(control, rendered.ids, checkpoint, room), END_OF_TURN, rendered.roles)


def encoded(control: str, text: str, checkpoint: Checkpoint) -> list[int]:
    """A reader's text as ids, none of them special.

    Raises: ValueError, beginning with the control's name, for text that is blank or holds half a character.
    """
    if not text.strip():
        raise ValueError(f"{control}: expected some text, got none; type a question, or the beginning of a page.")
    try:
        return checkpoint.tokenizer.encode(text)
    except ValueError as error:
        raise ValueError(
            f"{control}: expected whole characters, got half of one ({error}); delete and retype it."
        ) from error


def fitting(control: str, ids: Sequence[int], checkpoint: Checkpoint, room: int) -> Sequence[int]:
    """The ids, if they leave room to write.

    Raises: ValueError, beginning with the control's name, if they do not.
    """
    most = checkpoint.model.config.context_length - room
    if len(ids) > most:
        raise ValueError(
            f"{control}: expected a text of at most {most} tokens with all that stands around it, got {len(ids)}; "
            "shorten it. Letters that the village does not know take a token or more each."
        )
    return ids


def grow(
    name: str, writers: Sequence[Writer], *, sampling: Sampling, max_new_tokens: int, seed: int
) -> Generator[Moving, None, list[list[int]]]:
    """Let all of them write at once and show it as it grows; returns what each wrote, the end token included.

    Each writes what it would write alone with this seed.
    """
    streams = [
        generate(
            writer.checkpoint.model,
            writer.ids,
            max_new_tokens=max_new_tokens,
            sampling=sampling,
            stop_ids=(writer.end_id,),
            seed=seed,
        )
        for writer in writers
    ]
    written: list[list[int]] = [[] for _ in writers]
    yield Moving(name, _columns(writers, written))
    writing = True
    while writing:
        writing = False
        for _ in range(PICTURE_EVERY):
            for stream, tokens in zip(streams, written, strict=True):
                token = next(stream, None)
                if token is not None:
                    tokens.append(token)
                    writing = True
        if writing:
            yield Moving(name, _columns(writers, written))
    return written


def _columns(writers: Sequence[Writer], written: Sequence[Sequence[int]]) -> Columns:
    return Columns([(writer.name, writer.tokens(tokens)) for writer, tokens in zip(writers, written, strict=True)])
