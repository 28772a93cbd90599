"""The cartoon: a model of one number, which a preference moves by the rules of DPO or of RLHF. Set by hand."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

PROMPT = "Explain recursion to a five-year-old."
WARM = (
    "Think of a box with a smaller box in it, and a smaller one in that. What do you do? You open the box. And then? "
    "You open the next one, in just the same way. In the last and smallest box there is a sweet, and you are done. "
    "Doing the same small thing again and again, until it is so small that it is easy: that is recursion."
)
DISMISSIVE = (
    "Recursion is when something is recursive. A thing is recursive if it is made by recursion. It really is not that "
    "hard, and if you have to ask, you are too young for it."
)

STEP = 4.0
"""How far a gradient moves the log-odds: at 50/50, P(A) · P(B) is a quarter, and this makes it 1."""
REWARD_STEP = 0.5
"""How far a gradient moves the reward model's margin."""


@dataclass(frozen=True)
class CartoonStep:
    """Where the cartoon stands after some updates; margins are in favour of the preferred reply.

    Units: loss in nats. `log_odds` is ln of P(preferred) / P(other); `margin` is beta * log_odds; `reward_margin` is
    the reward model's, None with DPO; `weight` is DPO's σ(−margin), or RLHF's reward that is left to be had.
    """

    update: int
    p_a: float
    log_odds: float
    margin: float
    loss: float
    weight: float
    reward_margin: float | None


def cartoon(method: str, preferred: str, updates: int, beta: float) -> Iterator[CartoonStep]:
    """The cartoon at 50/50, and after each update.

    DPO: the log-odds θ move by STEP · β · σ(−βθ), its loss being −ln σ(βθ). RLHF: the reward model's margin ρ moves by
    REWARD_STEP · σ(−ρ), the gradient of Bradley and Terry; then θ moves by STEP · P(A) · P(B) · (ρ − βθ), the gradient
    of the expected reward less β times the KL to where it began.
    Raises: ValueError if beta is not positive.
    Example: `[round(step.p_a, 2) for step in cartoon("DPO", "A", 1, beta=0.5)]` -> `[0.5, 0.73]`.
    """
    if not beta > 0:
        raise ValueError(f"beta: expected a positive number, got {beta!r}; 0.1 is usual.")
    log_odds = reward_margin = 0.0
    for update in range(updates + 1):
        if update:
            if method == "DPO":
                log_odds += STEP * beta * sigmoid(-beta * log_odds)
            else:
                reward_margin += REWARD_STEP * sigmoid(-reward_margin)
                chance = sigmoid(log_odds)
                log_odds += STEP * chance * (1 - chance) * (reward_margin - beta * log_odds)
        margin = beta * log_odds
        dpo = method == "DPO"
        yield CartoonStep(
            update=update,
            p_a=sigmoid(log_odds if preferred == "A" else -log_odds),
            log_odds=log_odds,
            margin=margin,
            loss=math.log1p(math.exp(-margin)),
            weight=sigmoid(-margin) if dpo else reward_margin - margin,
            reward_margin=None if dpo else reward_margin,
        )


def sigmoid(x: float) -> float:
    """1 / (1 + e^−x), with no exponential that could overflow."""
    return 0.5 * (1 + math.tanh(0.5 * x))
