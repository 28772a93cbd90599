"""The lab: GRPO on two-step sums, whose answers a program checks; with a think block, with the calculator."""

from collections.abc import Generator, Iterator
from typing import Literal

from labs.core.contract import Choice, Lab, Moving, Number, Progress, Slider
from labs.core.model.assistant import GREEDY
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import recorded
from labs.core.world.tasks import Task
from labs.verifiable_reward import outcome, pictures
from labs.verifiable_reward.measuring import Measured, answer, measure_model
from labs.verifiable_reward.sums import CHECKERS, Checker, is_solved
from labs.verifiable_reward.training import CALCULATORS, Calculator, Settings, held_out_tasks, starting_model, tune

__all__ = ["LAB", "Settings", "run"]

type Advantage = Literal["GRPO", "Dr. GRPO"]
ADVANTAGES: tuple[Advantage, ...] = ("GRPO", "Dr. GRPO")
LOOKS = 3
"""How often the model is tried on held-out sums: on its way and at its end."""
SAMPLES, FEW_SAMPLES = 4, 2
"""Replies drawn to each held-out sum: before and after, and on the way."""
SHOWN = (8, 25, 42, 59, 76, 93)
"""Which of the held-out sums the table of replies shows."""

LAB = Lab(
    title="Verifiable reward",
    question="What does a model learn when a program checks its answers, and nobody shows it any?",
    label="live",
    controls=(
        Choice(
            "think", "Think block", "open", ("open", "absent"), "Whether the reply begins with an open think block."
        ),
        Choice(
            "calculator",
            "Calculator",
            "off",
            CALCULATORS,
            "Off; offered; or offered after a few steps of SFT that show how it is called for such sums.",
        ),
        Choice(
            "checker",
            "Checker",
            "strict",
            CHECKERS,
            "Strict: the answer must be one that the user sees. Lenient: the last number in the whole text counts.",
        ),
        Choice("advantage", "Advantage", "GRPO", ADVANTAGES, "GRPO divides by the group's std, Dr. GRPO does not."),
        Slider("group_size", "Group size G", 4, 2, 16, 1, help="Replies sampled to each prompt."),
        Slider("prompts", "Prompts a step P", 16, 1, 16, 1, help="Groups in a step. A step samples P times G replies."),
        Number("beta", "β", 0.0, 0.0, 1.0, help="The price of moving away from the model at the start."),
        Number("learning_rate", "Learning rate", 0.0002, 0.000001, 0.01, help="How large the steps are."),
        Slider("steps", "Steps", 16, 1, 60, 1, help="Updates, each on groups of its own."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Of the prompts and the samples."),
    ),
    action="Train",
    waits=True,
)


def run(
    think: Literal["absent", "open"],
    calculator: Calculator,
    checker: Checker,
    advantage: Advantage,
    group_size: int,
    prompts: int,
    beta: float,
    learning_rate: float,
    steps: int,
    seed: int,
) -> Iterator[object]:
    """Yield the training as it goes, its groups, replies on the way, and what came of it beside what was recorded.

    Raises: ValueError if the training diverges.
    """
    yield Progress(0, steps, "Steps")
    settings = Settings(
        think, calculator, checker, prompts, group_size, advantage == "GRPO", beta, learning_rate, steps, seed
    )
    start = load_checkpoint("sft")
    model = starting_model(start, settings)
    held_out = held_out_tasks(settings)
    before, after = yield from _training(start, model, settings, held_out)
    yield outcome.outcome_table(before, after, len(held_out), SAMPLES, calculator != "off")
    yield outcome.recorded_table(recorded("verifiable_reward"))


def _training(
    start: Checkpoint, model: Transformer, settings: Settings, held_out: list[Task]
) -> Generator[object, None, tuple[Measured, Measured]]:
    """The training, with what changes; returns what the model did before and after."""
    steps = settings.steps
    shown = [held_out[place] for place in SHOWN]
    first = _likeliest(start, model, shown)
    before = after = measure_model(start, model, held_out, SAMPLES, settings.seed)
    curves = pictures.Curves([(0, before)], [])
    yield Moving("shares", pictures.shares_chart(curves, steps))
    yield Moving("replies", pictures.replies_table(shown, first, first, 0))
    looks = {round(steps * look / LOOKS) for look in range(1, LOOKS + 1)}
    for record in tune(start, model, settings):
        curves.steps.append(record)
        yield Progress(record.step, steps, "Steps")
        if record.step == 1 or record.step in looks:
            yield Moving("groups", pictures.groups_table(record))
            yield Moving("group", pictures.group_table(record, start))
        if record.step in looks:
            now = record.state.model
            samples = SAMPLES if record.step == steps else FEW_SAMPLES
            after = measure_model(start, now, held_out, samples, settings.seed)
            curves.held_out.append((record.step, after))
            yield Moving("replies", pictures.replies_table(shown, first, _likeliest(start, now, shown), record.step))
        yield Moving("shares", pictures.shares_chart(curves, steps))
        yield Moving("length", pictures.length_chart(curves, steps, settings.calculator != "off"))
    return before, after


def _likeliest(start: Checkpoint, model: Transformer, tasks: list[Task]) -> list[str]:
    turns = answer(start, model, tasks, GREEDY, 0)
    right = ["right" if is_solved(task, turn.reply) else "wrong" for task, turn in zip(tasks, turns, strict=True)]
    return [f"{said}: {pictures.in_words(turn, start)}" for said, turn in zip(right, turns, strict=True)]
