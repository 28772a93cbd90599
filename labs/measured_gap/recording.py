"""What the sweep recorded, in the shapes that charts and tables need."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.sweeping import Interval, Recorded, recorded
from labs.measured_gap.asking import WAYS
from labs.measured_gap.cases import MOST_CASES
from labs.measured_gap.equivalent import Equivalent, with_interval
from labs.measured_gap.measuring import ABILITIES

AVERAGE = "average"
LIMITS = {"sums": MOST_CASES["sums"], "refuses": MOST_CASES["forbidden"], "allows": MOST_CASES["look_alikes"]}


@cache
def found() -> Recorded:
    """The record of this lab."""
    return recorded("measured_gap")


def sizes() -> tuple[int, ...]:
    """The sizes of the models, in parameters."""
    return tuple(int(arm["n_params"]) for arm in found().arms)


def in_words(name: str) -> str:
    """An ability's name in words, or what the average is of."""
    return f"Average of all {len(ABILITIES)}" if name == AVERAGE else ABILITIES[name].words


def score(n_params: int, who: str, name: str) -> Interval:
    """The share of a size's "base" or "tuned" models: the mean over seeds, with the interval between seeds."""
    return found().interval({"n_params": n_params}, f"{who}_{name}", share=True)


def equivalent(name: str, small: int) -> Equivalent:
    """How large a base model reaches the tuned model of a small size, in an ability or on average.

    Raises: ValueError for a name or a size that was not recorded.
    """
    return equivalent_on_average(tuple(ABILITIES) if name == AVERAGE else (name,), small)


@cache
def equivalent_on_average(names: tuple[str, ...], small: int) -> Equivalent:
    """The same for the mean of several abilities."""
    n = int(found().configuration["constants"]["cases"])
    base = np.stack([_by_seed(names, size, "base") for size in sizes()], axis=-1)
    return with_interval(sizes(), base, _by_seed(names, small, "tuned"), [min(n, LIMITS.get(one, n)) for one in names])


def above_guessing(name: str, small: int) -> bool:
    """Whether a tuned model's mean share is more than guessing alone gives in 39 of 40 such measurements."""
    guessed = 0.0 if name == AVERAGE else ABILITIES[name].chance
    one = score(small, "tuned", name)
    n = int(found().configuration["constants"]["cases"])
    cases = len(one.by_seed) * min(n, LIMITS.get(name, n))
    return bool(one.mean > guessed + 1.96 * np.sqrt(guessed * (1 - guessed) / cases))


def equivalent_in_words(name: str, small: int) -> str:
    """The equivalent size as it is printed; none is given where the tuned model may only have guessed."""
    return str(equivalent(name, small)) if above_guessing(name, small) else "–: not above guessing"


def by_way(name: str, n_params: int) -> dict[str, float]:
    """A base model's mean score on the test cases for each way of asking."""
    intervals = found().intervals({"n_params": n_params}, f"ways_{name}", share=True)
    return {way: one.mean for way, one in zip(WAYS, intervals, strict=True)}


def chosen(name: str, n_params: int) -> tuple[str, ...]:
    """The way that was chosen on the validation cases, for each seed."""
    return tuple(WAYS[int(float(str(place)))] for place in found().by_seed({"n_params": n_params}, f"chosen_{name}"))


def optimism(name: str, n_params: int) -> float:
    """How much higher the score would look, had the prompt been chosen on the test cases: the mean over seeds.

    Abilities of one group get their prompt together, so it is their mean that is compared.
    """
    group = ABILITIES[name].group
    together = [one for one, other in ABILITIES.items() if group and other.group == group] or [name]
    rows = [found().by_seed({"n_params": n_params}, f"ways_{one}") for one in together]  # (abilities, seeds, ways)
    best = np.array(rows, dtype=np.float64).mean(axis=0).max(axis=1)
    return float(best.mean() - _by_seed(together, n_params, "base").mean())


def _by_seed(names: Sequence[str], n_params: int, who: str) -> Floats:
    rows = [[float(str(v)) for v in found().by_seed({"n_params": n_params}, f"{who}_{name}")] for name in names]
    return np.array(rows)
