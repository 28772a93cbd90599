"""The quiz file's format: what each kind of question must have. docs/guides/quizzes.md shows one of each."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from overrides.hooks.quiz_parts import Part, read_parts, where

type Kind = Literal["single", "multiple", "number", "order", "output"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
ALWAYS = ("id", "kind", "prompt", "learn")


@dataclass(frozen=True)
class Option:
    """What can be chosen or put in order: Markdown (of an output question the output itself), why, and whether right.

    The items of an order question stand in the right order.
    """

    text: str
    why: str
    right: bool
    line: int


@dataclass(frozen=True)
class Wrong:
    """A wrong number that is recognised, how near to it an answer is taken for it, and what to say then."""

    value: float
    tolerance: float
    why: str


@dataclass(frozen=True)
class Number:
    """The right number of a number question, and the wrong ones that have an explanation of their own."""

    answer: float
    tolerance: float
    unit: str
    why: str
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class Question:
    """A question of a quiz; `learn` is a link from its module's page, `lines` are those of its keys."""

    id: str
    kind: Kind
    prompt: str
    learn: str
    options: tuple[Option, ...]
    number: Number | None
    code: str | None
    lines: dict[str, int]


@dataclass(frozen=True)
class Quiz:
    """The questions of docs/modules/<name>/quiz.yml."""

    name: str
    path: Path
    questions: tuple[Question, ...]

    def where(self, question: Question, key: str) -> str:
        """The place of a question's key, for messages."""
        return where(self.path, question.lines.get(key, question.lines["id"]))


def read_quiz(path: Path) -> Quiz:
    """The quiz in a file.

    Raises: BuildStop with line, question, what was expected and how to mend it, if it is not in our format.
    """
    listed = read_parts(path).mapping(["questions"])["questions"]
    parts = listed.items(1, 100, "question")
    questions: dict[str, Question] = {}
    for number, part in enumerate(parts, start=1):
        question = _question(part, number)
        if question.id in questions:
            fix = "give it another: a reader's progress is kept under it."
            raise replace(part, question=question.id).stop("an id of its own", f"that of line {part.line} twice", fix)
        questions[question.id] = question
    return Quiz(path.parent.name, path, tuple(questions.values()))


def _question(part: Part, number: int) -> Question:
    named = part.key("id")
    part = replace(part, question=str(named.node.value) if named else f"number {number}", called="")
    kind_part = part.key("kind")
    if named is None or kind_part is None:
        part.mapping(ALWAYS, ["options", "answer", "tolerance", "unit", "why", "wrong", "code", "items"])
    assert named is not None
    assert kind_part is not None
    kind = next((kind for kind in KINDS if kind == kind_part.node.value), None)
    if kind is None:
        raise replace(kind_part, called="kind").stop(f"one of {', '.join(KINDS)}", repr(kind_part.node.value))
    own, optional, read = READ[kind]
    keys = part.mapping([*ALWAYS, *own], optional)
    name = keys["id"].text()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise keys["id"].stop("small letters, digits and single hyphens", repr(name), "write it like `what-it-does`.")
    options, answer = read(keys)
    return Question(
        name,
        kind,
        keys["prompt"].text(),
        keys["learn"].text().strip(),
        options,
        answer,
        keys["code"].text() if "code" in keys else None,
        {key: value.line for key, value in keys.items()},
    )


def _choices(keys: dict[str, Part], field: str, rights: Callable[[int, int], bool], said: str) -> tuple[Option, ...]:
    """The options of a question, of which `rights` accepts so many right ones among so many."""
    listed = keys["options"]
    options = []
    for part in listed.items(3, 5, "option"):
        found = part.mapping([field, "why"], ["right"])
        right = "right" in found and found["right"].truth()
        options.append(Option(found[field].text(), found["why"].text().strip(), right, part.line))
        _refuse_equal(part, field, options)
    count = sum(option.right for option in options)
    if not rights(count, len(options)):
        raise listed.stop(said, f"{count} right of {len(options)}", "mark right options with `right: true`.")
    return tuple(options)


def _refuse_equal(part: Part, field: str, options: Sequence[Option]) -> None:
    def bare(text: str) -> str:
        return same_output(text) if field == "output" else " ".join(text.casefold().split())

    *before, last = options
    for number, option in enumerate(before, start=1):
        if bare(option.text) == bare(last.text):
            raise part.stop("options that differ", f"the same as number {number}", "make them different.")


def same_output(text: str) -> str:
    """An output without what nobody sees: white space at the ends of lines and empty lines at its end."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).rstrip()


def _one_right(keys: dict[str, Part]) -> tuple[tuple[Option, ...], None]:
    field = "output" if keys["kind"].node.value == "output" else "text"
    return _choices(keys, field, lambda right, _: right == 1, "exactly one right option"), None


def _some_right(keys: dict[str, Part]) -> tuple[tuple[Option, ...], None]:
    said = "one right option or more, and at least one wrong"
    return _choices(keys, "text", lambda right, total: 1 <= right < total, said), None


def _order(keys: dict[str, Part]) -> tuple[tuple[Option, ...], None]:
    items: list[Option] = []
    for part in keys["items"].items(3, 6, "item"):
        found = part.mapping(["text", "why"])
        items.append(Option(found["text"].text(), found["why"].text().strip(), False, part.line))
        _refuse_equal(part, "text", items)
    return tuple(items), None


def _number(keys: dict[str, Part]) -> tuple[tuple[Option, ...], Number]:
    answer, tolerance = keys["answer"].number(), _tolerance(keys["tolerance"])
    wrong: list[Wrong] = []
    for part in keys["wrong"].items(1, 100, "wrong answer"):
        found = part.mapping(["value", "why"], ["tolerance"])
        value = found["value"].number()
        if abs(value - answer) <= tolerance:
            said = f"{value:g}, within {tolerance:g} of the answer {answer:g}"
            raise part.stop("a value that is wrong", said, "correct the value, or make the tolerance smaller.")
        if any(value == other.value for other in wrong):
            raise part.stop("wrong answers that differ", f"{value:g} twice", "leave one of the two.")
        near = _tolerance(found["tolerance"]) if "tolerance" in found else tolerance
        wrong.append(Wrong(value, near, found["why"].text().strip()))
    unit = keys["unit"].text().strip() if "unit" in keys else ""
    return (), Number(answer, tolerance, unit, keys["why"].text().strip(), tuple(wrong))


def _tolerance(part: Part) -> float:
    value = part.number()
    if value < 0:
        raise part.stop("0 or more", f"{value:g}", "write how far off an answer may be.")
    return value


type Read = Callable[[dict[str, Part]], tuple[tuple[Option, ...], Number | None]]
READ: dict[Kind, tuple[Sequence[str], Sequence[str], Read]] = {
    "single": (["options"], [], _one_right),
    "multiple": (["options"], [], _some_right),
    "number": (["answer", "tolerance", "why", "wrong"], ["unit", "code"], _number),
    "order": (["items"], [], _order),
    "output": (["code", "options"], [], _one_right),
}
"""What each kind has besides what all have: needed keys, further ones, and how they are read."""
