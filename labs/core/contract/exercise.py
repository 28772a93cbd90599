"""An exercise: what a reader starts from, what it is checked by, and the mistakes that it knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Names = Mapping[str, object]


class CheckFailed(Exception):
    """What a check raises: what was expected, what came, and what the reader can do next."""

    def __init__(self, expected: str, got: str, next_step: str) -> None:
        """Say it in three short texts.

        Raises: ValueError if one is blank.
        """
        if not (expected.strip() and got.strip() and next_step.strip()):
            raise ValueError(
                f"A failed check: expected three texts, got {(expected, got, next_step)!r}; leave none blank."
            )
        super().__init__(f"expected {expected}, got {got}; {next_step}")
        self.expected = expected
        self.got = got
        self.next_step = next_step


@dataclass(frozen=True)
class Check:
    """One thing that the reader's code should do, with a function of the names that the code defined.

    The function returns if all is well and raises CheckFailed if not. Checks run in order and the first
    failure ends them, so a later one may rely on what an earlier one has found.
    """

    name: str
    test: Callable[[Names], None]


@dataclass(frozen=True)
class WrongAnswer:
    """A mistake that people make, as source, and what to tell who made it.

    `probe` calls what the code defined and returns what came, through `outcome`. A reader's code that
    fails a check is this mistake if its probe gives what the probe of `source` gives.
    """

    name: str
    source: str
    probe: Callable[[Names], object]
    message: str


@dataclass(frozen=True)
class Exercise:
    """A task with starter, solution, checks, known wrong answers, and hints from the first to the last.

    The task is Markdown. Starter and solution define the same names.
    Raises: ValueError if a text is blank, there is no check, or two checks, names or messages are the same.
    """

    title: str
    task: str
    starter: str
    solution: str
    checks: Sequence[Check]
    wrong_answers: Sequence[WrongAnswer]
    hints: Sequence[str]

    def __post_init__(self) -> None:
        """Refuse an exercise that could not be done or judged."""
        for name in ("title", "task", "starter", "solution"):
            if not getattr(self, name).strip():
                raise ValueError(f"An exercise's {name}: expected some text, got none; write it.")
        if not self.checks:
            raise ValueError("An exercise's checks: expected at least one, got none; add a Check.")
        if not all(hint.strip() for hint in self.hints):
            raise ValueError("An exercise's hints: expected words in each, got a blank one; take it out.")
        _refuse_repeated("checks", [check.name for check in self.checks])
        _refuse_repeated("wrong answers", [wrong.name for wrong in self.wrong_answers])
        _refuse_repeated("messages of wrong answers", [wrong.message for wrong in self.wrong_answers])


def _refuse_repeated(what: str, texts: Sequence[str]) -> None:
    for text in texts:
        if not text.strip() or texts.count(text) > 1:
            raise ValueError(f"An exercise's {what}: expected each once and none blank, got {text!r}.")
