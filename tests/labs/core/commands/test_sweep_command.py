"""A sweep: real worker processes, the same record whatever their number, nothing measured twice, faults by name."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from labs.core import finding
from labs.core.commands import sweep_tasks
from labs.core.commands.sweep_sources import sources_hash
from labs.core.commands.sweeping import main
from labs.core.sweeping import recorded

SWEEP = """
    import os
    from pathlib import Path

    import numpy as np

    from labs.core.sweeping import Sweep

    HERE = Path(__file__).parent


    def measure(arm, seed):
        with (HERE / "measured.txt").open("a") as file:
            file.write(f"{arm['size']}/{seed}\\n")
        if (HERE / f"fail-{arm['size']}-{seed}").exists():
            raise ValueError("the loss is no number")
        if (HERE / f"die-{arm['size']}-{seed}").exists():
            os._exit(7)
        rng = np.random.default_rng((arm["size"], seed))
        matrix = rng.normal(size=(300, 300)).astype(np.float32)
        threads = int(os.environ["OPENBLAS_NUM_THREADS"])
        return {"sum": float((matrix @ matrix).sum()), "curve": rng.random(3).tolist(), "threads": threads}


    SWEEP = Sweep(arms=({"size": 1}, {"size": 2}), measure=measure, seeds=(0, 1), constants={"steps": 5})
"""


class Tiny:
    """A package with a lab `tiny` that has a sweep."""

    def __init__(self, folder: Path) -> None:
        self.root, self.folder = folder, folder / "tiny_labs/tiny"
        self.folder.mkdir(parents=True)
        for file in (self.folder.parent, self.folder):
            (file / "__init__.py").write_text("")
        (self.folder / "sweep.py").write_text(textwrap.dedent(SWEEP))

    @property
    def record(self) -> Path:
        return self.folder / "recorded.json"

    @property
    def measured(self) -> list[str]:
        """What was measured, in order of their names."""
        file = self.folder / "measured.txt"
        return sorted(file.read_text().split()) if file.exists() else []

    def forget(self) -> None:
        for name in ("measured.txt", "recorded.json"):
            (self.folder / name).unlink(missing_ok=True)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiny]:
    made = Tiny(tmp_path / "package")
    monkeypatch.setenv("LLM_MASTERCLASS_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(made.root))
    home = finding.lab_home
    monkeypatch.setattr(finding, "lab_home", lambda slug: "tiny_labs.tiny.lab" if slug == "tiny" else home(slug))
    invalidate_caches()
    yield made
    for name in [name for name in sys.modules if name.partition(".")[0] == "tiny_labs"]:
        del sys.modules[name]


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
    found = json.loads(records[0])
    assert found["command"] == "python -m labs sweep tiny"
    assert found["configuration"] == {
        "arms": [{"size": 1}, {"size": 2}],
        "seeds": [0, 1],
        "constants": {"steps": 5},
    }
    assert found["versions"] == sweep_tasks.versions()


def test_what_it_records_can_be_read(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    assert main(["tiny", "--seeds", "3,1,2"]) == 0
    found = recorded("tiny")
    assert found.command == "python -m labs sweep tiny --seeds 3,1,2"
    assert [(point.arm, point.seed) for point in found.points][:3] == [({"size": 1}, seed) for seed in (3, 1, 2)]
    assert len(found.intervals({"size": 2}, "curve")) == 3
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
    assert found.interval({"size": 2}, "threads").by_seed == (1, 1, 1), "whatever the command's own process has"


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
    code = (
        "import sys; from labs.core import finding\n"
        "finding.lab_home = lambda slug: 'tiny_labs.tiny.lab'\n"
        "from labs.core.commands.sweeping import main\n"
        "if __name__ == '__main__':\n    sys.exit(main(['tiny', '--workers', '4']))\n"
    )
    (tmp_path / "start.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tiny.root), str(Path.cwd())])}
    started = subprocess.Popen(
        [sys.executable, str(tmp_path / "start.py")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    kept = tmp_path / "cache/sweeps/tiny"
    _until(lambda: kept.exists() and len(list(kept.glob("*.json"))) == 2 and len(tiny.measured) == 4)
    os.killpg(started.pid, signal.SIGINT)
    told, _ = started.communicate(timeout=20)
    assert started.returncode == 130
    assert "To go on: python -m labs sweep tiny --workers 4" in told
    assert not tiny.record.exists()
    (tiny.folder / "quick").touch()
    assert main(["tiny"]) == 0
    assert tiny.measured == ["1/0", "1/1", "1/1", "2/0", "2/1", "2/1"]


def _until(true: Callable[[], bool], seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it took too long"
        time.sleep(0.05)


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
