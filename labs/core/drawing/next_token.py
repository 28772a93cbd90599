"""The distribution of the next token, as a chart."""

import numpy as np

from labs.core.contract.charts import Chart
from labs.core.contract.tables import Table
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.drawing.tokens import shown
from labs.core.model.arrays import Floats
from labs.core.model.tokenizer import Tokenizer

REST = "all others together"


def next_token_chart(
    probabilities: Floats, tokenizer: Tokenizer, *, title: str, top: int = 8, chosen: int | None = None
) -> Chart:
    """Bars of the most likely next tokens, one for all others, and a mark on the one that was chosen.

    Shapes: probabilities (V,).
    Raises: ValueError if they are not one for each token of the vocabulary.
    """
    if probabilities.shape != (tokenizer.vocab_size,):
        raise ValueError(
            f"probabilities: expected {tokenizer.vocab_size}, one for each token, got {probabilities.shape}; "
            "take them from this tokenizer's model."
        )
    best = [int(token) for token in np.argsort(-probabilities, kind="stable")[:top]]
    listed = best if chosen is None or chosen in best else [*best[:-1], chosen]
    names = [token.visible for token in shown(listed, tokenizer)]
    shares = [float(probabilities[token]) for token in listed]
    rest = max(0.0, 1 - sum(shares))
    bars = [
        Bar(f"{name} ← chosen" if token == chosen else name, share)
        for name, token, share in zip(names, listed, shares, strict=True)
    ]
    drawn = bar_chart(
        [*bars, Bar(REST, rest)],
        title=title,
        alt=_words(names, shares, rest, None if chosen is None else names[listed.index(chosen)]),
        x="probability of the next token",
        domain=(0, 1),
    )
    rows: list[list[object]] = [
        [name, token, round(share, 4)] for name, token, share in zip(names, listed, shares, strict=True)
    ]
    return Chart(
        drawn.spec, drawn.title, drawn.alt, Table(["Token", "Id", "Probability"], [*rows, [REST, None, round(rest, 4)]])
    )


def _words(names: list[str], shares: list[float], rest: float, chosen: str | None) -> str:
    likely = ", ".join(f"“{name}” {percent(share)}" for name, share in list(zip(names, shares, strict=True))[:3])
    taken = "" if chosen is None else f" Chosen: “{chosen}”."
    return f"The most likely next tokens: {likely}; all that are not shown together {percent(rest)}.{taken}"
