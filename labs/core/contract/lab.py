"""What a lab says about itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.controls import Control, refuse_duplicate_names

LABELS = ("live", "recorded", "illustrative")


@dataclass(frozen=True)
class Lab:
    """A lab's declaration: title, the question it answers, where its numbers come from, its controls.

    The label is `live` (computed here, now), `recorded` (computed by a named script) or `illustrative`
    (numbers set by hand to show an idea). `action` is what its button says; a lab that `waits` runs only when
    that is pressed, others also when a control is moved.
    Raises: ValueError if a text is blank, the label is another, or two controls share a name.
    """

    title: str
    question: str
    label: str
    controls: Sequence[Control]
    action: str = "Run"
    waits: bool = False

    def __post_init__(self) -> None:
        """Refuse a declaration that a page could not draw."""
        for name in ("title", "question", "action"):
            if not getattr(self, name).strip():
                raise ValueError(f"A lab's {name}: expected some words, got none; write one for the reader.")
        if self.label not in LABELS:
            raise ValueError(
                f"A lab's label: expected one of {', '.join(LABELS)}, got {self.label!r}; "
                "choose by where its numbers come from."
            )
        refuse_duplicate_names(self.controls)
