"""Five hypothetical scores, and the estimate of how many parameters an improvement is worth."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """A metric with a made-up score from 0 to 100 before and after post-training."""

    metric: str
    before: float
    after: float

    @property
    def improvement(self) -> float:
        """After minus before, in points."""
        return self.after - self.before


SCORES = (
    Score("helpfulness", 50, 85),
    Score("safety", 20, 85),
    Score("clarity", 40, 88),
    Score("refusal accuracy", 5, 92),
    Score("user satisfaction", 10, 88),
)

UNITS = {"single": 1.0, "thousands": 1e3, "millions": 1e6, "billions": 1e9}


def one_point_estimate(parameters: float, score: float, target: float, unit: float = 1.0) -> float:
    """How many parameters a target score takes, if score = k · ln(parameters / unit) goes through one point.

    From k = score / ln(parameters / unit) follows unit · (parameters / unit)^(target / score). The answer
    depends on the unit in which parameters are counted, so that the law behind it can't be right.
    Raises: ValueError if parameters are not more than one unit or the score is not positive.
    Example: 7e9 parameters, 50 -> 85: 5e16, or 2.7e10 counted in billions.
    """
    if not parameters > unit > 0:
        raise ValueError(f"parameters: expected more than one unit of {unit:g}, got {parameters!r}; count finer.")
    if not score > 0:
        raise ValueError(f"score: expected a number above 0, got {score!r}; k would be 0.")
    return unit * math.exp(math.log(parameters / unit) * target / score)


def two_point_estimate(
    parameters_a: float, score_a: float, parameters_b: float, score_b: float, target: float
) -> float:
    """How many parameters a target score takes, if score = a + b · ln(parameters) goes through two points.

    Another unit changes a and nothing else, so the answer is the same in all of them.
    Raises: ValueError if parameters are not positive, or either pair is equal.
    Example: 1e9 with 40, 1e10 with 50, target 60 -> 1e11.
    """
    if not (parameters_a > 0 and parameters_b > 0 and parameters_a != parameters_b and score_a != score_b):
        given = ((parameters_a, score_a), (parameters_b, score_b))
        raise ValueError(f"Two points: expected different parameters above 0 and scores, got {given!r}; measure both.")
    slope = (score_b - score_a) / (math.log(parameters_b) - math.log(parameters_a))
    return parameters_a * math.exp((target - score_a) / slope)
