"""Pictures of what the sweep recorded, for the lab's page."""

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.drawing.lines import Line, line_chart
from labs.core.sweeping import Arm, Interval, Recorded
from labs.knowledge_or_format.pictures import interval, sweep_arm

MEAN = "mean of three seeds with its 95 % interval"
ON_PAGES = {"recall": "as read", "reworded": "reworded", "on_page": "on a page", "new_unasked": "after SFT"}
"""Four ways to ask for the same facts of new people whom SFT leaves out.

A page's own sentence to be gone on with, one in a wording that no page has, a question on a page before SFT, and a
question in chat markup after SFT on others.
"""


def people_table(found: Recorded) -> Table:
    """Exact answers about asked and unasked villagers, by how many SFT asks about."""
    rows: list[list[object]] = []
    for arm in found.arms:
        if arm["experiment"] == "people":
            shares = [interval(found.interval(arm, name, share=True)) for name in ("asked", "unasked")]
            rows.append([arm["asked"], *shares])
    steps = found.configuration["constants"]["steps_for_people"]
    return Table(
        ["Villagers in SFT", "Exact, asked about in SFT", "Exact, never asked about"],
        rows,
        f"Recorded by “{found.command}”: {steps} steps, {MEAN}",
    )


def learning_chart(found: Recorded, unknown: float = 0.5, hedges: float = 0.0) -> Chart:
    """Known and unknown facts of SFT, each drawn equally often, and villagers whom it leaves out, step by step."""
    arm, constants = sweep_arm(unknown, hedges), found.configuration["constants"]
    names = {"asked": "facts that pages tell", "unknown": "facts that no page tells", "unasked": "known, not in SFT"}
    lines, halves = [], {}
    for name, words in names.items():
        path = found.intervals(arm, f"{name}_path", share=True)
        steps = [constants["steps"] * (place + 1) / len(path) for place in range(len(path))]
        lines.append(Line(words, steps, *_columns(path)))
        halves[name] = (steps[len(path) // 2 - 1], path[len(path) // 2 - 1].mean)
    step = halves["asked"][0]
    return line_chart(
        lines,
        title=f"Recorded: exact answers where {percent(unknown)} of the facts in SFT are new; {MEAN}",
        alt=(
            f"After {step:.0f} steps {percent(halves['asked'][1])} of the known facts of SFT are answered exactly and "
            f"{percent(halves['unknown'][1])} of the unknown ones; at the end {percent(lines[0].ys[-1])} and "
            f"{percent(lines[1].ys[-1])}. Known facts which are not in SFT reach {percent(lines[2].ys[-1])}."
        ),
        x="step",
        y="share of exact answers",
        x_domain=(0, constants["steps"]),
        y_domain=(0, 1),
    )


def strangers_chart(found: Recorded) -> Chart:
    """How often a value of somebody never seen is made up, by what SFT states and whether it ever says no."""
    bars, said = [], []
    for arm in _unknown_arms(found):
        group = f"{percent(float(arm['hedges']))} hedges" if arm["hedges"] else "no hedges"
        share = found.interval(arm, "states", share=True)
        label = f"{percent(float(arm['unknown']))} unknown"
        bars.append(Bar(label, share.mean, share.low, share.high, group=group))
        said.append(f"{label}, {group}: {percent(share.mean)}")
    return bar_chart(
        bars,
        title="Recorded: states a value of somebody whom no text names",
        alt=(
            "Shares of replies that state a value of an invented person never seen, by unknown facts in SFT and by "
            f"replies “I do not know.”, called hedges. {'; '.join(said)}."
        ),
        x=f"share of replies, {MEAN}",
        domain=(0, 1),
    )


def villagers_lines(found: Recorded) -> str:
    """What the same models say of villagers whom SFT leaves out, a line for each arm."""
    lines = ["Villagers never asked about:"]
    for arm in _unknown_arms(found):
        exact = interval(found.interval(arm, "unasked", share=True))
        lines.append(f"{100 * float(arm['unknown']):2.0f}/{100 * float(arm['hedges']):<2.0f} exact {exact}")
    return "\n".join(lines)


def _unknown_arms(found: Recorded) -> list[Arm]:
    return [arm for arm in found.arms if arm["experiment"] == "unknown"]


def phrasings_table(found: Recorded) -> Table:
    """Facts of new people, by how pages say them and for how long they were read, asked for in four ways."""
    rows: list[list[object]] = [
        [_read(arm), *(interval(found.interval(arm, name, share=True)) for name in ON_PAGES)]
        for arm in _page_arms(found)
    ]
    return Table(
        ["Pages and steps", *ON_PAGES.values()],
        rows,
        f"Recorded by “{found.command}”: right values, {MEAN}",
    )


def phrasings_chart(found: Recorded) -> Chart:
    """The facts that come out in other words, on a page and after SFT on other people."""
    bars, said = [], []
    for name in ("reworded", "new_unasked"):
        for arm in _page_arms(found):
            share = found.interval(arm, name, share=True)
            bars.append(Bar(_read(arm), share.mean, share.low, share.high, group=ON_PAGES[name]))
            said.append(f"{_read(arm)} steps, {ON_PAGES[name]}: {percent(share.mean)}")
    return bar_chart(
        bars,
        title="Recorded: facts of new people, by phrasings and steps of reading",
        alt=f"Shares of facts that are told rightly. {'; '.join(said)}.",
        x=f"share of facts, {MEAN}",
        domain=(0, 1),
    )


def _page_arms(found: Recorded) -> list[Arm]:
    return [arm for arm in found.arms if arm["experiment"] == "phrasings"]


def _read(arm: Arm) -> str:
    return f"{arm['pages']}, {arm['page_steps']}"


def _columns(path: list[Interval]) -> tuple[list[float], list[float], list[float]]:
    return [one.mean for one in path], [one.low for one in path], [one.high for one in path]
