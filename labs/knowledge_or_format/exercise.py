"""The exercise: of the answers that came with SFT, which part was knowledge, and which part form?"""

from collections.abc import Sequence

from labs.core.contract.checking import call, close, numbers, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

type Row = dict[str, bool]

FORMAT, KNOWLEDGE, LOST = (
    {"asked": False, "knew": True, "before": False, "after": True},
    {"asked": True, "knew": False, "before": False, "after": True},
    {"asked": False, "knew": True, "before": True, "after": False},
)
KEPT = {"asked": False, "knew": True, "before": True, "after": True}
NEVER = {"asked": False, "knew": False, "before": False, "after": False}
UNUSED = {"asked": True, "knew": True, "before": False, "after": False}
ASKED_AND_KNOWN = {"asked": True, "knew": True, "before": False, "after": True}

PLAIN: tuple[Row, ...] = (FORMAT, FORMAT, FORMAT, KNOWLEDGE)
MIXED: tuple[Row, ...] = (
    *(FORMAT,) * 3,
    *(ASKED_AND_KNOWN,) * 4,
    *(KNOWLEDGE,) * 2,
    LOST,
    *(KEPT,) * 5,
    *(NEVER,) * 3,
    *(UNUSED,) * 2,
)


def split(rows: Sequence[Row]) -> list[float]:
    """What the exercise asks for: the shares of all rows that are format, knowledge and lost."""
    gained = [row for row in rows if row["after"] and not row["before"]]
    return [
        sum(row["knew"] for row in gained) / len(rows),
        sum(not row["knew"] for row in gained) / len(rows),
        sum(row["before"] and not row["after"] for row in rows) / len(rows),
    ]


def _returned(names: Names, rows: Sequence[Row]) -> list[float]:
    given = call(names, "split_gain", [dict(row) for row in rows])
    return numbers(given, 3, f"`split_gain` of {len(rows)} rows")


def _expect(names: Names, rows: Sequence[Row], place: int, what: str, next_step: str) -> None:
    got, expected = _returned(names, rows), split(rows)
    if not close([got[place]], [expected[place]]):
        wanted = f"{what} to be {shown(expected[place])} of these {len(rows)} rows"
        raise CheckFailed(wanted, shown(got[place]), next_step)


def _three_numbers(names: Names) -> None:
    _returned(names, PLAIN)


def _the_format(names: Names) -> None:
    _expect(names, PLAIN, 0, "the share of format", "Count the rows that became right and that the model knew before.")


def _the_knowledge(names: Names) -> None:
    step = "Count the rows that became right and that the model did not know before."
    _expect(names, PLAIN, 1, "the share of knowledge", step)


def _already_right(names: Names) -> None:
    step = "What was right before SFT, SFT did not bring: leave those rows out of format and of knowledge."
    _expect(names, (*PLAIN, KEPT, KEPT, NEVER, NEVER), 0, "the share of format", step)


def _the_lost(names: Names) -> None:
    _expect(names, (*PLAIN, LOST), 2, "the share lost", "Count the rows that were right before and are not any more.")


def _all_together(names: Names) -> None:
    step = "Go through the three counts one by one; each is divided by the number of all rows."
    for place, what in enumerate(("the share of format", "the share of knowledge", "the share lost")):
        _expect(names, MIXED, place, what, step)


def _probe(names: Names) -> object:
    return outcome(names, "split_gain", [dict(row) for row in MIXED])


SOLUTION = """\
def split_gain(rows):
    form = sum(row["after"] and not row["before"] and row["knew"] for row in rows)
    knowledge = sum(row["after"] and not row["before"] and not row["knew"] for row in rows)
    lost = sum(row["before"] and not row["after"] for row in rows)
    return [form / len(rows), knowledge / len(rows), lost / len(rows)]
"""

EXERCISE = Exercise(
    title="Split what SFT brought",
    task="""\
A model was asked the same questions before and after SFT. Each row says of one question:

- `asked`: whether SFT had this fact in a dialogue,
- `knew`: whether the base model named the right value where a page led up to it,
- `before`: whether the base model answered rightly in chat markup,
- `after`: whether the tuned model does.

`split_gain(rows)` returns three shares of *all* rows: `[format, knowledge, lost]`. Format is what became right and was
known before. Knowledge is what became right and was not known. Lost is what was right and is not any more.
""",
    starter="""\
def split_gain(rows):
    return [..., ..., ...]  # the shares of format, knowledge and what was lost


# print(split_gain([{"asked": False, "knew": True, "before": False, "after": True}]))
""",
    solution=SOLUTION,
    checks=(
        Check("Three numbers", _three_numbers),
        Check("Format: it knew, and now it answers", _the_format),
        Check("Knowledge: it did not know, and now it answers", _the_knowledge),
        Check("What was right already is no gain", _already_right),
        Check("What was lost", _the_lost),
        Check("All of it together", _all_together),
    ),
    wrong_answers=(
        WrongAnswer(
            "all gain is knowledge",
            SOLUTION.replace(' and row["knew"]', " and False").replace(' and not row["knew"]', ""),
            _probe,
            "This books every new right answer as knowledge. Look at `knew`: the model could "
            "tell most of these before SFT, on a page.",
        ),
        WrongAnswer(
            "by who was asked",
            SOLUTION.replace('and row["knew"]', 'and not row["asked"]').replace(
                'and not row["knew"]', 'and row["asked"]'
            ),
            _probe,
            "You split by `asked`. A fact that SFT states may have been known before: then SFT taught the form and "
            "repeated the fact. What counts is `knew`.",
        ),
        WrongAnswer(
            "right already counted",
            SOLUTION.replace('row["after"] and not row["before"] and', 'row["after"] and'),
            _probe,
            "Here answers that were right before SFT count as its gain. Compare with `before`, not only with nothing.",
        ),
        WrongAnswer(
            "shares of the gain",
            SOLUTION.replace(
                "    return [form / len(rows), knowledge / len(rows), lost / len(rows)]",
                "    gain = form + knowledge\n    return [form / gain, knowledge / gain, lost / gain]",
            ),
            _probe,
            "These are shares of the gain, and the task asks for shares of all rows. Shares of the gain look the same "
            "for a model that learned one answer and for one that learned thousands.",
        ),
        WrongAnswer(
            "losses netted",
            SOLUTION.replace("[form / len(rows)", "[(form - lost) / len(rows)").replace("lost / len(rows)]", "0.0]"),
            _probe,
            "The losses are set against the gains here. A model that forgets as much as it learns would look as if "
            "nothing had happened: report both.",
        ),
        WrongAnswer(
            "counts, not shares",
            SOLUTION.replace(" / len(rows)", ""),
            _probe,
            "These are counts. Divide each by the number of rows, so that two evaluation sets can be compared.",
        ),
    ),
    hints=(
        "A row is gained if it is right after and was not right before.",
        "Of the gained rows, `knew` tells format from knowledge. `asked` is not needed.",
        "Lost rows are the gained ones the other way round. All three are divided by `len(rows)`.",
    ),
)
