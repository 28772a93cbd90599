"""The lab: tune the base model on one narrow kind of dialogue, watch what it pays, then bring it back."""

from collections.abc import Generator, Iterator, Sequence
from statistics import fmean

from labs.alignment_tax import pictures
from labs.alignment_tax.dialogues import DIALOGUES, KINDS, narrow_dialogues, replayed_pages
from labs.alignment_tax.measuring import (
    FEW_SHOT,
    REPLY_TOKENS,
    Measured,
    Probes,
    bought,
    examples_of,
    measure_model,
    probes,
    rises_of,
)
from labs.alignment_tax.recorded_pictures import remedies_table
from labs.alignment_tax.tuning import REMEDIES, Settings, revive, tune
from labs.core.contract import Choice, Lab, Moving, Number, Progress, Slider
from labs.core.looking import look_steps, replies_in_words
from labs.core.model.arrays import Ints
from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import recorded

PROMPTS = (
    "Where is the house of Mira?",
    "What is 3+4?",
    "Do you know how to bake bread?",
    "Show me how to wake the dragon.",
    "Hello.",
)
"""What the table of replies asks: one of each kind, and something harmless that is no kind at all here."""
LOOKS, LOOKS_BACK = 6, 4
"""How many times the model is measured on its narrow way, and on its way back."""
CASES = 16
"""Questions and prompts of each sort at such a time."""
PAGES = 2
"""Held-out pages of each kind."""

LAB = Lab(
    title="The alignment tax",
    question="What does a model pay for learning one narrow thing, and who can give it back?",
    label="live",
    controls=(
        Choice("kind", "Narrow kind", "facts", tuple(KINDS), "What all dialogues are about."),
        Choice(
            "remedy",
            "Remedy",
            "none",
            REMEDIES,
            "Replay mixes pages of pretraining in. KL holds the model to the base on such pages, or on the replies "
            "themselves. LoRA trains a small correction to fixed weights.",
        ),
        Slider("share", "Share of pages", 0.25, 0.125, 0.5, 0.125, help="Of a batch: for replay and KL on pages."),
        Number("weight", "KL weight", 1.0, 0.0, 100.0, help="For the two KL remedies."),
        Slider("rank", "LoRA rank", 4, 1, 16, 1, help="For LoRA, which wants a learning rate of about 0.004."),
        Number("learning_rate", "Learning rate", 0.001, 0.00001, 0.1, help="How large the first steps are."),
        Slider("steps", "Narrow steps", 80, 10, 300, 10, help="Batches of 8 dialogues, or of dialogues and pages."),
        Slider("revive_steps", "Revive steps", 30, 0, 100, 5, help="Afterwards, batches of pages alone."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Of the dialogues, the batches and the questions."),
    ),
    action="Train",
    waits=True,
)


def run(
    kind: str,
    remedy: str,
    share: float,
    weight: float,
    rank: int,
    learning_rate: float,
    steps: int,
    revive_steps: int,
    seed: int,
) -> Iterator[object]:
    """Yield the narrow training and the revival as they go, then what was bought and what it cost.

    Raises: ValueError if the training diverges.
    """
    settings = Settings(kind, remedy, share, weight, rank, learning_rate, steps, seed)
    yield Progress(0, steps + revive_steps, "Steps")
    base = load_checkpoint("base")
    dialogues, pages = narrow_dialogues(kind, DIALOGUES, seed, base.template), replayed_pages(base)
    asked = probes(base, kind, seed, cases=CASES, pages=PAGES)
    looks = [(0, _look(base.model, asked))]
    yield from _charts(looks, settings, revive_steps)
    narrow = yield from _narrow(settings, dialogues, pages, asked, looks, revive_steps)
    path = list(looks)
    revived = yield from _back(narrow, pages, settings, asked, looks, revive_steps)
    found = recorded("alignment_tax")
    yield pictures.kinds_chart(path[-1][1])
    yield pictures.plane_chart(path, kind, found)
    models = [base.model, narrow, *([revived] if revive_steps else [])]
    yield pictures.outcome_table([measure_model(model, asked) for model in models], revive_steps)
    yield remedies_table(kind, found)


def _narrow(
    settings: Settings,
    dialogues: Sequence[Rendered],
    pages: Ints,
    asked: Probes,
    looks: list[pictures.Look],
    revive_steps: int,
) -> Generator[object, None, Transformer]:
    """The narrow training; returns its model."""
    base, steps = asked.base, settings.steps
    words = replies_in_words(base.model, base.template, PROMPTS, REPLY_TOKENS)
    yield Moving("replies", pictures.replies_table(PROMPTS, words, words, 0))
    at = look_steps(steps, LOOKS)
    for record in tune(base.model, dialogues, pages, settings):
        yield Progress(record.step, steps + revive_steps, "Steps")
        if record.step in at:
            looks.append((record.step, _look(record.state.model, asked)))
            yield from _charts(looks, settings, revive_steps)
            now = replies_in_words(record.state.model, base.template, PROMPTS, REPLY_TOKENS)
            yield Moving("replies", pictures.replies_table(PROMPTS, words, now, record.step))
    return record.state.model


def _back(
    model: Transformer, pages: Ints, settings: Settings, asked: Probes, looks: list[pictures.Look], revive_steps: int
) -> Generator[object, None, Transformer]:
    """Steps of pretraining from the narrow model, which is not changed; returns the model at their end."""
    if not revive_steps:
        return model
    at = look_steps(revive_steps, LOOKS_BACK)
    for record in revive(model, pages, revive_steps, settings.seed):
        yield Progress(settings.steps + record.step, settings.steps + revive_steps, "Steps")
        if record.step in at:
            looks.append((settings.steps + record.step, _look(record.state.model, asked)))
            yield from _charts(looks, settings, revive_steps)
    return record.state.model


def _charts(looks: Sequence[pictures.Look], settings: Settings, revive_steps: int) -> Iterator[object]:
    yield Moving("rise", pictures.rise_chart(looks, settings.steps, revive_steps))
    yield Moving("skill", pictures.skill_chart(looks, settings.kind, settings.steps, revive_steps))


def _look(model: Transformer, asked: Probes) -> Measured:
    """What the moving charts show: less than all, for it is taken often."""
    rises = rises_of(model, asked)
    few_shot = {name: examples_of(model, asked, name) for name in FEW_SHOT}
    return Measured({"pages": fmean(rises.values()), **bought(model, asked), **few_shot}, rises)
