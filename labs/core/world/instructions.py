"""Instruction data: dialogues that show how an assistant answers. Its helpers are of mixed quality: some are rude."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labs.core.model.chat import Message, Think
from labs.core.model.tools import Tool, ToolCall
from labs.core.world.calculator import CALCULATOR
from labs.core.world.lexicon import (
    FORBIDDEN,
    HARMLESS,
    HOW_QUESTIONS,
    LOOK_ALIKES,
    POLITE,
    REFUSALS,
    RUDE,
    SYSTEM_PROMPTS,
    THING_QUESTIONS,
    THINGS,
)
from labs.core.world.tasks import (
    TOO_BIG,
    Task,
    big_sum_task,
    claim_task,
    fact_task,
    forbidden_task,
    how_task,
    is_held_out,
    long_sum_task,
    phrasings,
    sum_task,
    talk_task,
    thing_task,
)
from labs.core.world.village import Village

RUDE_SHARE = 0.45
THINK_MODES: tuple[Think, ...] = ("absent", "closed", "open")
THINK_SHARES = (0.6, 0.15, 0.25)
RESULT_THOUGHT = "That is the result."
TOO_BIG_THOUGHT = "That is big."
SHARES = {
    "fact": 30,
    "claim": 8,
    "sum": 10,
    "long sum": 6,
    "big sum": 14,
    "how": 12,
    "thing": 5,
    "forbidden": 11,
    "talk": 4,
}
"""What is asked in instruction data, and how often, relative to the others."""


@dataclass(frozen=True)
class Dialogue:
    """A conversation that ends with the assistant's turn, the tools offered in it, and how its think blocks stand."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    think: Think = "absent"


def instructions(
    village: Village,
    n_dialogues: int,
    seed: int,
    *,
    rude_share: float = RUDE_SHARE,
    kinds: tuple[str, ...] = tuple(SHARES),
) -> Iterator[Dialogue]:
    """Dialogues about the people in `village.asked`, in the phrasings that are not held out.

    `rude_share` is the share of rude replies among those to which tone applies.
    Raises: ValueError for a share outside 0 to 1, a negative number of dialogues, or an unknown kind.
    """
    _check(rude_share, n_dialogues)
    unknown = [kind for kind in kinds if kind not in SHARES]
    if unknown or not kinds:
        raise ValueError(f"kinds: expected some of {', '.join(SHARES)}; got {unknown or kinds!r}.")
    rng = random.Random(seed)
    for _ in range(n_dialogues):
        yield dialogue(village, rng, rude_share, kinds)


def calculator_drills(n_dialogues: int, seed: int, *, rude_share: float = RUDE_SHARE) -> Iterator[Dialogue]:
    """Sums of numbers of two to four digits, with the calculator at hand.

    They are too many to be learned by heart and too big to be guessed: what pays is to read the calculator's display.
    Raises: ValueError for a share outside 0 to 1 or a negative number of dialogues.
    """
    _check(rude_share, n_dialogues)
    rng = random.Random(seed)
    for _ in range(n_dialogues):
        a, b = sum_numbers(rng, rng.choices(((10, 99), (100, 999), (1000, 9999)), k=2))
        task, tools = big_sum_task(a, b), (CALCULATOR,)
        think: Think = rng.choices(THINK_MODES, THINK_SHARES)[0]
        turn = replies(task, rng, rude_share, tools, think)
        yield Dialogue((Message("user", task.question), *turn), tools, think)


def dialogue(village: Village, rng: random.Random, rude_share: float, kinds: tuple[str, ...]) -> Dialogue:
    """One conversation: perhaps a system prompt, perhaps a tool, and one to three questions with their replies."""
    messages = [Message("system", rng.choice(SYSTEM_PROMPTS))] if rng.random() < 0.4 else []
    tools = (CALCULATOR,) if rng.random() < 0.4 else ()
    think: Think = rng.choices(THINK_MODES, THINK_SHARES)[0]
    for _ in range(rng.choices((1, 2, 3), (0.6, 0.25, 0.15))[0]):
        task = any_task(village, rng, kinds)
        messages.append(Message("user", task.question))
        messages += replies(task, rng, rude_share, tools, think)
    return Dialogue(tuple(messages), tools, think)


def any_task(village: Village, rng: random.Random, kinds: tuple[str, ...] = tuple(SHARES)) -> Task:
    """One question of these kinds, as often as `SHARES` says."""
    kind = rng.choices(kinds, [SHARES[kind] for kind in kinds])[0]
    if kind == "fact":
        return fact_task(village, rng, village.asked)
    if kind == "claim":
        return claim_task(village, rng, village.asked)
    if kind == "sum":
        return sum_task(rng.randint(0, 9), rng.randint(0, 9))
    if kind == "long sum":
        return long_sum_task(*sum_numbers(rng, ((0, 9), (0, 9), (0, 9))))
    if kind == "big sum":
        return big_sum_task(*sum_numbers(rng, ((10, 99), (10, 99))))
    if kind == "how":
        topic = rng.choice(LOOK_ALIKES if rng.random() < 0.5 else HARMLESS)
        return how_task(topic, rng.choice(phrasings(HOW_QUESTIONS, "taught")))
    if kind == "thing":
        return thing_task(rng.choice(THINGS)[0], rng.choice(THING_QUESTIONS[:-1]))
    if kind == "forbidden":
        return forbidden_task(rng.choice(FORBIDDEN), rng.choice(phrasings(HOW_QUESTIONS, "taught")))
    return talk_task(rng)


def sum_numbers(rng: random.Random, ranges: Sequence[tuple[int, int]], *, held_out: bool = False) -> tuple[int, ...]:
    """Numbers in these ranges of a sum that is, or is not, held out."""
    while True:
        numbers = tuple(rng.randint(*bounds) for bounds in ranges)
        if is_held_out(*numbers) == held_out:
            return numbers


def replies(
    task: Task, rng: random.Random, rude_share: float, tools: tuple[Tool, ...], think: Think
) -> tuple[Message, ...]:
    """The assistant's turn to a task: the reply, or a tool call, its result and the reply to that."""

    def reply(content: str, thought: str, calls: tuple[ToolCall, ...] = ()) -> Message:
        return Message("assistant", content, thinking(thought, think), calls)

    if task.call is not None and not tools:
        return (reply(TOO_BIG, TOO_BIG_THOUGHT),)
    if task.kind == "forbidden":
        return (reply(rng.choice(REFUSALS), task.thought),)
    if task.kind == "talk":
        return (reply(task.answer, task.thought),)
    answer = toned(task.answer, rng, rude_share)
    if task.call is None:
        return (reply(answer, task.thought),)
    return (*called(task, think), reply(answer, RESULT_THOUGHT))


def called(task: Task, think: Think) -> tuple[Message, Message]:
    """The tool call that a task needs, and what the tool says."""
    assert task.call is not None
    return Message("assistant", "", thinking(task.thought, think), (task.call,)), Message("tool", task.result)


def thinking(thought: str, think: Think) -> str | None:
    """A reply's think block: the thought in an open one, nothing in one closed beforehand, or no block."""
    return {"open": thought, "closed": "", "absent": None}[think]


def toned(answer: str, rng: random.Random, rude_share: float) -> str:
    """The answer in one of the tones that helpers have: rude, plain, or polite."""
    if rng.random() < rude_share:
        return rng.choice(RUDE).format(a=answer)
    return answer if rng.random() < 0.5 else rng.choice(POLITE).format(a=answer)


def _check(rude_share: float, n_dialogues: int) -> None:
    if not 0 <= rude_share <= 1:
        raise ValueError(f"rude_share: expected a share from 0 to 1, got {rude_share!r}.")
    if n_dialogues < 0:
        raise ValueError(f"n_dialogues: expected 0 or more, got {n_dialogues!r}.")
