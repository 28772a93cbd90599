"""A published model's own tokenizer: tokenizer.json, read by the package `tokenizers`."""

from collections.abc import Sequence
from pathlib import Path

from labs.core.weights.faults import WeightsError, extra

TOKENIZER = "tokenizer.json"
BROKEN = "\N{REPLACEMENT CHARACTER}"  # what bytes decode to that are no whole character


class PublishedTokenizer:
    """Text to ids and back, as the model was trained with.

    No text encodes to a special token, not even its marker typed out. Only code that asks for `special_id` gets one.

    Raises: WeightsError if the file is missing, damaged, or has ids that the model has no embedding for.
    """

    def __init__(self, path: Path, vocab_size: int) -> None:
        package = extra("tokenizers")
        if not path.is_file():
            raise WeightsError(path, "", "expected this file, got none; download the whole model.")
        try:
            self._tokenizer = package.Tokenizer.from_file(str(path))
        except Exception as error:  # the package has no class of its own for it
            raise WeightsError(path, "", f"expected a tokenizer, got a file that is none ({error})") from error
        self._tokenizer.encode_special_tokens = True  # that is: as the plain text that they are when typed
        self.path = path
        self.ids: dict[str, int] = self._tokenizer.get_vocab(with_added_tokens=True)
        marker, largest = max(self.ids.items(), key=lambda item: item[1], default=("", -1))
        if largest >= vocab_size:
            reason = f"expected ids below {vocab_size}, the vocab_size of config.json, got {largest}"
            raise WeightsError(path, marker, f"{reason}; do the two files belong together?")

    def encode(self, text: str, start: bool = False) -> list[int]:
        """Ids of a text; with start, after whatever this tokenizer puts before every text (for SmolLM2, nothing)."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=start).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, special tokens as their marker text; broken UTF-8 as U+FFFD."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=False)
        return text

    def special_id(self, marker: str) -> int:
        """The id of a special token.

        Raises: WeightsError if this tokenizer has none of that name.
        """
        if marker not in self.ids:
            raise WeightsError(self.path, marker, "expected this marker among the special tokens, got none.")
        return self.ids[marker]
