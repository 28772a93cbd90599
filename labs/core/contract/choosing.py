"""Controls that give words or a yes: a choice, a line of text, a switch."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.declaring import check_declaration, refusal

SWITCH_WORDS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


@dataclass(frozen=True)
class Choice:
    """One of several named options.

    Raises: ValueError if an option repeats, there are fewer than two, or the default is none of them.
    """

    name: str
    label: str
    default: str
    options: Sequence[str]
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if len(self.options) < 2 or len(set(self.options)) != len(self.options):
            raise refusal(self.name, "two or more different options", self.options, "name each option once")
        check_declaration(self)

    def check(self, value: object) -> str:
        """The option, or a ValueError that lists the options."""
        if not isinstance(value, str) or value not in self.options:
            options = ", ".join(repr(option) for option in self.options)
            raise refusal(self.name, f"one of {options}", value, "spell it as listed")
        return value

    def parse(self, text: str) -> str:
        """The value that a command line's text stands for."""
        return self.check(text)


@dataclass(frozen=True)
class Text:
    """Text of limited length, with suggestions to pick from; with `lines` above 1 in a box of that height.

    Raises: ValueError if length or lines are not positive, or the default or a suggestion is longer.
    """

    name: str
    label: str
    default: str
    max_length: int
    suggestions: Sequence[str] = ()
    help: str = ""
    lines: int = 1

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if isinstance(self.max_length, bool) or not isinstance(self.max_length, int) or self.max_length < 1:
            raise refusal(self.name, "a max_length of 1 or more", self.max_length, "count in characters")
        if isinstance(self.lines, bool) or not isinstance(self.lines, int) or self.lines < 1:
            raise refusal(self.name, "lines of 1 or more", self.lines, "say how high its box is")
        for suggestion in self.suggestions:
            self.check(suggestion)
        check_declaration(self)

    def check(self, value: object) -> str:
        """The text, or a ValueError that says how long it may be."""
        expected = f"text of at most {self.max_length} characters"
        if not isinstance(value, str):
            raise refusal(self.name, expected, value, "put it in quotes")
        if len(value) > self.max_length:
            raise refusal(self.name, expected, value, f"shorten its {len(value)} characters")
        return value

    def parse(self, text: str) -> str:
        """The value that a command line's text stands for."""
        return self.check(text)


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    label: str
    default: bool
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        check_declaration(self)

    def check(self, value: object) -> bool:
        """The value if it is True or False, or a ValueError."""
        if not isinstance(value, bool):
            raise refusal(self.name, "True or False", value, "use one of the two")
        return value

    def parse(self, text: str) -> bool:
        """The value that a command line's text stands for: on, off, true, false, yes or no."""
        if text.lower() not in SWITCH_WORDS:
            raise refusal(self.name, "on or off", text, "write one of the two words")
        return SWITCH_WORDS[text.lower()]
