"""The lab: tune the base model on questions about some people, and ask about the others."""

import random
from collections.abc import Generator, Iterator

from labs.core.contract import Lab, Moving, Number, Progress, Slider
from labs.core.looking import replies_in_words
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.sweeping import recorded
from labs.knowledge_or_format import pictures
from labs.knowledge_or_format.dialogues import MOST_UNKNOWN, Facts, Settings, all_facts, draw_dialogues, question
from labs.knowledge_or_format.measuring import (
    GROUPS,
    REPLY_TOKENS,
    Said,
    Test,
    draw_test,
    on_a_page,
    try_test,
    values_of,
)
from labs.knowledge_or_format.tuning import tune

__all__ = ["LAB", "run"]

LOOKS = 10
"""How many times the model is tried on its way."""
CASES = 40
"""Questions about each group at such a time."""
SHORT = {"asked": "in SFT", "unasked": "never asked", "unknown": "invented, in SFT", "fresh": "never seen"}
"""The groups, for a narrow column."""

LAB = Lab(
    title="Knowledge or format",
    question="Does fine-tuning teach a model facts, or how to tell what it knows?",
    label="live",
    controls=(
        Slider("asked", "Villagers in SFT", 30, 1, 55, 1, help="Of 60. The others stand in no dialogue."),
        Slider(
            "unknown",
            "Unknown facts",
            0.25,
            0.0,
            MOST_UNKNOWN,
            0.05,
            help="The share of the facts in SFT which are about invented people, of whom no page tells.",
        ),
        Slider(
            "hedges",
            "“I do not know.”",
            0.2,
            0.0,
            0.5,
            0.05,
            help="The share of dialogues that reply so, to questions about other invented people.",
        ),
        Slider("steps", "Steps", 160, 10, 400, 10, help="Batches of 8 dialogues."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Of the people, the dialogues, the batches and the questions."),
    ),
    action="Train",
    waits=True,
)


def run(asked: int, unknown: float, hedges: float, steps: int, seed: int) -> Iterator[object]:
    """Yield the training as it goes, what the model says of each group of people, and the recorded runs beside it."""
    settings = Settings(asked, unknown, hedges, steps, seed)
    yield Progress(0, steps, "Steps")
    base = load_checkpoint("base")
    facts = all_facts(settings)
    test = draw_test(facts, CASES, seed)
    before = try_test(base, base.model, test)
    knew = {group: on_a_page(base, test[group]) for group in GROUPS if group != "fresh" and test[group]}
    after = yield from _training(base, settings, facts, test, before)
    yield pictures.knew_table(knew, before, after)
    yield pictures.outcome_table(values_of(after), settings, recorded("knowledge_or_format"))


def _training(
    base: Checkpoint, settings: Settings, facts: Facts, test: Test, before: dict[str, Said]
) -> Generator[object, None, dict[str, Said]]:
    """The training, with what changes; returns what the model says at its end."""
    steps = settings.steps
    looks = {round(steps * look / LOOKS) for look in range(1, LOOKS + 1)}
    rows = _shown_questions(facts, settings.seed)
    words = replies_in_words(base.model, base.template, [text for _, text, _ in rows], REPLY_TOKENS)
    tried = [(0, before)]
    yield Moving("exact", pictures.exact_chart(tried, settings))
    yield Moving("strangers", pictures.stranger_chart(tried, settings))
    yield Moving("replies", pictures.replies_table(rows, words, words, 0))
    for record in tune(base.model, draw_dialogues(settings, base.template), steps, settings.seed):
        yield Progress(record.step, steps, "Steps")
        if record.step in looks:
            model = record.state.model
            tried.append((record.step, try_test(base, model, test)))
            yield Moving("exact", pictures.exact_chart(tried, settings))
            yield Moving("strangers", pictures.stranger_chart(tried, settings))
            now = replies_in_words(model, base.template, [text for _, text, _ in rows], REPLY_TOKENS)
            yield Moving("replies", pictures.replies_table(rows, words, now, record.step))
    return dict(tried[-1][1])


def _shown_questions(facts: Facts, seed: int) -> list[tuple[str, str, str]]:
    """A few questions to be read, by group: who, what is asked, and what is so."""
    rng = random.Random(f"shown/{seed}")
    rows = []
    for group, words in SHORT.items():
        of_group = getattr(facts, group)
        for fact in rng.sample(of_group, min(2, len(of_group))):
            rows.append((words, question(fact, rng, "held out"), "unsaid" if group == "fresh" else fact.value))
    return rows
