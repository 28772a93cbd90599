"""One prefix before and after post-training: rows of lines with their probabilities.

After post-training is the optimum of the objective that rewards what raters prefer and charges for every
step away from the base model: p_after = p_base · exp(reward / beta) / Z. Source: Ziegler et al. 2019.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from labs.assistant_simulator.replies import FRAME, PARAPHRASES, REPLIES
from labs.core.simulator.decoding import apply_temperature, distribution

REPLY_SHARE = 0.02  # of a base model's probability, for all replies of a prefix together
HARM_REWARD = -4.0
FRAMED_LOSS = 2.0  # by how much raters' rewards lose their grip on an unusual framing


@dataclass(frozen=True)
class Line:
    """One way on: its text, its probability, its kind (ok, harmful, helpful or refusal) and its reward."""

    text: str
    probability: float
    kind: str
    reward: float


Row = tuple[Line, ...]


def framed_prefix(prefix: str) -> str:
    """The prefix in a frame that makes it a quotation."""
    return FRAME.format(prefix=prefix)


def before(prefix: str, framed: bool = False) -> Row:
    """The base model's row: the table's continuations, and replies with little probability.

    Framed, the harm is worded otherwise, and its reward is less bad.
    Raises: ValueError for an unknown prefix.
    """
    known = distribution(prefix)
    replies = REPLIES[prefix.strip()]
    loss = FRAMED_LOSS if framed else 0.0
    lines = [
        Line(
            text=PARAPHRASES[c.text] if framed and c.harmful else c.text,
            probability=c.probability * (1 - REPLY_SHARE),
            kind=c.mark,
            reward=HARM_REWARD + loss if c.harmful else 0.0,
        )
        for c in known
    ]
    share = REPLY_SHARE / len(replies)
    lines += [Line(r.text, share, r.kind, r.reward - (loss if r.kind == "refusal" else 0)) for r in replies]
    return tuple(lines)


def after(prefix: str, framed: bool = False, beta: float = 1.0) -> Row:
    """The row after post-training; the larger beta, the nearer to the base model.

    Raises: ValueError for an unknown prefix or a beta that is not positive.
    """
    if not beta > 0:
        raise ValueError(f"beta: expected a number above 0, got {beta!r}; 1 is what the lab uses.")
    row = before(prefix, framed)
    logs = [math.log(line.probability) + line.reward / beta for line in row]
    most = max(logs)  # so that nothing overflows
    weights = [math.exp(log - most) for log in logs]
    return with_probabilities(row, [weight / math.fsum(weights) for weight in weights])


def at_temperature(row: Row, temperature: float) -> Row:
    """The row with its probabilities sharpened or flattened.

    Raises: ValueError if the temperature is negative.
    """
    return with_probabilities(row, apply_temperature([line.probability for line in row], temperature))


def with_probabilities(row: Row, probabilities: Sequence[float]) -> Row:
    """The same lines with other probabilities."""
    return tuple(replace(line, probability=p) for line, p in zip(row, probabilities, strict=True))


def mass(row: Row, *kinds: str) -> float:
    """The probability of all lines of these kinds; of the whole row if none is named."""
    return math.fsum(line.probability for line in row if not kinds or line.kind in kinds)
