"""A text as it stands, in which what a model wrote is told apart, and displays side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from labs.core.contract.markup import escape
from labs.core.contract.tokens import unseen

By = Literal["given", "written"]


class Displayable(Protocol):
    """What has words and HTML of its own: tables, tokens, passages."""

    def html(self) -> str:
        """As HTML."""

    def text(self) -> str:
        """As plain text."""


@dataclass(frozen=True)
class Passage:
    """A text of parts, each given or written by the model; spaces and lines are kept.

    Raises: ValueError if the title is blank or a part is by somebody else.
    Example: `Passage([("What is 2+2?", "given"), ("\\nWhat is 3+3?", "written")], "Base")`
    """

    parts: Sequence[tuple[str, By]]
    title: str

    def __post_init__(self) -> None:
        """Refuse what could not be shown."""
        if not self.title.strip():
            raise ValueError("A passage: expected a title, got none; say whose text it is.")
        for _, by in self.parts:
            if by not in get_args(By):
                raise ValueError(
                    f"A passage's part: expected {' or '.join(get_args(By))}, got {by!r}; say who wrote it."
                )

    def html(self) -> str:
        """A figure; classes are `lab-passage`, `lab-passage__text` and `lab-passage__written`."""
        parts = [
            f'{unseen("written: ")}<mark class="lab-passage__written">{escape(text)}</mark>{unseen(" (end)")}'
            if by == "written"
            else escape(text)
            for text, by in self.parts
            if text
        ]
        return (
            f'<figure class="lab-passage"><figcaption>{escape(self.title)}</figcaption>'
            f'<p class="lab-passage__text">{"".join(parts)}</p></figure>'
        )

    def text(self) -> str:
        """The title, and the text with what the model wrote between ⟦ and ⟧."""
        return f"{self.title}\n" + "".join(f"⟦{text}⟧" if by == "written" else text for text, by in self.parts if text)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html(), "text/plain": self.text()}


@dataclass(frozen=True)
class Columns:
    """Displays side by side where there is room, each under a heading, and else one below the other.

    Raises: ValueError if there is none.
    """

    parts: Sequence[tuple[str, Displayable]]

    def __post_init__(self) -> None:
        """Refuse an empty page."""
        if not self.parts:
            raise ValueError("Columns: expected at least one display under its heading, got none; give a part.")

    def html(self) -> str:
        """Sections in a grid; classes are `lab-columns`, `lab-column` and `lab-column__heading`."""
        sections = "".join(
            f'<section class="lab-column"><p class="lab-column__heading">{escape(heading)}</p>{shown.html()}</section>'
            for heading, shown in self.parts
        )
        return f'<div class="lab-columns">{sections}</div>'

    def text(self) -> str:
        """One display below the other."""
        return "\n\n".join(f"{heading}\n{'=' * len(heading)}\n{shown.text()}" for heading, shown in self.parts)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html(), "text/plain": self.text()}
