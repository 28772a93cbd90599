"""A cold start: a few steps of SFT on dialogues in which the calculator is called for a two-step sum.

The shipped models never call it for one: their dialogues call it for big sums only. What a model never writes, no
reward can make likelier.
"""

import random

from labs.core.model.chat import Message, Think
from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.tools import ToolCall
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule
from labs.core.training.sft import sft
from labs.core.world.calculator import calculate
from labs.core.world.instructions import RESULT_THOUGHT, thinking
from labs.core.world.tasks import Task
from labs.verifiable_reward.sums import TRAINED, sum_tasks

DEMONSTRATIONS = 16
BATCH_SIZE = 8
LEARNING_RATE = 5e-5
THOUGHT = "That is big. I call the calculator."
"""What the village's helpers think before a call."""


def demonstration(start: Checkpoint, task: Task) -> Rendered:
    """The dialogue: the sum is asked, the calculator called with all of it, and its result said."""
    expression = task.answer.partition("=")[0]
    call = ToolCall("calculator", {"expression": expression})
    messages = [
        *task.prompt,
        Message("assistant", "", thinking(THOUGHT, task.think), (call,)),
        Message("tool", calculate(expression)),
        Message("assistant", task.answer, thinking(RESULT_THOUGHT, task.think)),
    ]
    return start.template.render(messages, task.tools)


def shown_the_calculator(start: Checkpoint, think: Think, steps: int, seed: int) -> Transformer:
    """The model after so many SFT steps on demonstrations; the model as it is for none."""
    if not steps:
        return start.model
    tasks = sum_tasks(tuple(random.Random(seed).sample(TRAINED, DEMONSTRATIONS)), think, calculator=True)
    dialogues = [demonstration(start, task) for task in tasks]
    # The rate's path is that of 32 steps, so that more steps go on where fewer have stopped.
    schedule = Schedule(32, LEARNING_RATE, floor=1.0)
    for record in sft(start.model, dialogues, schedule=schedule, batch_size=BATCH_SIZE, seed=seed):
        if record.step == steps:
            return record.state.model
    raise AssertionError("SHOWN_STEPS are at most the 32 of the schedule")
