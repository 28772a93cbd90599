"""A sweep: real worker processes, the same record whatever their number, nothing measured twice, faults by name."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.core.commands import sweep_tasks
from labs.core.commands.sweep_sources import sources_hash
from labs.core.commands.sweeping import main
from labs.core.sweeping import recorded
from tests.labs.core.commands.tiny_sweep import START, Tiny, found, until


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiny]:
    with found(Tiny(tmp_path / "package"), tmp_path / "cache", monkeypatch) as made:
        yield made


def test_it_records_the_same_bytes_with_one_worker_and_with_two(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = []
    for workers in ("1", "2"):
        monkeypatch.setenv("LLM_MASTERCLASS_CACHE", str(tmp_path / f"cache-{workers}"))
        assert main(["tiny", "--workers", workers]) == 0
        records.append(tiny.record.read_bytes())
        assert tiny.measured == ["1/0", "1/1", "2/0", "2/1"]
        tiny.forget()
    assert records[0] == records[1]
    told = json.loads(records[0])
    assert told["command"] == "python -m labs sweep tiny"
    assert told["configuration"] == {
        "arms": [{"size": 1}, {"size": 2}],
        "seeds": [0, 1],
        "constants": {"steps": 5},
    }
    assert told["versions"] == sweep_tasks.versions()


def test_what_it_records_can_be_read(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert main(["tiny", "--seeds", "3,1,2"]) == 0
    told = recorded("tiny")
    assert told.command == "python -m labs sweep tiny --seeds 3,1,2"
    assert [(point.arm, point.seed) for point in told.points][:3] == [({"size": 1}, seed) for seed in (3, 1, 2)]
    assert len(told.intervals({"size": 2}, "curve")) == 3
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
    assert told.interval({"size": 2}, "threads").by_seed == (1, 1, 1), "whatever the command's own process has"


def test_a_finished_task_is_never_measured_again(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tiny", "--seeds", "1"]) == 0
    assert main(["tiny", "--seeds", "0,1"]) == 0
    first = tiny.record.read_bytes()
    assert tiny.measured == ["1/0", "1/1", "2/0", "2/1"]
    assert "4 of 4 tasks, 2 kept from before" in capsys.readouterr().err
    tiny.record.unlink()
    assert main(["tiny", "--seeds", "0,1"]) == 0
    assert tiny.measured == ["1/0", "1/1", "2/0", "2/1"]
    assert tiny.record.read_bytes() == first


def test_a_damaged_result_is_measured_again(tiny: Tiny, tmp_path: Path) -> None:
    assert main(["tiny"]) == 0
    first = tiny.record.read_bytes()
    kept = sorted((tmp_path / "cache/sweeps/tiny").iterdir())
    kept[0].write_text('{"values": ')
    assert main(["tiny"]) == 0
    assert len(kept) == 4 and len(tiny.measured) == 5
    assert tiny.record.read_bytes() == first


@pytest.mark.parametrize("file", ["tiny_labs/tiny/sweep.py", "tiny_labs/tiny/needed.py"])
def test_a_change_of_what_decides_it_measures_anew(tiny: Tiny, file: str) -> None:
    path, unused = tiny.root / file, tiny.folder / "unused.py"
    needed = tiny.folder / "needed.py"
    needed.write_text("STEPS = 5\n")
    sweep = tiny.folder / "sweep.py"
    sweep.write_text("def lazily():\n    from .needed import STEPS\n    return STEPS\n\n" + sweep.read_text())
    before = sources_hash("tiny_labs.tiny.sweep")
    unused.write_text("STEPS = 6\n")
    assert sources_hash("tiny_labs.tiny.sweep") == before
    path.write_text(path.read_text() + "# changed\n")
    assert sources_hash("tiny_labs.tiny.sweep") != before


def test_a_task_that_fails_is_named_and_the_others_are_kept(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny.folder / "fail-2-0").touch()
    (tiny.folder / "die-1-1").touch()
    assert main(["tiny"]) == 1
    told = capsys.readouterr().out
    assert "error: size=2, seed 0: ValueError: the loss is no number (sweep.py, line " in told
    assert "error: size=1, seed 1: its process ended without an answer, with the exit code 7" in told
    assert "2 of 4 tasks failed" in told
    assert not tiny.record.exists()
    (tiny.folder / "fail-2-0").unlink()
    (tiny.folder / "die-1-1").unlink()
    assert main(["tiny"]) == 0
    assert tiny.measured == ["1/0", "1/1", "1/1", "2/0", "2/0", "2/1"], "the other two were measured once"


def test_an_interrupted_sweep_goes_on(tiny: Tiny, tmp_path: Path) -> None:
    sweep = tiny.folder / "sweep.py"
    slow = sweep.read_text().replace(
        "    rng =",
        "    if seed == 1 and not (HERE / 'quick').exists():\n        import time\n        time.sleep(60)\n    rng =",
    )
    sweep.write_text(slow)
    (tmp_path / "start.py").write_text(START)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tiny.root), str(Path.cwd())])}
    started = subprocess.Popen(
        [sys.executable, str(tmp_path / "start.py"), "tiny", "--workers", "4"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    kept = tmp_path / "cache/sweeps/tiny"
    until(lambda: kept.exists() and len(list(kept.glob("*.json"))) == 2 and len(tiny.measured) == 4)
    os.killpg(started.pid, signal.SIGINT)
    told, _ = started.communicate(timeout=20)
    assert started.returncode == 130
    assert "To go on: python -m labs sweep tiny --workers 4" in told
    assert not tiny.record.exists()
    (tiny.folder / "quick").touch()
    assert main(["tiny"]) == 0
    assert tiny.measured == ["1/0", "1/1", "1/1", "2/0", "2/1", "2/1"]


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ("3", "measure: expected numbers by name, got 3"),
        ("{}", "measure: expected numbers by name"),
        ("{'a': float('nan')}", "a: expected finite numbers, got nan"),
        ("{'a': ['x']}", "a: expected finite numbers, got 'x'"),
        ("{'a': True}", "a: expected finite numbers, got True"),
    ],
)
def test_a_measure_must_return_finite_numbers(returned: str, words: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        sweep_tasks.checked_values(eval(returned))
    assert words in str(refused.value)


def test_numbers_are_recorded_with_six_digits() -> None:
    import numpy as np

    given = {"a": 1 / 3, "b": np.float32(0.1), "c": np.array([2 / 3, 1.0]), "d": 10**9}
    assert sweep_tasks.checked_values(given) == {"a": 0.333333, "b": 0.1, "c": [0.666667, 1.0], "d": 1e9}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tiny", "--workers", "0"], "--workers: expected a whole number of 1 or more, got '0'"),
        (["tiny", "--workers", "many"], "--workers: expected"),
        (
            ["tiny", "--workers", "2", "--scheduler", "tcp://127.0.0.1:8786"],
            "--workers: expected none with --scheduler",
        ),
        (["tiny", "--seeds", "1,1"], "seeds: expected different whole numbers"),
        (["tiny", "--seeds", "one"], "Seed: expected a whole number"),
        (["gap"], "expected a sweep to run, got no labs.gap.sweep"),
        (["nowhere"], "Unknown lab"),
    ],
)
def test_what_cannot_be_run_is_refused(tiny: Tiny, arguments: list[str], words: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        main(arguments)
    assert words in str(refused.value)


def test_a_module_without_a_sweep_is_refused(tiny: Tiny) -> None:
    (tiny.folder / "sweep.py").write_text("SWEEP = 3\n")
    with pytest.raises(ValueError, match="expected SWEEP, a Sweep, got 3"):
        main(["tiny"])
