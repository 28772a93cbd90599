"""Pieces of text: whole characters only, and together all of the text."""

from hypothesis import example, given
from hypothesis import strategies as st

from labs.core.live_chat.pieces import Pieces
from labs.core.model.tokenizer import Tokenizer

TOKENIZER = Tokenizer.train(["naïve 🐈 and 🐈, naïve"], 270)
END = TOKENIZER.special_id("<|im_end|>")
BROKEN = "\N{REPLACEMENT CHARACTER}"


def pieces_of(ids: list[int]) -> list[str]:
    pieces = Pieces(TOKENIZER)
    return [pieces.piece(token, last=n == len(ids)) for n, token in enumerate(ids, start=1)]


@given(st.text(st.characters(codec="utf-8")))
def test_pieces_together_are_the_text(text: str) -> None:
    assert "".join(pieces_of(TOKENIZER.encode(text))) == text


def test_a_character_comes_with_its_last_byte() -> None:
    cat = list("🐈".encode())
    assert pieces_of(cat) == ["", "", "", "🐈"]
    assert pieces_of([*cat[:2], END, *cat]) == ["", "", BROKEN, "", "", "", "🐈"]
    assert pieces_of(cat[:2]) == ["", BROKEN]


@given(st.lists(st.integers(0, TOKENIZER.vocab_size - 1)))
@example([0xF0, 0x9F, 65])
def test_of_any_tokens_the_pieces_are_what_decode_says(ids: list[int]) -> None:
    said = "".join(
        piece + (TOKENIZER.token_text(token) if TOKENIZER.is_special(token) else "")
        for token, piece in zip(ids, pieces_of(ids), strict=True)
    )
    assert said == TOKENIZER.decode(ids)
