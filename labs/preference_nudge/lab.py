"""The lab: choose the better of two replies, choose DPO or RLHF, and apply the preference, step by step."""

from collections.abc import Iterator

from labs.core.contract import Choice, Counter, Lab, Slider
from labs.preference_nudge.cartoon import CartoonStep, cartoon
from labs.preference_nudge.pairs import KINDS, corpus_pairs
from labs.preference_nudge.real import Nudge, Reading
from labs.preference_nudge.showing import MOST_UPDATES
from labs.preference_nudge.showing_cartoon import run_cartoon
from labs.preference_nudge.showing_real import displaced, run_real

__all__ = [
    "KINDS",
    "LAB",
    "CartoonStep",
    "Nudge",
    "Reading",
    "cartoon",
    "corpus_pairs",
    "displaced",
    "run",
]

LAB = Lab(
    title="The preference nudge",
    question="What does one preference do to a model, update by update?",
    label="live",
    controls=(
        Choice("mode", "Mode", "real model", ("real model", "cartoon"), "The cartoon is one number, set by hand."),
        Choice("pair", "Pair of replies", next(iter(KINDS)), tuple(KINDS), "Real model only. A is the first named."),
        Choice("preferred", "You prefer", "A", ("A", "B")),
        Choice("method", "Method", "DPO", ("DPO", "RLHF")),
        Counter("updates", "Updates", "Apply preference update", MOST_UPDATES),
        Slider("beta", "Beta", 0.1, 0.05, 1.0, 0.05, help="The price of moving away from where the model began."),
        Choice(
            "learning_rate",
            "Learning rate",
            "0.003",
            ("0.001", "0.003", "0.01"),
            "Real model only. RLHF takes a tenth of it.",
        ),
    ),
)


def run(
    mode: str, pair: str, preferred: str, method: str, updates: int, beta: float, learning_rate: str
) -> Iterator[object]:
    """Yield the pair, the path of both chances, how an update is computed, and all numbers behind it.

    All updates are computed from the start, so that every way of running the lab agrees.
    Raises: ValueError if beta is not positive, or the steps are so long that the weights run away.
    """
    if mode == "cartoon":
        yield from run_cartoon(method, preferred, updates, beta)
    else:
        yield from run_real(Nudge(corpus_pairs()[pair], preferred, method, beta, float(learning_rate)), updates)
