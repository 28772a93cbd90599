"""How values become text and text becomes HTML."""

import math
from numbers import Integral, Real
from typing import TypeGuard

NBSP = "\N{NO-BREAK SPACE}"


def escape(text: str) -> str:
    """Text made safe inside an HTML element or a quoted attribute.

    Example: `a < "b"` -> `a &lt; &quot;b&quot;`.
    """
    # The standard library's html.escape would load its table of every entity while Python boots.
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#x27;")


def is_number(value: object) -> TypeGuard[Real]:
    """True for what a table aligns as a number: int, float and NumPy's own, but not bool."""
    return isinstance(value, Real) and not isinstance(value, bool)


def value_text(value: object) -> str:
    """A table cell's value as a person reads it: four significant digits, yes and no, a dash for None.

    Example: 0.33333 -> `0.3333`; 12345.6 -> `12346`; True -> `yes`.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not is_number(value) or isinstance(value, Integral):
        return str(value)
    number = float(value)
    if math.isfinite(number) and 1000 <= abs(number) < 1e15:
        return f"{number:.0f}"
    return f"{number:.4g}"
