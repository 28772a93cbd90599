"""Byte-pair encoding on its own: text to pieces, pieces to merges.

A piece is the unit within which bytes may merge. No token ever spans two pieces.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

type Pair = tuple[int, int]

LONGEST = 32
"""Characters in the longest word or run of spaces that stays one piece, so that work grows linearly in the text."""

PIECES = re.compile(
    "|".join(
        (
            r"\n",  # every newline alone
            r"\d",  # every digit alone, so that sums have columns
            rf" ?[^\W\d_]{{1,{LONGEST}}}",  # a word, with the space before it
            r" ?->",  # the arrow of a mapping
            r" ?(?:[^\w\s]|_)",  # any other sign alone, with the space before it
            rf"[^\S\n]{{1,{LONGEST}}}",  # spaces, tabs: what is left
        )
    )
)


def split_pieces(text: str) -> list[str]:
    """Pieces of a text, in order; joined again they are the text.

    Example: "Ann has 12 cats." -> ["Ann", " has", " ", "1", "2", " cats", "."]
    """
    return PIECES.findall(text)


def utf8(text: str) -> bytes:
    """UTF-8 bytes of a text.

    Raises: ValueError for half of a surrogate pair, which is no character and has no UTF-8.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"expected Unicode text, got the lone surrogate {error.object[error.start]!r}; remove or replace it"
        ) from None


def learn_merges(texts: Iterable[str], n_merges: int) -> list[Pair]:
    """Learn merges: again and again, the most frequent pair of neighbours becomes a new id, from 256 upwards.

    Of equally frequent pairs the one with lower ids wins. Each different piece is looked at once, with its count.

    Raises: ValueError if every piece is one token before there are n_merges merges.
    Source: Sennrich et al. 2016, algorithm 1; on bytes as in GPT-2 (Radford et al. 2019).
    """
    piece_counts = Counter[str]()
    for text in texts:
        piece_counts.update(split_pieces(text))
    words = [list(utf8(piece)) for piece in piece_counts]
    counts = list(piece_counts.values())

    pair_counts: dict[Pair, int] = defaultdict(int)
    words_with: dict[Pair, set[int]] = defaultdict(set)
    for index, word in enumerate(words):
        for pair in pairwise(word):
            pair_counts[pair] += counts[index]
            words_with[pair].add(index)

    merges: list[Pair] = []
    while len(merges) < n_merges:
        if not pair_counts:
            raise ValueError(
                f"expected text with at least {n_merges} pairs to merge, got {len(merges)}; "
                f"give more text or a vocabulary smaller by {n_merges - len(merges)}"
            )
        best = max(pair_counts, key=lambda pair: (pair_counts[pair], -pair[0], -pair[1]))
        for index in words_with.pop(best):
            old = words[index]
            words[index] = new = merge_pair(old, best, 256 + len(merges))
            for pair in pairwise(old):
                pair_counts[pair] -= counts[index]
                if not pair_counts[pair]:
                    del pair_counts[pair]
            for pair in pairwise(new):
                pair_counts[pair] += counts[index]
                words_with[pair].add(index)
        merges.append(best)
    return merges


def merge_pair(ids: Sequence[int], pair: Pair, merged: int) -> list[int]:
    """Replace every occurrence of a pair, from the left.

    Example: [1, 1, 1, 2], (1, 1), 256 -> [256, 1, 2]
    """
    result: list[int] = []
    position = 0
    while position < len(ids):
        if tuple(ids[position : position + 2]) == pair:
            result.append(merged)
            position += 2
        else:
            result.append(ids[position])
            position += 1
    return result
