"""The exercise: say from four log-probabilities what a DPO run has done to a pair."""

import math

from labs.core.contract.checking import expect_number, expect_value, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

MARGIN, ELSEWHERE, DIAGNOSE = "margin", "elsewhere", "diagnose"
START = (-2.0, -1.5)
MARGIN_STEP = "Take what the chosen reply has gained since the start, less what the rejected one has, times beta."
ELSEWHERE_STEP = "e to the log-probability is a probability: take both from 1."
DISPLACED_STEP = "Where the margin has grown, look at the chosen reply alone: is it less likely than at the start?"


def _is_zero_at_the_start(names: Names) -> None:
    expect_number(names, MARGIN, (START, START, 0.1), 0, MARGIN_STEP)


def _counts_gains(names: Names) -> None:
    expect_number(names, MARGIN, (START, (-1.0, -4.5), 0.1), 0.4, MARGIN_STEP)
    expect_number(names, MARGIN, (START, (-5.0, -31.5), 0.5), 13.5, MARGIN_STEP)


def _is_elsewhere(names: Names) -> None:
    expect_number(names, ELSEWHERE, ((math.log(0.5), math.log(0.25)),), 0.25, ELSEWHERE_STEP)
    expect_number(names, ELSEWHERE, ((-50.0, -90.0),), 1 - math.exp(-50) - math.exp(-90), ELSEWHERE_STEP)


def _learned(names: Names) -> None:
    step = "The margin has grown and the chosen reply is likelier than at the start: that is what was hoped for."
    expect_value(names, DIAGNOSE, (START, (-1.0, -4.5)), "learned", step)
    expect_value(names, DIAGNOSE, ((-9.0, -1.0), (-8.0, -3.0)), "learned", "Compare each reply with its own start.")
    both = "Both have become likelier, the chosen one more: the margin has grown."
    expect_value(names, DIAGNOSE, ((-9.0, -6.0), (-5.0, -4.0)), "learned", both)


def _displaced(names: Names) -> None:
    expect_value(names, DIAGNOSE, (START, (-3.0, -33.0)), "displaced", DISPLACED_STEP)
    expect_value(names, DIAGNOSE, ((-0.5, -41.0), (-0.75, -80.0)), "displaced", DISPLACED_STEP)


def _not_learned(names: Names) -> None:
    step = "Look at the margin first: if it has not grown, nothing was learned, whatever else has happened."
    expect_value(names, DIAGNOSE, (START, (-3.0, -2.0)), "not learned", step)
    expect_value(names, DIAGNOSE, (START, (-1.0, -0.25)), "not learned", step)
    expect_value(names, DIAGNOSE, (START, START), "not learned", "A margin of 0 has not grown.")


MARGIN_CODE = """\
import math


def margin(start, now, beta):
    return beta * ((now[0] - start[0]) - (now[1] - start[1]))
"""
ELSEWHERE_CODE = """

def elsewhere(now):
    return 1 - math.exp(now[0]) - math.exp(now[1])
"""
DIAGNOSE_CODE = """

def diagnose(start, now):
    if margin(start, now, 1) <= 0:
        return "not learned"
    return "displaced" if now[0] < start[0] else "learned"
"""

_margin_probe = probe(MARGIN, START, (-1.0, -4.5), 0.1)
_elsewhere_probe = probe(ELSEWHERE, (-1.0, -2.0))


def _diagnose_probe(names: Names) -> object:
    cases = ((START, (-1.0, -4.5)), (START, (-3.0, -33.0)), (START, (-3.0, -2.0)), ((-9.0, -1.0), (-8.0, -3.0)))
    return [probe(DIAGNOSE, *case)(names) for case in cases]


EXERCISE = Exercise(
    title="Diagnose a DPO run",
    task="""\
A log tells four numbers of a pair: the log-probabilities of its chosen and its rejected reply, at the start and now.
Each function gets them as two tuples, `(chosen, rejected)`.

`margin(start, now, beta)` returns the margin of implicit rewards. The model at the start is the reference.

`elsewhere(now)` returns the probability of all replies that are neither of the two.

`diagnose(start, now)` returns one of three words. `"not learned"`: the margin has not grown. `"displaced"`: it has
grown, and the chosen reply has become less likely. `"learned"`: it has grown, and the chosen reply has not become less
likely.
""",
    starter="""\
import math


def margin(start, now, beta):
    return ...


def elsewhere(now):
    return ...


def diagnose(start, now):
    return ...


# print(diagnose((-0.95, -1.34), (-2.1, -34.0)))  # nearly as in the lab: one refusal over another
""",
    solution=MARGIN_CODE + ELSEWHERE_CODE + DIAGNOSE_CODE,
    checks=(
        Check("At the start the margin is 0", _is_zero_at_the_start),
        Check("The margin counts what each reply has gained", _counts_gains),
        Check("What is elsewhere is what both replies leave of 1", _is_elsewhere),
        Check("Learned: the margin has grown and the chosen reply too", _learned),
        Check("Displaced: the margin has grown and the chosen reply has lost", _displaced),
        Check("Not learned: the margin has not grown", _not_learned),
    ),
    wrong_answers=(
        WrongAnswer(
            "start left out",
            MARGIN_CODE.replace("(now[0] - start[0]) - (now[1] - start[1])", "now[0] - now[1]")
            + ELSEWHERE_CODE
            + DIAGNOSE_CODE,
            _margin_probe,
            "The start is left out. This margin says which reply is likelier now, and so it rewards what the model "
            "preferred anyway. DPO counts gains.",
        ),
        WrongAnswer(
            "sign flipped",
            MARGIN_CODE.replace(
                "(now[0] - start[0]) - (now[1] - start[1])", "(now[1] - start[1]) - (now[0] - start[0])"
            )
            + ELSEWHERE_CODE
            + DIAGNOSE_CODE,
            _margin_probe,
            "The sign is flipped: your margin grows as the rejected reply gains. Chosen comes first, in the tuples and "
            "in the difference.",
        ),
        WrongAnswer(
            "logarithms added",
            MARGIN_CODE
            + ELSEWHERE_CODE.replace("math.exp(now[0]) - math.exp(now[1])", "math.exp(now[0] + now[1])")
            + DIAGNOSE_CODE,
            _elsewhere_probe,
            "You add the logarithms: that multiplies the probabilities, as if both replies had to be written. It is "
            "one or the other, so the probabilities add.",
        ),
        WrongAnswer(
            "logarithms for probabilities",
            MARGIN_CODE
            + ELSEWHERE_CODE.replace("math.exp(now[0]) - math.exp(now[1])", "now[0] - now[1]")
            + DIAGNOSE_CODE,
            _elsewhere_probe,
            "You take logarithms for probabilities. A log-probability of −2 is a probability of e to the −2, which is "
            "about 14%.",
        ),
        WrongAnswer(
            "margin alone",
            MARGIN_CODE
            + ELSEWHERE_CODE
            + """

def diagnose(start, now):
    return "learned" if margin(start, now, 1) > 0 else "not learned"
""",
            _diagnose_probe,
            "You judge by the margin alone, and so does the loss. It grows as well when both replies become less "
            "likely and the rejected one faster. That is the case to be found.",
        ),
        WrongAnswer(
            "margin not looked at",
            MARGIN_CODE
            + ELSEWHERE_CODE
            + """

def diagnose(start, now):
    return "displaced" if now[0] < start[0] else "learned"
""",
            _diagnose_probe,
            "You look at the chosen reply and not at the margin. Where the margin has not grown, the pair was not "
            "learned at all.",
        ),
        WrongAnswer(
            "replies compared with each other",
            MARGIN_CODE + ELSEWHERE_CODE + DIAGNOSE_CODE.replace("now[0] < start[0]", "now[0] < now[1]"),
            _diagnose_probe,
            "You compare the chosen reply with the rejected one. Displaced means less likely than it was itself, at "
            "the start.",
        ),
        WrongAnswer(
            "rejected reply looked at",
            MARGIN_CODE + ELSEWHERE_CODE + DIAGNOSE_CODE.replace("now[0] < start[0]", "now[1] < start[1]"),
            _diagnose_probe,
            "You look at the rejected reply. That it loses is what DPO is for; the question is whether the chosen one "
            "loses too.",
        ),
    ),
    hints=(
        "A gain is `now − start`, for each of the two replies.",
        "`math.exp` turns a log-probability into a probability.",
        "In `diagnose` any positive beta will do: only the sign of the margin matters.",
    ),
)
