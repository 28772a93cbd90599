"""What `python -m labs sweep pattern_completion` recorded, as a chart: models with few layers along their training."""

from collections.abc import Sequence

from labs.core.contract import Chart
from labs.core.drawing.lines import Line, line_chart
from labs.core.sweeping import Arm, Recorded
from labs.pattern_completion.accuracy import CHANCE, chance
from labs.pattern_completion.sweep import SHOTS, tokens_seen


def along_training(found: Recorded) -> Chart:
    """How often each model gets a fresh mapping right after four examples, along its pretraining."""
    along = found.by_seed(found.arms[0], "along")[0]
    assert isinstance(along, tuple), "along is a list"
    xs = [tokens_seen(place) / 1e6 for place in range(1, len(along) + 1)]
    lines = [_line(found, arm, "along", xs) for arm in found.arms]
    last = lines[0].xs[-1]
    return line_chart(
        [*lines, Line(CHANCE, [0, last], [chance(4), chance(4)])],
        title=f"Fresh random mappings with four examples, along pretraining ({_how(found)})",
        alt=_said(lines, "At the end"),
        x="million tokens read",
        y="right",
        x_domain=(0, last),
        y_domain=(0, 1),
    )


def by_shots(found: Recorded) -> Chart:
    """The same at the end of the training, for each number of examples."""
    lines = [_line(found, arm, "by_shots", SHOTS) for arm in found.arms]
    return line_chart(
        [*lines, Line(CHANCE, SHOTS, [chance(shots) for shots in SHOTS])],
        title=f"Fresh random mappings at the end of this training ({_how(found)})",
        alt=_said(lines, f"With {SHOTS[-1]} examples"),
        x="examples shown",
        y="right",
        x_domain=(SHOTS[0], SHOTS[-1]),
        y_domain=(0, 1),
    )


def _line(found: Recorded, arm: Arm, name: str, xs: Sequence[float]) -> Line:
    """An arm's means over the seeds with their intervals; of one run alone its numbers, for it has no interval."""
    called = f"{arm['layers']} layer{'' if arm['layers'] == 1 else 's'}"
    if len(found.seeds) > 1:
        row = found.intervals(arm, name, share=True)
        return Line(called, xs, [i.mean for i in row], [i.low for i in row], [i.high for i in row])
    (values,) = found.by_seed(arm, name)
    assert isinstance(values, tuple), f"{name} is a list"
    return Line(called, xs, values)


def _how(found: Recorded) -> str:
    return "recorded, one run" if len(found.seeds) == 1 else f"recorded, {len(found.seeds)} runs each"


def _said(lines: list[Line], when: str) -> str:
    shares = "; ".join(f"{line.name} {line.ys[-1]:.0%}" for line in lines)
    return f"{when}: {shares}; guessing {chance(4):.0%}."
