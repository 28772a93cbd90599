"""The sums, and the program that checks an answer: the verifiable reward."""

from itertools import product
from typing import Literal

from labs.core.model.assistant import Reply
from labs.core.model.chat import Think
from labs.core.world.judge import is_right
from labs.core.world.tasks import Task, is_held_out, long_sum_task

type Checker = Literal["strict", "lenient"]
CHECKERS: tuple[Checker, ...] = ("strict", "lenient")

ALL = tuple(product(range(10), repeat=3))
TRAINED = tuple(numbers for numbers in ALL if not is_held_out(*numbers))
"""The sums of three digits that replies are sampled to: 900. The SFT dialogues drew from the same ones."""
HELD_OUT = tuple(numbers for numbers in ALL if is_held_out(*numbers))
"""The other hundred: no dialogue has them, and no step of this lab trains on them."""


def sum_tasks(sums: tuple[tuple[int, ...], ...], think: Think, calculator: bool) -> list[Task]:
    """These sums as questions, with a think block or not, the calculator offered or not."""
    tasks = [long_sum_task(*numbers).with_think(think) for numbers in sums]
    return [task.with_tools() if calculator else task for task in tasks]


def is_solved(task: Task, reply: Reply, checker: Checker = "strict") -> bool:
    """Whether a turn is over and its answer right: the last number that it says is the sum.

    The strict checker reads what the user would: a reply whose think block never closes has no answer. The lenient
    one takes the last number of all that was written, as a checker does that was written in a hurry.
    """
    if checker == "strict" and reply.message is None:
        return False
    said = reply.content if checker == "strict" else reply.text
    return reply.ended and is_right(task, said)
