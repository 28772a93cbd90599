"""A control that gives a ranking: for each of some pairs, which of two replies is the better one."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.declaring import check_declaration, refusal

MARKS = "AB-"
"""The first reply, the second, or no answer."""


@dataclass(frozen=True)
class Comparisons:
    """Pairs to compare, each a prompt and two replies. The value has one letter a pair: A, B, or - if unanswered.

    Raises: ValueError if there is no pair, one has an empty part or two replies alike, or the default is no ranking.
    Example: two pairs -> "--" until the reader answers, "B-" after the first.
    """

    name: str
    label: str
    pairs: Sequence[tuple[str, str, str]]
    default: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself; without a default no pair is answered."""
        object.__setattr__(self, "pairs", tuple(map(tuple, self.pairs)))
        if not self.pairs:
            raise refusal(self.name, "one or more pairs", self.pairs, "give a prompt and two replies for each")
        for pair in self.pairs:
            if len(pair) != 3 or not all(isinstance(part, str) and part.strip() for part in pair) or pair[1] == pair[2]:
                raise refusal(self.name, "a prompt and two different replies in each pair", pair, "write all three")
        if not self.default:
            object.__setattr__(self, "default", "-" * len(self.pairs))
        check_declaration(self)

    def check(self, value: object) -> str:
        """The ranking, or a ValueError that says what one looks like."""
        expected = f"{len(self.pairs)} letters, one a pair: A, B or -"
        if not isinstance(value, str) or len(value) != len(self.pairs) or set(value) - set(MARKS):
            raise refusal(self.name, expected, value, "write - for a pair that you leave out")
        return value

    def parse(self, text: str) -> str:
        """The value that a command line's text stands for; small letters will do."""
        return self.check(text.strip().upper())
