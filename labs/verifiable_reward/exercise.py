"""The exercise: the advantages of a group, with and without its standard deviation, and groups that teach nothing."""

from labs.core.contract.checking import agree, call, expect_number, expect_numbers, numbers, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

ADVANTAGES, SHARE = "group_advantages", "zero_variance_share"
ONE_OF_FOUR = [1.0, 0.0, 0.0, 0.0]
THREE_OF_FOUR = [1.0, 1.0, 0.0, 1.0]
GRADED = [0.1, 0.9, 0.4, 0.6]
GROUPS = [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]]
MEAN_STEP = "Subtract the mean of all rewards of the group, its own included, from each."
STD_STEP = "Divide by the standard deviation: the root of the mean of the squared differences, a mean over all G."
ZERO_STEP = "Where all rewards are equal every difference is 0: return zeros, and divide by nothing."
SHARE_STEP = (
    "Count the groups whose rewards are all the same, whether all right or all wrong, and divide by all groups."
)


def _without_std(names: Names) -> None:
    expect_numbers(names, ADVANTAGES, (ONE_OF_FOUR, False), [0.75, -0.25, -0.25, -0.25], MEAN_STEP)
    expect_numbers(names, ADVANTAGES, (GRADED, False), [-0.4, 0.4, -0.1, 0.1], MEAN_STEP)


def _with_std(names: Names) -> None:
    rare, usual = 3**0.5, -(3**-0.5)
    expect_numbers(names, ADVANTAGES, (ONE_OF_FOUR, True), [rare, usual, usual, usual], STD_STEP)
    expect_numbers(names, ADVANTAGES, (THREE_OF_FOUR, True), [-usual, -usual, -rare, -usual], STD_STEP)
    std = 0.085**0.5
    expect_numbers(names, ADVANTAGES, (GRADED, True), [each / std for each in (-0.4, 0.4, -0.1, 0.1)], STD_STEP)


def _sums_to_zero(names: Names) -> None:
    for scale in (True, False):
        got = numbers(call(names, ADVANTAGES, list(GRADED), scale), 4, f"what `{ADVANTAGES}` returns")
        agree([round(sum(got), 9)], [0.0], "advantages whose sum is 0", MEAN_STEP)


def _zero_variance(names: Names) -> None:
    for reward in (0.0, 1.0):
        for scale in (False, True):
            expect_numbers(names, ADVANTAGES, ([reward] * 4, scale), [0.0] * 4, ZERO_STEP)


def _share(names: Names) -> None:
    expect_number(names, SHARE, (GROUPS,), 0.5, SHARE_STEP)
    expect_number(names, SHARE, ([[0.3, 0.3], [0.3, 0.4], [1.0, 0.0]],), 1 / 3, SHARE_STEP)
    expect_number(names, SHARE, ([[1.0, 0.0]],), 0.0, SHARE_STEP)


ADVANTAGES_SOLUTION = """\
def group_advantages(rewards, scale):
    mean = sum(rewards) / len(rewards)
    centred = [reward - mean for reward in rewards]
    std = (sum(each**2 for each in centred) / len(rewards)) ** 0.5
    if not scale or max(rewards) == min(rewards):
        return centred
    return [each / std for each in centred]
"""
SHARE_SOLUTION = """

def zero_variance_share(groups):
    return sum(max(group) == min(group) for group in groups) / len(groups)
"""

EXERCISE = Exercise(
    title="The advantages of a group",
    task="""\
A prompt got G replies, and each a reward. `group_advantages(rewards, scale)` gets the rewards as a list and returns a
list of advantages.

- With `scale=False` (Dr. GRPO) an advantage is the reward minus the mean of the group.
- With `scale=True` (GRPO) it is that, divided by the standard deviation of the group. Divide by G inside the root, not
  by G − 1, and add no small number to it.
- If all rewards are equal, all advantages are 0 in both.

`zero_variance_share(groups)` gets a list of such lists and returns the share of groups that teach nothing, from 0 to 1.

By hand: for the rewards 1, 0, 0, 0 the mean is 0.25, and Dr. GRPO gives 0.75, −0.25, −0.25, −0.25.
""",
    starter="""\
def group_advantages(rewards, scale):
    return ...


def zero_variance_share(groups):
    return ...


# print(group_advantages([1.0, 0.0, 0.0, 0.0], True))
""",
    solution=ADVANTAGES_SOLUTION + SHARE_SOLUTION,
    checks=(
        Check("Without the std: reward minus the group's mean", _without_std),
        Check("With the std: in units of the group's spread", _with_std),
        Check("A group's advantages sum to 0", _sums_to_zero),
        Check("A group of equal rewards has advantages of 0", _zero_variance),
        Check("The share of groups that teach nothing", _share),
    ),
    wrong_answers=(
        WrongAnswer(
            "sample standard deviation",
            ADVANTAGES_SOLUTION.replace("/ len(rewards)) ** 0.5", "/ (len(rewards) - 1)) ** 0.5") + SHARE_SOLUTION,
            probe(ADVANTAGES, ONE_OF_FOUR, True),
            "This std divides by G − 1, as `statistics.stdev` and some programs do. Here it is the group's own spread: "
            "divide by G. With G = 4 the difference is 13%.",
        ),
        WrongAnswer(
            "variance in the place of std",
            ADVANTAGES_SOLUTION.replace(" ** 0.5", "") + SHARE_SOLUTION,
            probe(ADVANTAGES, ONE_OF_FOUR, True),
            "You divide by the variance. Its root is the standard deviation, which has the rewards' own unit.",
        ),
        WrongAnswer(
            "mean of the others",
            ADVANTAGES_SOLUTION.replace(
                "[reward - mean for reward in rewards]",
                "[(reward - mean) * len(rewards) / (len(rewards) - 1) for reward in rewards]",
            )
            + SHARE_SOLUTION,
            probe(ADVANTAGES, ONE_OF_FOUR, False),
            "This compares each reply with the mean of the others (leave-one-out), as REINFORCE often does. GRPO takes "
            "the mean of the whole group.",
        ),
        WrongAnswer(
            "mean not subtracted",
            ADVANTAGES_SOLUTION.replace("reward - mean for", "reward for") + SHARE_SOLUTION,
            probe(ADVANTAGES, ONE_OF_FOUR, False),
            "The mean is missing. Without it no reply of a group is ever made less likely, and a prompt on which all "
            "replies are right pushes as hard as any.",
        ),
        WrongAnswer(
            "always scaled",
            ADVANTAGES_SOLUTION.replace("not scale or ", "") + SHARE_SOLUTION,
            probe(ADVANTAGES, ONE_OF_FOUR, False),
            "You divide by the std whether `scale` is on or not. Dr. GRPO leaves that division out.",
        ),
        WrongAnswer(
            "never scaled",
            ADVANTAGES_SOLUTION.replace("[each / std for each in centred]", "centred") + SHARE_SOLUTION,
            probe(ADVANTAGES, ONE_OF_FOUR, True),
            "You never divide by the std. GRPO does: with `scale=True` a rare right answer gets a larger advantage.",
        ),
        WrongAnswer(
            "divided by zero",
            ADVANTAGES_SOLUTION.replace("if not scale or max(rewards) == min(rewards)", "if not scale")
            + SHARE_SOLUTION,
            probe(ADVANTAGES, [1.0, 1.0, 1.0, 1.0], True),
            "In a group of equal rewards the std is 0, and you divide by it. Every difference is 0 there, so the "
            "advantages are 0 as well. Programs often add a small number to the std instead.",
        ),
        WrongAnswer(
            "only failures counted",
            ADVANTAGES_SOLUTION + SHARE_SOLUTION.replace("max(group) == min(group)", "max(group) == 0"),
            probe(SHARE, GROUPS),
            "You count the groups in which no reply is right. A group in which all are right teaches nothing either: "
            "nobody in it did better than the others.",
        ),
    ),
    hints=(
        "First the mean, `sum(rewards) / len(rewards)`, then a list of the differences from it.",
        "The std is the root of the mean of the squared differences: `(sum(...) / len(rewards)) ** 0.5`.",
        "Ask whether `max(rewards) == min(rewards)` before you divide. The same question serves the second function.",
    ),
)
