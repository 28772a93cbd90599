"""The recorded experiment: how often raters prefer agreement, DPO's beta, and two cures, over three seeds."""

from dataclasses import replace

from labs.core.model.checkpoint import load_checkpoint
from labs.core.sweeping import Arm, Sweep
from labs.sycophancy.asking import questions
from labs.sycophancy.measuring import drawn_flip_rate, flips_by_group
from labs.sycophancy.measuring import measure as measure_model
from labs.sycophancy.rating import CURES
from labs.sycophancy.tuning import (
    BATCH_SIZE,
    CURE_STEPS,
    LEARNING_RATE,
    Settings,
    cured,
    head_starts,
    predicted_flips,
    prefer,
)

PAIRS, OTHER, STEPS, BETA, NLL = 400, 0.5, 60, 0.1, 0.5
CASES, GROUP_CASES, MARGINS = 100, 50, 200
EXAMPLES = 40
"""Counterexamples of a cure."""
MANY_EXAMPLES = (5, 10, 20, 40, 80)
"""The same where all raters prefer agreement."""
OTHERS = ((0.6, 0.03, NLL), (0.8, 0.3, NLL), (1.0, 0.3, NLL), (0.8, BETA, 0.0), (1.0, BETA, 0.0))
"""Other settings of DPO: p, beta, and the weight of the chosen replies' loss."""


def measure(arm: Arm, seed: int) -> dict[str, float | list[float]]:
    """Train on raters' pairs, measure; then cure with counterexamples, and measure again.

    What a cure leaves behind is a list: a number for each number of counterexamples.
    """
    p, beta, nll = (float(arm[name]) for name in ("p", "beta", "nll"))
    sft = load_checkpoint("sft")
    settings = Settings(p, PAIRS, OTHER, beta, nll, STEPS, "none", EXAMPLES, seed)
    *_, last = prefer(sft, settings)
    model, asked = last.state.model, questions(CASES, seed)
    values: dict[str, float | list[float]] = dict(measure_model(model, sft.template, asked))
    values["drawn"] = drawn_flip_rate(model, sft.template, asked, seed)
    values["predicted"] = predicted_flips(head_starts(sft, MARGINS, seed), p, beta)
    if (beta, nll) != (BETA, NLL):
        return values
    values["groups"] = flips_by_group(model, sft.template, GROUP_CASES, seed)
    if p == 1:
        values["groups_before"] = flips_by_group(sft.model, sft.template, GROUP_CASES, seed)
    for cure in CURES[1:] if p == 1 else ("synthetic",):
        cures = []
        for n in MANY_EXAMPLES if p == 1 else (EXAMPLES,):
            *_, last = cured(sft, model, replace(settings, cure=cure, counterexamples=n))
            cures.append(measure_model(last.state.model, sft.template, asked))
        values |= {f"{cure}: {name}": [one[name] for one in cures] for name in cures[0]}
    return values


SWEEP = Sweep(
    arms=(
        *({"p": p, "beta": BETA, "nll": NLL} for p in (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 1.0)),
        *({"p": p, "beta": beta, "nll": nll} for p, beta, nll in OTHERS),
    ),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "pairs": PAIRS,
        "other": OTHER,
        "steps": STEPS,
        "batch": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "cure_steps": CURE_STEPS,
        "counterexamples": EXAMPLES,
        "cases": CASES,
    },
)
