"""The exercise: a filter that leaves a distribution, and what it takes from the innocent."""

from labs.core.contract.checking import call, close, number, numbers, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

ROW = {"boil an egg": 0.5, "pick a Lock": 0.2, "lock my diary": 0.1, "plant a tree": 0.2}
HARMLESS = ["boil an egg", "lock my diary", "plant a tree"]
CALLED = '`filter_row(row, ["lock"])`'
OVER_CALLED = '`over_blocked(row, ["lock"], harmless)`'


def _keeps_every_line(names: Names) -> None:
    got = _filtered(names)
    if list(got) != list(ROW):
        raise CheckFailed(
            f"{CALLED} to return a dict with the row's {len(ROW)} texts",
            f"the texts {shown(list(got))}",
            "Keep a blocked text in the dict, with probability 0.",
        )


def _blocks(names: Names) -> None:
    got = _filtered(names)
    for text in ("lock my diary", "pick a Lock"):
        if number(got[text], f"the probability of {text!r}") != 0:
            step = "Look for the phrase anywhere in the text, and compare both in lower case."
            raise CheckFailed(f"{text!r} to have probability 0", shown(got[text]), step)


def _sums_to_one(names: Names) -> None:
    got = _probabilities(_filtered(names))
    if not close([sum(got)], [1]):
        raise CheckFailed(
            "the filtered row to sum to 1",
            f"{shown(got)}, which sums to {sum(got):.6g}",
            "Divide what is left by the sum of what is left.",
        )


def _keeps_ratios(names: Names) -> None:
    got = _probabilities(_filtered(names))
    if not close(got, [0.5 / 0.7, 0, 0, 0.2 / 0.7]):
        raise CheckFailed(
            "0.5 and 0.2 to become 0.5/0.7 and 0.2/0.7, about [0.714, 0, 0, 0.286]",
            shown(got),
            "Renormalising keeps ratios: what was 2.5 times as likely stays so. Multiply all by the same factor.",
        )


def _leaves_the_row(names: Names) -> None:
    row = dict(ROW)
    call(names, "filter_row", row, ["lock"])
    if row != ROW:
        raise CheckFailed("the given row unchanged", shown(row), "Build a new dict and return that.")


def _changes_nothing_without_a_hit(names: Names) -> None:
    got = _probabilities(_dict(call(names, "filter_row", dict(ROW), ["wire"])))
    if not close(got, list(ROW.values())):
        step = "When no text is blocked the sum is 1, and dividing by 1 changes nothing."
        raise CheckFailed("a row without a blocked text to stay as it is", shown(got), step)


def _measures_over_blocking(names: Names) -> None:
    for blocked, expected in ((["lock"], 0.125), (["egg", "tree"], 0.875), (["wire"], 0.0)):
        got = number(call(names, "over_blocked", dict(ROW), blocked, list(HARMLESS)), "what `over_blocked` returns")
        if not close([got], [expected]):
            raise CheckFailed(
                f"`over_blocked(row, {blocked}, harmless)` to return {expected:g}",
                shown(got),
                "Divide the probability of the harmless texts that are blocked by that of all harmless texts, "
                "both from the row as it was.",
            )


def _filtered(names: Names) -> dict[str, object]:
    return _dict(call(names, "filter_row", dict(ROW), ["lock"]))


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        got = f"{shown(value)}, a {type(value).__name__}"
        raise CheckFailed(f"{CALLED} to return a dict", got, "Return a dict from text to probability.")
    return value


def _probabilities(row: dict[str, object]) -> list[float]:
    return numbers(list(row.values()), len(ROW), "the filtered probabilities")


def _filter_probe(names: Names) -> object:
    return outcome(names, "filter_row", dict(ROW), ["lock"])


def _change_probe(names: Names) -> object:
    row = dict(ROW)
    outcome(names, "filter_row", row, ["lock"])
    return row


def _over_probe(names: Names) -> object:
    return outcome(names, "over_blocked", dict(ROW), ["lock"], list(HARMLESS))


FILTER = """\
def is_blocked(text, blocked):
    return any(phrase.lower() in text.lower() for phrase in blocked)


def filter_row(row, blocked):
    kept = {text: 0 if is_blocked(text, blocked) else p for text, p in row.items()}
    total = sum(kept.values())
    return {text: p / total for text, p in kept.items()}
"""

OVER = """

def over_blocked(row, blocked, harmless):
    taken = sum(row[text] for text in harmless if is_blocked(text, blocked))
    return taken / sum(row[text] for text in harmless)
"""

EXERCISE = Exercise(
    title="A filter that leaves a distribution",
    task="""\
Write two functions. A *row* is a dict from text to probability, such as `{"boil an egg": 0.7, "pick a Lock": 0.3}`.

`filter_row(row, blocked)` returns a new row. A text in which one of the phrases in `blocked` occurs, in capitals or
not, has probability 0 in it. The others keep their ratios, and the row sums to 1. The given row stays as it is.

`over_blocked(row, blocked, harmless)` measures what the filter takes from the innocent: of the probability that the
texts in the list `harmless` have in `row`, the share that is blocked.
""",
    starter="""\
def filter_row(row, blocked):
    kept = {}
    for text, p in row.items():
        kept[text] = ...  # p, or 0 if the text is blocked
    return kept  # does it sum to 1?


def over_blocked(row, blocked, harmless):
    return ...  # a share, from 0 to 1
""",
    solution=FILTER + OVER,
    checks=(
        Check("Every text is still there", _keeps_every_line),
        Check("Texts with a blocked phrase have probability 0", _blocks),
        Check("The filtered row sums to 1", _sums_to_one),
        Check("What is left keeps its ratios", _keeps_ratios),
        Check("The given row is not changed", _leaves_the_row),
        Check("Without a hit nothing changes", _changes_nothing_without_a_hit),
        Check("Over-blocking is measured on the harmless texts", _measures_over_blocking),
    ),
    wrong_answers=(
        WrongAnswer(
            "not renormalised",
            FILTER.replace(
                "    total = sum(kept.values())\n    return {text: p / total for text, p in kept.items()}",
                "    return kept",
            )
            + OVER,
            _filter_probe,
            "This is the filter alone. The row now sums to 0.7: three draws of ten would bring nothing. Divide what is "
            "left by its sum.",
        ),
        WrongAnswer(
            "shared out in equal parts",
            FILTER.replace(
                "    total = sum(kept.values())\n    return {text: p / total for text, p in kept.items()}",
                "    left = sum(p > 0 for p in kept.values())\n"
                "    gift = (1 - sum(kept.values())) / left\n"
                "    return {text: p + gift if p else 0 for text, p in kept.items()}",
            )
            + OVER,
            _filter_probe,
            "This gives every text that is left the same part of what was taken. The sum is 1, but the ratios have "
            "changed: a rare text gains as much as a common one. Divide by the sum instead.",
        ),
        WrongAnswer(
            "capitals matter",
            FILTER.replace("phrase.lower() in text.lower()", "phrase in text") + OVER,
            _filter_probe,
            "“pick a Lock” passes this filter because of one capital letter. Compare in lower case.",
        ),
        WrongAnswer(
            "only whole texts",
            FILTER.replace("any(phrase.lower() in text.lower() for phrase in blocked)", "text in blocked") + OVER,
            _filter_probe,
            "`text in blocked` asks whether the whole text is on the list. Ask of each phrase whether it occurs in the "
            "text.",
        ),
        WrongAnswer(
            "blocked texts left out",
            FILTER.replace(
                "{text: 0 if is_blocked(text, blocked) else p for text, p in row.items()}",
                "{text: p for text, p in row.items() if not is_blocked(text, blocked)}",
            )
            + OVER,
            _filter_probe,
            "The blocked texts have disappeared. Keep them with probability 0, so that both rows can be compared.",
        ),
        WrongAnswer(
            "changes the given row",
            """\
def is_blocked(text, blocked):
    return any(phrase.lower() in text.lower() for phrase in blocked)


def filter_row(row, blocked):
    for text in row:
        if is_blocked(text, blocked):
            row[text] = 0
    total = sum(row.values())
    return {text: p / total for text, p in row.items()}
"""
            + OVER,
            _change_probe,
            "This writes zeros into the row that it was given, so the row before the filter is lost. Build a new one.",
        ),
        WrongAnswer(
            "counts texts",
            FILTER + OVER.replace("row[text] for text in harmless", "1 for text in harmless"),
            _over_probe,
            "This counts texts. One that is drawn five times as often weighs five times as much: add up probabilities.",
        ),
        WrongAnswer(
            "share of the whole row",
            FILTER + OVER.replace("taken / sum(row[text] for text in harmless)", "taken"),
            _over_probe,
            "This is a share of the whole row. Over-blocking is a share of the harmless part: divide by that.",
        ),
    ),
    hints=(
        "`any(phrase.lower() in text.lower() for phrase in blocked)` says whether a text is blocked.",
        "Make the new row in two steps: zeros first, then every probability divided by the new sum.",
        "For `over_blocked` you need two sums over `harmless`, both with the probabilities of the given row.",
    ),
)
