"""Controls that give a number: a field and a slider."""

import math
from dataclasses import dataclass
from numbers import Real

from labs.core.contract.declaring import check_declaration, refusal


class Bounded:
    """What Number and Slider share: a number between a minimum and a maximum, bounds included."""

    name: str
    label: str
    default: float
    minimum: float
    maximum: float
    unit: str

    @property
    def whole(self) -> bool:
        """True if only whole numbers are meant: every number in the declaration is an int."""
        return all(isinstance(part, int) for part in self._numbers())

    @property
    def expected(self) -> str:
        """What a good value is, in words: `a whole number from 1 to 9`."""
        kind = "a whole number" if self.whole else "a number"
        unit = f" {self.unit}" if self.unit else ""
        return f"{kind} from {self.minimum} to {self.maximum}{unit}"

    def check(self, value: object) -> float:
        """The value as int or float, or a ValueError that says what was expected and given."""
        if isinstance(value, bool) or not isinstance(value, Real) or value != value:
            raise refusal(self.name, self.expected, value, "give a plain number")
        number = value if isinstance(value, int) else float(value)
        if not self.minimum <= number <= self.maximum:
            raise refusal(self.name, self.expected, value, "choose one within these bounds")
        if not self.whole:
            return float(number)
        if number != int(number):
            raise refusal(self.name, self.expected, value, "leave out the fraction")
        return int(number)

    def parse(self, text: str) -> float:
        """The value that a command line's text stands for."""
        try:
            number = int(text) if text.strip().lstrip("+-").isdecimal() else float(text)
        except ValueError:
            raise refusal(self.name, self.expected, text, "write it in digits, such as 3") from None
        return self.check(number)

    def _numbers(self) -> tuple[float, ...]:
        return (self.default, self.minimum, self.maximum)

    def _check_bounds(self) -> None:
        for number in self._numbers():
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                raise refusal(self.name, "finite numbers in its declaration", number, "use an int or a float")
        if not self.minimum < self.maximum:
            bounds = (self.minimum, self.maximum)
            raise refusal(self.name, "a minimum below the maximum", bounds, "swap them or widen the range")
        check_declaration(self)


@dataclass(frozen=True)
class Number(Bounded):
    """A number typed into a field; whole if default and bounds are whole.

    Raises: ValueError if the bounds are not finite and ordered or the default lies outside them.
    """

    name: str
    label: str
    default: float
    minimum: float
    maximum: float
    unit: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        self._check_bounds()


@dataclass(frozen=True)
class Slider(Bounded):
    """A number chosen by sliding, in steps; whole if default, bounds and step are whole.

    The step is what the page's slider moves by; code may give any number within the bounds.
    Raises: ValueError if the step is not positive or wider than the range, and as Number does.
    """

    name: str
    label: str
    default: float
    minimum: float
    maximum: float
    step: float
    unit: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        self._check_bounds()
        if not 0 < self.step <= self.maximum - self.minimum:
            raise refusal(self.name, "a step above 0 and within the range", self.step, "say how far one move goes")

    def _numbers(self) -> tuple[float, ...]:
        return (self.default, self.minimum, self.maximum, self.step)
