"""The recorded experiment: three loss masks, three seeds, everything else the same."""

from labs.core.model.checkpoint import load_checkpoint
from labs.core.sweeping import Arm, Sweep
from labs.sft_live.dialogues import TOPICS
from labs.sft_live.measuring import MASKS, measure_model
from labs.sft_live.tuning import Settings, held_out_dialogues, training_dialogues, tune

DIALOGUES, RUDE, LEARNING_RATE, STEPS = 500, 0.3, 1e-3, 150
CASES = 50
"""Questions of each topic."""


def measure(arm: Arm, seed: int) -> dict[str, float]:
    """Tune the base model with one mask, and measure what came of it."""
    (mask,) = (mask for mask in MASKS if mask == arm["mask"])
    settings = Settings(DIALOGUES, tuple(TOPICS), RUDE, mask, LEARNING_RATE, STEPS, seed)
    base = load_checkpoint("base")
    *_, last = tune(base, training_dialogues(base, settings), settings)
    return measure_model(base, last.state.model, held_out_dialogues(base, settings), CASES, seed).values


SWEEP = Sweep(
    arms=tuple({"mask": mask} for mask in MASKS),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "dialogues": DIALOGUES,
        "topics": ", ".join(TOPICS),
        "rude": RUDE,
        "learning_rate": LEARNING_RATE,
        "steps": STEPS,
        "cases": CASES,
    },
)
