"""What all controls check about their own declaration, and how they say no."""

import keyword
from typing import Protocol


class Declared(Protocol):
    """What every kind of control has."""

    @property
    def name(self) -> str:
        """The parameter of `run` that it sets."""

    @property
    def label(self) -> str:
        """What the reader sees beside it."""

    @property
    def default(self) -> object:
        """The value until the reader changes it."""

    def check(self, value: object) -> object:
        """The value, or a ValueError."""


def refusal(name: str, expected: str, given: object, fix: str) -> ValueError:
    """The error in the one form that all controls use: expected, got, how to fix."""
    shown = repr(given)
    if len(shown) > 60:
        shown = shown[:59] + "…"
    return ValueError(f"{name}: expected {expected}, got {shown}; {fix}.")


def check_declaration(control: Declared) -> None:
    """Raise a ValueError if the name, the label or the default can't be used."""
    if not control.name.isidentifier() or keyword.iskeyword(control.name):
        raise refusal("A control's name", "a Python name", control.name, "it becomes a parameter of run")
    if not control.label.strip():
        raise refusal(control.name, "a label", control.label, "say in a few words what it sets")
    control.check(control.default)
