"""The exercise: choose a prompt honestly, and read off an equivalent size."""

from labs.core.contract.checking import agree, call, call_text, expect_number, expect_value, number, probe, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

NONE = "none in range"

VALIDATION = {"bare": 0.1, "prelude": 0.7, "examples": 0.6}
TEST = {"bare": 0.2, "prelude": 0.5, "examples": 0.65}


def _chosen(names: Names) -> None:
    step = "Take the prompt with the highest validation score, and return its test score."
    expect_number(names, "best_prompt_score", ({"a": 0.2, "b": 0.4}, {"a": 0.1, "b": 0.3}), 0.3, step)
    expect_number(names, "best_prompt_score", (VALIDATION, TEST), 0.5, step)


def _between(names: Names) -> None:
    step = "Find the first size whose score reaches the target, and go the same share of the way in log(size)."
    expect_number(names, "equivalent_size", ([10, 1000], [0.2, 0.6], 0.4), 100, step)
    expect_number(names, "equivalent_size", ([1e4, 1e5, 1e6], [0.1, 0.5, 0.9], 0.7), 10**5.5, step)


def _ends(names: Names) -> None:
    step = "A score equal to the target reaches it, and the first size may reach it already."
    expect_number(names, "equivalent_size", ([1e4, 1e5], [0.3, 0.8], 0.8), 1e5, step)
    expect_number(names, "equivalent_size", ([1e4, 1e5], [0.3, 0.8], 0.2), 1e4, step)


def _none(names: Names) -> None:
    step = "Nothing was measured beyond the last size: return the words, and guess no number."
    expect_value(names, "equivalent_size", ([1e4, 1e5], [0.3, 0.5], 0.9), NONE, step)


def _unit(names: Names) -> None:
    sizes, scores = [15.0, 52.0, 137.0, 462.0], [0.1, 0.2, 0.5, 0.9]
    plain = _called(names, [1000 * size for size in sizes], scores, 0.6)
    thousands = 1000 * _called(names, sizes, scores, 0.6)
    agree([thousands], [plain], f"the same answer counted in thousands, {shown(plain)}", "Use ratios of sizes.")


def _first(names: Names) -> None:
    step = "Scores may fall again: stop at the first size that reaches the target."
    expect_number(names, "equivalent_size", ([1e2, 1e4, 1e6, 1e8], [0.2, 0.6, 0.3, 0.9], 0.4), 1e3, step)


def _called(names: Names, sizes: list[float], scores: list[float], target: float) -> float:
    value = call(names, "equivalent_size", list(sizes), list(scores), target)
    called = call_text("equivalent_size", sizes, scores, target)
    if value == NONE:
        raise CheckFailed(f"{called} to return a number", shown(value), "One of these sizes reaches the target.")
    return number(value, called)


CHOOSE = """\
def best_prompt_score(validation, test):
    chosen = max(validation, key=validation.get)
    return test[chosen]
"""

READ = """

def equivalent_size(sizes, scores, target):
    for i, score in enumerate(scores):
        if score >= target:
            if i == 0:
                return sizes[0]
            share = (target - scores[i - 1]) / (score - scores[i - 1])
            return sizes[i - 1] * (sizes[i] / sizes[i - 1]) ** share
    return "none in range"
"""

_LOG = "sizes[i - 1] * (sizes[i] / sizes[i - 1]) ** share"
_BEYOND = "sizes[-2] * (sizes[-1] / sizes[-2]) ** ((target - scores[-2]) / (scores[-1] - scores[-2]))"
_probe = probe("equivalent_size", [10.0, 1000.0, 10000.0], [0.2, 0.7, 0.8], 0.5)
_probe_none = probe("equivalent_size", [10.0, 1000.0, 10000.0], [0.2, 0.6, 0.7], 0.9)

EXERCISE = Exercise(
    title="Read off an equivalent size",
    task="""\
A base model of each size was measured with several prompts. How large a base model equals a tuned one?

`best_prompt_score(validation, test)` gets two dictionaries with the score of each prompt. One was measured on
validation cases, the other on test cases. Choose a prompt and return the score to report.

`equivalent_size(sizes, scores, target)` gets sizes that rise, the base models' scores, and the tuned model's score as
the target. It returns the smallest size that reaches the target. Between two measured sizes it goes along a straight
line over log(size). If the first size reaches the target already, it returns that size. If none does, it returns the
text `"none in range"`.
""",
    starter="""\
def best_prompt_score(validation, test):
    return ...


def equivalent_size(sizes, scores, target):
    return ...  # a size, or "none in range"


# print(equivalent_size([10, 1000], [0.2, 0.6], 0.4))
""",
    solution=CHOOSE + READ,
    checks=(
        Check("The prompt is chosen on validation, its score comes from the test", _chosen),
        Check("Between two sizes: a straight line over log(size)", _between),
        Check("A target that a measured size reaches exactly, or the first one at once", _ends),
        Check("None in range", _none),
        Check("Counted in thousands, the answer is the same", _unit),
        Check("The first size that reaches it counts", _first),
    ),
    wrong_answers=(
        WrongAnswer(
            "chosen on the test cases",
            CHOOSE.replace("max(validation, key=validation.get)", "max(test, key=test.get)") + READ,
            probe("best_prompt_score", VALIDATION, TEST),
            "This chooses the prompt on the test cases. The best of several scores is partly luck with these very "
            "cases: choose on validation, and report what comes on the test.",
        ),
        WrongAnswer(
            "the validation score reported",
            CHOOSE.replace("test[chosen]", "validation[chosen]") + READ,
            probe("best_prompt_score", VALIDATION, TEST),
            "This reports the score on which the prompt was chosen. It won there, so it is too high on average: return "
            "the same prompt's test score.",
        ),
        WrongAnswer(
            "a line over the size itself",
            CHOOSE + READ.replace(_LOG, "sizes[i - 1] + share * (sizes[i] - sizes[i - 1])"),
            _probe,
            "This draws the line over the size itself. Sizes are multiples of each other: halfway between 10 and 1,000 "
            "is 100, which is the middle of their logarithms.",
        ),
        WrongAnswer(
            "the next measured size",
            CHOOSE + READ.replace(_LOG, "sizes[i]"),
            _probe,
            "This returns the next size that was measured. Which sizes were measured was our choice: go along the line "
            "between the size below and the size above.",
        ),
        WrongAnswer(
            "extrapolated",
            CHOOSE + READ.replace('"none in range"', _BEYOND),
            _probe_none,
            "This goes on along the last line, beyond every model that was measured. Nothing says that scores follow "
            "it: where none reaches the target, the answer is “none in range”.",
        ),
        WrongAnswer(
            "the largest size for none",
            CHOOSE + READ.replace('"none in range"', "sizes[-1]"),
            _probe_none,
            "The largest model did not reach the target, so it is no equivalent. Return “none in range”.",
        ),
        WrongAnswer(
            "one point and a formula",
            CHOOSE
            + """

def equivalent_size(sizes, scores, target):
    return sizes[0] ** (target / scores[0])
""",
            _probe,
            "This is score = k · log(size) through one point. Count in thousands, and it gives another answer. Use the "
            "measured sizes on both sides of the target.",
        ),
    ),
    hints=(
        "`max(validation, key=validation.get)` is the prompt with the highest validation score.",
        "Go through the scores from the smallest size up, and stop at the first that is `>= target`.",
        "With the share of the way from the score below to the one above, the size is "
        "`below * (above / below) ** share`.",
    ),
)
