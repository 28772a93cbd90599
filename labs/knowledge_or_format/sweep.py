"""Three recorded experiments: how many people SFT asks about, unknown facts and hedging, phrasings on pages."""

from dataclasses import replace

from labs.core.model.checkpoint import load_checkpoint
from labs.core.sweeping import Arm, Sweep
from labs.core.world.lexicon import PEOPLE
from labs.knowledge_or_format.dialogues import Settings, all_facts, draw_dialogues
from labs.knowledge_or_format.measuring import draw_test, exact_of, on_a_page, questions_on, try_test, values_of
from labs.knowledge_or_format.paraphrases import (
    SFT_RATE,
    VILLAGERS,
    draw_new_people,
    new_dialogues,
    read_pages,
    recall_on_pages,
)
from labs.knowledge_or_format.people import village_facts
from labs.knowledge_or_format.tuning import tune

ASKED, STEPS, LOOKS, CASES = 30, 240, 8, 60
PEOPLE_ASKED, FEW_STEPS = (3, 10, 30), 100
UNKNOWN, HEDGES = (0.0, 0.25, 0.5), (0.0, 0.2)
SFT_STEPS, DIALOGUES = 100, 1500
SHORT, LONG = 400, 1200
"""Steps of reading pages."""
PAGES = ("the same page", "1 phrasing", "2 phrasings", "5 phrasings")
"""How the pages about new people are written; all but the first shuffle their sentences."""

PEOPLE_ARMS: tuple[Arm, ...] = tuple({"experiment": "people", "asked": asked} for asked in PEOPLE_ASKED)
UNKNOWN_ARMS: tuple[Arm, ...] = tuple(
    {"experiment": "unknown", "unknown": unknown, "hedges": hedges} for hedges in HEDGES for unknown in UNKNOWN
)
READ = (*((pages, SHORT) for pages in PAGES), ("1 phrasing", LONG), ("5 phrasings", LONG))
PAGE_ARMS: tuple[Arm, ...] = tuple(
    {"experiment": "phrasings", "pages": pages, "page_steps": steps} for pages, steps in READ
)


def measure(arm: Arm, seed: int) -> dict[str, float | list[float]]:
    """One training of one of the experiments, and what came of it."""
    if arm["experiment"] == "people":
        return measure_sft(Settings(int(arm["asked"]), 0.0, 0.0, FEW_STEPS, seed), looks=1)
    if arm["experiment"] == "unknown":
        return measure_sft(Settings(ASKED, float(arm["unknown"]), float(arm["hedges"]), STEPS, seed), LOOKS)
    return measure_pages(str(arm["pages"]), int(arm["page_steps"]), SFT_STEPS, seed)


def measure_sft(settings: Settings, looks: int) -> dict[str, float | list[float]]:
    """Tune the base model on such dialogues, and try it at equal distances on the way."""
    base = load_checkpoint("base")
    test = draw_test(all_facts(settings), CASES, settings.seed)
    path = []
    for record in tune(base.model, draw_dialogues(settings, base.template), settings.steps, settings.seed):
        if record.step % (settings.steps // looks) == 0:
            path.append(values_of(try_test(base, record.state.model, test)))
    return {**path[-1], **{f"{name}_path": [one[name] for one in path] for name in path[-1]}}


def measure_pages(pages: str, page_steps: int, sft_steps: int, seed: int) -> dict[str, float | list[float]]:
    """Let the base model read pages about new people, ask about half of them in SFT, and test the other half."""
    base = load_checkpoint("base")
    same = pages == "the same page"
    new = draw_new_people(1 if same else int(pages.split()[0]), seed, shuffled=not same)
    reader = read_pages(base, new, page_steps, seed)
    *_, last = tune(reader, new_dialogues(base, new, DIALOGUES, seed), sft_steps, seed, SFT_RATE)
    tuned = last.state.model
    return {
        "recall": recall_on_pages(base, reader, new),
        "reworded": recall_on_pages(base, reader, new, unread=True),
        "on_page": on_a_page(replace(base, model=reader), questions_on(new.tested, seed)),
        "new_asked": exact_of(base, tuned, new.asked, seed),
        "new_unasked": exact_of(base, tuned, new.tested, seed),
        "village_unasked": exact_of(base, tuned, village_facts(PEOPLE[VILLAGERS:]), seed),
    }


SWEEP = Sweep(
    arms=(*PEOPLE_ARMS, *UNKNOWN_ARMS, *PAGE_ARMS),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "asked": ASKED,
        "steps": STEPS,
        "steps_for_people": FEW_STEPS,
        "cases": CASES,
        "sft_steps_after_pages": SFT_STEPS,
        "dialogues_after_pages": DIALOGUES,
    },
)
