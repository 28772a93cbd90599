"""A control that counts how often a button was pressed."""

from dataclasses import dataclass

from labs.core.contract.declaring import check_declaration, refusal


@dataclass(frozen=True)
class Counter:
    """How often something was done: a button, named by `action`, that does it once more, and one that starts again.

    `run` gets the count and does all of it from the start, so that every way of running a lab agrees.
    Raises: ValueError if the action is blank, the maximum is below 1, or the default lies outside 0 to maximum.
    """

    name: str
    label: str
    action: str
    maximum: int
    default: int = 0
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        if not self.action.strip():
            raise refusal(self.name, "words for its button", self.action, "say what one press does")
        if isinstance(self.maximum, bool) or not isinstance(self.maximum, int) or self.maximum < 1:
            raise refusal(self.name, "a maximum of 1 or more", self.maximum, "say how often it may be pressed")
        check_declaration(self)

    def check(self, value: object) -> int:
        """The count, or a ValueError that says how far it may go."""
        expected = f"a whole number from 0 to {self.maximum}"
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise refusal(self.name, expected, value, "give a plain number")
        if not 0 <= value <= self.maximum or value != int(value):
            raise refusal(self.name, expected, value, "choose one of these")
        return int(value)

    def parse(self, text: str) -> int:
        """The value that a command line's text stands for."""
        if not text.strip().isdecimal():
            raise refusal(self.name, f"a whole number from 0 to {self.maximum}", text, "write it in digits, such as 3")
        return self.check(int(text))
