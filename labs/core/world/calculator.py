"""The one tool of the village: a calculator that adds."""

import re

from labs.core.model.tools import Tool

CALCULATOR = Tool("calculator", "adds two numbers", ("expression",))


def calculate(expression: str) -> str:
    """A sum of whole numbers with its value, as the calculator's display shows it.

    Raises: ValueError for anything else.
    Example: "37+45" -> "37+45=82"
    """
    if not re.fullmatch(r"\d{1,9}(\+\d{1,9})+", expression):
        raise ValueError(
            f"expression: expected whole numbers joined by +, such as 37+45, got {expression[:40]!r}; "
            "each may have up to nine digits."
        )
    return f"{expression}={sum(int(number) for number in expression.split('+'))}"


FUNCTIONS = {"calculator": calculate}
"""What carries out the calls, by the tool's name."""
