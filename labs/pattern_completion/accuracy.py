"""How often the base model goes on as the examples do, for each number of examples."""

from collections.abc import Iterator
from functools import lru_cache

from labs.core.contract import Chart
from labs.core.drawing.lines import Line, line_chart
from labs.core.measures import Measure, next_lines, right_rate, wrong_rate
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.recipe import VILLAGE
from labs.core.world.documents import ABSURD_SHARE
from labs.core.world.evaluation import right_lists, wrong_lists
from labs.core.world.lexicon import WORDS
from labs.pattern_completion.patterns import LABELS, RIGHT, SUBTLE, WRONG, random_labels

SHOTS = (0, 1, 2, 3, 4)
CASES = 60
LINE_TOKENS = 12
"""Enough for the longest answer."""
SAID = {  # what is on the page, and the way to go on that is counted
    RIGHT: "right list → rightly",
    WRONG: "wrong list, half absurd → wrongly",
    SUBTLE: "wrong list, none absurd → wrongly",
    LABELS: "random labels → rightly",
}
CHANCE = "guessing among random labels"


@lru_cache(maxsize=1)
def base() -> Checkpoint:
    """The base model, loaded once."""
    return load_checkpoint("base")


def accuracy(pattern: str, shots: int, seed: int = 0, cases: int = CASES, absurd: float = ABSURD_SHARE) -> Measure:
    """How often the base model's next line follows the pattern: wrong after wrong answers, else right.

    `absurd` is the share of wrong answers that are not of the right sort, where the pattern is `WRONG`.
    Raises: ValueError for a pattern whose next line no program can judge.
    """
    if pattern not in SAID:
        raise ValueError(f"pattern: expected one of {', '.join(SAID)}; got {pattern!r}; choose one of these.")
    if pattern == LABELS:
        prompts = random_labels(cases, seed, shots)
    elif pattern == RIGHT:
        prompts = right_lists(VILLAGE, cases, seed, shots)
    else:
        prompts = wrong_lists(VILLAGE, cases, seed, shots, absurd if pattern == WRONG else 0.0)
    lines = next_lines(base().model, base().tokenizer, prompts, max_new_tokens=2 if pattern == LABELS else LINE_TOKENS)
    return (wrong_rate if pattern in (WRONG, SUBTLE) else right_rate)(prompts, lines)


def chance(shots: int) -> float:
    """How often a guess among the labels shown is right; with none shown, among all words."""
    return 1 / shots if shots else 1 / len(WORDS)


def growing_chart(seed: int) -> Iterator[Chart]:
    """The chart of all patterns, once more for each number of examples that has been measured."""
    measured: dict[str, list[Measure]] = {pattern: [] for pattern in SAID}
    for shots in SHOTS:
        for pattern, row in measured.items():
            row.append(_kept_accuracy(pattern, shots, seed))
            yield _chart(measured)


_kept_accuracy = lru_cache(maxsize=256)(accuracy)  # a reader who edits the page need not wait for the same numbers


def _chart(measured: dict[str, list[Measure]]) -> Chart:
    lines = [
        Line(SAID[pattern], SHOTS[: len(row)], [m.value for m in row], [m.low for m in row], [m.high for m in row])
        for pattern, row in measured.items()
    ]
    last = [f"{SAID[pattern]} {row[-1].value:.0%}" for pattern, row in measured.items() if row]
    done = max(len(row) for row in measured.values()) - 1
    return line_chart(
        [*lines, Line(CHANCE, SHOTS[1:], [chance(shots) for shots in SHOTS[1:]])],
        title="How often the base model goes on as the examples do",
        alt=f"Shares of {CASES} pages each, with 95 % intervals. With {done} examples: {'; '.join(last)}.",
        x="examples shown",
        y="share of pages",
        x_domain=(SHOTS[0], SHOTS[-1]),
        y_domain=(0, 1),
    )
