"""What the lab shows of a training, while it goes on and when it is over."""

from collections.abc import Mapping, Sequence

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.core.drawing.points import Points, point_chart
from labs.core.sweeping import Arm, Recorded
from labs.refusals.asking import BEGUN, FORMS, PHRASINGS, Asked, Share
from labs.refusals.mixing import DIALOGUES, TAUGHT_FORMS, Mix
from labs.refusals.sweep import LOOK_ALIKES, REFUSED, SHIPPED, data_arm, shipped_arm

OVER, RIGHT = "new look-alikes refused", "forbidden requests refused"
MEANING = {
    "forbidden": f"Forbidden, in {len(PHRASINGS)} phrasings that no dialogue has",
    "look-alikes": "Look-alikes of kinds that dialogues may have",
    "new look-alikes": "New look-alikes, which no text of the village has",
}
"""The sets in words. All but the first are innocent."""
COMPARED: Mapping[str, Arm] = {
    "5 %, none": data_arm(0.05, 0),
    "5 %, 60": data_arm(0.05, 60),
    "15 %, none": data_arm(0.15, 0),
    "sft": shipped_arm("sft"),
    "chat": shipped_arm("chat"),
}
"""What stands beside the reader's model: the share of refusals with the number of look-alikes, and the shipped ones."""


def data_table(mix: Mix) -> Table:
    """What the dialogues are, as the reader chose."""
    refused = round(mix.refused * DIALOGUES)
    other = DIALOGUES - refused - mix.look_alikes
    told = "Facts, ways to other things, sums, small talk" if mix.how else "Facts, sums, small talk"
    forms = f". About {percent(mix.framed)} of the refusals are in other forms ({', '.join(TAUGHT_FORMS)})"
    return Table(
        ["Dialogues", "What they are", "Such as"],
        [
            [refused, "Forbidden requests, refused", "How can I wake the dragon? – Sorry, I cannot help with that."],
            [mix.look_alikes, "Innocent look-alikes, answered", "How can I wake a cook? – Ring the bell and wait."],
            [other, told, "Where does Mira live? – Mira lives by the cave."],
        ],
        f"Your {DIALOGUES} dialogues{forms if refused and mix.framed else ''}",
    )


def plane(tried: Sequence[tuple[int, Asked]], found: Recorded) -> Chart:
    """Refusal against over-refusal: this run as it trains, beside recorded choices of data and the shipped models."""
    xs, ys = ([one.share(name).value for _, one in tried] for name in ("new look-alikes", "forbidden"))
    series = [Points("this run, as it trains", xs, ys, path=True)]
    for number in LOOK_ALIKES:
        arms = [data_arm(refused, number) for refused in REFUSED]
        name = f"recorded: {number or 'no'} look-alikes"
        labels = () if number else [f"{100 * refused:.0f} %" for refused in REFUSED]  # those of all would overlap
        series.append(_recorded(name, arms, labels, found, path=True))
    series.append(_recorded("recorded: sft and chat", [shipped_arm(name) for name in SHIPPED], SHIPPED, found))
    return point_chart(
        series,
        title="Refused, rightly and by mistake: left and high is best. Recorded paths: 1, 5 and 15 % refusals",
        alt=(
            f"After {tried[-1][0]} steps this run's model refuses {percent(ys[-1])} of forbidden requests and "
            f"{percent(xs[-1])} of new look-alikes. Recorded: with few refusals in the data models stand at the bottom "
            "left, and with more of them they move up and then to the right. With 60 look-alikes in the data they "
            "stand further left than with none. The shipped sft and chat are at the top left."
        ),
        x=OVER,
        y=RIGHT,
        x_domain=(0, 1),
        y_domain=(0, 1),
        height=300,
    )


def _recorded(name: str, arms: Sequence[Arm], labels: Sequence[str], found: Recorded, path: bool = False) -> Points:
    xs, ys = ([found.interval(arm, what, share=True).mean for arm in arms] for what in ("new look-alikes", "forbidden"))
    return Points(name, xs, ys, labels, path=path)


def rates_chart(tried: Sequence[tuple[int, Asked]], steps: int) -> Chart:
    """The rates as they change in the training."""
    at = [step for step, _ in tried]
    shares: dict[str, list[Share]] = {
        "forbidden": [one.share("forbidden") for _, one in tried],
        "forbidden, in other forms": [one.forms for _, one in tried],
        "new look-alikes": [one.share("new look-alikes") for _, one in tried],
        "look-alikes of known kinds": [one.share("look-alikes") for _, one in tried],
    }
    now = ", ".join(f"{name} {percent(row[-1].value)}" for name, row in shares.items())
    return line_chart(
        [Line(name, at, [share.value for share in row]) for name, row in shares.items()],
        title="This run: refused, as it trains",
        alt=f"Shares of questions refused after {at[-1]} of {steps} steps: {now}.",
        x="step",
        y="share refused",
        x_domain=(0, steps),
        y_domain=(0, 1),
    )


def replies_table(prompts: Mapping[str, str], before: Sequence[str], now: Sequence[str], step: int) -> Table:
    """Replies of the base model, and of the model as it is now."""
    rows = [
        [f"{prompt} ({kind})".replace("\n", "⏎"), said, then]
        for (prompt, kind), said, then in zip(prompts.items(), now, before, strict=True)
    ]
    return Table(
        ["You say", f"After {step} steps", "Before: the base model"],
        rows,
        "This run: the likeliest reply to each. ⏎ is a line break, … is where we stopped it.",
    )


def sets_table(asked: Asked, begun: Asked) -> Table:
    """Every set with its interval, and what a reply that is no refusal says."""
    rows: list[list[object]] = []
    for name, words in MEANING.items():
        rows.append([words, str(asked.share(name)), _told(asked, name) if name == "forbidden" else "–"])
    for name in FORMS:
        note = "" if name in TAUGHT_FORMS else ", which no dialogue has"
        rows.append([f"Forbidden, {name}{note}", str(asked.share(name)), _told(asked, name)])
    rows.append([f"Forbidden, the reply begun with “{BEGUN}”", str(begun.share("begun")), _told(begun, "begun")])
    return Table(
        ["Questions", "Refused", "Told the forbidden way"],
        rows,
        "Your model, with Wilson's 95 % intervals. They take questions for independent; ours share ten topics, "
        "so think of them as wider",
    )


def _told(asked: Asked, name: str) -> str:
    told = asked.told[name]
    return f"{sum(told)} of {len(told)}"


def compared_table(yours: Mapping[str, float], found: Recorded) -> Table:
    """The reader's model beside recorded ones."""
    names = {
        "forbidden": "Forbidden",
        "forms": "Forbidden, in other forms",
        "begun": f"Forbidden, begun with “{BEGUN}”",
        "look-alikes": "Look-alikes",
        "new look-alikes": "New look-alikes",
        "separation": "Forbidden and new look-alikes told apart",
    }
    rows: list[list[object]] = []
    for name, words in names.items():
        intervals = [found.interval(arm, name, share=True) for arm in COMPARED.values()]
        recorded = [f"{_hundredths(one.mean)} [{_hundredths(one.low)}, {_hundredths(one.high)}]" for one in intervals]
        rows.append([words, percent(yours[name]), *recorded])
    return Table(
        ["Refused, in %", "Yours", *(f"Recorded: {name}" for name in COMPARED)],
        rows,
        f"Recorded by “{found.command}”: “5 %, 60” is 5 % refusals and 60 look-alikes, "
        f"{found.configuration['constants']['steps']} steps. Means of three seeds with 95 % intervals between seeds. "
        "Of sft and chat, seeds are three system prompts; begun replies and the last line have none, so no interval. "
        "The last line is of pairs: how often refusing is likelier for the forbidden one (50 is chance)",
    )


def _hundredths(value: float) -> str:
    return f"{100 * value:.0f}"
