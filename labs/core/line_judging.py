"""What a text that a model wrote does with the question before it: asks another question, answers, declines, stops."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.measures import is_question
from labs.core.model.tokenizer import Tokenizer
from labs.core.world.judge import is_refusal, is_right, words
from labs.core.world.lexicon import FORBIDDEN, HARMLESS, TALK, THINGS
from labs.core.world.tasks import Task

SPEAKER = re.compile(r"(User|Assistant|Q|A|\w+ (asks|says)|-) ?: ?|- ")
USER = re.compile(r"(User|Q|\w+ asks):")
TOLD = (*(topic.way for topic in (*HARMLESS, *FORBIDDEN)), *(text for _, text in THINGS), *(said for _, said in TALK))
"""What people of the village say to questions that are neither about a person nor a sum."""
OFFERS = tuple({said.rpartition(". ")[2] for _, said in TALK if said.endswith("?")})
"""What greets back and ends in a question mark: an offer to help is no question that goes on with a list."""
NO_IDEA = "No idea."
"""The one phrase in which pages of the village admit that somebody does not know."""


@dataclass(frozen=True)
class Said:
    """A written text, judged by its first line.

    `asks`: the line is a question. `declines`: it refuses. `answers`: it is of the sort asked for, right or wrong.
    `right`: it says what is right. `alone`: the end token follows the line at once. `goes_on`: a later line is the
    user's again, or another question. `answers` and `right` are None where nobody knows what was asked.
    """

    line: str
    asks: bool
    declines: bool
    answers: bool | None
    right: bool | None
    alone: bool
    goes_on: bool

    @property
    def replies(self) -> bool | None:
        """Whether the line answers or declines."""
        return None if self.answers is None else self.answers or self.declines


def judge_text(ids: Sequence[int], tokenizer: Tokenizer, end_id: int, task: Task | None) -> Said:
    """Judge what was written to a task, or to a text of which nobody knows what it asks.

    Lines are split at line breaks and at special tokens; empty ones do not count.
    """
    lines = _lines(ids, tokenizer)
    line = lines[0] if lines else ""
    ended = bool(ids) and ids[-1] == end_id
    plain = SPEAKER.sub("", line, count=1) if SPEAKER.match(line) else line
    return Said(
        line,
        asks=asks(plain),
        declines=is_refusal(line),
        answers=None if task is None else is_answer(task, plain),
        right=None if task is None else is_good(task, plain),
        alone=ended and len(lines) == 1,
        goes_on=any(USER.match(later) or asks(later) for later in lines[1:]),
    )


def asks(line: str) -> bool:
    """Whether a line is a question, and not the offer to help that ends a greeting."""
    return is_question(line) and not line.endswith(OFFERS)


def is_answer(task: Task, line: str) -> bool:
    """Whether a line answers a task, rightly or not: no question, no refusal, and something of the sort asked for.

    A person's facts ask for a value of that sort, a sum for a number, everything else for what the village tells.
    """
    if asks(line) or is_refusal(line):
        return False
    if task.values:
        return bool(words(line) & set(task.values))
    if "sum" in task.kind:
        return bool(re.search(r"\d", line))
    return any(told in line for told in TOLD)


def is_good(task: Task, line: str) -> bool:
    """Whether a line is what was wanted: right, or of a person whom nobody knows, that one does not know.

    To decline is not to say that one does not know. A question is never good, whatever it names.
    """
    if asks(line):
        return False
    if task.kind == "fact" and not task.right:
        return NO_IDEA in line
    return is_right(task, line)


def _lines(ids: Sequence[int], tokenizer: Tokenizer) -> list[str]:
    newline = tokenizer.encode("\n")[0]
    pieces: list[list[int]] = [[]]
    for token in ids:
        if token == newline or tokenizer.is_special(token):
            pieces.append([])
        else:
            pieces[-1].append(token)
    # A token may hold a line break and more.
    lines = [line.strip() for piece in pieces for line in tokenizer.decode(piece).split("\n")]
    return [line for line in lines if line]
