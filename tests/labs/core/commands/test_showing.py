"""What a model writes, in plain words and raw."""

import sys
from itertools import chain

import pytest

from labs.core.commands.showing import plain_pieces, raw_text
from tests.labs.core.commands.tiny import TOKENIZER

THINK, UNTHINK, END = (TOKENIZER.special_id(marker) for marker in ("<think>", "</think>", "<|im_end|>"))


def plain(*parts: str | int) -> list[str]:
    ids = chain.from_iterable([part] if isinstance(part, int) else TOKENIZER.encode(part) for part in parts)
    return list(plain_pieces(ids, TOKENIZER))


def test_text_comes_piece_by_piece_and_whole() -> None:
    text = "the cat\n\nand a naïve 🐈"
    assert "".join(plain(text)) == text
    assert len(plain(text)) > 5


def test_a_character_waits_for_all_its_bytes() -> None:
    cat = TOKENIZER.encode("🐈")
    assert len(cat) == 4
    assert list(plain_pieces(cat, TOKENIZER)) == ["🐈"]
    assert list(plain_pieces([*cat[:2], END], TOKENIZER)) == ["\N{REPLACEMENT CHARACTER}"]


def test_newlines_at_the_edges_are_the_templates() -> None:
    assert "".join(plain(THINK, "\na\nb\n", UNTHINK, "\n\nc\n", END)) == "[thinks] a\nb\nc"


def test_a_marker_out_of_place_is_shown() -> None:
    assert "".join(plain("a", TOKENIZER.special_id("</tool_call>"), "b")) == "a</tool_call>b"


def test_in_colour_a_typed_marker_is_told_from_a_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    ids = [*TOKENIZER.encode("<think>"), THINK]
    assert raw_text(ids, TOKENIZER) == "<think><think>"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert raw_text(ids, TOKENIZER) == "<think>\x1b[36m<think>\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert raw_text(ids, TOKENIZER) == "<think><think>"
