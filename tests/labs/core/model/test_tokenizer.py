"""The tokenizer: any text comes back, no text makes a special token, and the merges are the textbook's."""

import json
import random
import re
import time
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from labs.core.model import tokenizer as tokenizer_module
from labs.core.model.bpe import LONGEST, learn_merges, merge_pair, split_pieces
from labs.core.model.tokenizer import SPECIAL_TOKENS, Tokenizer

TEXTS = [
    "Ann has 12 cats. The cats of Ann are grey, the cat of Ben is black.\n",
    "Question: What is the colour of the cat?\nAnswer: The cat is black.\n\n",
    "cat -> grey, dog -> black\n    return the_cat  # 你好 😀 café\n",
]
TOKENIZER = Tokenizer.train(TEXTS, 256 + 60 + len(SPECIAL_TOKENS))

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
odd_texts = st.sampled_from(
    [*SPECIAL_TOKENS, "👩‍👩‍👧‍👦", "🇺🇳", "é", "שלום", "\0", "\r\n", "\u2028", "\x1c", "  ", " _1²٣", "->"]
)
texts = st.lists(st.text() | odd_texts | st.sampled_from(TEXTS)).map("".join)


def naive_merges(texts: list[str], n_merges: int) -> list[tuple[int, int]]:
    """The algorithm as the paper has it: count every pair of every piece again for each merge."""
    words = [list(piece.encode()) for text in texts for piece in split_pieces(text)]
    merges = []
    for n in range(n_merges):
        counts = Counter(pair for word in words for pair in pairwise(word))
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = [merge_pair(word, best, 256 + n) for word in words]
    return merges


@unhurried
@given(texts)
@example("".join(SPECIAL_TOKENS))
def test_any_text_comes_back_without_a_special_token(text: str) -> None:
    ids = TOKENIZER.encode(text)
    assert TOKENIZER.decode(ids) == text
    assert not any(TOKENIZER.is_special(token) for token in ids)
    assert TOKENIZER.encode(text) == ids  # now from the cache


@unhurried
@given(texts)
def test_pieces_are_the_text_and_bounded(text: str) -> None:
    pieces = split_pieces(text)
    assert "".join(pieces) == text
    assert all(len(piece) <= 1 + LONGEST for piece in pieces)


@pytest.mark.parametrize("letter", "aß你 \t")
def test_a_long_word_or_run_of_spaces_is_cut(letter: str) -> None:
    assert [len(piece) for piece in split_pieces(letter * (2 * LONGEST + 3))] == [LONGEST, LONGEST, 3]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Ann has 12 cats.", ["Ann", " has", " ", "1", "2", " cats", "."]),
        ("37+45=82", ["3", "7", "+", "4", "5", "=", "8", "2"]),
        ("cat -> dog->?", ["cat", " ->", " dog", "->", "?"]),
        ("Assistant: It's\n\n  so", ["Assistant", ":", " It", "'", "s", "\n", "\n", "  ", "so"]),
        ("<|im_end|>", ["<", "|", "im", "_", "end", "|", ">"]),
    ],
)
def test_pieces_of_typical_text(text: str, pieces: list[str]) -> None:
    assert split_pieces(text) == pieces


def test_merges_of_a_hand_worked_text() -> None:
    # Pairs: a b ×3, then (ab) c ×2; " " stays with its word, so " a" of " ab" counts once.
    assert learn_merges(["abc\nabc\n ab"], 2) == [(97, 98), (256, 99)]
    # A tie: b c and a b both twice; the lower ids win.
    assert learn_merges(["bc\nbc\nab\nab"], 2) == [(97, 98), (98, 99)]


@unhurried
@given(st.lists(st.text("ab c1\n", max_size=60), min_size=1, max_size=3).filter(any))
def test_merges_are_those_of_the_naive_algorithm(texts: list[str]) -> None:
    distinct_pairs = len({pair for text in texts for piece in split_pieces(text) for pair in pairwise(piece)})
    n_merges = min(distinct_pairs, 1 + distinct_pairs // 3)
    if n_merges:
        merges = learn_merges([*texts, "abcabcabc"], n_merges)
        assert merges == naive_merges([*texts, "abcabcabc"], n_merges)


@unhurried
@given(texts)
def test_encoding_applies_the_merges_in_the_order_learned(text: str) -> None:
    expected: list[int] = []
    for piece in split_pieces(text):
        ids = list(piece.encode())
        for n, pair in enumerate(TOKENIZER.merges):
            ids = merge_pair(ids, pair, 256 + n)
        expected += ids
    assert TOKENIZER.encode(text) == expected


def test_of_two_merges_that_compete_the_one_learned_first_wins() -> None:
    assert Tokenizer([(98, 99), (97, 98)]).encode("abc") == [97, 256]
    assert Tokenizer([(97, 98), (98, 99)]).encode("abc") == [256, 99]


def test_ids_are_bytes_then_merges_then_special_tokens() -> None:
    assert TOKENIZER.vocab_size == 256 + 60 + len(SPECIAL_TOKENS)
    assert [TOKENIZER.token_bytes(byte) for byte in (0, 97, 255)] == [b"\0", b"a", b"\xff"]
    left, right = TOKENIZER.merges[0]
    assert TOKENIZER.token_bytes(256) == bytes([left, right])
    assert [TOKENIZER.special_id(marker) for marker in SPECIAL_TOKENS] == list(range(316, 325))
    assert [token for token in range(325) if TOKENIZER.is_special(token)] == list(range(316, 325))
    assert TOKENIZER.token_text(316) == "<|endoftext|>"
    assert TOKENIZER.decode([*TOKENIZER.encode("Hi"), TOKENIZER.special_id("<|im_end|>")]) == "Hi<|im_end|>"


def test_bytes_that_are_no_utf8_are_shown() -> None:
    assert TOKENIZER.decode([0xF0, 97]) == "\ufffda"
    assert TOKENIZER.token_text(0xF0) == "\\xf0"


def test_a_frequent_word_is_one_token_with_its_space() -> None:
    (token,) = TOKENIZER.encode(" cat")
    assert TOKENIZER.token_bytes(token) == b" cat"


@pytest.mark.parametrize("kind", ["one giant word", "one letter", "emoji", "nulls", "spaces", "mixed"])
def test_a_hundred_kilobytes_of_anything_come_back_fast(kind: str) -> None:
    draw = random.Random(0)
    text = {
        "one giant word": "".join(draw.choices("acehst", k=100_000)),
        "one letter": "a" * 100_000,
        "emoji": "".join(chr(0x1F300 + draw.randrange(700)) for _ in range(25_000)),
        "nulls": "\0" * 100_000,
        "spaces": " " * 100_000,
        "mixed": "".join(chr(draw.randrange(0xD800)) for _ in range(40_000)),
    }[kind]
    fresh = Tokenizer(TOKENIZER.merges)
    start = time.process_time()
    assert fresh.decode(fresh.encode(text)) == text
    assert time.process_time() - start < 2  # measured: 0.2 s at most; quadratic work would take minutes


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_module, "CACHE_LIMIT", 3)
    fresh = Tokenizer(TOKENIZER.merges)
    text = " ".join(TEXTS)
    assert fresh.encode(text) == TOKENIZER.encode(text)
    assert len(fresh._cache) <= 3


def test_training_is_deterministic_and_comes_back_from_json() -> None:
    again = Tokenizer.train(iter(TEXTS), TOKENIZER.vocab_size)
    loaded = Tokenizer.from_dict(json.loads(json.dumps(TOKENIZER.to_dict())))
    for other in (again, loaded):
        assert other.to_dict() == TOKENIZER.to_dict()
        assert other.hash == TOKENIZER.hash
        assert other.encode(TEXTS[0]) == TOKENIZER.encode(TEXTS[0])
    assert Tokenizer(TOKENIZER.merges[:-1]).hash != TOKENIZER.hash


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"merges": None}, "expected merges as a list of [id, id], got None"),
        ({"merges": [[97, 98, 99]]}, "expected merges as a list of [id, id], got [[97, 98, 99]]"),
        ({"merges": [[97, "b"]]}, "expected merges as a list of [id, id], got [[97, 'b']]"),
        ({"merges": [[97, 256]]}, "expected merges of ids below 256, got (97, 256)"),
        ({"merges": [[256, 97]]}, "expected merges of ids below 256, got (256, 97)"),
        ({"merges": [[97, -1]]}, "expected merges of ids below 256, got (97, -1)"),
        ({"merges": [[97, 98], [97, 98]]}, "expected each merge once, got (97, 98) twice"),
        ({"special_tokens": "<think>"}, "expected special_tokens as a list of str, got '<think>'"),
        ({"special_tokens": ["<a>", "<a>"]}, "expected different markers with text"),
        ({"special_tokens": [""]}, "expected different markers with text"),
        ({"pieces": r"\w+"}, "expected the pattern of pieces"),
        ({"more": 1}, "expected a tokenizer's pieces, merges and special_tokens, got"),
    ],
)
def test_a_damaged_dict_is_refused(damage: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Tokenizer.from_dict(TOKENIZER.to_dict() | damage)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match=r"lone surrogate '.ud800'"):
        TOKENIZER.encode("a\ud800")
    with pytest.raises(ValueError, match=r"lone surrogate '.ud800'"):
        Tokenizer.train(["a\ud800"], 265)
    with pytest.raises(ValueError, match="got a single str"):
        Tokenizer.train("text", 300)
    with pytest.raises(ValueError, match=r"at least 265 .*, got 264"):
        Tokenizer.train(TEXTS, 264)
    with pytest.raises(ValueError, match=r"at least 4 pairs to merge, got 1; .* smaller by 3"):
        Tokenizer.train(["ab 7"], 269)
    with pytest.raises(ValueError, match="expected an id from 0 to 324, got 325"):
        TOKENIZER.decode([325])
    with pytest.raises(ValueError, match="got -1"):
        TOKENIZER.token_bytes(-1)
    with pytest.raises(ValueError, match="got '<pad>'"):
        TOKENIZER.special_id("<pad>")
