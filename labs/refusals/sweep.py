"""The recorded experiments: data choices, refusals in pretraining, and the shipped models beside them."""

from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import Arm, Setting, Sweep
from labs.core.world.lexicon import SYSTEM_PROMPTS
from labs.refusals import pretraining
from labs.refusals.mixing import DIALOGUES, Mix
from labs.refusals.tuning import LEARNING_RATE, measure_model, tune

STEPS = 150
REFUSED = (0.01, 0.05, 0.15)
LOOK_ALIKES = (0, 12, 60)
PAGES = (0.0, 0.01, 0.05)
SHIPPED = ("sft", "chat")
TUNED_AFTER = {"few refusals": (0.02, 0), "more refusals": (0.05, 12)}
"""How every model is tuned that has read on, twice: the share of refusals and the number of look-alikes."""


def data_arm(refused: float, look_alikes: int, framed: float = 0.0, how: bool = True) -> dict[str, Setting]:
    """The base model, tuned on such data."""
    return {"part": "data", "refused": refused, "look_alikes": look_alikes, "framed": framed, "how": how}


def pages_arm(pages: float) -> dict[str, Setting]:
    """The base model, read on with this share of refusals among its pages, then tuned."""
    return {"part": "pretraining", "pages": pages}


def shipped_arm(model: str) -> dict[str, Setting]:
    """A model of the course as it is; seeds are system prompts, of which the first is none."""
    return {"part": "shipped", "model": model}


def measure(arm: Arm, seed: int) -> dict[str, float]:
    """What the models of an arm refuse."""
    base = load_checkpoint("base")
    if arm["part"] == "shipped":
        return measure_model(base, load_checkpoint(str(arm["model"])).model, ("", *SYSTEM_PROMPTS)[seed])
    if arm["part"] == "data":
        mix = Mix(float(arm["refused"]), int(arm["look_alikes"]), float(arm["framed"]), how=bool(arm["how"]), seed=seed)
        return _tuned(base, base.model, mix)
    model = pretraining.read_on(base, float(arm["pages"]), seed)
    measured = pretraining.refused_on_pages(base, model, seed)
    for name, (refused, look_alikes) in TUNED_AFTER.items():
        tuned = _tuned(base, model, Mix(refused, look_alikes, 0.0, how=True, seed=seed))
        measured |= {f"{name}: {what}": share for what, share in tuned.items()}
    return measured


def _tuned(base: Checkpoint, model: Transformer, mix: Mix) -> dict[str, float]:
    *_, last = tune(base, mix, STEPS, model)
    return measure_model(base, last.state.model)


SWEEP = Sweep(
    arms=(
        *(data_arm(refused, look_alikes) for look_alikes in LOOK_ALIKES for refused in REFUSED),
        data_arm(0.05, 12, framed=0.5),
        data_arm(0.05, 0, how=False),
        *(shipped_arm(model) for model in SHIPPED),
        *(pages_arm(pages) for pages in PAGES),
    ),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "dialogues": DIALOGUES,
        "steps": STEPS,
        "learning_rate": LEARNING_RATE,
        "pretraining_pages": pretraining.PAGES,
        "pretraining_steps": pretraining.STEPS,
        "pretraining_learning_rate": pretraining.LEARNING_RATE,
        **{name: f"{refused:g} refused, {number} look-alikes" for name, (refused, number) in TUNED_AFTER.items()},
    },
)
