"""The recorded experiment: base models of five sizes with the best prompt that we found, and tuned ones; three seeds.

Training takes nearly all of the time. Trained models are kept in the course's cache, so that measuring again, after a
change of the measures, does not train again.
"""

from statistics import fmean

from labs.core.model.assistant import Assistant
from labs.core.model.chat_template import ChatTemplate
from labs.core.sweeping import Arm, Sweep
from labs.measured_gap import training
from labs.measured_gap.asking import WAYS
from labs.measured_gap.measuring import ABILITIES, base_score, best_way, tuned_score

CASES = 60
"""Test cases of each ability, where there are so many different ones."""
VALIDATION = 40
"""Cases that the base model's prompt is chosen on."""


def measure(arm: Arm, seed: int) -> dict[str, float | list[float]]:
    """A base model's and its tuned version's score in each ability.

    `ways_…` are the base model's scores on the test cases for each of WAYS, `chosen_…` the place of the way that did
    best on the validation cases, and `base_…` the score of that way.
    """
    template = ChatTemplate(training.tokenizer())
    base, tuned = (Assistant(training.model_of(int(arm["n_params"]), seed, tuned=t), template) for t in (False, True))
    values: dict[str, float | list[float]] = {}
    for name, ability in ABILITIES.items():
        values[f"tuned_{name}"] = tuned_score(tuned, name, CASES, seed).measure.value
        way = best_way(base, name, VALIDATION, seed)
        if ability.pages is None:
            ways = [base_score(base, name, one, CASES, seed).measure.value for one in WAYS]
            values[f"ways_{name}"], values[f"chosen_{name}"] = ways, WAYS.index(way)
            values[f"base_{name}"] = ways[WAYS.index(way)]
        else:
            values[f"base_{name}"] = base_score(base, name, way, CASES, seed).measure.value
    for who in ("base", "tuned"):
        values[f"{who}_average"] = fmean(float(str(values[f"{who}_{name}"])) for name in ABILITIES)
    return values


SWEEP = Sweep(
    arms=tuple({"n_params": n_params} for n_params in training.CONFIGS),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "cases": CASES,
        "validation_cases": VALIDATION,
        "ways": ", ".join(WAYS),
        "pages": training.PAGES,
        "pretraining_steps": training.PRETRAINING.steps,
        "pretraining_tokens": training.PRETRAINING.steps * training.BATCH_SIZE * training.LENGTH,
        "dialogues": training.DIALOGUES,
        "tuning_steps": training.TUNING.steps,
        "batch_size": training.BATCH_SIZE,
    },
)
