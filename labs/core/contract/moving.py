"""A display that changes while a lab runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Moving:
    """A state of a display: within a run, a later one of the same name takes its place.

    Where output can't be taken back, as in a terminal, only the last state shows.
    Raises: ValueError if the name is blank or the content is itself moving.
    """

    name: str
    content: object

    def __post_init__(self) -> None:
        """Refuse what could not be found again."""
        if not self.name.strip():
            raise ValueError("A moving display's name: expected a word, got none; name the place that it changes.")
        if isinstance(self.content, Moving):
            raise ValueError(f"Moving {self.name!r}: expected something to show, got another Moving; show its content.")
