"""The exercise: cut a real next-token distribution by top-p."""

from functools import cache

import numpy as np

from labs.core.contract.checking import call, call_text, close, numbers, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.sampling import Sampling
from labs.core.writing_live import markup_writer, raw_writer

ROW = [0.5, 0.3, 0.15, 0.05]
PROMPT = "What does Mira eat?"
TOP_P = 0.9


@cache
def real_rows() -> dict[str, list[float]]:
    """What the models find likely at the place where the base model begins a line and the tuned one its reply."""
    base, tuned = load_checkpoint("base"), load_checkpoint("sft")
    writers = {
        "base": raw_writer("base", base, f"{PROMPT}\n", "prompt", 1),
        "sft": markup_writer("sft", tuned, PROMPT, "prompt", 1),
    }
    return {name: writer.distributions([0])[0].tolist() for name, writer in writers.items()}


def expected_of(row: list[float], top_p: float) -> list[float]:
    """What the course's own sampling makes of a row."""
    kept: list[float] = Sampling(top_p=top_p).distribution(np.log(np.maximum(row, 1e-300))).tolist()
    return kept


def _leaves_at_one(names: Names) -> None:
    _expect(names, ROW, 1.0, ROW, "With top_p 1 every token is needed to reach it, so none goes.")


def _keeps_the_fewest(names: Names) -> None:
    step = "Go from the likeliest down and add up. The token with which the sum reaches top_p is the last that stays."
    _expect(names, ROW, 0.75, [0.625, 0.375, 0.0, 0.0], step)
    _expect(names, ROW, 0.9, [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0.0], step)


def _keeps_the_first(names: Names) -> None:
    _expect(names, [0.9, 0.1], 0.5, [1.0, 0.0], "The likeliest token always stays: with it the sum reaches top_p.")


def _keeps_places(names: Names) -> None:
    step = "Return the probabilities in the order in which they came: the place of a number is the token's id."
    _expect(names, [0.1, 0.2, 0.7], 0.8, [0.0, 0.2 / 0.9, 0.7 / 0.9], step)


def _real(names: Names) -> None:
    for model, row in real_rows().items():
        expected = expected_of(row, TOP_P)
        got = numbers(call(names, "nucleus", list(row), TOP_P), len(row), "what `nucleus` returns")
        if not close(got, expected):
            raise CheckFailed(
                f"{_kept(expected)} tokens of {len(row)} to stay in {model}'s distribution at top_p {TOP_P}, sum 1",
                f"{_kept(got)} tokens, sum {sum(got):.6g}",
                "It works on short rows: look at sorting and at the sum for a row of hundreds.",
            )


def _kept(row: list[float]) -> int:
    return sum(p > 0 for p in row)


def _expect(names: Names, row: list[float], top_p: float, expected: list[float], next_step: str) -> None:
    called = call_text("nucleus", row, top_p)
    got = numbers(call(names, "nucleus", list(row), top_p), len(row), called)
    if not close(got, expected):
        raise CheckFailed(f"{called} to return {shown(expected)}", shown(got), next_step)


def _probe(names: Names) -> object:
    return [outcome(names, "nucleus", list(row), top_p) for row, top_p in (([0.2, 0.55, 0.15, 0.1], 0.7), (ROW, 0.2))]


SOLUTION = """\
def nucleus(probabilities, top_p):
    tokens = range(len(probabilities))
    order = sorted(tokens, key=lambda token: -probabilities[token])
    kept = [0.0] * len(probabilities)
    reached = 0.0
    for token in order:
        kept[token] = probabilities[token]
        reached += probabilities[token]
        if reached >= top_p:
            break
    return [p / reached for p in kept]
"""

EXERCISE = Exercise(
    title="Cut the tail: top-p",
    task="""\
Write `nucleus(probabilities, top_p)` in plain Python. `probabilities` is a list of numbers that sum to 1, one for each
token of the vocabulary; the place in the list is the token's id.

Keep the fewest tokens, likeliest first, that together reach `top_p`. Return a list of the same length and order: 0 for
the others, and for those that stay their probability divided by the sum of what stays.

The last check gives it real rows: what the base model and the tuned one find likely after the same question.
""",
    starter="""\
def nucleus(probabilities, top_p):
    tokens = range(len(probabilities))
    order = sorted(tokens, key=lambda token: -probabilities[token])  # likeliest first
    kept = [0.0] * len(probabilities)
    ...  # which tokens stay?
    return kept


# print(nucleus([0.5, 0.3, 0.15, 0.05], 0.75))
""",
    solution=SOLUTION,
    checks=(
        Check("With top_p 1 nothing changes", _leaves_at_one),
        Check("The fewest tokens that reach top_p stay, and sum to 1", _keeps_the_fewest),
        Check("The likeliest always stays", _keeps_the_first),
        Check("Every token keeps its place", _keeps_places),
        Check("It cuts the models' own distributions", _real),
    ),
    wrong_answers=(
        WrongAnswer(
            "not divided",
            SOLUTION.replace("[p / reached for p in kept]", "kept"),
            _probe,
            "The right tokens stay, but they no longer sum to 1. Divide by the sum of what stays.",
        ),
        WrongAnswer(
            "one too few",
            """\
def nucleus(probabilities, top_p):
    tokens = range(len(probabilities))
    order = sorted(tokens, key=lambda token: -probabilities[token])
    kept = [0.0] * len(probabilities)
    reached = 0.0
    for token in order:
        if reached + probabilities[token] > top_p:
            break
        kept[token] = probabilities[token]
        reached += probabilities[token]
    return [p / reached for p in kept]
""",
            _probe,
            "This stops before the token with which the sum reaches top_p. That token stays too, or a likeliest one "
            "with more than top_p would leave nothing at all.",
        ),
        WrongAnswer(
            "threshold",
            """\
def nucleus(probabilities, top_p):
    kept = [p if p >= top_p else 0.0 for p in probabilities]
    total = sum(kept) or 1.0
    return [p / total for p in kept]
""",
            _probe,
            "This compares each probability with top_p on its own. It is their sum, from the likeliest down, that has "
            "to reach top_p.",
        ),
        WrongAnswer(
            "a share of the tokens",
            """\
def nucleus(probabilities, top_p):
    tokens = range(len(probabilities))
    order = sorted(tokens, key=lambda token: -probabilities[token])
    kept = [0.0] * len(probabilities)
    for token in order[:round(top_p * len(order))]:
        kept[token] = probabilities[token]
    total = sum(kept)
    return [p / total for p in kept]
""",
            _probe,
            "This keeps a share of the tokens, which is top-k with another k. top_p is a share of the probability: "
            "sometimes one token has it, sometimes hundreds.",
        ),
        WrongAnswer(
            "sorted",
            SOLUTION.replace("[p / reached for p in kept]", "sorted((p / reached for p in kept), reverse=True)"),
            _probe,
            "The numbers are right and stand in another order. The place of a number is its token's id: put each back "
            "where it came from.",
        ),
        WrongAnswer(
            "from the rarest up",
            SOLUTION.replace("-probabilities[token]", "probabilities[token]"),
            _probe,
            "This adds up from the rarest token. Sort the likeliest first.",
        ),
    ),
    hints=(
        "Walk along `order` and add up the probabilities as you go.",
        "Copy a token's probability into `kept` first, add it to the sum, and leave the loop when the sum has reached "
        "top_p.",
        "At the end divide every number by the sum that you reached.",
    ),
)
