"""What a run of the benchmark found: figures with all their rounds, printed as they come and kept in one dated file."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from overrides.hooks.common import ROOT

FOLDER = ROOT / ".bench"
ROUNDS = 5
"""How often everything is measured whose time varies."""


@dataclass(frozen=True)
class Goal:
    """A bound on a figure's own median, or on its ratio to what is measured beside it."""

    of: Literal["median", "ratio"]
    bound: float
    most: bool = True

    def __str__(self) -> str:
        """As the table says it, for example `ratio ≤ 0.5`."""
        return f"{'ratio ' if self.of == 'ratio' else ''}{'≤' if self.most else '≥'} {self.bound:g}"

    def met(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        return value <= self.bound if self.most else value >= self.bound


def at_most(bound: float) -> Goal:
    """The median may not be more."""
    return Goal("median", bound)


def at_least(bound: float) -> Goal:
    """The median may not be less."""
    return Goal("median", bound, most=False)


def ratio_at_most(bound: float) -> Goal:
    """The ratio may not be more."""
    return Goal("ratio", bound)


def ratio_at_least(bound: float) -> Goal:
    """The ratio may not be less."""
    return Goal("ratio", bound, most=False)


@dataclass(frozen=True)
class Figure:
    """One thing that was measured in rounds, and what was measured beside it, round by round.

    Raises: ValueError if there is no round, the sides have unequal numbers of them, or a goal has no ratio to judge.
    """

    part: str
    name: str
    unit: str
    values: tuple[float, ...]
    beside: str = ""
    beside_values: tuple[float, ...] = ()
    goal: Goal | None = None
    exact: bool = False
    detail: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no median or no pairs."""
        if not self.values:
            raise ValueError(f"{self.name}: expected one round or more, got none; measure before you record.")
        if len(self.beside_values) != (len(self.values) if self.beside else 0):
            raise ValueError(
                f"{self.name}: expected as many rounds beside as of its own ({len(self.values)}), got "
                f"{len(self.beside_values)}; measure both in each round."
            )
        if self.goal is not None and self.goal.of == "ratio" and self.ratio is None:
            raise ValueError(
                f"{self.name}: expected something beside it to be judged against ({self.goal}), got nothing; "
                "give `beside` or a goal of the median."
            )

    @property
    def median(self) -> float:
        """The median of its rounds."""
        return statistics.median(self.values)

    @property
    def beside_median(self) -> float | None:
        """The median of what was measured beside it."""
        return statistics.median(self.beside_values) if self.beside else None

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios: each pair was measured one after the other."""
        if not self.beside:
            return None
        return statistics.median(own / other for own, other in zip(self.values, self.beside_values, strict=True))

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        judged = self.ratio if self.goal.of == "ratio" else self.median
        assert judged is not None, "a ratio's goal has a ratio"
        return self.goal.met(judged)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON values, with what follows from the rounds."""
        told = asdict(self)
        told["goal"] = None if self.goal is None else str(self.goal)
        return told | {
            "median": self.median,
            "beside_median": self.beside_median,
            "ratio": self.ratio,
            "met": self.met,
        }

    def __str__(self) -> str:
        """One line for the terminal."""
        parts = [f"  {self.name:58} {number(self.median)} {self.unit}"]
        if self.ratio is not None and self.beside_median is not None:
            parts.append(f"{self.beside} {number(self.beside_median)} {self.unit}, ratio {number(self.ratio)}")
        if self.goal is not None:
            parts.append(f"goal {self.goal}: {'met' if self.met else 'MISSED'}")
        return "; ".join(parts)


def number(value: float) -> str:
    """A number with three digits that count.

    Example: 1234.5 -> "1,234", 0.4567 -> "0.457".
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass
class Results:
    """The figures of one run, kept in a file that is written anew whenever a part of the benchmark is done."""

    path: Path
    machine: dict[str, Any]
    parts: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    def add(
        self,
        part: str,
        name: str,
        unit: str,
        values: Sequence[float],
        *,
        beside: tuple[str, Sequence[float]] | None = None,
        goal: Goal | None = None,
        exact: bool = False,
        detail: bool = False,
    ) -> None:
        """Keep a figure, and print it.

        An exact one, such as a number of bytes, needs one round only. A detail is left out of the published table.
        """
        other, other_values = beside or ("", ())
        figure = Figure(part, name, unit, tuple(values), other, tuple(other_values), goal, exact, detail)
        self.figures.append(figure)
        print(figure, flush=True)

    def finish(self, part: str) -> None:
        """Keep that a part is done, and write the file."""
        self.parts.append(part)
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "date": self.path.stem,
            "machine": self.machine,
            "parts": self.parts,
            "figures": [figure.to_dict() for figure in self.figures],
        }

    def verdict(self) -> str:
        """How many of the goals were met, and the names of the others."""
        judged = [figure for figure in self.figures if figure.met is not None]
        missed = [figure.name for figure in judged if not figure.met]
        return f"{len(judged) - len(missed)} of {len(judged)} goals met" + "".join(f"\n  missed: {m}" for m in missed)


def start(browsers: dict[str, str], now: datetime | None = None) -> Results:
    """Results of a run that begins now, on this machine with these programs."""
    date = (now or datetime.now()).strftime("%Y-%m-%dT%H-%M")
    return Results(FOLDER / f"{date}.json", machine_facts() | {"browsers": browsers})


def machine_facts() -> dict[str, Any]:
    """What a reader needs to judge the figures, and nothing that tells one machine from its like."""
    import numpy as np

    return {
        "cores": os.cpu_count(),
        "processor": processor(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "commit": commit(),
    }


def processor() -> str:
    """The processor's name, where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit() -> str:
    """The commit that was measured; a plus says that the checkout had changes beyond it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain") else "")
