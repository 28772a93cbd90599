"""What was recorded: the remedies in one plane and in a table, who paid, and how pages brought it back."""

from collections.abc import Mapping

from labs.alignment_tax.measuring import LOSSES
from labs.alignment_tax.sweep import CONTROLS, FACTS, LORA_RATE, REFUSALS, REVIVE_LOOKS, REVIVED
from labs.core.contract import Chart, Table
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.drawing.lines import Line, line_chart
from labs.core.drawing.points import Points, point_chart
from labs.core.sweeping import Arm, Interval, Recorded
from labs.core.world.documents import WRITERS

FAMILIES: Mapping[str, str] = {
    "none": "no remedy (learning rate)",
    "replay": "replay (share)",
    "KL on pages": "KL (weight)",
    "KL on replies": "KL (weight)",
    "LoRA": "LoRA (rank)",
}
"""Which recorded points are drawn alike, by remedy."""

MIDDLE_RATE = 3e-4
"""The learning rate whose point stands in that corner, too. The table has them all."""
X_AXIS = (0.0, 124.0)
"""Percent; the room beyond is for labels."""
PAIR = (("none", 1e-3), ("KL on pages", 1.0))
KINDS_OF_PAGE = tuple(sorted([*WRITERS, "refusal dialogue"]))
"""In the order in which their losses are recorded."""
TABLED = ("skill", "ends", "pages", "examples", "over_refusal")


def recorded_chart(kind: str, found: Recorded) -> Chart:
    """The recorded remedies of one kind, bought against lost."""
    known = recorded_kind(kind, found)
    of_kind = [arm for arm in found.arms if arm["kind"] == known]
    none, remedy = (next(arm for arm in of_kind if (arm["remedy"], arm["setting"]) == pair) for pair in PAIR)
    return point_chart(
        recorded_points(kind, found),
        title=f"Recorded: what {known} bought and cost under each remedy",
        alt=(
            f"Without a remedy {100 * found.interval(none, 'skill').mean:.0f} % are bought for "
            f"{found.interval(none, 'pages').mean:.2f} nats a token on pages; with the distance kept on pages "
            f"{100 * found.interval(remedy, 'skill').mean:.0f} % for {found.interval(remedy, 'pages').mean:.2f}."
        ),
        x=f"bought: says the right thing on {known}, %",
        y="tax: rise of the loss on pages, nats a token",
        x_domain=X_AXIS,
    )


def recorded_kinds_chart(kind: str, found: Recorded) -> Chart:
    """The rise of the loss by kind of page, without a remedy."""
    arm = REFUSALS[0] if recorded_kind(kind, found) == "refusals" else FACTS[0]
    rises = dict(zip(KINDS_OF_PAGE, found.intervals(arm, "kinds"), strict=True))
    ordered = sorted(rises.items(), key=lambda item: -item[1].mean)
    return bar_chart(
        [Bar(page, round(rise.mean, 2), round(rise.low, 2), round(rise.high, 2)) for page, rise in ordered],
        title=f"Recorded: the tax of {arm['kind']} by kind of page, no remedy",
        alt=(
            f"The loss rose most on pages of the kind “{ordered[0][0]}”, by {ordered[0][1].mean:.2f} nats a token, and "
            f"least on those of the kind “{ordered[-1][0]}”, by {ordered[-1][1].mean:.2f}."
        ),
        x="rise of the loss on held-out pages, nats a token; mean of three seeds with its 95 % interval",
    )


def revived_tax_chart(found: Recorded) -> Chart:
    """The tax while pages are read again, beside a model that was never narrowed."""
    names = {
        "facts, no remedy": FACTS[0],
        "refusals, no remedy": REFUSALS[0],
        "facts, LoRA": REVIVED[2],
        "never narrowed": CONTROLS[0],
    }
    rows = {name: found.intervals(arm, "revive_pages") for name, arm in names.items()}
    tax, control = rows["facts, no remedy"], rows["never narrowed"]
    return line_chart(
        [_line(name, row) for name, row in rows.items()],
        title="Recorded: the tax while the model reads pages again",
        alt=(
            f"After facts without a remedy the tax falls from {tax[0].mean:.2f} to {tax[-1].mean:.2f} nats a token in "
            f"{REVIVE_LOOKS[-1]} steps. The base model that was never narrowed stays at {control[-1].mean:.2f}."
        ),
        x="steps of pages",
        y="rise of the loss, nats a token",
    )


def revived_skill_chart(found: Recorded) -> Chart:
    """What becomes of the bought skill while pages are read again."""
    shown = {"no remedy": FACTS[0], "replay": REVIVED[1]}
    rows = {
        f"{name}: {said}": found.intervals(arm, f"revive_{measure}", share=True)
        for name, arm in shown.items()
        for measure, said in (("skill", "right on facts"), ("ends", "ends its turn"))
    }
    ends = {name: found.intervals(arm, "revive_ends", share=True)[-1].mean for name, arm in shown.items()}
    return line_chart(
        [_line(name, row) for name, row in rows.items()],
        title="Recorded: what was bought, while the model reads pages again",
        alt=(
            f"After {REVIVE_LOOKS[-1]} steps of pages a model tuned on facts without a remedy ends "
            f"{100 * ends['no remedy']:.0f} % of its turns; one tuned with replay {100 * ends['replay']:.0f} %."
        ),
        x="steps of pages",
        y="share of replies",
        y_domain=(0, 1),
    )


def _line(name: str, row: list[Interval]) -> Line:
    return Line(name, REVIVE_LOOKS, [one.mean for one in row], [one.low for one in row], [one.high for one in row])


def recorded_points(kind: str, found: Recorded) -> list[Points]:
    """The recorded remedies as points, a series for each family; for a kind that has no record, those of facts."""
    known = recorded_kind(kind, found)
    families: dict[str, list[Arm]] = {}
    for arm in found.arms:
        if arm["kind"] == known and arm["remedy"] in FAMILIES:
            families.setdefault(FAMILIES[str(arm["remedy"])], []).append(arm)
    series = []
    for name, arms in families.items():
        skills = [found.interval(arm, "skill", share=True) for arm in arms]
        taxes = [found.interval(arm, "pages") for arm in arms]
        series.append(
            Points(
                name,
                [100 * one.mean for one in skills],
                [one.mean for one in taxes],
                labels=[_label(arm) for arm in arms],
                lows=[one.low for one in taxes],
                highs=[one.high for one in taxes],
            )
        )
    return series


def remedies_table(kind: str, found: Recorded) -> Table:
    """The recorded remedies of one kind, each with what it bought and what it cost."""
    known = recorded_kind(kind, found)
    rows: list[list[object]] = []
    for arm in found.arms:
        if arm["kind"] == known and arm["remedy"] in FAMILIES:
            cells = [_interval(name, found.interval(arm, name, share=name not in LOSSES)) for name in TABLED]
            rows.append([arm_name(arm), *cells])
    return Table(
        ["Remedy", "Right", "Ends its turn", "Tax, nats a token", "Three examples", "Refuses look-alikes"],
        rows,
        f"Recorded by “{found.command}”: {known}, {found.configuration['constants']['steps']} steps, seeds "
        f"{', '.join(map(str, found.seeds))}; means with 95 % intervals between seeds",
    )


def arm_name(arm: Arm) -> str:
    """A recorded remedy in words."""
    remedy, setting = str(arm["remedy"]), f"{arm['setting']:g}"
    if remedy == "none":
        return f"none, learning rate {setting}"
    if remedy == "LoRA":
        return f"LoRA, rank {setting}, learning rate {arm['learning_rate']:g}"
    return f"{remedy}, {'share' if remedy == 'replay' else 'weight'} {setting}"


def _label(arm: Arm) -> str:
    """What tells a point from those of its family; none for replay and KL on pages, which crowd in one corner."""
    remedy, setting = str(arm["remedy"]), f"{arm['setting']:g}"
    if remedy == "LoRA" and arm["learning_rate"] == LORA_RATE:
        return f"rank {setting}"
    if remedy == "KL on replies":
        return f"replies {setting}"
    return f"rate {setting}" if remedy == "none" and arm["setting"] != MIDDLE_RATE else ""


def recorded_kind(kind: str, found: Recorded) -> str:
    """This kind, or facts where it has no record."""
    return kind if any(arm["kind"] == kind for arm in found.arms) else "facts"


def _interval(name: str, interval: Interval) -> str:
    low, high = (said_number(name, end).removesuffix(" %") for end in (interval.low, interval.high))
    return f"{said_number(name, interval.mean)} [{low}, {high}]"


def said_number(name: str, value: float) -> str:
    """A measure's value in words: a share in percent, a loss in nats."""
    if name == "pages":
        return f"{value:+.2f}"
    return f"{value:.2f}" if name in LOSSES else f"{100 * value:.0f} %"
