"""What the lab shows of a training, while it goes on and when it is over."""

from collections.abc import Mapping, Sequence

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.core.sweeping import Interval, Recorded
from labs.knowledge_or_format.dialogues import Settings
from labs.knowledge_or_format.measuring import GROUPS, MEASURES, Said

type Tried = Sequence[tuple[int, Mapping[str, Said]]]  # at each step, what the model said of each group


def exact_chart(tried: Tried, settings: Settings) -> Chart:
    """Exact answers of each group that has right ones, step by step."""
    groups = ["asked", "unasked", *(["unknown"] if settings.people.unknown else [])]
    last = tried[-1][1]
    now = "; ".join(f"{GROUPS[group]} {percent(last[group].exact)}" for group in groups)
    return line_chart(
        [Line(GROUPS[group], *_columns([(step, said[group].exact) for step, said in tried])) for group in groups],
        title="This run: exact answers, by who is asked about",
        alt=f"Exact answers after {tried[-1][0]} of {settings.steps} steps: {now}.",
        x="step",
        y="share of exact answers",
        x_domain=(0, settings.steps),
        y_domain=(0, 1),
    )


def stranger_chart(tried: Tried, settings: Settings) -> Chart:
    """What the model says where it can't know, and whether it says that it does not know where it could."""
    last = tried[-1][1]
    return line_chart(
        [
            Line("never seen: states a value", *_columns([(step, said["fresh"].states) for step, said in tried])),
            Line("never seen: “I do not know.”", *_columns([(step, said["fresh"].hedges) for step, said in tried])),
            Line(
                "villager never asked about: “I do not know.”",
                *_columns([(step, said["unasked"].hedges) for step, said in tried]),
            ),
        ],
        title="This run: what it says where it can't know, and where it could",
        alt=(
            f"After {tried[-1][0]} of {settings.steps} steps the model states a value of somebody whom it has never "
            f"seen in {percent(last['fresh'].states)} of its replies, and says that it does not know in "
            f"{percent(last['fresh'].hedges)}. Of villagers whom it could know it says so in "
            f"{percent(last['unasked'].hedges)}."
        ),
        x="step",
        y="share of replies",
        x_domain=(0, settings.steps),
        y_domain=(0, 1),
    )


def replies_table(rows: Sequence[tuple[str, str, str]], before: Sequence[str], now: Sequence[str], step: int) -> Table:
    """Replies of the base model, and of the model as it is now; a row is a group, a question and what is so."""
    return Table(
        ["Who", "You say", "So it is", f"After {step} steps", "Before: the base model"],
        [[*row, new, old] for row, new, old in zip(rows, now, before, strict=True)],
        "This run: the likeliest reply to each. ⏎ is a line break, … is where we stopped it.",
    )


def knew_table(knew: Mapping[str, float], before: Mapping[str, Said], after: Mapping[str, Said]) -> Table:
    """What the base model can tell on a page, and what before and after SFT in markup."""
    rows: list[list[object]] = [
        [GROUPS[group], percent(knew[group]), percent(before[group].exact), percent(after[group].exact)]
        for group in knew
    ]
    return Table(
        ["Who", "Base, led to it by a page", "Base, in chat markup", "After SFT, in chat markup"],
        rows,
        "This run: right answers, with and without the format of a chat",
    )


def outcome_table(values: Mapping[str, float], settings: Settings, found: Recorded) -> Table:
    """The reader's run beside recorded ones."""
    arms = [{"unknown": unknown, "hedges": hedges} for hedges in (0.0, 0.2) for unknown in (0.0, 0.5)]
    rows: list[list[object]] = []
    for name, words in MEASURES.items():
        rows.append(
            [
                words,
                "–" if name == "unknown" and not settings.people.unknown else _whole(values[name]),
                *(
                    "–"
                    if name == "unknown" and not arm["unknown"]
                    else interval(found.interval(sweep_arm(**arm), name, share=True))
                    for arm in arms
                ),
            ]
        )
    constants = found.configuration["constants"]
    heads = []
    for arm in arms:
        hedges = _whole(arm["hedges"]) if arm["hedges"] else "no"
        heads.append(f"Recorded: {_whole(arm['unknown'])} unknown, {hedges} “I do not know.”")
    return Table(
        ["Share of replies", "Yours", *heads],
        rows,
        f"Yours is live. Recorded by “{found.command}”: {constants['asked']} villagers asked about, "
        f"{constants['steps']} steps, seeds {', '.join(map(str, found.seeds))}; means with 95 % intervals",
    )


def sweep_arm(unknown: float, hedges: float) -> dict[str, str | float]:
    """The recorded arm with these shares."""
    return {"experiment": "unknown", "unknown": unknown, "hedges": hedges}


def interval(found: Interval) -> str:
    """A share with its interval, in whole percents."""
    return f"{_whole(found.mean)} [{100 * found.low:.0f}, {100 * found.high:.0f}]"


def _whole(share: float) -> str:
    return f"{100 * share:.0f} %"


def _columns(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
