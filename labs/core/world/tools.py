"""The tools that the assistant can call: calculator, unit converter, clock and glossary.

Signatures and descriptions are terse, and each tool has one parameter at most: all of them, a call and its result have
to fit into a context of 160 tokens. A second parameter would cost 18 more.
"""

import re
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction

from labs.core.model.tools import Tool
from labs.core.world.calculator import CALCULATOR, calculate

TOOLS: dict[str, Tool] = {
    "calculator": CALCULATOR,
    "convert": Tool("convert", "units", ("expression",)),
    "clock": Tool("clock", "time", ()),
    "glossary": Tool("glossary", "words", ("term",)),
}
"""All tools, by name."""

UNITS: dict[str, tuple[str, Fraction]] = {
    "mm": ("length", Fraction(1, 1000)),
    "cm": ("length", Fraction(1, 100)),
    "m": ("length", Fraction(1)),
    "km": ("length", Fraction(1000)),
    "g": ("mass", Fraction(1)),
    "kg": ("mass", Fraction(1000)),
    "s": ("time", Fraction(1)),
    "min": ("time", Fraction(60)),
    "h": ("time", Fraction(3600)),
    "ml": ("volume", Fraction(1, 1000)),
    "l": ("volume", Fraction(1)),
}
"""What a unit measures, and its size in the basic unit of that quantity."""

UNIT_NAMES = {
    "mm": ("millimetres", "millimetre", "millimeters", "millimeter"),
    "cm": ("centimetres", "centimetre", "centimeters", "centimeter"),
    "m": ("metres", "metre", "meters", "meter"),
    "km": ("kilometres", "kilometre", "kilometers", "kilometer"),
    "g": ("grams", "gram"),
    "kg": ("kilograms", "kilogram", "kilos", "kilo"),
    "s": ("seconds", "second"),
    "min": ("minutes", "minute"),
    "h": ("hours", "hour"),
    "ml": ("millilitres", "millilitre", "milliliters", "milliliter"),
    "l": ("litres", "litre", "liters", "liter"),
}
"""A unit's names: in the plural and in the singular, then in another spelling."""

SYMBOLS = {name: symbol for symbol, names in UNIT_NAMES.items() for name in (symbol, *names)}
EXPRESSION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ([a-z]+) (?:in|to) ([a-z]+)", re.ASCII)
DECIMALS = 6
"""How many decimal places a result may have and still count as exact."""
MOST_CHARACTERS = 100
"""How long a glossary's entry may be."""


def convert(expression: str) -> str:
    """An amount in another unit: exact where it has at most six decimal places, else rounded to three and "about".

    Raises: ValueError for anything else, an unknown unit, or units of different quantities.
    Example: "3 km in m" -> "3000 m"; "100 s in min" -> "about 1.667 min"
    """
    found = EXPRESSION.fullmatch(expression)
    if not found:
        raise ValueError(
            f"expression: expected an amount, its unit and the other unit, such as 3 km in m, got {expression[:40]!r}; "
            "write the amount in digits."
        )
    amount, *named = found.groups()
    if unknown := [name for name in named if name not in SYMBOLS]:
        raise ValueError(
            f"expression: expected units of {', '.join(UNITS)}, got {unknown[0][:40]!r}; use one of these."
        )
    unit, to = (SYMBOLS[name] for name in named)
    (quantity, size), (other, other_size) = UNITS[unit], UNITS[to]
    if quantity != other:
        raise ValueError(
            f"expression: expected two units of {quantity}, got {unit} and {to}; {to} is a unit of {other}."
        )
    return f"{_decimal(Fraction(amount) * size / other_size)} {to}"


def _decimal(value: Fraction) -> str:
    """The number in decimal digits, with no digit too many."""
    scaled = value * 10**DECIMALS
    exact = scaled.denominator == 1
    digits, places = (scaled.numerator, DECIMALS) if exact else (round(value * 1000), 3)
    whole, rest = divmod(digits, 10**places)
    return f"{'' if exact else 'about '}{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")


def glossary(term: str) -> str:
    """The first sentence of a term's entry in the course's glossary, cut to `MOST_CHARACTERS`.

    Raises: ValueError, a short one that the model has room for, if there is no such entry.
    """
    from labs.core.glossary import define  # only a call reads the glossary's file

    try:
        return shortened(define(term.strip()), MOST_CHARACTERS)
    except ValueError as error:
        raise ValueError(f"no entry for {shortened(term.strip(), 20)!r}") from error


def shortened(text: str, characters: int) -> str:
    """A text, or its first words and "…", in no more than so many characters; of a long first word its beginning."""
    if len(text) <= characters:
        return text
    kept = text[: max(0, characters - 1)]
    whole_words = kept.rpartition(" ")[0] if text[len(kept)] != " " else kept
    return f"{(whole_words or kept).rstrip(' ,;:')}…"


def make_functions(now: Callable[[], datetime] = datetime.now) -> dict[str, Callable[..., str]]:
    """What carries out the calls, by the tool's name. `now` is where the clock looks: a page's own, local time."""

    def clock() -> str:
        """The time, hours and minutes."""
        return f"{now():%H:%M}"

    return {"calculator": calculate, "convert": convert, "clock": clock, "glossary": glossary}


FUNCTIONS = make_functions()
"""What carries out the calls, with the clock of this computer."""
