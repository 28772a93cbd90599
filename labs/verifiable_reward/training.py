"""The training as the reader sets it: the model that it starts from, its questions, its steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labs.core.model.chat import Think
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule
from labs.core.world.tasks import Task
from labs.verifiable_reward.demonstrations import shown_the_calculator
from labs.verifiable_reward.grpo import GrpoStep, grpo
from labs.verifiable_reward.sums import HELD_OUT, TRAINED, Checker, sum_tasks

type Calculator = Literal["off", "offered", "offered and shown"]
CALCULATORS: tuple[Calculator, ...] = ("off", "offered", "offered and shown")
SHOWN_STEPS: dict[Think, int] = {"absent": 14, "open": 6}
"""SFT steps on demonstrations: so few that the model calls the calculator now and then, not always."""
WARMUP = 3


@dataclass(frozen=True)
class Settings:
    """What the reader chooses. `prompts` is P, `group_size` is G; `scale` is GRPO's, without it Dr. GRPO."""

    think: Think
    calculator: Calculator
    checker: Checker
    prompts: int
    group_size: int
    scale: bool
    beta: float
    learning_rate: float
    steps: int
    seed: int


def starting_model(start: Checkpoint, settings: Settings) -> Transformer:
    """The model that training begins with: the shipped one, or that after some demonstrations of the calculator."""
    if settings.calculator != "offered and shown":
        return start.model
    return shown_the_calculator(start, settings.think, SHOWN_STEPS[settings.think], settings.seed)


def held_out_tasks(settings: Settings) -> list[Task]:
    """The hundred sums that no step trains on, put as in training."""
    return sum_tasks(HELD_OUT, settings.think, settings.calculator != "off")


def tune(start: Checkpoint, model: Transformer, settings: Settings) -> Iterator[GrpoStep]:
    """The steps of GRPO from this model, one record each."""
    return grpo(
        start,
        model,
        sum_tasks(TRAINED, settings.think, settings.calculator != "off"),
        schedule=Schedule(settings.steps, settings.learning_rate, warmup=min(WARMUP, settings.steps // 2)),
        prompts=settings.prompts,
        group_size=settings.group_size,
        seed=settings.seed,
        scale=settings.scale,
        beta=settings.beta,
        checker=settings.checker,
    )
