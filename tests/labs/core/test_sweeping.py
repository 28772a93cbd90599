"""What a sweep recorded: read with suspicion, and told with intervals."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labs.core import sweeping
from labs.core.sweeping import Sweep, interval_of, recorded

GOOD: dict[str, Any] = {
    "format": 1,
    "lab": "gap",
    "command": "python -m labs sweep gap",
    "configuration": {"arms": [{"mask": "reply"}, {"mask": "all"}], "seeds": [0, 1], "constants": {"steps": 5}},
    "versions": {"python": "3.13.0", "numpy": "2.4.3"},
    "points": [
        {"arm": {"mask": arm}, "seed": seed, "values": {"stop": stop, "curve": [1.0, stop]}}
        for arm, stops in (("reply", (1.0, 0.8)), ("all", (0.0, 0.1)))
        for seed, stop in enumerate(stops)
    ],
}

LAST = {"arm": {"mask": "all"}, "seed": 1}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have `recorded` find this text."""
    monkeypatch.setattr(sweeping, "lab_folder", lambda slug: tmp_path)

    def put(text: str) -> None:
        (tmp_path / "recorded.json").write_text(text)

    return put


def test_an_interval_over_seeds(write: Callable[[str], None]) -> None:
    write(json.dumps(GOOD))
    found = recorded("gap")
    stop = found.interval({"mask": "reply"}, "stop")
    half = 12.706 * math.sqrt(0.02) / math.sqrt(2)
    assert stop.by_seed == (1.0, 0.8)
    assert [stop.low, stop.mean, stop.high] == pytest.approx([0.9 - half, 0.9, 0.9 + half])
    share = found.interval({"mask": "reply"}, "stop", share=True)
    assert (share.low, share.high) == (0.0, 1.0)
    first, second = found.intervals({"mask": "all"}, "curve")
    assert (first.mean, first.low, first.high) == (1.0, 1.0, 1.0)
    assert second.mean == pytest.approx(0.05)
    assert found.by_seed({"mask": "all"}, "curve") == ((1.0, 0.0), (1.0, 0.1))
    assert found.arms == [{"mask": "reply"}, {"mask": "all"}] and found.seeds == (0, 1)


@pytest.mark.parametrize(("n", "t"), [(2, 12.706), (3, 4.303), (31, 2.042), (41, 2.021), (121, 1.980)])
def test_the_quantiles_are_those_of_the_published_table(n: int, t: float) -> None:
    values = [(-1.0) ** i for i in range(n)]
    found = interval_of(values)
    mean = sum(values) / n
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1))
    assert (found.high - found.mean) / (deviation / math.sqrt(n)) == pytest.approx(t, abs=1e-3)


def test_one_seed_has_no_interval() -> None:
    with pytest.raises(ValueError, match="expected two or more seeds, got 1"):
        interval_of([1.0])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda found: found.interval({"mask": "no_end"}, "stop"), "arm: expected one of"),
        (lambda found: found.interval({"mask": "all"}, "loss"), "name: expected one of stop, curve; got 'loss'"),
        (lambda found: found.interval({"mask": "all"}, "curve"), "use intervals()"),
    ],
)
def test_what_was_not_recorded_is_refused(
    write: Callable[[str], None], asked: Callable[[sweeping.Recorded], object], words: str
) -> None:
    write(json.dumps(GOOD))
    with pytest.raises(ValueError, match="expected") as refused:
        asked(recorded("gap"))
    assert words in str(refused.value)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format": 1, "points": [', "what can't be read"),
        ("[]", "got "),
        (json.dumps(GOOD | {"lab": "base_simulator"}), "got what the lab 'base_simulator' recorded"),
        (json.dumps(GOOD | {"format": 2}), "got format 2, expected 1"),
        *((json.dumps(without(key)), f"got none for '{key}'") for key in GOOD),
        (json.dumps(GOOD | {"points": GOOD["points"][:3]}), "points that are not those of its arms and seeds"),
        (
            json.dumps(GOOD | {"points": [*GOOD["points"][:3], {"arm": {"mask": "all"}, "seed": 1}]}),
            "none for 'values'",
        ),
        (json.dumps(GOOD | {"points": 3}), "got "),
    ],
)
def test_a_damaged_or_foreign_record_is_a_clear_error(write: Callable[[str], None], text: str, words: str) -> None:
    write(text)
    with pytest.raises(ValueError, match=r"recorded.json: expected a recorded sweep") as refused:
        recorded("gap")
    assert words in str(refused.value)
    assert str(refused.value).endswith("record it with `python -m labs sweep gap`.")


def test_no_record_is_a_clear_error_too() -> None:
    with pytest.raises(ValueError, match=r"gap/recorded.json: expected a recorded sweep, got no such file; rec"):
        recorded("gap")
    with pytest.raises(ValueError, match="Unknown lab"):
        recorded("nowhere")


def nothing(arm: sweeping.Arm, seed: int) -> dict[str, float]:
    return {"zero": 0.0}


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"arms": ()}, "arms: expected one or more"),
        ({"arms": ({"a": 1}, {"a": 1})}, "arms: expected one or more, all different"),
        ({"arms": ({"a": [1]},)}, "a: expected text, a number or a switch, got [1]"),
        ({"constants": {"b": math.inf}}, "b: expected text, a number or a switch, got inf"),
        ({"seeds": ()}, "seeds: expected"),
        ({"seeds": (0, 0)}, "seeds: expected different"),
        ({"seeds": (-1,)}, "seeds: expected"),
        ({"measure": 3}, "measure: expected a function"),
    ],
)
def test_a_sweep_that_could_not_be_run_is_refused(declared: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        replace(Sweep(arms=({"a": 1},), measure=nothing), **declared)
    assert words in str(refused.value)


def test_reading_a_record_loads_neither_processes_nor_numpy() -> None:
    code = (
        "import sys; from labs.core.sweeping import Sweep, recorded\n"
        "try: recorded('gap')\nexcept ValueError: pass\n"
        "print([name for name in ('multiprocessing', 'numpy', 'concurrent.futures') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
