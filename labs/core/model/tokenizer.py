"""The tokenizer: byte-level BPE. Any text becomes ids and comes back unchanged."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Self

from labs.core.model.bpe import PIECES, Pair, learn_merges, merge_pair, split_pieces, utf8

END_OF_TEXT = "<|endoftext|>"
"""Stands between pages: it begins each page that a base model reads, and ends it."""
SPECIAL_TOKENS = (
    END_OF_TEXT,
    "<|im_start|>",
    "<|im_end|>",
    "<think>",
    "</think>",
    "<tools>",
    "</tools>",
    "<tool_call>",
    "</tool_call>",
)
CACHE_LIMIT = 50_000


class Tokenizer:
    """Byte-level BPE: ids 0–255 are the bytes, then come the merges in the order learned, then the special tokens.

    No text encodes to a special token, not even its marker typed out. Only code that asks for `special_id` gets one.

    Raises: ValueError if a merge uses an id that doesn't exist before it, or if a merge or marker comes twice.
    """

    def __init__(self, merges: Sequence[Pair], special_tokens: Sequence[str] = SPECIAL_TOKENS) -> None:
        self.merges = tuple(merges)
        self.special_tokens = tuple(special_tokens)
        self._merged_id: dict[Pair, int] = {}
        self._token_bytes = [bytes([byte]) for byte in range(256)]
        for left, right in self.merges:
            if not (0 <= left < len(self._token_bytes) and 0 <= right < len(self._token_bytes)):
                raise ValueError(
                    f"expected merges of ids below {len(self._token_bytes)}, got ({left}, {right}); "
                    "a merge may only use bytes and earlier merges"
                )
            if (left, right) in self._merged_id:
                raise ValueError(f"expected each merge once, got ({left}, {right}) twice; remove the second")
            self._merged_id[left, right] = len(self._token_bytes)
            self._token_bytes.append(self._token_bytes[left] + self._token_bytes[right])
        self._first_special = len(self._token_bytes)
        if len(set(self.special_tokens)) < len(self.special_tokens) or not all(self.special_tokens):
            raise ValueError(f"expected different markers with text, got {self.special_tokens}; remove the others")
        self._special_ids = {marker: self._first_special + n for n, marker in enumerate(self.special_tokens)}
        self._token_bytes.extend(marker.encode("utf-8") for marker in self.special_tokens)
        self._cache: dict[str, tuple[int, ...]] = {}

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int, special_tokens: Sequence[str] = SPECIAL_TOKENS) -> Self:
        """Learn a vocabulary from texts; vocab_size counts the 256 bytes, the merges and the special tokens.

        Raises: ValueError if vocab_size is too small for bytes and markers, or the texts too few for so many merges.
        Source: Sennrich et al. 2016; on bytes as in GPT-2 (Radford et al. 2019).
        """
        if isinstance(texts, str):
            raise ValueError("expected a sequence of texts, got a single str; pass [text]")
        n_merges = vocab_size - 256 - len(special_tokens)
        if n_merges < 0:
            raise ValueError(
                f"expected vocab_size of at least {256 + len(special_tokens)} (256 bytes and {len(special_tokens)} "
                f"special tokens), got {vocab_size}; raise it"
            )
        return cls(learn_merges(texts, n_merges), special_tokens)

    @property
    def vocab_size(self) -> int:
        """How many ids there are."""
        return len(self._token_bytes)

    @property
    def hash(self) -> str:
        """SHA-256 of the tokenizer's JSON, in hexadecimal: equal for equal tokenizers."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode("ascii")).hexdigest()

    def encode(self, text: str) -> list[int]:
        """Ids of a text, none of them special.

        Raises: ValueError for half of a surrogate pair.
        """
        ids: list[int] = []
        for piece in split_pieces(text):
            if (known := self._cache.get(piece)) is None:
                known = self._encode_piece(piece)
                if len(self._cache) >= CACHE_LIMIT:
                    self._cache.clear()
                self._cache[piece] = known
            ids.extend(known)
        return ids

    def _encode_piece(self, piece: str) -> tuple[int, ...]:
        """Merge, of all pairs that can be merged, always the one learned first."""
        ids = list(utf8(piece))
        while mergeable := [self._merged_id[pair] for pair in pairwise(ids) if pair in self._merged_id]:
            merged = min(mergeable)
            ids = merge_pair(ids, self.merges[merged - 256], merged)
        return tuple(ids)

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ids: special tokens as their markers, bytes that are no UTF-8 as U+FFFD.

        Raises: ValueError for an id outside the vocabulary.
        """
        return b"".join(self.token_bytes(token) for token in ids).decode("utf-8", errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """Bytes of one id.

        Raises: ValueError for an id outside the vocabulary.
        """
        if not 0 <= token < len(self._token_bytes):
            raise ValueError(f"expected an id from 0 to {self.vocab_size - 1}, got {token}; use this tokenizer's ids")
        return self._token_bytes[token]

    def token_text(self, token: int) -> str:
        r"""One id made readable: its text, with bytes that are no UTF-8 on their own as \x escapes.

        Raises: ValueError for an id outside the vocabulary.
        """
        return self.token_bytes(token).decode("utf-8", errors="backslashreplace")

    def special_id(self, marker: str) -> int:
        """Id of a special token.

        Raises: ValueError if this tokenizer has no such marker.
        """
        if marker not in self._special_ids:
            raise ValueError(f"expected one of {', '.join(self.special_tokens)}, got {marker!r}; use one of these")
        return self._special_ids[marker]

    def is_special(self, token: int) -> bool:
        """Whether an id is a special token."""
        return self._first_special <= token < self.vocab_size

    def to_dict(self) -> dict[str, object]:
        """All of the tokenizer, ready for JSON."""
        return {
            "pieces": PIECES.pattern,
            "merges": [list(pair) for pair in self.merges],
            "special_tokens": list(self.special_tokens),
        }

    @classmethod
    def from_dict(cls, described: Mapping[str, object]) -> Self:
        """Rebuild a tokenizer from `to_dict`.

        Raises: ValueError for another pattern of pieces, or for merges or markers that are damaged.
        """
        if not isinstance(described, Mapping) or set(described) != {"pieces", "merges", "special_tokens"}:
            raise ValueError(
                f"expected a tokenizer's pieces, merges and special_tokens, got {_shortened(described)}; "
                "save it again with to_dict"
            )
        if described["pieces"] != PIECES.pattern:
            raise ValueError(
                f"expected the pattern of pieces {PIECES.pattern!r}, got {_shortened(described['pieces'])}; "
                "train the tokenizer again with this version"
            )
        merges, markers = described["merges"], described["special_tokens"]
        if not isinstance(merges, list) or not all(map(_is_pair, merges)):
            raise ValueError(
                f"expected merges as a list of [id, id], got {_shortened(merges)}; save the tokenizer again"
            )
        if not isinstance(markers, list) or not all(isinstance(marker, str) for marker in markers):
            raise ValueError(f"expected special_tokens as a list of str, got {_shortened(markers)}; save it again")
        return cls([(left, right) for left, right in merges], markers)


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(token) is int for token in value)


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
