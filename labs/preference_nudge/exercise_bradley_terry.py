"""The exercise: a reward model's loss, the Bradley–Terry model, for any rewards."""

import math

from labs.core.contract.checking import agree, call, expect_number, number, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

CHANCE, LOSS = "win_probability", "pair_loss"
CHANCE_STEP = "The probability is σ(reward_a − reward_b), with σ(x) = 1 / (1 + e^−x)."
LOSS_STEP = "The loss is −ln σ(chosen − rejected): small if the chosen reply has the higher reward."
LARGE_STEP = "math.exp of a large number overflows: write the formula so that exp only gets numbers up to 0."


def _is_even(names: Names) -> None:
    expect_number(names, CHANCE, (1.5, 1.5), 0.5, "With equal rewards the difference is 0, and σ(0) is 0.5.")
    expect_number(names, LOSS, (1.5, 1.5), math.log(2), LOSS_STEP)


def _is_sigmoid(names: Names) -> None:
    expect_number(names, CHANCE, (2.0, 1.0), 1 / (1 + math.exp(-1)), CHANCE_STEP)
    expect_number(names, CHANCE, (-1.0, 2.0), 1 / (1 + math.exp(3)), CHANCE_STEP)


def _is_log_loss(names: Names) -> None:
    expect_number(names, LOSS, (2.0, 1.0), math.log1p(math.exp(-1)), LOSS_STEP)
    expect_number(names, LOSS, (-1.0, 2.0), math.log1p(math.exp(3)), LOSS_STEP)


def _sees_differences(names: Names) -> None:
    got = [number(call(names, LOSS, 2.0 + shift, 1.0 + shift), f"what `{LOSS}` returns") for shift in (0, 7, -40)]
    wanted = "the same loss when 7 is added to both rewards, or 40 taken from both"
    agree(got, [got[0]] * 3, wanted, "Take the difference of the rewards first.")


def _bears_large(names: Names) -> None:
    for a, b, chance, loss in ((500.0, -500.0, 1, 0), (-500.0, 500.0, 0, 1000), (-50.0, 50.0, 0, 100)):
        expect_number(names, CHANCE, (a, b), chance, LARGE_STEP)
        expect_number(names, LOSS, (a, b), loss, LARGE_STEP)


WIN = """\
import math


def win_probability(reward_a, reward_b):
    difference = reward_a - reward_b
    if difference >= 0:
        return 1 / (1 + math.exp(-difference))
    return math.exp(difference) / (1 + math.exp(difference))
"""
PAIR = """

def pair_loss(chosen, rejected):
    margin = chosen - rejected
    return max(-margin, 0) + math.log1p(math.exp(-abs(margin)))
"""
NAIVE = """\
import math


def win_probability(reward_a, reward_b):
    return 1 / (1 + math.exp(reward_b - reward_a))
"""
LOG_OF_CHANCE = """

def pair_loss(chosen, rejected):
    return -math.log(win_probability(chosen, rejected))
"""

EXERCISE = Exercise(
    title="The Bradley–Terry loss",
    task="""\
A reward model gives each reply a number. The Bradley–Terry model turns two of them into a probability, and a loss.

`win_probability(reward_a, reward_b)` returns the probability that a rater prefers reply A: σ(reward_a − reward_b), with
`σ(x) = 1 / (1 + exp(−x))`.

`pair_loss(chosen, rejected)` gets the rewards of the two replies and returns the loss in nats: −ln of the probability
that the chosen one is preferred.

Both have to work for rewards that are 1000 apart, where `math.exp(1000)` is too large for a float.
""",
    starter="""\
import math


def win_probability(reward_a, reward_b):
    return ...


def pair_loss(chosen, rejected):
    return ...


# print(win_probability(2.0, 1.0), pair_loss(2.0, 1.0))
""",
    solution=WIN + PAIR,
    checks=(
        Check("Equal rewards: probability 0.5, loss ln 2", _is_even),
        Check("The probability is σ of the difference", _is_sigmoid),
        Check("The loss is −ln of the chosen reply's probability", _is_log_loss),
        Check("Only the difference of the rewards counts", _sees_differences),
        Check("Rewards 1000 apart give finite numbers", _bears_large),
    ),
    wrong_answers=(
        WrongAnswer(
            "share of the rewards",
            WIN.replace("difference = reward_a - reward_b\n", "return reward_a / (reward_a + reward_b)\n") + PAIR,
            probe(CHANCE, 2.0, 1.0),
            "This is A's share of the sum. That form of Bradley–Terry takes strengths, which are e^reward: a share of "
            "e^reward_a and e^reward_b is σ of the difference. A reward itself may be negative.",
        ),
        WrongAnswer(
            "the other reply's probability",
            WIN.replace("reward_a - reward_b", "reward_b - reward_a") + PAIR,
            probe(CHANCE, 2.0, 1.0),
            "This is the probability that B is preferred: the sign of the difference is flipped.",
        ),
        WrongAnswer(
            "loss of the rejected",
            WIN + PAIR.replace("chosen - rejected", "rejected - chosen"),
            probe(LOSS, 2.0, 1.0),
            "The sign is flipped: this loss is small when the rejected reply has the higher reward, so training would "
            "teach the model to prefer that.",
        ),
        WrongAnswer(
            "probability, not its logarithm",
            WIN
            + LOG_OF_CHANCE.replace(
                "-math.log(win_probability(chosen, rejected))", "win_probability(rejected, chosen)"
            ),
            probe(LOSS, 2.0, 1.0),
            "This is 1 − P, which hardly changes where the model is badly wrong and never exceeds 1. The loss is "
            "−ln P.",
        ),
        WrongAnswer(
            "probability overflows",
            NAIVE + PAIR,
            probe(CHANCE, -500.0, 500.0),
            "The formula is right, and `math.exp(1000)` is more than a float can hold. For a negative difference d "
            "use the same number in another form: e^d / (1 + e^d).",
        ),
        WrongAnswer(
            "loss overflows",
            WIN
            + PAIR.replace("max(-margin, 0) + math.log1p(math.exp(-abs(margin)))", "math.log(1 + math.exp(-margin))"),
            probe(LOSS, -500.0, 500.0),
            "The formula is right, and `math.exp(1000)` is more than a float can hold. For a negative margin m use "
            "−m + ln(1 + e^m), which is the same number.",
        ),
        WrongAnswer(
            "logarithm of 0",
            WIN + LOG_OF_CHANCE,
            probe(LOSS, -500.0, 500.0),
            "The probability is so small that it was rounded to 0, which has no logarithm. Don't go through the "
            "probability: with margin m the loss is ln(1 + e^−m), and for negative m that is −m + ln(1 + e^m).",
        ),
    ),
    hints=(
        "Both functions begin with a difference: reward_a − reward_b, and chosen − rejected.",
        "−ln σ(m) is the same as `math.log(1 + math.exp(-m))`. That works until m is very negative.",
        "For m below 0 take −m out of the logarithm: −m + ln(1 + e^m). Both cases in one line are "
        "`max(-m, 0) + math.log1p(math.exp(-abs(m)))`.",
    ),
)
