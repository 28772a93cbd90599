"""The exercise: say what is wrong with a chat template's output."""

import re
from collections.abc import Callable

from labs.chat_template.exercise import TALK, expected_string
from labs.core.contract.checking import call, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

START, END = "<|im_start|>", "<|im_end|>"
HEADER = re.compile(r"(<\|im_start\|>)(\w+)\n")
GOOD = expected_string(TALK)
BAD = {
    "nothing": GOOD,
    "no generation marker": GOOD.removesuffix(f"{START}assistant\n"),
    "no end token": GOOD.replace(END, ""),
    "doubled start": GOOD.replace(START, START * 2),
    "no role": HEADER.sub(r"\1\n", GOOD),
    "no header newline": HEADER.sub(r"\1\2", GOOD),
}
"""One string for each answer."""
SUBTLE = (
    ("nothing", expected_string([{"role": "user", "content": "Is an assistant\nthe user's tool?"}])),
    ("no end token", GOOD.replace(f"language model.{END}", "language model.")),
    ("doubled start", GOOD.replace(f"{START}user\nWho", f"{START * 2}user\nWho")),
    ("no role", GOOD.replace(f"{START}user\nWhat", f"{START}\nWhat")),
    ("no header newline", GOOD.replace(f"{START}user\nWhat", f"{START}userWhat")),
)
"""Faults in one turn alone, and words that look like roles."""
STEPS = {
    "nothing": "This string is right: every turn begins with a role and ends, and the last begins a reply.",
    "no generation marker": "The string has to end with the start of the assistant's turn, its role and a newline.",
    "no end token": f"Look at each turn but the last: it has to end with {END} and a newline.",
    "doubled start": f"Two {START} stand side by side.",
    "no role": "A header has nothing between its start and its newline.",
    "no header newline": "A role is followed by the content at once. Compare the header's whole first line.",
}


def _finds(*faults: str) -> list[tuple[str, str]]:
    return [(fault, BAD[fault]) for fault in faults]


def _check(cases: list[tuple[str, str]]) -> Callable[[Names], None]:
    def test(names: Names) -> None:
        for fault, text in cases:
            got = call(names, "fault", text)
            if not (isinstance(got, str) and got == fault):
                raise CheckFailed(f'`fault` to return "{fault}" for this string: {text!r}', shown(got), STEPS[fault])

    return test


def _probe(names: Names) -> object:
    return [outcome(names, "fault", text) for _, text in (*BAD.items(), *SUBTLE)]


SOLUTION = r"""START, END = "<|im_start|>", "<|im_end|>"
ROLES = ("system", "user", "assistant", "tool")


def fault(text):
    if START + START in text:
        return "doubled start"
    *turns, last = text.split(START)[1:]
    for turn in [*turns, last]:
        header, newline, content = turn.partition("\n")
        if header == "":
            return "no role"
        if header not in ROLES:
            return "no header newline"
    if last.endswith(END + "\n"):
        return "no generation marker"
    if not all(turn.endswith(END + "\n") for turn in turns):
        return "no end token"
    return "nothing"
"""
ENDS = r'not all(turn.endswith(END + "\n") for turn in turns)'

EXERCISE = Exercise(
    title="Spot the broken template",
    task="""\
A template with a fault raises no error: the model just answers worse. Write `fault(text)`, which gets the string that a
model is given before it writes a reply, and returns the name of what is wrong with it.

A right string is `<|im_start|>`, a role, a newline, the content, `<|im_end|>` and a newline for each turn, and at the
end `<|im_start|>assistant` with a newline. Roles are system, user, assistant and tool. Return

- `"nothing"` if the string is right;
- `"no generation marker"` if it ends with the last turn, and no reply begins;
- `"no end token"` if a turn has no `<|im_end|>`;
- `"doubled start"` if `<|im_start|>` stands twice in a row;
- `"no role"` if a header has no role, only its newline;
- `"no header newline"` if the content follows a role at once.

No string has two kinds of fault, but a fault may be in one turn alone. No content has markers in it.
""",
    starter=r"""START, END = "<|im_start|>", "<|im_end|>"
ROLES = ("system", "user", "assistant", "tool")


def fault(text):
    for turn in text.split(START)[1:]:
        ...
    return "nothing"
""",
    solution=SOLUTION,
    checks=(
        Check("A right string is left alone", _check(_finds("nothing"))),
        Check(
            "A reply that doesn't begin, turns that don't end", _check(_finds("no generation marker", "no end token"))
        ),
        Check("Starts, roles and newlines of headers", _check(_finds("doubled start", "no role", "no header newline"))),
        Check("A fault in one turn alone, and words that look like roles", _check(list(SUBTLE))),
    ),
    wrong_answers=(
        WrongAnswer(
            "an end for every start",
            SOLUTION.replace(ENDS, "text.count(START) != text.count(END)"),
            _probe,
            "You want as many ends as starts. The last start begins the reply, and the model writes that end itself: a "
            "right string has one start more.",
        ),
        WrongAnswer(
            "an end somewhere",
            SOLUTION.replace(ENDS, "END not in text"),
            _probe,
            "This finds a string without any end, and misses one turn that has none. Look at each turn.",
        ),
        WrongAnswer(
            "an assistant somewhere",
            SOLUTION.replace('last.endswith(END + "\\n")', 'START + "assistant" not in text'),
            _probe,
            "Some turn is the assistant's, so you think that a reply begins. An earlier reply doesn't count: the "
            "marker has to be the last thing in the string.",
        ),
        WrongAnswer(
            "a role at the beginning",
            SOLUTION.replace("header not in ROLES", "not header.startswith(ROLES)"),
            _probe,
            "A header that only begins with a role passes, so a missing newline stays unseen: “userHello.” begins with "
            "user. Compare the whole first line.",
        ),
        WrongAnswer(
            "headers mixed up",
            SOLUTION.replace('return "no role"', 'return "no header newline"'),
            _probe,
            "An empty first line means that the newline is there and the role is not. You call it a missing newline.",
        ),
    ),
    hints=(
        "Print a right string with `repr`, and beside it one of the broken ones: the message of a check shows it.",
        "`text.split(START)[1:]` gives the turns without their starts. The last of them is where the reply begins.",
        '`header, newline, content = turn.partition("\\n")` takes the first line off. In a right turn that is a role '
        "and nothing else.",
        'Look for an end in every turn but the last: `turn.endswith(END + "\\n")`.',
    ),
)
