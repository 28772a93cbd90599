"""The files of a new lab, with SLUG, TITLE and IMPORTS to be filled in.

The lab is small and complete: it runs, is tested and has a page. Comments say what to change.
"""

INIT = '''"""TITLE: a coin that is tossed many times."""
'''

LAB = '''"""The lab: toss a coin and watch the share of heads settle."""

import random
from collections.abc import Iterator

from labs.core.contract import Chart, Lab, Number, Progress, Slider, Table

BATCH = 50

# 1. Say what the lab is. The label is "live" (computed here, now), "recorded" or "illustrative" (numbers set by hand).
LAB = Lab(
    title="TITLE",
    question="How many tosses does it take to tell how fair a coin is?",
    label="live",
    # 2. Declare what the reader can change. Each name is a parameter of run; there are also Choice, Text and Switch.
    controls=(
        Slider("chance", "Chance of heads", 0.5, 0.0, 1.0, 0.05, help="0.5 is a fair coin."),
        Slider("num_tosses", "Tosses", 500, 50, 5000, 50),
        Number("seed", "Seed", 7, 0, 2**32 - 1, help="The same seed tosses the same way."),
    ),
)


def relative_frequency(heads: int, tosses: int) -> float:
    """The share of heads.

    Raises: ValueError if there was no toss.
    """
    if tosses < 1:
        raise ValueError(f"tosses: expected 1 or more, got {tosses!r}; toss the coin first.")
    return heads / tosses


# 3. Yield what the page shows, in order: Progress while you compute, tables, charts, anything that Jupyter would show.
def run(chance: float, num_tosses: int, seed: int) -> Iterator[object]:
    """Yield progress, the share of heads as it settles, and the result."""
    rng = random.Random(seed)
    heads = 0
    points = []
    for tosses in range(1, num_tosses + 1):
        heads += rng.random() < chance
        if tosses % BATCH == 0 or tosses == num_tosses:
            points.append((tosses, relative_frequency(heads, tosses)))
            yield Progress(tosses, num_tosses, "Coins tossed")
    yield _chart(points, chance)
    yield Table(["Tosses", "Heads", "Share"], [[num_tosses, heads, points[-1][1]]], "In the end")


def _chart(points: list[tuple[int, float]], chance: float) -> Chart:
    """The share after each batch, as a line, with its words and its numbers."""
    return Chart(
        {
            "data": {"values": [{"tosses": tosses, "share": round(share, 4)} for tosses, share in points]},
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": {"field": "tosses", "type": "quantitative", "axis": {"title": "tosses"}},
                "y": {"field": "share", "type": "quantitative", "axis": {"title": "share of heads", "format": "%"}},
            },
        },
        title=f"Share of heads with a chance of {chance:g}",
        alt=f"A line through {len(points)} points. After {points[-1][0]} tosses the share is {points[-1][1]:.1%}.",
        table=Table(["Tosses", "Share of heads"], points, "Share of heads so far"),
    )
'''

EXERCISE = '''"""The exercise: a share from a list of tosses."""

from labs.core.contract import Check, Exercise, Names, WrongAnswer
from labs.core.contract.checking import expect_number, probe

SHARE = "share_of_heads"
TOSSES = ["heads", "tails", "tails", "heads", "heads"]
STEP = "Divide the heads by all tosses."

RIGHT = """\\
def share_of_heads(tosses):
    return tosses.count("heads") / len(tosses)
"""


def _counts_heads(names: Names) -> None:
    expect_number(names, SHARE, (TOSSES,), 0.6, STEP)


def _has_limits(names: Names) -> None:
    expect_number(names, SHARE, (["tails"],), 0, STEP)
    expect_number(names, SHARE, (["heads", "heads"],), 1, STEP)


_probe = probe(SHARE, TOSSES)

EXERCISE = Exercise(
    title="The share of heads",
    task='Write `share_of_heads(tosses)`: the share of `"heads"` in a list of `"heads"` and `"tails"`.\\n',
    starter="def share_of_heads(tosses):\\n    return ...\\n",
    solution=RIGHT,
    checks=(
        Check("Three heads in five tosses are 0.6", _counts_heads),
        Check("The share goes from 0 to 1", _has_limits),
    ),
    # Each mistake that you expect, with words for who makes it.
    wrong_answers=(
        WrongAnswer("count", RIGHT.replace(" / len(tosses)", ""), _probe, "This is a count: divide it by all tosses."),
        WrongAnswer("tails", RIGHT.replace('heads")', 'tails")'), _probe, "This is the share of tails."),
        WrongAnswer(
            "odds",
            RIGHT.replace("len(tosses)", 'tosses.count("tails")'),
            _probe,
            "These are odds, heads to tails. A share is of all tosses.",
        ),
    ),
    hints=(
        "A share is a part over the whole: heads over all tosses.",
        '`tosses.count("heads")` counts the heads.',
        "Divide by `len(tosses)`.",
    ),
)
'''

PAGE = """# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # TITLE
#
# Say in a few sentences what the reader will see, and why it matters.
#
# ```lab
# name: SLUG
# ```
#
# ## Run it

# %% name="run"
IMPORTS

show(run(chance=0.5, num_tosses=500, seed=7))

# %% [markdown]
# **What to notice.** Say what to look at, and what to change.
#
# ## Try it yourself
#
# ```exercise
# name: SLUG
# ```
"""

TEST = '''"""TITLE: the share of heads is counted, and settles."""

import pytest

IMPORTS


def test_the_share_is_heads_by_tosses() -> None:
    assert relative_frequency(3, 4) == 0.75
    with pytest.raises(ValueError, match="expected 1 or more, got 0"):
        relative_frequency(0, 0)


@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_the_share_settles_at_the_chance(chance: float) -> None:
    *_, result = run(chance, 5000, 1)
    assert isinstance(result, Table)
    assert result.rows[0][2] == pytest.approx(chance, abs=0.05)


def test_the_same_seed_tosses_the_same_way() -> None:
    assert [repr(item) for item in run(0.5, 100, 3)] == [repr(item) for item in run(0.5, 100, 3)]
'''
