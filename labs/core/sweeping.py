"""Sweeps: an experiment over arms and seeds that a lab declares, and what `python -m labs sweep` recorded of it.

A lab's `sweep.py` holds SWEEP. The command writes `recorded.json` beside it, which pages and labs read by `recorded`.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

type Setting = str | int | float | bool
type Arm = Mapping[str, Setting]  # what is varied: {"mask": "all"}
type Value = float | tuple[float, ...]

FORMAT = 1
RECORDED_FILE = "recorded.json"


@dataclass(frozen=True)
class Sweep:
    """An experiment: each arm is measured with each seed.

    `measure(arm, seed)` is a function of the module, returns numbers or lists of numbers by name, and depends on
    nothing else. `constants` are settings that all arms share, told to who reads the record.
    Raises: ValueError if there is no arm, two are the same, an arm's settings are no plain values, or the seeds are not
    different whole numbers of 0 or more.
    """

    arms: Sequence[Arm]
    measure: Callable[[Arm, int], Mapping[str, float | Sequence[float]]]
    seeds: Sequence[int] = (0, 1, 2)
    constants: Mapping[str, Setting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what could not be run or told apart afterwards."""
        for settings in (*self.arms, self.constants):
            for name, value in settings.items():
                if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
                    raise ValueError(f"{name}: expected text, a number or a switch, got {value!r}; name it in words.")
        if not self.arms or any(self.arms.count(arm) > 1 for arm in self.arms):
            raise ValueError(f"arms: expected one or more, all different, got {self.arms!r}; give each once.")
        if not callable(self.measure):
            raise ValueError(f"measure: expected a function of arm and seed, got {self.measure!r}; define one.")
        check_seeds(self.seeds)


def check_seeds(seeds: Sequence[int]) -> None:
    """Refuse seeds that are no different whole numbers of 0 or more.

    Raises: ValueError.
    """
    sound = all(isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 for seed in seeds)
    if not seeds or not sound or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds: expected different whole numbers of 0 or more, got {seeds!r}; (0, 1, 2) will do.")


@dataclass(frozen=True)
class Point:
    """What was measured of one arm with one seed."""

    arm: Arm
    seed: int
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its 95 % interval, and each seed's own value."""

    mean: float
    low: float
    high: float
    by_seed: tuple[float, ...]


@dataclass(frozen=True)
class Recorded:
    """What a sweep recorded: the command that did it, its configuration, the versions, and the points."""

    slug: str
    command: str
    configuration: Mapping[str, Any]
    versions: Mapping[str, str]
    points: Sequence[Point]

    @property
    def arms(self) -> list[Arm]:
        """The arms, in the order of the sweep."""
        return [dict(arm) for arm in self.configuration["arms"]]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in the order of the sweep."""
        return tuple(self.configuration["seeds"])

    def by_seed(self, arm: Arm, name: str) -> tuple[Value, ...]:
        """An arm's value for each seed.

        Raises: ValueError for an arm or a name that was not recorded.
        """
        points = [point for point in self.points if point.arm == arm]
        if not points:
            raise ValueError(f"arm: expected one of {self.arms}, got {dict(arm)!r}; give all of its settings.")
        if name not in points[0].values:
            known = ", ".join(points[0].values)
            raise ValueError(f"name: expected one of {known}; got {name!r}; it is not what {self.slug} recorded.")
        return tuple(point.values[name] for point in points)

    def interval(self, arm: Arm, name: str, *, share: bool = False) -> Interval:
        """A number's mean over the seeds with its 95 % interval; of a share, only what lies between 0 and 1.

        Raises: ValueError as `by_seed` does, and for a list of numbers: `intervals` takes those.
        """
        values = [value for value in self.by_seed(arm, name) if not isinstance(value, tuple)]
        if len(values) < len(self.seeds):
            raise ValueError(f"{name}: expected one number a seed, got lists; use intervals().")
        return interval_of(values, share=share)

    def intervals(self, arm: Arm, name: str, *, share: bool = False) -> list[Interval]:
        """The same for a list of numbers, place by place.

        Raises: ValueError as `by_seed` does, and if the seeds' lists are not equally long.
        """
        rows = [value if isinstance(value, tuple) else (value,) for value in self.by_seed(arm, name)]
        if len({len(row) for row in rows}) > 1:
            raise ValueError(f"{name}: expected lists of one length, got {[len(row) for row in rows]}; cut them.")
        return [interval_of(column, share=share) for column in zip(*rows, strict=True)]


def recorded(slug: str) -> Recorded:
    """What `python -m labs sweep` recorded of a lab.

    Raises: ValueError if nothing was, or the file is damaged or another lab's; it says how to record it anew.
    """
    file = lab_folder(slug) / RECORDED_FILE
    remedy = f"record it with `python -m labs sweep {slug}`."
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{file}: expected a recorded sweep, got no such file; {remedy}") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: expected a recorded sweep, got what can't be read ({error}); {remedy}") from error
    try:
        if found["format"] != FORMAT:
            raise ValueError(f"format {found['format']!r}, expected {FORMAT}")
        if found["lab"] != slug:
            raise ValueError(f"what the lab {found['lab']!r} recorded")
        return Recorded(
            slug, found["command"], _checked(found), found["versions"], [_point(point) for point in found["points"]]
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        got = f"none for {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{file}: expected a recorded sweep of {slug}, got {got}; {remedy}") from error


def lab_package(slug: str) -> str:
    """The name of the package that a lab is in.

    Raises: ValueError if no lab has that name.
    """
    from labs.core.finding import lab_home

    return lab_home(slug).rpartition(".")[0]


def lab_folder(slug: str) -> Path:
    """The folder of a lab.

    Raises: ValueError if no lab has that name, or it has no folder.
    """
    from importlib.util import find_spec

    spec = find_spec(lab_package(slug))
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"Lab {slug!r}: expected a folder with a sweep, got none; install its package.")
    return Path(spec.submodule_search_locations[0])


def _checked(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The configuration, of which there must be just one point for each arm and seed."""
    configuration: Mapping[str, Any] = found["configuration"]
    expected = [(arm, seed) for arm in configuration["arms"] for seed in configuration["seeds"]]
    if not expected or [(point["arm"], point["seed"]) for point in found["points"]] != expected:
        raise ValueError("points that are not those of its arms and seeds")
    return configuration


def _point(point: Mapping[str, Any]) -> Point:
    values = {
        name: tuple(map(float, value)) if isinstance(value, list) else float(value)
        for name, value in point["values"].items()
    }
    return Point(point["arm"], point["seed"], values)


T_95 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""Student's t: the quantile 0.975 for 1 to 30 degrees of freedom."""


def interval_of(values: Sequence[float], *, share: bool = False) -> Interval:
    """The mean of one value a seed, with its 95 % interval by Student's t; of a share, what lies between 0 and 1.

    It tells of the spread between seeds, and of nothing else: seeds that agree give an interval of no width.
    Raises: ValueError for fewer than two values.
    Source: Student 1908; beyond the table, the series of Fisher and Cornish 1960.
    Example: (0.0, 1.0, 2.0) -> mean 1.0, low -1.48, high 3.48
    """
    if len(values) < 2:
        raise ValueError(f"values: expected two or more seeds, got {len(values)}; one says nothing of the spread.")
    degrees = len(values) - 1
    z = 1.959964
    beyond = z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
    t = T_95[degrees - 1] if degrees <= len(T_95) else beyond
    mean, half = fmean(values), t * stdev(values) / math.sqrt(len(values))
    low, high = mean - half, mean + half
    if share:
        low, high = max(0.0, low), min(1.0, high)
    return Interval(mean, low, high, tuple(values))
