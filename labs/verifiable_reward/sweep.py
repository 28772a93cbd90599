"""The recorded experiment: thinking, the two advantages, group sizes, the checker and the calculator; three seeds."""

from statistics import fmean

from labs.core.model.checkpoint import load_checkpoint
from labs.core.sweeping import Arm, Sweep
from labs.verifiable_reward.measuring import measure_model, share_right
from labs.verifiable_reward.sums import CHECKERS, HELD_OUT
from labs.verifiable_reward.training import CALCULATORS, Settings, held_out_tasks, starting_model, tune

REPLIES = 64
"""Replies a step, in groups of G: so each arm samples as much."""
GROUP_SIZE, LEARNING_RATE, LARGE_RATE, STEPS, LOOK_EVERY = 4, 2e-4, 3e-4, 18, 6
SAMPLES, FEW_SAMPLES = 16, 4
"""Replies drawn to each held-out sum at the end: many in the usual arms without the calculator, few elsewhere."""


def arm(
    think: str = "open",
    calculator: str = "off",
    checker: str = "strict",
    advantage: str = "GRPO",
    group_size: int = GROUP_SIZE,
    learning_rate: float = LEARNING_RATE,
    steps: int = STEPS,
) -> Arm:
    """An arm by what it changes of the usual one; 0 steps is the model before training."""
    return {
        "think": think,
        "calculator": calculator,
        "checker": checker,
        "advantage": advantage,
        "group_size": group_size,
        "learning_rate": learning_rate,
        "steps": steps,
    }


def measure(arm: Arm, seed: int) -> dict[str, float | list[float]]:
    """Train one arm, look at held-out sums on the way, and measure the model at its end."""
    (calculator,) = (one for one in CALCULATORS if one == arm["calculator"])
    (checker,) = (one for one in CHECKERS if one == arm["checker"])
    settings = Settings(
        think="open" if arm["think"] == "open" else "absent",
        calculator=calculator,
        checker=checker,
        prompts=REPLIES // int(arm["group_size"]),
        group_size=int(arm["group_size"]),
        scale=arm["advantage"] == "GRPO",
        beta=0.0,
        learning_rate=float(arm["learning_rate"]),
        steps=STEPS,
        seed=seed,
    )
    start = load_checkpoint("sft")
    model = starting_model(start, settings)
    held_out = held_out_tasks(settings)
    looks = [share_right(start, model, held_out)]
    zero_variance: list[float] = []
    lengths: list[float] = []
    after = model
    for record in tune(start, model, settings) if arm["steps"] else ():
        zero_variance.append(record.zero_variance)
        lengths.append(record.length)
        if record.step % LOOK_EVERY == 0:
            looks.append(share_right(start, record.state.model, held_out))
            after = record.state.model
    usual = (arm["calculator"], arm["advantage"], arm["group_size"], arm["learning_rate"])
    samples = SAMPLES if usual == ("off", "GRPO", GROUP_SIZE, LEARNING_RATE) else FEW_SAMPLES
    measured = measure_model(start, after, held_out, samples, seed)
    values: dict[str, float | list[float]] = {
        name: round(getattr(measured, name), 4)
        for name in ("right", "sampled", "accepted", "unclosed", "called", "length")
    }
    values["pass_at"] = [round(share, 4) for share in measured.pass_at.values()]
    values["looks"] = looks
    blocks = range(0, len(lengths), LOOK_EVERY)
    values["zero_variance"] = [round(fmean(zero_variance[at : at + LOOK_EVERY]), 4) for at in blocks]
    values["lengths"] = [round(fmean(lengths[at : at + LOOK_EVERY]), 2) for at in blocks]
    return values


ARMS = (
    *(arm(group_size=size) for size in (4, 8, 16)),
    arm(advantage="Dr. GRPO"),
    arm(think="absent"),
    *(arm(checker=checker, learning_rate=LARGE_RATE) for checker in CHECKERS),
    arm(think="absent", calculator="offered"),
    arm(think="absent", calculator="offered and shown"),
    arm(steps=0),
    arm(think="absent", steps=0),
    arm(think="absent", calculator="offered and shown", steps=0),
)

SWEEP = Sweep(
    arms=ARMS,
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "replies_a_step": REPLIES,
        "look_every": LOOK_EVERY,
        "samples": SAMPLES,
        "few_samples": FEW_SAMPLES,
        "beta": 0.0,
        "held_out": len(HELD_OUT),
    },
)
