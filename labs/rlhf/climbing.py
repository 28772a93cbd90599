"""The climb as the lab shows it: chart, replies and numbers, while best-of-n and policy gradient go on."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.contract import Moving, Progress
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.training.reward_model import RewardModel
from labs.rlhf import pictures
from labs.rlhf.optimising import Reached, Written, best_of, in_groups, policy_gradient, write
from labs.rlhf.pairs import HELD_OUT_SEED, draw_tasks

QUESTIONS, AT_ONCE = 24, 8
"""Questions that are answered, and how many of them between two pictures."""
STEPS_A_POINT = 2
FEWEST_REPLIES = 8
"""To each question, where policy gradient needs to know what the start is worth."""
NEAR, FAR = 2.0, 4.0
"""How far the chart reaches: best-of-64 gets to 1.8."""


@dataclass(frozen=True)
class Climb:
    """What the reader chooses."""

    optimiser: str
    n: int
    steps: int
    beta: float
    seed: int


def climb(
    sft_model: Checkpoint, policy: Transformer, proxy: RewardModel, settings: Climb
) -> Generator[object, None, dict[str, list[Reached]]]:
    """Both ways, or one of them; then replies and numbers at the ends. Returns the points of each."""
    n, gradient = settings.n, settings.optimiser != "best-of-n"
    written, best = yield from _best_of_n(sft_model, policy, proxy, settings)
    columns = {"The start writes": _with_gold(written, [0] * QUESTIONS)}
    ends = {"The start": best_of(written, 1)}
    if best:
        columns[f"Best of {n}, by the proxy"] = _with_gold(written, written.proxy[:, :n].argmax(axis=1).tolist())
        ends[f"Best of {n}"] = best[-1]
        yield Moving("replies", pictures.replies_table(written, columns))
    points: list[Reached] = []
    if gradient:
        points, model = yield from _policy_gradient(sft_model, policy, proxy, written, best, settings)
        after = write(model, sft_model, proxy, written.tasks[: pictures.SHOWN], 1, settings.seed)
        columns["After policy gradient"] = _with_gold(after, [0] * pictures.SHOWN)
        ends[f"Policy gradient, last {STEPS_A_POINT} steps"] = points[-1]
        yield Moving("replies", pictures.replies_table(written, columns))
    yield pictures.measures_table(ends)
    return {"best-of-n": best, "policy gradient": points}


def _best_of_n(
    sft_model: Checkpoint, policy: Transformer, proxy: RewardModel, settings: Climb
) -> Generator[object, None, tuple[Written, list[Reached]]]:
    """Replies to all questions, and if it is wanted what choosing among them gives."""
    chosen = settings.optimiser != "policy gradient"
    replies = settings.n if settings.optimiser == "best-of-n" else max(settings.n, FEWEST_REPLIES)
    tasks = draw_tasks(QUESTIONS, settings.seed + HELD_OUT_SEED)
    ns = sorted({settings.n, *(2**power for power in range(settings.n.bit_length()))})
    parts: list[Written] = []
    best: list[Reached] = []
    for start in range(0, QUESTIONS, AT_ONCE):
        asked = tasks[start : start + AT_ONCE]
        parts.append(write(policy, sft_model, proxy, asked, replies, settings.seed + start))
        written = _joined(parts)
        yield Progress(start + AT_ONCE, QUESTIONS, "Questions answered")
        if chosen:
            best = [best_of(written, n) for n in ns]
            far = NEAR if settings.optimiser == "best-of-n" else FAR
            yield Moving("climb", pictures.climb_chart(best, [], written.gold_spread, far))
    return written, best


def _policy_gradient(
    sft_model: Checkpoint,
    policy: Transformer,
    proxy: RewardModel,
    written: Written,
    best: Sequence[Reached],
    settings: Climb,
) -> Generator[object, None, tuple[list[Reached], Transformer]]:
    """The training, with the points that it reaches; returns these and the model."""
    steps: list[Reached] = []
    points: list[Reached] = []
    model = policy
    for step, now in policy_gradient(policy, sft_model, proxy, written, settings.beta, settings.steps, settings.seed):
        model = now
        steps.append(step)
        yield Progress(len(steps), settings.steps, "Steps of policy gradient")
        if len(steps) % STEPS_A_POINT == 0:
            points = in_groups(steps, STEPS_A_POINT)
            far = max(FAR, *(point.distance for point in points))
            yield Moving("climb", pictures.climb_chart(best, points, written.gold_spread, far))
    return points, model


def _joined(parts: Sequence[Written]) -> Written:
    return Written(
        [task for part in parts for task in part.tasks],
        [prompt for part in parts for prompt in part.prompts],
        [replies for part in parts for replies in part.replies],
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("proxy", "gold", "cue", "length")),
    )


def _with_gold(written: Written, chosen: Sequence[int]) -> list[tuple[str, float]]:
    """The chosen reply to each question, with what the gold judge gives it."""
    return [
        (replies[which], float(gold[which]))
        for replies, gold, which in zip(written.replies, written.gold, chosen, strict=True)
    ]
