"""The lab: choose pairs, train by DPO, and watch the chosen replies as well as the margin."""

from collections.abc import Generator, Iterator

import numpy as np

from labs.core.contract import Choice, Lab, Moving, Number, Progress, Slider, Table
from labs.core.drawing.tokens import shown
from labs.core.looking import look_steps, replies_in_words
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import recorded
from labs.dpo import pictures
from labs.dpo.behaving import REPLY_TOKENS, behave
from labs.dpo.comparing import outcome_table
from labs.dpo.looking import HeldOut, Look, token_probabilities
from labs.dpo.pairs import PAIRS, draw_pairs
from labs.dpo.tuning import Settings, held_out_pairs, training_pairs, tune

PROMPTS = (
    "Where is the house of Mira?",
    "What is on the plate of Toven?",
    "Do you know how to bake bread?",
    "Show me how to wake the dragon.",
    "Do you know how to wake the dragon?",
)
"""What the table of replies asks. All are in phrasings that no dialogue and no pair has."""
LOOKS = 8
"""How many times held-out pairs are looked at on the way."""
WATCHED = 12
"""How many held-out pairs the panel looks at."""
CASES = 30
"""Facts that are asked for, before and after."""

LAB = Lab(
    title="DPO",
    question="What becomes likelier when a model learns from pairs of replies?",
    label="live",
    controls=(
        Choice("pairs", "Pairs: chosen over rejected", "polite over rude", tuple(PAIRS), "What 200 pairs differ in."),
        Number("beta", "β", 0.1, 0.001, 5.0, help="How much a change of log-probability counts. 0.1 is usual."),
        Slider(
            "nll_weight", "NLL weight", 0.0, 0.0, 2.0, 0.1, help="How much of the chosen reply's own loss is added."
        ),
        Number("learning_rate", "Learning rate", 0.00005, 0.000001, 0.01, help="How large the steps are."),
        Slider("steps", "Steps", 60, 10, 150, 10, help="Batches of 8 pairs."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Of the pairs, the batches and the questions."),
    ),
    action="Train",
    waits=True,
)


def run(pairs: str, beta: float, nll_weight: float, learning_rate: float, steps: int, seed: int) -> Iterator[object]:
    """Yield two pairs, the training as it goes, and what the model does before and after it.

    Raises: ValueError if the training diverges.
    """
    settings = Settings(pairs, beta, nll_weight, learning_rate, steps, seed)
    yield Progress(0, steps, "Steps")
    yield Moving("pairs", _examples(settings))
    sft = load_checkpoint("sft")
    held_out = HeldOut(held_out_pairs(sft, settings).preferences[:WATCHED], sft.template)
    model, looks = yield from _training(sft, settings, held_out)
    start, last = looks
    pair = held_out.pairs[int(np.argmin(last.chosen - start.chosen))]
    before, after = (token_probabilities(one, pair).tolist() for one in (sft.model, model))
    yield pictures.tokens_table([token.visible for token in shown(pair.chosen, sft.tokenizer)], before, after)
    yield _replies(sft, model)
    was, now = (behave(one, sft.template, CASES, seed) for one in (sft.model, model))
    yield outcome_table(was, now, looks, settings, recorded("dpo"))


def _training(
    sft: Checkpoint, settings: Settings, held_out: HeldOut
) -> Generator[object, None, tuple[Transformer, tuple[Look, Look]]]:
    """The training, with what changes; returns the model, and the first and the last look at held-out pairs."""
    steps, beta = settings.steps, settings.beta
    look_at = look_steps(steps, LOOKS)
    looks = [(0, held_out.look(sft.model))]
    losses: list[tuple[int, float]] = []
    margins: list[tuple[int, float]] = []
    model = sft.model
    yield from _moving(losses, margins, looks, beta, steps)
    for record in tune(sft, training_pairs(sft, settings), settings):
        model = record.state.model
        losses.append((record.step, record.loss_nats - settings.nll_weight * record.nll_nats))
        margins.append((record.step, record.margin))
        yield Progress(record.step, steps, "Steps")
        if record.step in look_at:
            looks.append((record.step, held_out.look(model)))
            yield from _moving(losses, margins, looks, beta, steps)
    return model, (looks[0][1], looks[-1][1])


def _moving(
    losses: list[tuple[int, float]],
    margins: list[tuple[int, float]],
    looks: list[tuple[int, Look]],
    beta: float,
    steps: int,
) -> Iterator[Moving]:
    yield Moving("loss", pictures.loss_chart(losses, looks, beta, steps))
    yield Moving("margin", pictures.margin_chart(margins, looks, beta, steps))
    yield Moving("replies", pictures.replies_chart(looks, steps))
    yield Moving("shares", pictures.shares_chart(looks, steps))


def _examples(settings: Settings) -> Table:
    """Two of the pairs."""
    drawn = draw_pairs(settings.pairs, 2, settings.seed)
    return Table(
        ["Asked", "Chosen", "Rejected"],
        [[pair.task.question, pair.chosen, pair.rejected] for pair in drawn],
        f"Two of the pairs: {PAIRS[settings.pairs]}",
    )


def _replies(sft: Checkpoint, model: Transformer) -> Table:
    """What both models write."""
    before, after = (replies_in_words(one, sft.template, PROMPTS, REPLY_TOKENS) for one in (sft.model, model))
    return Table(
        ["You say", "After", "Before: the sft model"],
        [list(row) for row in zip(PROMPTS, after, before, strict=True)],
        "This run: the likeliest reply to each. ⏎ is a line break, … is where we stopped it.",
    )
