"""The exercise: fit the over-optimisation curve of best-of-n, and say where to stop."""

import math
from collections.abc import Sequence

from labs.core.contract.checking import call, call_text, close, expect_number, expect_numbers, number, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.training.best_of_n import best_of_n_kl

NS = (2, 4, 8, 16, 32, 64)
DISTANCES = [math.sqrt(best_of_n_kl(n)) for n in NS]
SCATTER = (0.03, -0.02, 0.01, 0.03, -0.03, 0.02)
SCATTERED = [d * (0.5 - 0.2 * d) + off for d, off in zip(DISTANCES, SCATTER, strict=True)]
"""Gains that lie near a curve with the peak 1.25, and not on it."""


def least_squares(distances: Sequence[float], gains: Sequence[float]) -> tuple[float, float]:
    """α and β of R = d(α − βd), by the normal equations."""
    d2, d3, d4 = (sum(d**power for d in distances) for power in (2, 3, 4))
    dr = sum(d * r for d, r in zip(distances, gains, strict=True))
    ddr = sum(d * d * r for d, r in zip(distances, gains, strict=True))
    scale = d2 * d4 - d3 * d3
    return (dr * d4 - ddr * d3) / scale, (dr * d3 - ddr * d2) / scale


def _on_the_curve(names: Names) -> None:
    ds = [0.5, 1.0, 1.5, 2.0]
    step = "Points that lie on R = d(2 − 0.5d) must give back α = 2 and β = 0.5."
    expect_numbers(names, "fit", (ds, [d * (2 - 0.5 * d) for d in ds]), (2.0, 0.5), step)


def _least_squares(names: Names) -> None:
    step = "Make Σ (R − d(α − βd))² as small as possible: it is linear in α and β, with the columns d and −d²."
    expect_numbers(names, "fit", (DISTANCES, SCATTERED), least_squares(DISTANCES, SCATTERED), step)


def _through_the_start(names: Names) -> None:
    ds, rs = [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]
    step = "At d = 0 nothing is gained: the form has no constant term."
    expect_numbers(names, "fit", (ds, rs), least_squares(ds, rs), step)


def _peak(names: Names) -> None:
    expect_number(names, "peak", (2.0, 0.5), 2.0, "Set the derivative α − 2βd to 0.")
    expect_number(names, "peak", (0.9, 0.2), 2.25, "Set the derivative α − 2βd to 0.")


def _no_peak(names: Names) -> None:
    for alpha, beta in ((1.0, 0.0), (1.0, -0.2)):
        called = call_text("peak", alpha, beta)
        got = call(names, "peak", alpha, beta)
        if not (isinstance(got, float) and math.isinf(got) and got > 0):
            step = "Without a β above 0 the curve never turns: return `float('inf')`."
            raise CheckFailed(f"{called} to return inf", shown(got), step)


def _together(names: Names) -> None:
    fitted = call(names, "fit", list(DISTANCES), list(SCATTERED))
    alpha, beta = least_squares(DISTANCES, SCATTERED)
    parts = list(fitted) if isinstance(fitted, list | tuple) else [fitted]
    got = number(call(names, "peak", *parts), "`peak(*fit(…))`")
    if not close([got], [alpha / (2 * beta)]):
        raise CheckFailed(
            f"`peak(*fit(…))` to be {alpha / (2 * beta):.4g}", shown(got), "Return α and β in this order."
        )


def _probe(names: Names) -> object:
    return outcome(names, "fit", list(DISTANCES), list(SCATTERED))


def _probe_peak(names: Names) -> object:
    return outcome(names, "peak", 0.9, 0.2)


SOLUTION = """\
import numpy as np


def fit(distances, gains):
    d = np.array(distances)
    columns = np.stack([d, -d**2], axis=1)
    (alpha, beta), *_ = np.linalg.lstsq(columns, np.array(gains), rcond=None)
    return [float(alpha), float(beta)]


def peak(alpha, beta):
    if beta <= 0:
        return float("inf")
    return alpha / (2 * beta)
"""

EXERCISE = Exercise(
    title="Where to stop",
    task="""\
You have climbed a proxy by best-of-n. For several n you know the distance `d = √KL` and the gold gain `R`, which is 0
at the start. Fit the form `R = d(α − βd)` and find its highest point:

- `fit(distances, gains)` returns `[alpha, beta]`, which make `Σ (R − d(α − βd))²` as small as possible;
- `peak(alpha, beta)` returns the distance at which the curve is highest, or `float("inf")` if it never turns because
  β is not above 0. Take α as positive.

The form is linear in α and β, so one least-squares call is enough. NumPy is there: `np.linalg.lstsq`.
""",
    starter="""\
import numpy as np


def fit(distances, gains):
    d = np.array(distances)
    return ...  # [alpha, beta]


def peak(alpha, beta):
    return ...


# print(fit([0.5, 1.0, 1.5, 2.0], [0.875, 1.5, 1.875, 2.0]))
""",
    solution=SOLUTION,
    checks=(
        Check("Points on a curve give its α and β back", _on_the_curve),
        Check("Points beside a curve: least squares", _least_squares),
        Check("The curve begins at 0", _through_the_start),
        Check("The peak", _peak),
        Check("A curve that never turns", _no_peak),
        Check("From points to the peak", _together),
    ),
    wrong_answers=(
        WrongAnswer(
            "a constant too many",
            SOLUTION.replace(
                """    columns = np.stack([d, -d**2], axis=1)
    (alpha, beta), *_ = np.linalg.lstsq(columns, np.array(gains), rcond=None)
    return [float(alpha), float(beta)]
""",
                """    a, b, c = np.polyfit(d, gains, 2)
    return [float(b), -float(a)]
""",
            ),
            _probe,
            "This fits a parabola with a constant term. At distance 0 the policy is where it began and has gained "
            "nothing: the form goes through 0 there.",
        ),
        WrongAnswer(
            "beta with the wrong sign",
            SOLUTION.replace("np.stack([d, -d**2], axis=1)", "np.stack([d, d**2], axis=1)"),
            _probe,
            "Your β has the wrong sign. The form is d(α − βd): with a positive β it turns down.",
        ),
        WrongAnswer(
            "a line through R/d",
            SOLUTION.replace(
                "    columns = np.stack([d, -d**2], axis=1)\n"
                "    (alpha, beta), *_ = np.linalg.lstsq(columns, np.array(gains), rcond=None)\n",
                "    slope, alpha = np.polyfit(d, np.array(gains) / d, 1)\n    beta = -slope\n",
            ),
            _probe,
            "You fitted a line to R/d. That is the right form, and other squares: an error near the start then counts "
            "for more than one far away. Fit R itself.",
        ),
        WrongAnswer(
            "where the gain is used up",
            SOLUTION.replace("alpha / (2 * beta)", "alpha / beta"),
            _probe_peak,
            "At d = α/β the gain is back at 0. The peak is half way there.",
        ),
        WrongAnswer(
            "the other form's peak",
            SOLUTION.replace("alpha / (2 * beta)", "float(np.exp(alpha / beta - 1))"),
            _probe_peak,
            "That is the peak of the form for policy gradient, d(α − β log d). Here it is d(α − βd).",
        ),
    ),
    hints=(
        "Write R = α·d + β·(−d²). Two known columns, two unknown numbers.",
        "`np.linalg.lstsq(columns, gains, rcond=None)` returns a tuple; its first part holds α and β.",
        "The derivative of αd − βd² is α − 2βd. It is 0 at the peak.",
    ),
)
