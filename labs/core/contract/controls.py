"""The controls of a lab, declared as data and checked the same way everywhere."""

from collections.abc import Mapping, Sequence

from labs.core.contract.choosing import Choice, Switch, Text
from labs.core.contract.comparisons import Comparisons
from labs.core.contract.counter import Counter
from labs.core.contract.messages import Messages
from labs.core.contract.numeric import Number, Slider

__all__ = [
    "Choice",
    "Comparisons",
    "Control",
    "Counter",
    "Messages",
    "Number",
    "Slider",
    "Switch",
    "Text",
    "check_controls",
    "nearest",
    "refuse_duplicate_names",
]

Control = Slider | Number | Choice | Text | Switch | Counter | Messages | Comparisons


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word most like a mistyped one, or None if none is close."""
    import difflib  # only wanted when something was mistyped

    spelled = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), spelled, n=1, cutoff=0.5)
    return spelled[close[0]] if close else None


def refuse_duplicate_names(controls: Sequence[Control]) -> None:
    """Raise a ValueError if two controls share a name."""
    names = [control.name for control in controls]
    for name in names:
        if names.count(name) > 1:
            count = names.count(name)
            raise ValueError(f"Controls: expected each name once, got {name!r} {count} times; rename one.")


def check_controls(controls: Sequence[Control], values: Mapping[str, object]) -> dict[str, object]:
    """Every control's value, checked: the given one, or else its default.

    Raises: ValueError for a value that its control refuses or a name that no control has.
    Example: `check_controls([Switch("think", "Think", False)], {})` -> `{"think": False}`.
    """
    refuse_duplicate_names(controls)
    known = [control.name for control in controls]
    for name in values:
        if name not in known:
            close = nearest(name, known)
            fix = f"did you mean {close!r}?" if close else "leave it out."
            listed = ", ".join(known) if known else "no control at all"
            raise ValueError(f"Unknown control: expected {listed}; got {name!r}; {fix}")
    return {control.name: control.check(values.get(control.name, control.default)) for control in controls}
