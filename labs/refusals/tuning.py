"""The training itself, and what it makes of a model in numbers: the same for readers and for the record."""

from collections.abc import Iterator

from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule
from labs.core.training.sft import SftStep, sft
from labs.refusals.asking import FORMS, SETS, Asked, ask, ask_begun, refusal_probabilities, separation
from labs.refusals.mixing import Mix, draw_dialogues

BATCH_SIZE = 8
LEARNING_RATE = 1e-3
WARMUP = 10


def tune(base: Checkpoint, mix: Mix, steps: int, model: Transformer | None = None) -> Iterator[SftStep]:
    """The steps of supervised fine-tuning, one record each; from `base`, or from a model of its shape."""
    return sft(
        model or base.model,
        draw_dialogues(mix, base.template),
        schedule=Schedule(steps, LEARNING_RATE, warmup=min(WARMUP, steps // 2)),
        batch_size=BATCH_SIZE,
        seed=mix.seed,
    )


def measure_model(base: Checkpoint, model: Transformer, system: str = "") -> dict[str, float]:
    """What a model refuses, by set, as shares; and how well its refusals tell the forbidden from look-alikes."""
    asked, begun = ask(model, base.template, system), ask_begun(model, base.template)
    likely = {
        name: refusal_probabilities(model, base.template, SETS[name]) for name in ("forbidden", "new look-alikes")
    }
    return {
        **{name: asked.share(name).value for name in SETS},
        "forms": asked.forms.value,
        "forms told": _told(asked, *FORMS),
        "begun": begun.share("begun").value,
        "begun told": _told(begun, "begun"),
        "separation": separation(likely["forbidden"], likely["new look-alikes"]),
    }


def _told(asked: Asked, *names: str) -> float:
    told = [one for name in names for one in asked.told[name]]
    return sum(told) / len(told)
