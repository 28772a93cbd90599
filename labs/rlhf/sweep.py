"""The recorded experiment: raters with and without a bias, few and many pairs, and what a KL penalty changes."""

from collections.abc import Iterator
from functools import lru_cache

from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import Arm, Sweep
from labs.core.training.reward_model import RewardModel
from labs.core.world.preferences import Rater
from labs.rlhf.optimising import Reached, Written, best_of, in_groups, policy_gradient, write
from labs.rlhf.pairs import HELD_OUT_SEED, compare, draw_compared, draw_tasks
from labs.rlhf.proxy import held_out_accuracy, likes, start_policy, train_proxy

NS = (1, 2, 4, 8, 16, 32, 64)
TEMPERATURE = 0.3
PAIRS, FEW, CUE, BETAS = 500, 100, 1.5, (0.0, 0.2)
REWARD_STEPS, QUESTIONS, STEPS, STEPS_A_POINT = 60, 32, 30, 2


@lru_cache(maxsize=1)
def _prepared(cue: float, pairs: int, seed: int) -> tuple[Checkpoint, Transformer, RewardModel, Written, Rater]:
    """What arms that differ in beta alone have in common."""
    sft_model, rater = load_checkpoint("sft"), Rater(cue=cue, temperature=TEMPERATURE)
    policy = start_policy(sft_model, seed)
    *_, last = train_proxy(sft_model, compare(draw_compared(pairs, seed), rater, seed), REWARD_STEPS, seed)
    tasks = draw_tasks(QUESTIONS, seed + HELD_OUT_SEED)
    proxy = last.reward_model
    return sft_model, policy, proxy, write(policy, sft_model, proxy, tasks, max(NS), seed), rater


def measure(arm: Arm, seed: int) -> dict[str, float | list[float]]:
    """Train a proxy, climb it both ways, and note the gold judge's view of every point."""
    sft_model, policy, proxy, written, rater = _prepared(float(arm["cue"]), int(arm["pairs"]), seed)
    raters, gold = held_out_accuracy(proxy, sft_model, rater, seed)
    steps = policy_gradient(policy, sft_model, proxy, written, float(arm["beta"]), STEPS, seed)
    points = in_groups([point for point, _ in steps], STEPS_A_POINT)
    return {
        "accuracy_raters": raters,
        "accuracy_gold": gold,
        "start_gold": round(float(written.gold.mean()), 4),
        **{f"likes: {name}": round(points_more, 4) for name, points_more in likes(proxy, sft_model, seed).items()},
        **_columns("best", [best_of(written, n) for n in NS]),
        **_columns("gradient", points),
    }


def _columns(prefix: str, points: list[Reached]) -> dict[str, list[float]]:
    return {
        f"{prefix}_{name}": [round(float(getattr(point, name)), 4) for point in points]
        for name in ("distance", "gold", "proxy", "cue", "length")
    }


def _arms() -> Iterator[Arm]:
    for beta in BETAS:
        yield {"cue": CUE, "pairs": PAIRS, "beta": beta}
    for cue, pairs in ((0.0, PAIRS), (CUE, FEW)):
        yield {"cue": cue, "pairs": pairs, "beta": 0.0}


SWEEP = Sweep(
    arms=tuple(_arms()),
    measure=measure,
    seeds=(0, 1, 2),
    constants={
        "n": ", ".join(map(str, NS)),
        "temperature": TEMPERATURE,
        "reward_steps": REWARD_STEPS,
        "questions": QUESTIONS,
        "steps": STEPS,
        "steps_a_point": STEPS_A_POINT,
    },
)
