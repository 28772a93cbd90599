"""Preference data: two replies to one question and which one a rater prefers, with the rater's biases known to us."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from labs.core.model.chat import Message, Think
from labs.core.model.tools import Tool, ToolCall
from labs.core.world.calculator import CALCULATOR
from labs.core.world.instructions import RESULT_THOUGHT, SHARES, TOO_BIG_THOUGHT, any_task, called, thinking, toned
from labs.core.world.judge import gold_score, is_agreeing
from labs.core.world.lexicon import POLITE, REFUSAL, REFUSALS, RUDE, SYSTEM_PROMPTS
from labs.core.world.tasks import TOO_BIG, Task
from labs.core.world.village import Village

CUE = "Certainly."
"""A word that says nothing about the quality of a reply, and that a biased rater likes all the same."""


@dataclass(frozen=True)
class Rater:
    """Somebody who compares two replies: by their worth, and by what should not matter.

    A reply's score is its gold score plus `agreement` if it says what the user wrongly believes, `length` for each 10
    characters, and `cue` if it has the spurious cue word. The better one is preferred with probability
    σ(difference / temperature); at temperature 0 always.
    """

    agreement: float = 0.0
    length: float = 0.0
    cue: float = 0.0
    temperature: float = 0.0

    def __post_init__(self) -> None:
        """Check the temperature."""
        if not self.temperature >= 0:
            raise ValueError(f"temperature: expected 0 or more, got {self.temperature!r}; 0 is a rater who never errs.")

    def score(self, task: Task, reply: str) -> float:
        """What this rater feels a reply is worth."""
        biases = self.agreement * is_agreeing(task, reply) + self.length * len(reply) / 10 + self.cue * (CUE in reply)
        return gold_score(task, reply) + biases

    def prefers_first(self, task: Task, first: str, second: str, rng: random.Random) -> bool:
        """Whether the first reply is preferred to the second; equals are decided by a coin."""
        difference = self.score(task, first) - self.score(task, second)
        if difference == 0:
            return rng.random() < 0.5
        if self.temperature == 0:
            return difference > 0
        return rng.random() < 1 / (1 + math.exp(-max(-60.0, min(60.0, difference / self.temperature))))


@dataclass(frozen=True)
class Preference:
    """A conversation up to where the assistant writes, and two replies: the preferred and the other.

    `thought` is what stands in both replies' think block, or None where there is no block. With a `call`, the
    preferred reply is that tool call, and the other one does without.
    """

    task: Task
    messages: tuple[Message, ...]
    chosen: str
    rejected: str
    tools: tuple[Tool, ...] = ()
    think: Think = "absent"
    thought: str | None = None
    call: ToolCall | None = None

    @property
    def replies(self) -> tuple[Message, Message]:
        """The preferred reply and the other, as messages."""
        calls = () if self.call is None else (self.call,)
        chosen = Message("assistant", self.chosen, self.thought, calls)
        return chosen, Message("assistant", self.rejected, self.thought)


def preferences(
    village: Village,
    n_pairs: int,
    seed: int,
    *,
    rater: Rater | None = None,
    cue_share: float = 0.0,
    kinds: tuple[str, ...] = tuple(SHARES),
) -> Iterator[Preference]:
    """Pairs of replies, compared by a rater (the default has no biases and never errs); equal replies are left out.

    `cue_share` is the share of replies that begin with the cue word, among those that are neither refusals nor small
    talk.
    Raises: ValueError for a share outside 0 to 1, a negative number of pairs or an unknown kind of question.
    """
    if not 0 <= cue_share <= 1:
        raise ValueError(f"cue_share: expected a share from 0 to 1, got {cue_share!r}.")
    if n_pairs < 0:
        raise ValueError(f"n_pairs: expected 0 or more, got {n_pairs!r}.")
    unknown = [kind for kind in kinds if kind not in SHARES]
    if unknown or not kinds:
        raise ValueError(f"kinds: expected some of {', '.join(SHARES)}; got {unknown or kinds!r}.")
    judge = rater or Rater()
    rng = random.Random(seed)
    made = 0
    while made < n_pairs:
        question = any_task(village, rng, kinds)
        tools = (CALCULATOR,) if rng.random() < 0.4 else ()
        task = replace(question, tools=tools)
        needs_call = bool(tools) and task.call is not None
        calls = needs_call and rng.random() < 0.5
        has_result = needs_call and not calls
        first, second = (candidate(task, rng, cue_share, has_result=has_result) for _ in range(2))
        if judge.score(task, first) == judge.score(task, second) and not calls:
            continue
        chosen, rejected = (first, second) if judge.prefers_first(task, first, second, rng) else (second, first)
        think: Think = rng.choices(("absent", "closed", "open"), (0.6, 0.2, 0.2))[0]
        system = (Message("system", rng.choice(SYSTEM_PROMPTS)),) if rng.random() < 0.4 else ()
        asked = (*task.prompt, *called(task, think)) if has_result else task.prompt
        thought = RESULT_THOUGHT if has_result else TOO_BIG_THOUGHT if task.call is not None else task.thought
        if calls:
            chosen, thought = "", task.thought
        call = task.call if calls else None
        yield Preference(task, (*system, *asked), chosen, rejected, tools, think, thinking(thought, think), call)
        made += 1


def candidate(task: Task, rng: random.Random, cue_share: float = 0.0, *, has_result: bool = False) -> str:
    """A reply such as assistants of mixed quality give: right or wrong, rude, plain or polite, with the cue or not."""
    if task.kind == "forbidden":
        return rng.choice(REFUSALS) if rng.random() < 0.6 else rng.choice((*RUDE, *POLITE)).format(a="I can tell you.")
    if task.kind == "talk":
        return task.answer if rng.random() < 0.6 else rng.choice(RUDE).format(a=task.answer)
    answer = task.answer if has_result or task.call is None else TOO_BIG
    quality = rng.random()
    if quality < 0.1 and task.kind not in ("sum", "long sum", "big sum"):
        return REFUSAL
    if quality < 0.4:
        answer = wrong_answer(task, rng)
    reply = toned(answer, rng, rude_share=0.5)
    return f"{CUE} {reply}" if rng.random() < cue_share else reply


def wrong_answer(task: Task, rng: random.Random) -> str:
    """An answer to the same question that is wrong: for a claim, what the user believes in half of the cases."""
    if task.claimed and rng.random() < 0.5:
        return task.answer.replace(task.right, task.claimed)
    if task.values:
        return task.answer.replace(task.right, rng.choice([value for value in task.values if value != task.right]))
    if task.kind in ("sum", "long sum", "big sum"):
        wrong = rng.choice([n for n in range(max(28, int(task.right))) if str(n) != task.right])
        return task.answer.replace(f"={task.right}", f"={wrong}")
    return "I do not know."
