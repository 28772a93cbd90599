"""The exercise: the best of n replies, and how far that takes a model from where it was."""

import math

from labs.core.contract.checking import expect_number, expect_value, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

BEST, BOUND = "best_of", "kl_bound"
REPLIES = ["By the cave.", "No.", "By the cave, I think.", "Yes, by the cave."]
BOUND_STEP = "The bound is log n − (n − 1) / n, with the natural logarithm."


def near_17(reply: str) -> int:
    """An illustrative reward, which is always below 0: best for 17 characters."""
    return -1 - abs(len(reply) - 17)


def count_e(reply: str) -> int:
    """An illustrative reward with ties."""
    return reply.count("e")


def _picks_highest(names: Names) -> None:
    step = "Ask the reward function about every reply, and return the reply, not its reward."
    expect_value(names, BEST, (REPLIES, len), "By the cave, I think.", step)
    expect_value(names, BEST, (["only one"], len), "only one", step)


def _bears_negative(names: Names) -> None:
    step = "Rewards may all be below 0. Start with the first reply, not with a reward of 0."
    expect_value(names, BEST, (REPLIES, near_17), "Yes, by the cave.", step)


def _keeps_first_of_ties(names: Names) -> None:
    step = "Replace the best so far only if the new reward is higher, not if it is the same."
    expect_value(names, BEST, (["cave", "tree", "bee", "sea"], count_e), "tree", step)


def _bounds_one(names: Names) -> None:
    expect_number(names, BOUND, (1,), 0, "The best of one reply is that reply: nothing has changed, so the KL is 0.")


def _bounds(names: Names) -> None:
    expect_number(names, BOUND, (2,), math.log(2) - 0.5, BOUND_STEP)
    expect_number(names, BOUND, (16,), math.log(16) - 15 / 16, BOUND_STEP)


PICK = """\
import math


def best_of(replies, reward):
    return max(replies, key=reward)
"""
LOOP = """\
import math


def best_of(replies, reward):
    best, most = replies[0], reward(replies[0])
    for reply in replies:
        if reward(reply) >= most:
            best, most = reply, reward(reply)
    return best
"""
BOUNDED = """

def kl_bound(n):
    return math.log(n) - (n - 1) / n
"""
FORMULA = "math.log(n) - (n - 1) / n"
SIXTEEN = probe(BOUND, 16)

EXERCISE = Exercise(
    title="Best of n",
    task="""\
The simplest way to use a reward model needs no training: write n replies, and keep the one with the highest reward.

`best_of(replies, reward)` gets a list of replies and a function that gives a reply its reward. It returns the best
reply. If several have the highest reward, it returns the first of them.

`kl_bound(n)` returns how far the best of n is from the model that wrote them: the KL divergence is at most
log n − (n − 1) / n nats. It is less when replies have equal rewards.
""",
    starter="""\
import math


def best_of(replies, reward):
    best = ...
    return best


def kl_bound(n):
    return ...


# print(best_of(["No.", "By the cave."], len), kl_bound(16))
""",
    solution=PICK + BOUNDED,
    checks=(
        Check("The reply with the highest reward wins", _picks_highest),
        Check("It works with rewards below 0", _bears_negative),
        Check("The first of equals wins", _keeps_first_of_ties),
        Check("The best of one is no step at all", _bounds_one),
        Check("The bound for 2 and for 16 replies", _bounds),
    ),
    wrong_answers=(
        WrongAnswer(
            "the reward itself",
            PICK.replace("max(replies, key=reward)", "max(reward(reply) for reply in replies)") + BOUNDED,
            probe(BEST, REPLIES, len),
            "This returns the highest reward. Return the reply that has it: `max` takes a `key`.",
        ),
        WrongAnswer(
            "reward not asked",
            PICK.replace(", key=reward", "") + BOUNDED,
            probe(BEST, REPLIES, len),
            "Without the reward function `max` compares texts by the alphabet. Give it `key=reward`.",
        ),
        WrongAnswer(
            "worst of n",
            PICK.replace("max(", "min(") + BOUNDED,
            probe(BEST, REPLIES, len),
            "This is the worst of n. A loss is made small, and a reward large.",
        ),
        WrongAnswer(
            "starts at 0",
            LOOP.replace("replies[0], reward(replies[0])", "replies[0], 0").replace(">=", ">") + BOUNDED,
            probe(BEST, REPLIES, near_17),
            "Your best so far starts with the reward 0, and no reply here has more. Only differences of rewards mean "
            "something, so 0 is no lower limit: start with the first reply's own reward.",
        ),
        WrongAnswer(
            "last of equals",
            LOOP + BOUNDED,
            probe(BEST, ["cave", "tree", "bee", "sea"], count_e),
            "Of equal rewards this keeps the last. Compare with > and not with >=.",
        ),
        WrongAnswer(
            "log n",
            PICK + BOUNDED.replace(FORMULA, "math.log(n)"),
            SIXTEEN,
            "Only the very best replies become n times as likely, and the others less. On average (n − 1) / n "
            "comes off the log n.",
        ),
        WrongAnswer(
            "base 2",
            PICK + BOUNDED.replace("math.log(n)", "math.log2(n)"),
            SIXTEEN,
            "This takes the logarithm to base 2 and subtracts nats from bits. Use `math.log` for both parts.",
        ),
        WrongAnswer(
            "share of losers",
            PICK + BOUNDED.replace(FORMULA, "(n - 1) / n"),
            SIXTEEN,
            "(n − 1) / n is the share of replies that are thrown away, which never exceeds 1. The bound is log n less "
            "that share, and keeps growing with n.",
        ),
    ),
    hints=(
        "`max(replies, key=reward)` asks the reward function about each reply. What does it do with equals?",
        "In a loop, start with the first reply and its reward, and replace both only if the next reward is higher.",
        "For n = 1 the bound has to be 0: log 1 is 0, and so is (1 − 1) / 1.",
    ),
)
