"""What the lab shows: live bars, recorded scores over size, and what can be read off them."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.drawing.lines import Line, line_chart
from labs.core.sweeping import Interval
from labs.measured_gap import recording
from labs.measured_gap.equivalent import in_thousands
from labs.measured_gap.invented import INVENTED, Invented
from labs.measured_gap.live import MODELS, Tried
from labs.measured_gap.measuring import ABILITIES, Score

type Scores = Mapping[str, Mapping[str, Score]]  # by ability, by model


def live_chart(kind: str, scores: Scores) -> Chart:
    """The shipped models' scores in the abilities of a kind, as far as they are measured."""
    names = [name for name in scores if ABILITIES[name].kind == kind]
    bars = [_bar(name, model, scores[name][model]) for name in names for model in MODELS]
    of = sum(ability.kind == kind for ability in ABILITIES.values())
    said = "; ".join(
        f"{ABILITIES[name].words}: "
        + ", ".join(f"{model} {percent(scores[name][model].measure.value)}" for model in MODELS)
        for name in names
    )
    return bar_chart(
        bars or [Bar("still to come", 0.0, group=MODELS[0])],
        title=f"This run: {kind}, {len(names)} of {of} measured",
        alt=f"Shares of cases for the base model with its prompt, and for two tuned ones. {said or 'None yet'}.",
        x="share of cases, with its 95 % interval",
        domain=(0, 1),
    )


def live_table(scores: Scores) -> Table:
    """The same in a table, with how the base model was asked."""
    rows: list[list[object]] = [
        [ABILITIES[name].words, of["base"].way, *(_share(of[model]) for model in MODELS), of["base"].measure.n]
        for name, of in scores.items()
    ]
    return Table(
        ["Measure", "The base model's prompt", *MODELS, "Cases"],
        rows,
        "This run: the shipped models, all of 462k parameters; shares with 95 % intervals over cases",
    )


def replies_table(tried: Sequence[Tried]) -> Table:
    """One case of each ability, with what the three models write to it."""
    rows: list[list[object]] = [
        [one.question, *(written.text + ("" if written.ended else " …") for written in one.replies)] for one in tried
    ]
    return Table(
        ["Question", *MODELS],
        rows,
        "This run: the likeliest reply to the first case of each. A base model's is cut at the first line break.",
    )


def size_chart(name: str, small: int) -> Chart:
    """Recorded scores over size: base models with their prompt, tuned ones, and the line of the small tuned one."""
    sizes = recording.sizes()
    base, tuned = ([recording.score(size, who, name) for size in sizes] for who in ("base", "tuned"))
    target = recording.score(small, "tuned", name)
    ends = [sizes[0], sizes[-1]]
    words, told = recording.in_words(name), recording.equivalent_in_words(name, small)
    chart = line_chart(
        [
            _line("base, best prompt", sizes, base),
            _line("tuned, plain question", sizes, tuned),
            Line(f"tuned, {in_thousands(small)}", ends, [target.mean] * 2),
        ],
        title=f"Recorded: {words}",
        alt=(
            f"Over models of {', '.join(map(in_thousands, sizes))} parameters the base models, each with the prompt "
            f"chosen for it, score {', '.join(percent(one.mean) for one in base)}. The tuned model of "
            f"{in_thousands(small)} scores {percent(target.mean)}. Equivalent size: {told}."
        ),
        x="parameters (logarithmic)",
        y="share of cases, mean of three seeds",
        x_domain=(10_000, 1_000_000),
        y_domain=(0, 1),
    )
    return _with_log_x(chart, sizes)


def equivalents_table(small: int) -> Table:
    """For each ability and the average: the small tuned model's score, and how large a base model reaches it."""
    largest = recording.sizes()[-1]
    rows: list[list[object]] = []
    for name in (*ABILITIES, recording.AVERAGE):
        base, tuned = recording.score(largest, "base", name), recording.score(small, "tuned", name)
        guessed = 0.0 if name == recording.AVERAGE else ABILITIES[name].chance
        shares = [percent(share) for share in (tuned.mean, base.mean, guessed)]
        rows.append([recording.in_words(name), recording.equivalent_in_words(name, small), *shares])
    return Table(
        ["Measure", "Equivalent size", f"Tuned, {in_thousands(small)}", f"Base, {in_thousands(largest)}", "Guessing"],
        rows,
        f"Recorded by “{recording.found().command}”: the size of a base model that reaches the tuned one of "
        f"{in_thousands(small)}; 95 % intervals over seeds and cases",
    )


def invented_table(scores: Scores) -> Table:
    """The invented scores of the lab `gap` beside the recorded and the live ones of the measures that correspond."""
    largest = recording.sizes()[-1]
    rows: list[list[object]] = []
    for one in INVENTED:
        row: list[object] = [one.metric, f"{percent(one.before)} → {percent(one.after)}"]
        if one.abilities:
            recorded = (_mean([recording.score(largest, who, a).mean for a in one.abilities]) for who in _WHO)
            words = ", ".join(ABILITIES[ability].words for ability in one.abilities)
            row += [words, " → ".join(map(percent, recorded)), _live(one, scores)]
        else:
            row += [one.why_none, None, None]
        rows.append(row)
    return Table(
        [
            "Metric",
            "Illustrative: before → after",
            "Our measures",
            "Recorded: base → tuned",
            "This run: base → sft → chat",
        ],
        rows,
        f"Invented scores beside measured ones. Recorded: {in_thousands(largest)} parameters, the base model with the "
        "prompt chosen for it.",
    )


_WHO = ("base", "tuned")


def _live(one: Invented, scores: Scores) -> str | None:
    if not all(ability in scores for ability in one.abilities):
        return None
    shares = (_mean([scores[a][model].measure.value for a in one.abilities]) for model in MODELS)
    return " → ".join(map(percent, shares))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _bar(name: str, model: str, score: Score) -> Bar:
    measure = score.measure
    return Bar(ABILITIES[name].words, measure.value, measure.low, measure.high, group=model)


def _share(score: Score) -> str:
    measure = score.measure
    return f"{percent(measure.value)} [{percent(measure.low)}, {percent(measure.high)}]"


def _line(name: str, sizes: Sequence[int], scores: Sequence[Interval]) -> Line:
    means, lows, highs = zip(*((one.mean, one.low, one.high) for one in scores), strict=True)
    return Line(name, sizes, means, lows, highs)


def _with_log_x(chart: Chart, ticks: Sequence[int]) -> Chart:
    """The same chart with sizes as multiples of each other, marked where models were measured."""
    spec = copy.deepcopy(dict(chart.spec))
    layers = spec["layer"]
    assert isinstance(layers, list)
    for layer in layers:
        across = layer["encoding"]["x"]
        across["scale"] = {**across["scale"], "type": "log"}
        across["axis"] = {**across["axis"], "values": list(ticks), "format": ".3~s"}
    return replace(chart, spec=spec)
