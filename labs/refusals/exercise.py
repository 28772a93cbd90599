"""The exercise: choose an operating point, the best refusal rate that an allowance for over-refusal leaves."""

from labs.core.contract.checking import expect_numbers, probe
from labs.core.contract.exercise import Check, Exercise, Names, WrongAnswer

NAME = "operating_point"
FORBIDDEN = [0.9, 0.8, 0.6, 0.2]
INNOCENT = [0.7, 0.3, 0.1, 0.1]
TIED_STEP = "A probability that equals the threshold is refused: compare with >=."
LOW = ([0.5, 0.4], [0.9, 0.6], 1.0)


def _finds_the_point(names: Names) -> None:
    step = "Try each probability of both lists as the threshold; keep the best one whose over-refusal is allowed."
    expect_numbers(names, NAME, (FORBIDDEN, INNOCENT, 0.25), (0.75, 0.25), step)
    expect_numbers(names, NAME, (INNOCENT, FORBIDDEN, 0.5), (0.25, 0.5), step)


def _strict(names: Names) -> None:
    step = "With no over-refusal allowed, the threshold lies above every innocent probability."
    expect_numbers(names, NAME, (FORBIDDEN, INNOCENT, 0.0), (0.5, 0.0), step)
    nothing = "Where no threshold is allowed, refuse nothing: return (0.0, 0.0)."
    expect_numbers(names, NAME, ([0.5, 0.4], [0.9], 0.5), (0.0, 0.0), nothing)


def _generous(names: Names) -> None:
    step = "Of thresholds with the same refusal rate, take the one with the lowest over-refusal: go from high to low."
    expect_numbers(names, NAME, (FORBIDDEN, INNOCENT, 1.0), (1.0, 0.5), step)


def _ties(names: Names) -> None:
    expect_numbers(names, NAME, ([0.8, 0.8], [0.8, 0.1, 0.1, 0.1], 0.25), (1.0, 0.25), TIED_STEP)
    expect_numbers(names, NAME, ([0.8, 0.8], [0.8, 0.1, 0.1, 0.1], 0.2), (0.0, 0.0), TIED_STEP)
    expect_numbers(names, NAME, LOW, (1.0, 1.0), TIED_STEP)


MANY = ([*FORBIDDEN, 0.65], INNOCENT, 0.25)
SOLUTION = """\
def operating_point(forbidden, innocent, most):
    best = (0.0, 0.0)
    for threshold in sorted({*forbidden, *innocent}, reverse=True):
        refusal = sum(p >= threshold for p in forbidden) / len(forbidden)
        over_refusal = sum(p >= threshold for p in innocent) / len(innocent)
        if over_refusal <= most and refusal > best[0]:
            best = (refusal, over_refusal)
    return best
"""
ALLOWED = "over_refusal <= most and "

EXERCISE = Exercise(
    title="Choose an operating point",
    task="""\
A model gives a refusal some probability. Suppose that you refuse whenever it is at least a *threshold*. A low threshold
refuses much, also by mistake. You are allowed so much over-refusal, and want as much refusal as it buys.

`operating_point(forbidden, innocent, most)` gets two lists of probabilities, of forbidden and of innocent requests, and
the highest over-refusal rate that is allowed. As thresholds, try all the probabilities in both lists. Return the pair
`(refusal, over_refusal)` of the threshold with the highest refusal rate among those with an over-refusal of at most
`most`. If several have that refusal rate, take the lowest over-refusal. If none is allowed, refuse nothing:
`(0.0, 0.0)`.

`operating_point([0.9, 0.6], [0.7, 0.1], 0.5)` gives `(1.0, 0.5)`.
""",
    starter="""\
def operating_point(forbidden, innocent, most):
    refusal = ...
    over_refusal = ...
    return refusal, over_refusal


# print(operating_point([0.9, 0.6], [0.7, 0.1], 0.5))
""",
    solution=SOLUTION,
    checks=(
        Check("The best point that is allowed", _finds_the_point),
        Check("No over-refusal allowed", _strict),
        Check("No more over-refusal than it needs", _generous),
        Check("A probability at the threshold is refused", _ties),
    ),
    wrong_answers=(
        WrongAnswer(
            "no allowance",
            SOLUTION.replace(ALLOWED, ""),
            probe(NAME, *MANY),
            "You take the highest refusal rate of all and never look at `most`. Refusing everything wins that way.",
        ),
        WrongAnswer(
            "fixed threshold",
            "def operating_point(forbidden, innocent, most):\n"
            "    refusal = sum(p >= 0.5 for p in forbidden) / len(forbidden)\n"
            "    return refusal, sum(p >= 0.5 for p in innocent) / len(innocent)\n",
            probe(NAME, FORBIDDEN, INNOCENT, 0.0),
            "You refuse from a probability of 0.5 on, whatever is allowed. The threshold is what you are to choose.",
        ),
        WrongAnswer(
            "swapped",
            SOLUTION.replace("return best", "return best[1], best[0]"),
            probe(NAME, *MANY),
            "The rates have changed places: the refusal rate of the forbidden requests comes first.",
        ),
        WrongAnswer(
            "above the threshold",
            SOLUTION.replace("p >= threshold", "p > threshold"),
            probe(NAME, *LOW),
            "You refuse only above the threshold. Then no threshold refuses everything: the request with the lowest "
            "probability always gets past.",
        ),
        WrongAnswer(
            "one rate over all",
            SOLUTION.replace("/ len(forbidden)", "/ (len(forbidden) + len(innocent))").replace(
                "/ len(innocent)", "/ (len(forbidden) + len(innocent))"
            ),
            probe(NAME, *MANY),
            "You divide by all requests. Then the allowance depends on how many innocent ones somebody put into the "
            "test. Divide each count by the size of its own list.",
        ),
        WrongAnswer(
            "first that is allowed",
            SOLUTION.replace(" and refusal > best[0]", "").replace(
                "            best = (refusal, over_refusal)\n", "            return refusal, over_refusal\n"
            ),
            probe(NAME, *MANY),
            "You stop at the first threshold that is allowed, the highest. It refuses least. Go on, and keep the best.",
        ),
    ),
    hints=(
        "For one threshold, the refusal rate is `sum(p >= threshold for p in forbidden) / len(forbidden)`.",
        "Go through `sorted({*forbidden, *innocent}, reverse=True)`, and remember the best pair so far.",
        "Begin with `best = (0.0, 0.0)`. Replace it when the over-refusal is allowed and the refusal rate is higher.",
    ),
)
