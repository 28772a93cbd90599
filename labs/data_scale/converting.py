"""From dialogues and pairs to tokens: of our own data by counting, of a report's by an assumption."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labs.core import recipe
from labs.core.encoding import pair_all, render_all
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.checkpoint import load_checkpoint
from labs.core.world.preferences import preferences
from labs.data_scale.amounts import Amount

SAMPLE = 400
"""So many dialogues and pairs are drawn from the data and counted."""
REPLIES_COMPARED = 2


@dataclass(frozen=True)
class Length:
    """The mean number of tokens of one unit, with half its 95 % interval (1.96 standard errors), in a sample of n."""

    mean: float
    plus_minus: float
    n: int

    def __str__(self) -> str:
        """As it is printed: 81 ± 3."""
        return f"{self.mean:.0f} ± {self.plus_minus:.0f}"


@dataclass(frozen=True)
class Lengths:
    """What a dialogue and a comparison of our own data come to.

    `dialogue` is all that the model reads, `scored` what of it the loss counts. `comparison` counts the prompt twice,
    for the model reads it with either reply.
    """

    dialogue: Length
    scored: Length
    comparison: Length


def count_lengths(sample: int = SAMPLE) -> Lengths:
    """Draw dialogues and pairs as training does, and count their tokens.

    Raises: ValueError for a sample of fewer than 10, whose mean would say little.
    """
    if sample < 10:
        raise ValueError(f"sample: expected 10 or more, got {sample!r}; {SAMPLE} are counted in under a second.")
    template = ChatTemplate(load_checkpoint("base").tokenizer)
    longest = recipe.CONFIG.context_length
    rendered = [one for one in render_all(recipe.sft_dialogues(sample), template) if len(one.ids) <= longest]
    # As labs/core/recipe.py draws them; a test holds these lengths against training's own count.
    drawn = pair_all(preferences(recipe.VILLAGE, sample, recipe.DATA_SEED), template)
    compared = [
        REPLIES_COMPARED * len(pair.prompt) + len(pair.chosen) + len(pair.rejected)
        for pair in drawn
        if recipe.fits(pair)
    ]
    return Lengths(
        _length([len(one.ids) for one in rendered]),
        _length([sum(one.loss_mask) for one in rendered]),
        _length(compared),
    )


def in_tokens(amounts: Sequence[Amount], lengths: Lengths, tokens_per_example: float) -> list[Amount]:
    """The same amounts in tokens: ours by what was counted, reports' by an assumed length, some not at all.

    A report's comparison is taken for two examples, one a reply. Prompts of reinforcement learning are left out: what
    was read there are replies that the model wrote, and reports do not count them.
    Raises: ValueError if the assumed length is not positive.
    """
    if not tokens_per_example > 0:
        raise ValueError(
            f"tokens_per_example: expected a number above 0, got {tokens_per_example!r}; a page of text has about 700."
        )
    converted = []
    for amount in amounts:
        if amount.unit == "tokens":
            converted.append(amount)
            continue
        if amount.stage == "RL":
            continue
        if amount.ours:  # a sample's mean knows no more than two digits
            each = lengths.comparison if amount.stage == "preferences" else lengths.dialogue
            number = float(f"{amount.number * each.mean:.2g}")
            converted.append(replace(amount, number=number, unit="tokens"))
        else:
            sequences = REPLIES_COMPARED if amount.stage == "preferences" else 1
            number = amount.number * sequences * tokens_per_example
            converted.append(replace(amount, number=number, unit="tokens", how="at your assumption"))
    return converted


def _length(counts: Sequence[int]) -> Length:
    values = np.array(counts, float)
    return Length(float(values.mean()), float(1.96 * values.std(ddof=1) / np.sqrt(values.size)), values.size)
