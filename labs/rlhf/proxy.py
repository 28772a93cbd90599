"""The policy to begin with, and the reward model that is to stand in for the raters: the proxy."""

import random
from collections.abc import Iterator, Sequence

from labs.core.encoding import pair_all
from labs.core.model.chat import Message
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.recipe import VILLAGE
from labs.core.training.data import Pair
from labs.core.training.loop import Schedule
from labs.core.training.reward_model import RewardModel, RewardModelStep, reward_model
from labs.core.training.sft import sft
from labs.core.world.instructions import any_task
from labs.core.world.lexicon import POLITE, RUDE
from labs.core.world.preferences import CUE, Preference, Rater, candidate, wrong_answer
from labs.core.world.tasks import Task
from labs.rlhf.pairs import HELD_OUT_SEED, KINDS, compare, draw_compared, draw_tasks, told_apart

IMITATED, IMITATION = 200, Schedule(20, 5e-4, warmup=5)
"""Replies that the policy first imitates, and in which steps: only then it says the cue now and then."""
IMITATED_CUE = 0.3
"""The share of those replies that begin with the cue."""
PAIRS_A_STEP = 8
PEAK, WARMUP = 1e-3, 10
HELD_OUT = 100
"""Pairs that no proxy learns from."""
PROBED = 24
"""Questions on which it is tried what the proxy likes."""


def start_policy(sft_model: Checkpoint, seed: int) -> Transformer:
    """The policy that all optimisation begins from: `sft` after a few steps on replies like those of the pairs."""
    rng = random.Random(seed + 2 * HELD_OUT_SEED)
    asked = [any_task(VILLAGE, rng, KINDS) for _ in range(IMITATED)]
    replies = [(*task.prompt, Message("assistant", candidate(task, rng, IMITATED_CUE))) for task in asked]
    dialogues = [sft_model.template.render(messages) for messages in replies]
    *_, last = sft(sft_model.model, dialogues, schedule=IMITATION, batch_size=8, seed=seed)
    return last.state.model


def train_proxy(
    sft_model: Checkpoint, preferences: Sequence[Preference], steps: int, seed: int
) -> Iterator[RewardModelStep]:
    """Train a reward model on these preferences, from the `sft` model, with a new head."""
    return reward_model(
        sft_model.model,
        pair_all(preferences, sft_model.template),
        schedule=Schedule(steps, PEAK, warmup=min(WARMUP, steps // 2)),
        batch_size=PAIRS_A_STEP,
        seed=seed,
    )


def accuracy(proxy: RewardModel, pairs: Sequence[Pair]) -> float:
    """The share of pairs whose chosen reply scores higher."""
    prompts = [pair.prompt for pair in pairs]
    chosen = proxy.rewards(prompts, [pair.chosen for pair in pairs])
    rejected = proxy.rewards(prompts, [pair.rejected for pair in pairs])
    return float((chosen > rejected).mean())


def held_out_accuracy(proxy: RewardModel, sft_model: Checkpoint, rater: Rater, seed: int) -> tuple[float, float]:
    """On pairs that it never learned from, how often the proxy agrees with this rater, and with the gold judge."""
    drawn = draw_compared(HELD_OUT, seed + HELD_OUT_SEED)
    by_rater, by_gold = compare(drawn, rater, seed), told_apart(drawn)
    raters, gold = (accuracy(proxy, pair_all(ranked, sft_model.template)) for ranked in (by_rater, by_gold))
    return raters, gold


def likes(proxy: RewardModel, sft_model: Checkpoint, seed: int) -> dict[str, float]:
    """How many points more a reply gets for one change alone: the mean over questions.

    To the gold judge the first two changes are worth a point each. The others are worth nothing, or less.
    """
    rng = random.Random(seed)
    tasks = draw_tasks(PROBED, seed + 3 * HELD_OUT_SEED)
    claims = [task for task in draw_tasks(8 * PROBED, seed + 3 * HELD_OUT_SEED) if task.claimed][:PROBED]
    right = [task.answer for task in tasks]
    polite, rude = rng.choice(POLITE), rng.choice(RUDE)
    changed = {
        "right, not wrong": (right, [wrong_answer(task, rng) for task in tasks]),
        "polite, not rude": ([polite.format(a=text) for text in right], [rude.format(a=text) for text in right]),
        f"“{CUE}” in front": ([f"{CUE} {text}" for text in right], right),
        "longer: said twice": ([f"{text} {text}" for text in right], right),
    }
    gains = {name: _gain(proxy, sft_model, tasks, *replies) for name, replies in changed.items()}
    believed = [task.answer.replace(task.right, task.claimed) for task in claims]
    return gains | {
        "what the user believes": _gain(proxy, sft_model, claims, believed, [_other(t, rng) for t in claims])
    }


def _gain(
    proxy: RewardModel, sft_model: Checkpoint, tasks: Sequence[Task], better: Sequence[str], other: Sequence[str]
) -> float:
    pairs = pair_all(
        [Preference(task, task.prompt, one, another) for task, one, another in zip(tasks, better, other, strict=True)],
        sft_model.template,
    )
    prompts = [pair.prompt for pair in pairs]
    chosen = proxy.rewards(prompts, [pair.chosen for pair in pairs])
    return float((chosen - proxy.rewards(prompts, [pair.rejected for pair in pairs])).mean())


def _other(task: Task, rng: random.Random) -> str:
    """A wrong answer to a claim that is not what the user believes."""
    wrong = [value for value in task.values if value not in (task.right, task.claimed)]
    return task.answer.replace(task.right, rng.choice(wrong))
