"""The recorded experiment: what each remedy buys and costs, and how fast pages bring back what was lost."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from labs.alignment_tax.dialogues import DIALOGUES, PAGES, narrow_dialogues, replayed_pages
from labs.alignment_tax.measuring import Probes, bought, examples_of, measure_model, probes, rises_of
from labs.alignment_tax.tuning import REVIVE_RATE, Settings, revive, tune
from labs.core.model.arrays import Ints
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.recipe import CONFIG
from labs.core.sweeping import Arm, Setting, Sweep

STEPS, LEARNING_RATE = 80, 1e-3
CASES, PAGES_OF_A_KIND = 30, 3
REVIVE_LOOKS = (0, 2, 5, 10, 20, 40)
"""After so many steps of pages a revived model is measured."""
SCRATCH_RATE = 3e-3
"""The learning rate with which the base model itself was begun."""
KL_SHARE = 0.25
"""Of a batch: pages, where the distance is measured on pages."""
UNTOUCHED, SCRATCH = "no narrow training", "no pretraining"


def arm(kind: str, remedy: str, setting: float, learning_rate: float = LEARNING_RATE) -> dict[str, Setting]:
    """One arm; `setting` is the share, weight or rank of the remedy, and of no remedy the learning rate."""
    return {"kind": kind, "remedy": remedy, "setting": setting, "learning_rate": learning_rate}


LOW, LORA_RATE = 1e-4, 4e-3
FACTS = (
    *(arm("facts", "none", rate, rate) for rate in (LEARNING_RATE, 3e-4, LOW)),
    *(arm("facts", "replay", share) for share in (0.125, 0.25, 0.5)),
    *(arm("facts", "KL on pages", weight) for weight in (0.1, 1.0)),
    *(arm("facts", "KL on replies", weight) for weight in (0.1, 1.0)),
    *(arm("facts", "LoRA", rank, LORA_RATE) for rank in (1, 4, 16)),
    arm("facts", "LoRA", 4),
)
REFUSALS = (
    arm("refusals", "none", LEARNING_RATE, LEARNING_RATE),
    arm("refusals", "none", LOW, LOW),
    arm("refusals", "replay", 0.25),
    arm("refusals", "KL on pages", 1.0),
    arm("refusals", "KL on replies", 1.0),
    arm("refusals", "LoRA", 4, LORA_RATE),
)
REVIVED = (FACTS[0], FACTS[4], FACTS[11], REFUSALS[0])
"""The arms that are brought back afterwards."""
CONTROLS = (arm("facts", UNTOUCHED, REVIVE_RATE, REVIVE_RATE), arm("facts", SCRATCH, SCRATCH_RATE, SCRATCH_RATE))
"""Pages alone: for the base model as it is, and for a model that has learned nothing."""


def measure(arm: Arm, seed: int) -> Mapping[str, float | Sequence[float]]:
    """Tune the base model under one remedy and measure it; some are then brought back by pages."""
    base = load_checkpoint("base")
    kind, remedy, setting, rate = (
        str(arm["kind"]),
        str(arm["remedy"]),
        float(arm["setting"]),
        float(arm["learning_rate"]),
    )
    asked = probes(base, kind, seed, cases=CASES, pages=PAGES_OF_A_KIND)
    pages = replayed_pages(base)
    if remedy == SCRATCH:
        return {"revive_pages": _brought_back(Transformer.initialize(CONFIG, seed), asked, pages, seed, rate)["pages"]}
    if remedy == UNTOUCHED:
        return _named(_brought_back(base.model, asked, pages, seed, rate))
    share = setting if remedy == "replay" else KL_SHARE
    settings = Settings(kind, remedy, share, setting, round(setting), rate, STEPS, seed)
    *_, last = tune(base.model, narrow_dialogues(kind, DIALOGUES, seed, base.template), pages, settings)
    model = last.state.model
    measured = measure_model(model, asked)
    values: dict[str, float | Sequence[float]] = {**measured.values, "kinds": list(measured.rises.values())}
    return values | (_named(_brought_back(model, asked, pages, seed, REVIVE_RATE)) if arm in REVIVED else {})


def _brought_back(
    model: Transformer, asked: Probes, pages: Ints, seed: int, learning_rate: float
) -> dict[str, list[float]]:
    """What a model is after so many steps of pages, at each look."""
    looks = [_look(model, asked)]
    for record in revive(model, pages, REVIVE_LOOKS[-1], seed, learning_rate):
        if record.step in REVIVE_LOOKS:
            looks.append(_look(record.state.model, asked))
    return {name: [look[name] for look in looks] for name in looks[0]}


def _look(model: Transformer, asked: Probes) -> dict[str, float]:
    pages, examples = fmean(rises_of(model, asked).values()), examples_of(model, asked, "examples")
    return {"pages": pages, "examples": examples, **bought(model, asked)}


def _named(rows: Mapping[str, list[float]]) -> dict[str, float | Sequence[float]]:
    return {f"revive_{name}": row for name, row in rows.items()}


SWEEP = Sweep(
    arms=(*FACTS, *REFUSALS, *CONTROLS),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "steps": STEPS,
        "dialogues": DIALOGUES,
        "pages": PAGES,
        "cases": CASES,
        "held-out pages of each kind": PAGES_OF_A_KIND,
        "share of pages in KL on pages": KL_SHARE,
        "steps of pages at each look": ", ".join(map(str, REVIVE_LOOKS)),
        "learning rate of the revival": REVIVE_RATE,
    },
)
