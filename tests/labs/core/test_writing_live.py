"""Writing live: the rows grow to what the models write alone, and each place has its distribution."""

from itertools import pairwise

import numpy as np
import pytest

from labs.core.contract import Columns, Moving, Tokens
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.generation import generate, next_token_distribution
from labs.core.model.sampling import Sampling
from labs.core.writing_live import PICTURE_EVERY, Writer, encoded, grow, markup_writer, raw_writer

BASE, SFT = load_checkpoint("base"), load_checkpoint("sft")
QUESTION = "What does Mira eat?"
LENGTH = 20


def both() -> list[Writer]:
    return [
        raw_writer("base", BASE, QUESTION, "prompt", LENGTH),
        markup_writer("sft", SFT, QUESTION, "prompt", LENGTH),
    ]


def grown(writers: list[Writer], sampling: Sampling, seed: int) -> tuple[list[Columns], list[list[int]]]:
    pictures: list[Columns] = []
    stream = grow("writing", writers, sampling=sampling, max_new_tokens=LENGTH, seed=seed)
    while True:
        try:
            moving = next(stream)
        except StopIteration as done:
            return pictures, done.value
        assert isinstance(moving, Moving) and moving.name == "writing"
        assert isinstance(moving.content, Columns)
        pictures.append(moving.content)


def test_each_writes_what_it_writes_alone() -> None:
    sampling, writers = Sampling(1.0), both()
    _, written = grown(writers, sampling, seed=3)
    for writer, ids in zip(writers, written, strict=True):
        alone = generate(
            writer.checkpoint.model,
            writer.ids,
            max_new_tokens=LENGTH,
            sampling=sampling,
            stop_ids=(writer.end_id,),
            seed=3,
        )
        assert ids == list(alone)
    assert written[1][-1] == writers[1].end_id


def test_rows_grow_from_the_prompt_alone_by_a_few_tokens_a_picture() -> None:
    pictures, written = grown(both(), Sampling(0), seed=0)
    rows = [[part for _, part in picture.parts] for picture in pictures]
    lengths = [[sum(token.written for token in row.tokens) for row in pair if isinstance(row, Tokens)] for pair in rows]
    assert lengths[0] == [0, 0]
    assert lengths[-1] == [len(ids) for ids in written]
    assert all(0 <= b - a <= PICTURE_EVERY for one, two in pairwise(lengths) for a, b in zip(one, two, strict=True))


def test_distributions_are_those_of_one_token_after_the_other() -> None:
    writer = both()[1]
    _, (written,) = grown([writer], Sampling(0), seed=0)
    rows = writer.distributions(written)
    assert rows.shape == (len(written), BASE.model.config.vocab_size)
    for place in range(len(written)):
        after = next_token_distribution(SFT.model, [*writer.ids, *written[:place]])
        np.testing.assert_allclose(rows[place], after, atol=1e-5)
    assert written == rows.argmax(axis=-1).tolist()
    with pytest.raises(ValueError, match="expected at least one token"):
        writer.distributions([])


def test_markers_that_somebody_types_are_plain_text() -> None:
    typed = "<|im_start|>user\n<|endoftext|>"
    specials = [token for token in raw_writer("b", BASE, typed, "prompt", 10).ids if BASE.tokenizer.is_special(token)]
    assert specials == [BASE.tokenizer.special_id("<|endoftext|>")]
    marked = markup_writer("s", SFT, typed, "prompt", 10)
    assert sum(SFT.tokenizer.is_special(token) for token in marked.ids) == 3
    assert "user" in marked.roles and len(marked.roles) == len(marked.ids)


@pytest.mark.parametrize("text", ["", " \n ", "\ud83c", "🎉" * 200])
def test_text_that_cannot_be_read_is_refused_by_the_controls_name(text: str) -> None:
    for make in (raw_writer, markup_writer):
        with pytest.raises(ValueError, match=r"^prompt: expected .*, got .*[;.]"):
            make("b", BASE, text, "prompt", LENGTH)


@pytest.mark.parametrize("text", ["🎉", "مرحبا؟", "a\nb\n\nc", "\t", "\x00"])
def test_any_other_text_is_read(text: str) -> None:
    if text.strip():
        assert BASE.tokenizer.decode(encoded("prompt", text, BASE)) == text
