"""The exercise: pairs in tokens, and how long a bar is on either axis."""

import math

from labs.core.contract.checking import agree, call, call_text, expect_number, number, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

PAIRS_STEP = "Each pair is two sequences, prompt and reply each: count the prompt twice."
LINEAR_STEP = "The bar takes that share of the width which its value is of the largest."
LOG_STEP = "Take logarithms: the bar goes log(value / smallest) out of the log(largest / smallest) of the whole axis."


def _pairs(names: Names) -> None:
    expect_number(names, "tokens_of_pairs", (1, 40, 11), 102, PAIRS_STEP)
    expect_number(names, "tokens_of_pairs", (1000, 30, 25), 110_000, PAIRS_STEP)


def _linear(names: Names) -> None:
    expect_number(names, "linear_length", (1000, 1000, 300), 300, LINEAR_STEP)
    expect_number(names, "linear_length", (250, 1000, 300), 75, LINEAR_STEP)
    expect_number(names, "linear_length", (27_540, 2e12, 300), 300 * 27_540 / 2e12, LINEAR_STEP)


def _log_ends(names: Names) -> None:
    expect_number(names, "log_length", (1000, 10, 1000, 300), 300, LOG_STEP)
    expect_number(names, "log_length", (10, 10, 1000, 300), 0, "Where the axis begins, a bar has no length.")


def _log_between(names: Names) -> None:
    expect_number(names, "log_length", (100, 10, 1000, 300), 150, LOG_STEP)
    expect_number(names, "log_length", (27_540, 1000, 2e12, 300), 300 * math.log(27.54) / math.log(2e9), LOG_STEP)


def _log_factor(names: Names) -> None:
    def length(value: float) -> float:
        arguments = (value, 1, 10_000, 400)
        return number(call(names, "log_length", *arguments), call_text("log_length", *arguments))

    steps = [length(10 * value) - length(value) for value in (1, 7, 300)]
    agree(steps, [100.0] * 3, "ten times the value to be 100 pixels more, on 400 pixels from 1 to 10,000", LOG_STEP)


_pairs_probe = probe("tokens_of_pairs", 10, 40, 11)
_linear_probe = probe("linear_length", 250, 1000, 300)
_log_probe = probe("log_length", 50, 10, 1000, 300)

PAIRS = """\
import math


def tokens_of_pairs(pairs, prompt_tokens, reply_tokens):
    return pairs * 2 * (prompt_tokens + reply_tokens)
"""

LINEAR = """

def linear_length(value, largest, width):
    return width * value / largest
"""

LOG = """

def log_length(value, smallest, largest, width):
    return width * math.log(value / smallest) / math.log(largest / smallest)
"""

EXERCISE = Exercise(
    title="One unit, two axes",
    task="""\
Write three functions in plain Python.

`tokens_of_pairs(pairs, prompt_tokens, reply_tokens)` returns how many tokens a model reads in so many preference
pairs. A pair is one prompt with two replies, and the model reads the prompt with each of them. The last two arguments
are means: of one prompt, and of one reply.

`linear_length(value, largest, width)` returns the length of a bar on a linear axis from 0 to `largest`, which is
`width` pixels wide.

`log_length(value, smallest, largest, width)` returns its length on a logarithmic axis from `smallest` to `largest`.
""",
    starter="""\
import math


def tokens_of_pairs(pairs, prompt_tokens, reply_tokens):
    return ...


def linear_length(value, largest, width):
    return ...  # in pixels


def log_length(value, smallest, largest, width):
    return ...  # in pixels


# print(linear_length(27_540, 2e12, 300), log_length(27_540, 1000, 2e12, 300))
""",
    solution=PAIRS + LINEAR + LOG,
    checks=(
        Check("A pair's prompt is read twice", _pairs),
        Check("A linear bar takes its share of the width", _linear),
        Check("A logarithmic bar begins and ends where its axis does", _log_ends),
        Check("Halfway between 10 and 1000 is 100", _log_between),
        Check("Ten times as much is the same step everywhere", _log_factor),
    ),
    wrong_answers=(
        WrongAnswer(
            "prompt read once",
            PAIRS.replace("2 * (prompt_tokens + reply_tokens)", "(prompt_tokens + 2 * reply_tokens)") + LINEAR + LOG,
            _pairs_probe,
            "This reads the prompt once. The model reads two sequences, and the prompt stands at the head of either.",
        ),
        WrongAnswer(
            "one reply",
            PAIRS.replace("2 * (prompt_tokens", "(prompt_tokens") + LINEAR + LOG,
            _pairs_probe,
            "This counts one reply. A comparison has two, so the model reads two sequences.",
        ),
        WrongAnswer(
            "replies without the prompt",
            PAIRS.replace("(prompt_tokens + reply_tokens)", "reply_tokens") + LINEAR + LOG,
            _pairs_probe,
            "These are the tokens that are scored. The model also reads the prompt before each of them.",
        ),
        WrongAnswer(
            "upside down",
            PAIRS + LINEAR.replace("value / largest", "largest / value") + LOG,
            _linear_probe,
            "Value and largest have changed places: this bar grows as the value shrinks.",
        ),
        WrongAnswer(
            "start of the axis ignored",
            PAIRS
            + LINEAR
            + LOG.replace(
                "math.log(value / smallest) / math.log(largest / smallest)", "math.log(value) / math.log(largest)"
            ),
            _log_probe,
            "This axis begins at 1, wherever `smallest` is. A logarithmic bar measures how many times its value is the "
            "axis's beginning: log(value / smallest).",
        ),
        WrongAnswer(
            "logarithm of the share",
            PAIRS
            + LINEAR
            + LOG.replace(
                "math.log(value / smallest) / math.log(largest / smallest)",
                "math.log((value - smallest) / (largest - smallest))",
            ),
            _log_probe,
            "This takes the logarithm of a linear share, which is below 0. Take logarithms first, and the share of "
            "those.",
        ),
        WrongAnswer(
            "linear from the smallest",
            PAIRS
            + LINEAR
            + LOG.replace(
                "math.log(value / smallest) / math.log(largest / smallest)", "(value - smallest) / (largest - smallest)"
            ),
            _log_probe,
            "This is a linear axis that begins at `smallest`. Without logarithms equal steps add; with them they "
            "multiply.",
        ),
    ),
    hints=(
        "Two sequences a pair, each with prompt and reply: `2 * (prompt_tokens + reply_tokens)`.",
        "A linear length is a share of the width: `value / largest`.",
        "`math.log(value / smallest)` is how far the value is from the axis's beginning. How far is the end? Any base "
        "of logarithm gives the same share.",
    ),
)
