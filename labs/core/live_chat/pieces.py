"""Text that comes token by token, in whole characters."""

import codecs

from labs.core.model.tokenizer import Tokenizer


class Pieces:
    """What each token adds to the text: a character comes with its last byte, bytes that are none come as U+FFFD."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def piece(self, token: int, last: bool = False) -> str:
        """The text that is complete with this token; of a marker only what was left incomplete before it.

        `last` says that no token follows, so that nothing can wait for one.
        """
        if self._tokenizer.is_special(token):
            return self.rest()
        return self._decoder.decode(self._tokenizer.token_bytes(token), final=last)

    def rest(self) -> str:
        """What is left incomplete, when no token follows."""
        return self._decoder.decode(b"", final=True)
