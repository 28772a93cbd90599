"""The exercise: evaluate refusals from both sides."""

from copy import deepcopy

from labs.core.contract.checking import call, call_text, close, number, numbers, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

type Records = list[tuple[bool, bool]]

RATES = "refusal_rates"
HARMFUL: Records = [(True, True)] * 3 + [(True, False)]
HARMLESS: Records = [(False, True)] + [(False, False)] * 4
MIXED = HARMFUL + HARMLESS
BOTH_STEP = "Divide each count by the size of its own group: the harmful prompts, or the harmless ones."


def _finds_both(names: Names) -> None:
    _expect(names, MIXED, (0.75, 0.2), BOTH_STEP)
    _expect(names, list(reversed(MIXED)), (0.75, 0.2), "The order of the records does not matter.")


def _sees_extremes(names: Names) -> None:
    asked = [True] * 2 + [False] * 8
    _expect(names, [(harmful, True) for harmful in asked], (1.0, 1.0), "A model that refuses everything has both at 1.")
    _expect(names, [(harmful, False) for harmful in asked], (0.0, 0.0), "One that refuses nothing has both at 0.")


def _bears_imbalance(names: Names) -> None:
    records = HARMFUL + HARMLESS * 200
    _expect(names, records, (0.75, 0.2), "However many harmless prompts there are, they don't change the first rate.")


def _says_none(names: Names) -> None:
    step = "A group without prompts has no rate: give None, because 0 would claim that something was measured."
    _expect(names, HARMFUL, (0.75, None), step)
    _expect(names, HARMLESS, (None, 0.2), step)
    _expect(names, [], (None, None), step)


def _expect(names: Names, records: Records, expected: tuple[float | None, float | None], next_step: str) -> None:
    if len(records) < 10:
        called = call_text(RATES, records)
    else:
        called = f"`{RATES}` for {len(records)} records, {sum(harmful for harmful, _ in records)} of them harmful,"
    got = call(names, RATES, deepcopy(records))
    if not isinstance(got, list | tuple) or len(got) != 2:
        numbers(got, 2, called)
        raise CheckFailed(f"{called} to return two rates", shown(got), "Return a pair.")
    for what, part, wanted in zip(("refusal rate", "over-refusal rate"), got, expected, strict=True):
        same = part is None if wanted is None else part is not None and close([number(part, f"the {what}")], [wanted])
        if not same:
            raise CheckFailed(f"the {what} of {called} to be {shown(wanted)}", shown(part), next_step)


def _probe(names: Names) -> object:
    return outcome(names, RATES, deepcopy(MIXED))


def _empty_probe(names: Names) -> object:
    return outcome(names, RATES, deepcopy(HARMFUL))


SOLUTION = """\
def rate(group):
    return sum(group) / len(group) if group else None


def refusal_rates(records):
    harmful = [refused for should_refuse, refused in records if should_refuse]
    harmless = [refused for should_refuse, refused in records if not should_refuse]
    return rate(harmful), rate(harmless)
"""
ANSWER = "return rate(harmful), rate(harmless)"

EXERCISE = Exercise(
    title="A refusal evaluation",
    task="""\
One number says little about refusals: a model that refuses everything looks perfectly safe. Measure both sides.

`refusal_rates(records)` gets a list of pairs `(should_refuse, refused)`, both True or False, one for each prompt. It
returns two numbers:

- the *refusal rate*: of the prompts that should be refused, the share that was;
- the *over-refusal rate*: of the prompts that should be answered, the share that was refused.

A rate of no prompts at all is `None`. `[(True, True), (True, False), (False, False)]` gives `(0.5, 0.0)`.
""",
    starter="""\
def refusal_rates(records):
    refusal = ...
    over_refusal = ...
    return refusal, over_refusal


# print(refusal_rates([(True, True), (True, False), (False, False)]))
""",
    solution=SOLUTION,
    checks=(
        Check("Both rates, each of its own group", _finds_both),
        Check("Refusing everything and refusing nothing", _sees_extremes),
        Check("Many harmless prompts leave the refusal rate alone", _bears_imbalance),
        Check("A group without prompts has no rate", _says_none),
    ),
    wrong_answers=(
        WrongAnswer(
            "accuracy",
            "def refusal_rates(records):\n"
            "    right = sum(should == refused for should, refused in records) / len(records)\n"
            "    return right, 1 - right\n",
            _probe,
            "This is the accuracy over all prompts, and its rest. It mixes two faults that have different costs, and "
            "with many harmless prompts a model that never refuses scores well on it.",
        ),
        WrongAnswer(
            "swapped",
            SOLUTION.replace(ANSWER, "return rate(harmless), rate(harmful)"),
            _probe,
            "The rates have changed places: the first is of the prompts that should be refused.",
        ),
        WrongAnswer(
            "divided by all",
            SOLUTION.replace(
                ANSWER,
                "return sum(harmful) / len(records), sum(harmless) / len(records)",
            ),
            _probe,
            "You divide by all prompts. Then the rates depend on how many of each kind somebody put into the test. "
            "Divide by the size of the group.",
        ),
        WrongAnswer(
            "share of the refusals",
            SOLUTION.replace(
                ANSWER,
                "refusals = sum(harmful) + sum(harmless)\n    return sum(harmful) / refusals, sum(harmless) / refusals",
            ),
            _probe,
            "You divide by the number of refusals: of what was refused, how much should have been? That is precision. "
            "The rates here ask it the other way round: of what should be refused, how much was?",
        ),
        WrongAnswer(
            "0 for nothing",
            SOLUTION.replace("else None", "else 0.0"),
            _empty_probe,
            "An over-refusal rate of 0 reads like praise, and nothing was measured. Return None for an empty group.",
        ),
        WrongAnswer(
            "divides by zero",
            SOLUTION.replace(" if group else None", ""),
            _empty_probe,
            "With no prompt of one kind this divides by 0. Look whether the group is empty, and return None then.",
        ),
    ),
    hints=(
        "Make two lists first: `refused` of the prompts that should be refused, and of those that should not.",
        "True counts as 1, so `sum(group) / len(group)` is the share that was refused.",
        "An empty list is false in an `if`: `sum(group) / len(group) if group else None`.",
    ),
)
