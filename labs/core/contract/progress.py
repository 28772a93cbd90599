"""How far a run has come."""

from dataclasses import dataclass

from labs.core.contract.markup import NBSP, escape


@dataclass(frozen=True)
class Progress:
    """A step of a longer run: `done` of `total`, in the unit that the label names.

    Raises: ValueError if total is not positive, done lies outside 0 to total, or the label is blank.
    """

    done: float
    total: float
    label: str

    def __post_init__(self) -> None:
        """Refuse a bar that could not be drawn."""
        if not self.total > 0:
            raise ValueError(f"Progress total: expected more than 0, got {self.total!r}; count the steps first.")
        if not 0 <= self.done <= self.total:
            raise ValueError(f"Progress done: expected 0 to {self.total:g}, got {self.done!r}; count within the total.")
        if not self.label.strip():
            raise ValueError("Progress label: expected a few words, got none; say what is being done.")

    @property
    def percent(self) -> int:
        """The share done, rounded down, so that 100 means finished."""
        return int(100 * self.done / self.total)

    def html(self) -> str:
        """A labelled progress element."""
        return (
            f'<label class="lab-progress-label">{escape(self.label)} <progress class="lab-progress" '
            f'max="{self.total:g}" value="{self.done:g}">{self.percent}{NBSP}%</progress></label>'
        )

    def text(self) -> str:
        """One line, such as `Sampling: 40 of 200 (20 %)`."""
        return f"{self.label}: {self.done:g} of {self.total:g} ({self.percent}{NBSP}%)"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html(), "text/plain": self.text()}
