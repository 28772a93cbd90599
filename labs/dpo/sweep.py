"""The recorded experiment: every kind of pair; and of two or three kinds other betas, the added loss, longer steps."""

from labs.core.model.checkpoint import load_checkpoint
from labs.core.sweeping import Arm, Sweep
from labs.dpo.behaving import behave
from labs.dpo.looking import changes, held_out_loss, margin
from labs.dpo.pairs import PAIRS
from labs.dpo.parts import changes_by_part
from labs.dpo.similarity import hidden_similarity
from labs.dpo.tuning import BATCH_SIZE, HELD_OUT, N_PAIRS, Settings, held_out_pairs, training_pairs, tune

STEPS = 60
LOOKS = (5, 10, 15, 20, 30, 40, 50, 60)
"""The steps after which held-out pairs are looked at."""
CASES = 50
"""Facts that are asked for."""
RATE, LONGER = 5e-5, 1e-4
BETAS = (0.02, 0.5)


def arm(pairs: str, beta: float = 0.1, nll_weight: float = 0.0, learning_rate: float = RATE) -> dict[str, str | float]:
    """One setting of the experiment."""
    return {"pairs": pairs, "beta": beta, "nll_weight": nll_weight, "learning_rate": learning_rate}


def measure(arm: Arm, seed: int) -> dict[str, float | list[float]]:
    """Train the sft model in this way, and say what became of held-out pairs and of its replies.

    Units: nats a reply for `chosen`, `rejected` and their paths; what ends in `_share` is a mean probability.
    """
    settings = Settings(
        str(arm["pairs"]), float(arm["beta"]), float(arm["nll_weight"]), float(arm["learning_rate"]), STEPS, seed
    )
    sft = load_checkpoint("sft")
    held_out = held_out_pairs(sft, settings)
    start = held_out.look(sft.model)
    paths, model = [(0.0, 0.0)], sft.model
    for record in tune(sft, training_pairs(sft, settings), settings):
        model = record.state.model
        if record.step in LOOKS:
            paths.append(changes(held_out.look(model, others=False), start))
    last = held_out.look(model)
    values = {
        "loss": held_out_loss(last, start, settings.beta),
        "margin": margin(last, start, settings.beta),
        "chosen": paths[-1][0],
        "rejected": paths[-1][1],
        "best": max(chosen for chosen, _ in paths),
        **{f"{group}_share": share for group, share in last.shares.items()},
        **behave(model, sft.template, CASES, seed),
        **{f"{part}_change": change for part, change in changes_by_part(model, sft.model, held_out.pairs).items()},
        "similarity": float(hidden_similarity(sft.model, held_out.pairs).mean()),
    }
    return {
        **{name: round(value, 5) for name, value in values.items()},
        "chosen_path": [round(chosen, 3) for chosen, _ in paths],
        "rejected_path": [round(rejected, 3) for _, rejected in paths],
    }


RUDE, REFUSALS, KIND = "polite over rude", "one refusal over another", "one kind word over another"
SWEEP = Sweep(
    arms=(
        *(arm(pairs) for pairs in PAIRS),
        *(arm(pairs, beta) for pairs in (RUDE, REFUSALS) for beta in BETAS),
        *(arm(pairs, nll_weight=0.5) for pairs in (RUDE, REFUSALS, KIND)),
        *(arm(pairs, learning_rate=LONGER) for pairs in (RUDE, REFUSALS, KIND)),
        *(arm(pairs, nll_weight=0.5, learning_rate=LONGER) for pairs in (RUDE, REFUSALS)),
    ),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "steps": STEPS,
        "training pairs": N_PAIRS,
        "batch size": BATCH_SIZE,
        "held-out pairs": HELD_OUT,
        "facts asked": CASES,
    },
)
