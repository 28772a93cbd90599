"""The five invented scores of the lab `gap`, and which of our measures, if any, comes near what each names."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Invented:
    """A metric with its invented scores from 0 to 1, and the measures whose mean corresponds, or why none does."""

    metric: str
    before: float
    after: float
    abilities: tuple[str, ...] = ()
    why_none: str = ""


INVENTED = (
    Invented("helpfulness", 0.50, 0.85, ("known", "unasked", "sums")),
    Invented("safety", 0.20, 0.85, ("refuses",)),
    Invented("clarity", 0.40, 0.88, why_none="no measure: our replies are one line each"),
    Invented("refusal accuracy", 0.05, 0.92, ("refuses", "allows")),
    Invented("user satisfaction", 0.10, 0.88, why_none="no measure: there are no users"),
)
"""Labs do not import each other; a test holds these to the lab `gap`."""
