"""The exercise: sample with temperature."""

import random

from labs.core.contract.checking import call, call_text, close, function_named, number, numbers, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

ROW = [0.5, 0.3, 0.2]
DRAWS = 1000


class EvenRandom(random.Random):
    """Random numbers in turn from all parts of 0 to 1, so that few draws show the frequencies well."""

    def __init__(self) -> None:
        """Start at the same place every time."""
        super().__init__(0)
        self._at = 0.5

    def random(self) -> float:
        """The next number, from 0 up to but not including 1."""
        self._at = (self._at + 0.6180339887498949) % 1
        return self._at


def _leaves_at_one(names: Names) -> None:
    _expect(names, ROW, 1, ROW, "Temperature 1 should change nothing: p ** (1 / 1) is p.")


def _sums_to_one(names: Names) -> None:
    for temperature in (0.5, 2, 7):
        got = _applied(names, ROW, temperature)
        if not close([sum(got)], [1]):
            raise CheckFailed(
                f"{call_text('apply_temperature', ROW, temperature)} to sum to 1",
                f"{shown(got)}, which sums to {sum(got):.6g}",
                "Add up the weights and divide each of them by the sum.",
            )


def _sharpens(names: Names) -> None:
    step = "Raise each probability to the power 1 / temperature, then divide by the sum."
    _expect(names, [0.8, 0.2], 0.5, [0.64 / 0.68, 0.04 / 0.68], step)


def _flattens(names: Names) -> None:
    _expect(names, [0.9, 0.1], 2, [0.75, 0.25], "Above 1 the rare gains: 0.9 is to 0.1 as 9 to 1, its root as 3.")


def _keeps_zero(names: Names) -> None:
    _expect(names, [0.75, 0.0, 0.25], 0.5, [0.9, 0.0, 0.1], "What had probability 0 keeps it at any temperature.")


def _is_greedy_at_zero(names: Names) -> None:
    _expect(names, [0.2, 0.5, 0.3], 0, [0, 1, 0], "Treat 0 apart, before you divide by it: the most likely gets 1.")


def _draws_as_often(names: Names) -> None:
    for temperature, expected in ((1, ROW), (2, [0.4155, 0.3218, 0.2627])):
        got = [_drawn(names, temperature).count(index) / DRAWS for index in range(len(ROW))]
        if any(abs(g - e) > 0.02 for g, e in zip(got, expected, strict=True)):
            raise CheckFailed(
                f"`sample({ROW}, {temperature}, rng)` to draw the indices about as often as {expected}",
                f"frequencies of {shown(got)} in {DRAWS} draws",
                "Go along the shares and subtract each from one rng.random(); the one that takes it below 0 is drawn.",
            )


def _draws_greedily_at_zero(names: Names) -> None:
    drawn = set(_drawn(names, 0))
    if drawn != {0}:
        raise CheckFailed(
            f"`sample({ROW}, 0, rng)` to return 0 always",
            f"{sorted(drawn)}",
            "Draw from what apply_temperature returns.",
        )


def _applied(names: Names, row: list[float], temperature: float) -> list[float]:
    called = call_text("apply_temperature", row, temperature)
    return numbers(call(names, "apply_temperature", list(row), temperature), len(row), called)


def _expect(names: Names, row: list[float], temperature: float, expected: list[float], next_step: str) -> None:
    got = _applied(names, row, temperature)
    if not close(got, expected):
        called = call_text("apply_temperature", row, temperature)
        raise CheckFailed(f"{called} to return {shown(list(map(float, expected)))}", shown(got), next_step)


def _drawn(names: Names, temperature: float) -> list[int]:
    function_named(names, "sample")
    rng = EvenRandom()
    drawn = []
    for _ in range(DRAWS):
        index = number(call(names, "sample", list(ROW), temperature, rng), "what `sample` returns")
        if index not in range(len(ROW)):
            raise CheckFailed(
                f"`sample` to return an index, 0 to {len(ROW) - 1}",
                shown(index),
                "Return the place, not the probability.",
            )
        drawn.append(int(index))
    return drawn


def _sharp_probe(names: Names) -> object:
    return outcome(names, "apply_temperature", [0.8, 0.2], 0.5)


def _zero_probe(names: Names) -> object:
    return outcome(names, "apply_temperature", [0.2, 0.5, 0.3], 0)


def _sample_probe(names: Names) -> object:
    rng = EvenRandom()
    return [outcome(names, "sample", list(ROW), 1, rng) for _ in range(20)]


APPLY = """\
def apply_temperature(probabilities, temperature):
    if temperature == 0:
        most = max(probabilities)
        weights = [float(p == most) for p in probabilities]
    else:
        weights = [p ** (1 / temperature) for p in probabilities]
    total = sum(weights)
    return [weight / total for weight in weights]
"""

SAMPLE = """

def sample(probabilities, temperature, rng):
    draw = rng.random()
    for index, share in enumerate(apply_temperature(probabilities, temperature)):
        draw -= share
        if draw < 0:
            return index
    return index
"""

EXERCISE = Exercise(
    title="Sample with temperature",
    task="""\
Write two functions in plain Python.

`apply_temperature(probabilities, temperature)` takes a list of numbers that sum to 1. It returns a list of the same
length: each probability raised to the power 1 / temperature, and all divided by their sum. At temperature 0 the most
likely gets 1 and the others get 0.

`sample(probabilities, temperature, rng)` draws one index at random, by the probabilities at that temperature.
`rng.random()` gives a number from 0 up to 1.
""",
    starter="""\
def apply_temperature(probabilities, temperature):
    weights = ...  # one for each probability
    return weights


def sample(probabilities, temperature, rng):
    shares = apply_temperature(probabilities, temperature)
    draw = rng.random()  # from 0 up to 1
    return ...  # the index that was drawn
""",
    solution=APPLY + SAMPLE,
    checks=(
        Check("Temperature 1 leaves the probabilities as they are", _leaves_at_one),
        Check("The result sums to 1 at any temperature", _sums_to_one),
        Check("Below 1 the likely gains", _sharpens),
        Check("Above 1 the rare gains", _flattens),
        Check("What had probability 0 keeps it", _keeps_zero),
        Check("At 0 the most likely gets everything", _is_greedy_at_zero),
        Check("Samples come as often as the probabilities say", _draws_as_often),
        Check("At 0 every sample is the most likely", _draws_greedily_at_zero),
    ),
    wrong_answers=(
        WrongAnswer(
            "multiplied",
            APPLY.replace("p ** (1 / temperature)", "p ** temperature") + SAMPLE,
            _sharp_probe,
            "This raises to the power T, not 1 / T: cold and hot have changed places. Temperature divides log p, and "
            "to divide a logarithm is to take the power 1 / T.",
        ),
        WrongAnswer(
            "not normalised",
            APPLY.replace(
                "    total = sum(weights)\n    return [weight / total for weight in weights]", "    return weights"
            )
            + SAMPLE,
            _sharp_probe,
            "The powers are right, but they no longer sum to 1. Divide each by their sum as the last step.",
        ),
        WrongAnswer(
            "divided",
            APPLY.replace("p ** (1 / temperature)", "p / temperature") + SAMPLE,
            _sharp_probe,
            "Every p is divided by the same T, and dividing by the sum takes that out again: nothing changes. It is "
            "log p that temperature divides.",
        ),
        WrongAnswer(
            "divided and not normalised",
            "def apply_temperature(probabilities, temperature):\n    return [p / temperature for p in probabilities]\n"
            + SAMPLE,
            _sharp_probe,
            "p / T only stretches the numbers. Their sum is now 1 / T, and their ratios are what they were.",
        ),
        WrongAnswer(
            "softmax of probabilities",
            "from math import exp\n\n\n" + APPLY.replace("p ** (1 / temperature)", "exp(p / temperature)") + SAMPLE,
            _sharp_probe,
            "This takes the softmax of p / T. Softmax wants logarithms: exp(log(p) / T), which is p ** (1 / T).",
        ),
        WrongAnswer(
            "divides by zero",
            "def apply_temperature(probabilities, temperature):\n"
            "    weights = [p ** (1 / temperature) for p in probabilities]\n"
            "    return [weight / sum(weights) for weight in weights]\n" + SAMPLE,
            _zero_probe,
            "At temperature 0 this divides by zero. There is a limit there, greedy decoding: treat 0 apart, before "
            "the division.",
        ),
        WrongAnswer(
            "always greedy",
            APPLY
            + "\n\ndef sample(probabilities, temperature, rng):\n    return probabilities.index(max(probabilities))\n",
            _sample_probe,
            "This takes the most likely every time, which is right at temperature 0 alone. Use rng.random() to draw.",
        ),
        WrongAnswer(
            "equal chances",
            APPLY
            + "\n\ndef sample(probabilities, temperature, rng):\n    return int(rng.random() * len(probabilities))\n",
            _sample_probe,
            "This draws each index equally often. Let each take as much of the line from 0 to 1 as its probability.",
        ),
    ),
    hints=(
        "Do temperature 1 first: the list should come back as it went in.",
        "The weights are `p ** (1 / temperature)`. What do they sum to, and what should they sum to?",
        "At temperature 0 give the largest probability the weight 1 and the others 0, before any division by 0.",
        "To draw, take one `rng.random()` and subtract the shares from it in turn. Return the index at which it drops "
        "below 0.",
    ),
)
