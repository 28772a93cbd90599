"""What a lab is: its controls, its declaration, and the objects that it shows."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.core.contract.charts import Chart
    from labs.core.contract.controls import (
        Choice,
        Comparisons,
        Control,
        Counter,
        Messages,
        Number,
        Slider,
        Switch,
        Text,
        check_controls,
    )
    from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
    from labs.core.contract.lab import Lab
    from labs.core.contract.moving import Moving
    from labs.core.contract.passages import Columns, Passage
    from labs.core.contract.progress import Progress
    from labs.core.contract.publishing import display, mimebundle, publish, publishing_to, show
    from labs.core.contract.tables import Table
    from labs.core.contract.tokens import Token, Tokens

__all__ = [
    "Chart",
    "Check",
    "CheckFailed",
    "Choice",
    "Columns",
    "Comparisons",
    "Control",
    "Counter",
    "Exercise",
    "Lab",
    "Messages",
    "Moving",
    "Names",
    "Number",
    "Passage",
    "Progress",
    "Slider",
    "Switch",
    "Table",
    "Text",
    "Token",
    "Tokens",
    "WrongAnswer",
    "check_controls",
    "display",
    "mimebundle",
    "publish",
    "publishing_to",
    "show",
]

HOMES = (
    "publishing",
    "controls",
    "tables",
    "tokens",
    "passages",
    "charts",
    "moving",
    "progress",
    "lab",
    "exercise",
)
"""The files that have these names."""


def __getattr__(name: str) -> object:
    """Load a name's file when the name is first used: Python boots with publishing alone."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    for home in HOMES:
        module = import_module(f"{__name__}.{home}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AssertionError(f"{name} is listed in __all__ but no file has it")
