"""The exercise: find the error in the estimate, and mend it."""

import math

from labs.core.contract.checking import agree, call, call_text, expect_number, number, outcome, probe, shown
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer


def _one_point(names: Names) -> None:
    step = "From score = k · ln(n) get k, solve target = k · ln(n) for n, and multiply by the unit at the end."
    expect_number(names, "one_point", (100, 2, 4, 1), 10_000, step)
    expect_number(names, "one_point", (7e9, 50, 85, 1), 7e9**1.7, step)


def _one_point_in_units(names: Names) -> None:
    step = "Count in units first, parameters / unit, and turn the answer back into parameters at the end."
    expect_number(names, "one_point", (7e9, 50, 85, 1e9), 7**1.7 * 1e9, step)


def _two_points(names: Names) -> None:
    step = "Each point more is the same factor: (n2 / n1) ** ((target - s1) / (s2 - s1))."
    expect_number(names, "two_points", (1e9, 40, 1e10, 50, 60), 1e11, step)
    expect_number(names, "two_points", (1e9, 40, 4e9, 60, 50), 2e9, step)


def _two_points_in_any_unit(names: Names) -> None:
    plain = _called(names, "two_points", 2e9, 30, 7e9, 45, 85)
    billions = _called(names, "two_points", 2, 30, 7, 45, 85) * 1e9
    agree(
        [plain, billions],
        [plain, plain],
        f"the same answer from `two_points` in parameters and in billions, {shown(plain)}",
        "Use ratios such as n2 / n1: a unit drops out of a ratio, and not out of a logarithm.",
    )


def _flops(names: Names) -> None:
    step = "Training takes 6 operations for each parameter and each token."
    expect_number(names, "training_flops", (405e9, 15.6e12), 6 * 405e9 * 15.6e12, step)
    expect_number(names, "training_flops", (1, 1), 6, step)


def _called(names: Names, name: str, *arguments: float) -> float:
    return number(call(names, name, *arguments), call_text(name, *arguments))


def _one_probe(names: Names) -> object:
    return _logarithm(outcome(names, "one_point", 7e9, 50, 85, 1e9))


def _two_probe(names: Names) -> object:
    return _logarithm(outcome(names, "two_points", 1e9, 40, 4e9, 60, 50))


def _logarithm(value: object) -> object:
    return math.log(value) if isinstance(value, float) and 0 < value < math.inf else value


ONE = """\
def one_point(parameters, score, target, unit):
    return unit * (parameters / unit) ** (target / score)
"""

TWO = """

def two_points(n1, s1, n2, s2, target):
    return n1 * (n2 / n1) ** ((target - s1) / (s2 - s1))
"""

FLOPS = """

def training_flops(parameters, tokens):
    return 6 * parameters * tokens
"""

EXERCISE = Exercise(
    title="An estimate that depends on the unit",
    task="""\
Somebody claims: *the score grows with the logarithm of the parameters, so we can read off how large a base model
would have to be.* Show what is wrong with it, and mend it.

`one_point(parameters, score, target, unit)` does what the claim says. With `n` parameters counted in units, that is
`parameters / unit`, assume `score = k · ln(n)`, find `k`, and return how many parameters give `target`: as a plain
number of parameters, not in units. Try it with the unit 1 and with the unit 1e9.

`two_points(n1, s1, n2, s2, target)` has measured two models and assumes `score = a + b · ln(parameters)`. It returns
how many parameters give `target`, and its answer is the same in any unit.

`training_flops(parameters, tokens)` returns the operations that training takes.
""",
    starter="""\
def one_point(parameters, score, target, unit):
    n = parameters / unit
    return ...  # a number of parameters


def two_points(n1, s1, n2, s2, target):
    return ...  # a number in the unit of n1 and n2


def training_flops(parameters, tokens):
    return ...


# print(one_point(7e9, 50, 85, 1), one_point(7e9, 50, 85, 1e9))
""",
    solution=ONE + TWO + FLOPS,
    checks=(
        Check("The claim's formula, counted in single parameters", _one_point),
        Check("The same formula, counted in billions", _one_point_in_units),
        Check("Two measured models give a line in ln(parameters)", _two_points),
        Check("The unit doesn't change the answer any more", _two_points_in_any_unit),
        Check("Training takes 6 · N · D operations", _flops),
    ),
    wrong_answers=(
        WrongAnswer(
            "answer left in units",
            ONE.replace("unit * (parameters", "(parameters") + TWO + FLOPS,
            _one_probe,
            "This answer is a number of units. Multiply it by the unit to compare it with the others.",
        ),
        WrongAnswer(
            "unit ignored",
            ONE.replace("unit * (parameters / unit)", "parameters") + TWO + FLOPS,
            _one_probe,
            "This counts in single parameters whatever the unit. That it should not matter is your point, but the "
            "claim's formula takes the logarithm of a count, and the count depends on it: use parameters / unit.",
        ),
        WrongAnswer(
            "scores the wrong way round",
            ONE.replace("target / score", "score / target") + TWO + FLOPS,
            _one_probe,
            "A higher target comes out with fewer parameters: score and target have changed places in the exponent.",
        ),
        WrongAnswer(
            "in proportion",
            ONE.replace("unit * (parameters / unit) ** (target / score)", "parameters * target / score") + TWO + FLOPS,
            _one_probe,
            "This takes the score to grow with the parameters themselves. With ln(parameters), a higher score "
            "multiplies the exponent: n ** (target / score).",
        ),
        WrongAnswer(
            "a line in parameters",
            ONE
            + TWO.replace("n1 * (n2 / n1) ** ((target - s1) / (s2 - s1))", "n1 + (n2 - n1) * (target - s1) / (s2 - s1)")
            + FLOPS,
            _two_probe,
            "This draws the line over the parameters. Draw it over their logarithm: halfway between 1 and 4 billion is "
            "2 billion there.",
        ),
        WrongAnswer(
            "cost of a forward pass",
            ONE + TWO + FLOPS.replace("6 *", "2 *"),
            probe("training_flops", 3.0, 5.0),
            "2 for each parameter and token is what running the model takes. Training adds the backward pass, about "
            "twice as much again: 6 in all.",
        ),
    ),
    hints=(
        "With `n = parameters / unit`, k is `score / ln(n)`, and from `target = k · ln(m)` follows "
        "`m = n ** (target / score)`.",
        "`m` is counted in units: return `unit * m`. Compare the answers for the units 1 and 1e9.",
        "For two points, ask what one step from s1 to s2 multiplies the parameters by, and how many steps lead to the "
        "target.",
    ),
)
