"""A sweep on a real Dask cluster: what is recorded is the same, a killed worker loses nothing, faults are named."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client

from labs.core.commands import sweep_alone, sweep_connection
from labs.core.commands.sweeping import main
from tests.dask_cluster import DaskCluster
from tests.labs.core.commands.tiny_sweep import START, Tiny, found, until

ROOT = Path(__file__).parents[4]
MODULE = "tiny_labs.tiny.sweep"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster") / "package"


@pytest.fixture(scope="module")
def running(package: Path) -> Iterator[DaskCluster]:
    with DaskCluster(package.parent / "dask", (package, ROOT)) as cluster:
        yield cluster


@pytest.fixture
def tiny(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiny]:
    shutil.rmtree(package, ignore_errors=True)
    with found(Tiny(package), tmp_path / "cache", monkeypatch) as made:
        yield made


@pytest.fixture
def cluster(tiny: Tiny, running: DaskCluster) -> DaskCluster:
    """The cluster with two workers, whatever the test before did to them."""
    running.workers = [worker for worker in running.workers if worker.poll() is None]
    while len(running.workers) < 2:
        running.add_worker()
    _await(running, 2)
    return running


def _await(cluster: DaskCluster, workers: int) -> None:
    with Client(cluster.address, timeout=10, set_as_default=False) as client:
        until(lambda: len(client.nthreads()) == workers)


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def _meanwhile(do: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=do)
    thread.start()
    return thread


def test_a_killed_worker_loses_nothing_and_the_record_is_that_of_one_machine(
    tiny: Tiny,
    cluster: DaskCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hold = tiny.folder / "hold-2-0"
    hold.touch()
    kept = tmp_path / "cache/sweeps/tiny"
    seen: dict[str, object] = {}

    def kill() -> None:
        until(lambda: kept.exists() and len(list(kept.glob("*.json"))) == 3 and len(tiny.measured) == 4)
        with Client(cluster.address, timeout=10, set_as_default=False) as client:
            seen["names"] = [key[:2] for keys in client.processing().values() for key in keys]
        worker, process = tiny.processes("2/0")
        seen["worker"] = worker
        os.kill(worker, signal.SIGKILL)
        until(lambda: not _alive(process))
        until(lambda: len(tiny.measured) == 5)
        hold.unlink()

    killing = _meanwhile(kill)
    assert main(["tiny", "--scheduler", cluster.address]) == 0
    killing.join()
    assert seen["names"] == [("tiny size=2", "seed 0")], "what the dashboard shows"
    assert seen["worker"] in [worker.pid for worker in cluster.workers]
    assert tiny.processes("2/0")[0] in {worker.pid for worker in cluster.workers} - {seen["worker"]}
    assert tiny.measured == ["1/0", "1/1", "2/0", "2/0", "2/1"], "only what was under way ran again"
    assert f"Workers at {cluster.address}: 2, for 2 tasks at a time" in capsys.readouterr().out
    there = tiny.record.read_bytes()

    tiny.forget()
    assert main(["tiny"]) == 0
    assert tiny.measured == [], "what the cluster measured is kept for every way of running"
    monkeypatch.setenv("LLM_MASTERCLASS_CACHE", str(tmp_path / "another"))
    assert main(["tiny"]) == 0
    assert tiny.measured == ["1/0", "1/1", "2/0", "2/1"]
    assert tiny.record.read_bytes() == there


def test_an_interrupted_sweep_frees_the_cluster_and_goes_on(tiny: Tiny, cluster: DaskCluster, tmp_path: Path) -> None:
    for task in ("1-1", "2-1"):
        (tiny.folder / f"hold-{task}").touch()
    (tmp_path / "start.py").write_text(START)
    started = subprocess.Popen(
        [sys.executable, str(tmp_path / "start.py"), "tiny", "--scheduler", cluster.address],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tiny.root), str(ROOT)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    kept = tmp_path / "cache/sweeps/tiny"
    until(lambda: kept.exists() and len(list(kept.glob("*.json"))) == 2 and len(tiny.measured) == 4)
    held = [tiny.processes(task)[1] for task in ("1/1", "2/1")]
    started.send_signal(signal.SIGINT)
    told, complaints = started.communicate(timeout=20)
    assert started.returncode == 130, complaints
    assert f"To go on: python -m labs sweep tiny --scheduler {cluster.address}" in told
    assert "Traceback" not in complaints
    until(lambda: not any(map(_alive, held)), 5)
    for task in ("1-1", "2-1"):
        (tiny.folder / f"hold-{task}").unlink()
    assert main(["tiny", "--scheduler", cluster.address]) == 0
    assert tiny.measured == ["1/0", "1/1", "1/1", "2/0", "2/1", "2/1"]


def test_without_any_worker_it_waits_for_a_new_one(tiny: Tiny, cluster: DaskCluster) -> None:
    hold = tiny.folder / "hold-2-1"
    hold.touch()

    def kill_all() -> None:
        until(lambda: len(tiny.measured) == 4)
        for worker in cluster.workers:
            worker.kill()
        until(lambda: not _alive(tiny.processes("2/1")[1]))
        hold.unlink()
        cluster.add_worker()

    killing = _meanwhile(kill_all)
    assert main(["tiny", "--scheduler", cluster.address]) == 0
    killing.join()
    assert set(tiny.measured) == {"1/0", "1/1", "2/0", "2/1"}
    assert tiny.measured.count("2/1") == 2


def test_a_task_that_fails_is_named_and_the_others_are_kept(
    tiny: Tiny, cluster: DaskCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    (tiny.folder / "fail-2-0").touch()
    (tiny.folder / "die-1-1").touch()
    assert main(["tiny", "--scheduler", cluster.address]) == 1
    told = capsys.readouterr().out
    assert "error: size=2, seed 0: ValueError: the loss is no number (sweep.py, line " in told
    assert "error: size=1, seed 1: its process ended without an answer, with the exit code 7" in told
    assert "2 of 4 tasks failed" in told
    assert not tiny.record.exists()
    (tiny.folder / "fail-2-0").unlink()
    (tiny.folder / "die-1-1").unlink()
    assert main(["tiny", "--scheduler", cluster.address]) == 0
    assert len(tiny.measured) == 6, "the other two were measured once"


def test_a_worker_that_would_compute_something_else_is_refused(
    tiny: Tiny, cluster: DaskCluster, tmp_path: Path
) -> None:
    shutil.copytree(tiny.root, tmp_path / "changed")
    changed = tmp_path / "changed/tiny_labs/tiny/sweep.py"
    changed.write_text(changed.read_text() + "# changed\n")
    (tmp_path / "hollow/labs").mkdir(parents=True)
    (tmp_path / "hollow/labs/__init__.py").touch()
    for paths, words in (
        ((tmp_path / "changed", ROOT), r"expected the sources [0-9a-f]{16}, got [0-9a-f]{16}; give every machine"),
        ((ROOT,), "expected the sources [0-9a-f]{16}, got no module tiny_labs.tiny.sweep;"),
        ((tmp_path / "hollow",), "expected the package labs with this sweep, got ModuleNotFoundError"),
    ):
        other = cluster.add_worker(paths)
        _await(cluster, 3)
        with pytest.raises(ValueError, match=rf"Worker tcp://127.0.0.1:\d+: {words}"):
            main(["tiny", "--scheduler", cluster.address])
        other.terminate()
        other.wait(10)
        _await(cluster, 2)
    assert tiny.measured == []


def test_a_worker_that_came_later_is_refused_by_its_first_task(tiny: Tiny) -> None:
    own = sweep_alone.fingerprint(MODULE)
    assert sweep_alone.in_process(MODULE, {"size": 1}, 0, {**own, "numpy": "1.0"}) == (None, "", own)
    assert tiny.measured == []
    told = sweep_connection.difference({**own, "numpy": "1.0"}, own)
    assert f"expected NumPy 1.0, got {own['numpy']}; give every machine" in str(told)


def test_nobody_there_is_said_in_time(tiny: Tiny, cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with Client(cluster.address, timeout=10, set_as_default=False) as client:
        worker = next(iter(client.nthreads()))
    monkeypatch.setattr(sweep_connection, "WAIT_SECONDS", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for address, words in (
            (f"tcp://127.0.0.1:{silent.getsockname()[1]}", "where none answers in 0.5 s; start `dask scheduler` there"),
            ("tcp://127.0.0.1:1", "where none answers in 0.5 s"),
            (worker, "where a Worker answers; give the scheduler's own address"),
            ("http://127.0.0.1:8787", "unknown address scheme 'http'"),
            ("127.0.0.1", "missing port number"),
            ("tls://127.0.0.1:8786", "for tls:// Dask's TLS settings"),
        ):
            with pytest.raises(ValueError, match="--scheduler: expected the address of a Dask scheduler") as refused:
                main(["tiny", "--scheduler", address])
            assert words in str(refused.value)


def test_without_the_package_the_extra_is_named(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match=r"expected the package distributed, got .*; pip install 'labs\[cluster\]'"):
        main(["tiny", "--scheduler", "tcp://127.0.0.1:8786"])
    assert main(["tiny"]) == 0, "which needs no extra"


def test_a_cluster_without_workers_and_one_that_goes_away(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny.folder / "hold-2-1").touch()
    with DaskCluster(tmp_path / "dask", (tiny.root, ROOT)) as cluster:
        with monkeypatch.context() as patch, pytest.raises(ValueError, match="expected workers at tcp://"):
            patch.setattr(sweep_connection, "WAIT_SECONDS", 0.5)
            main(["tiny", "--scheduler", cluster.address])
        cluster.add_worker()

        def leave() -> None:
            until(lambda: len(tiny.measured) == 4)
            cluster.scheduler.kill()

        leaving = _meanwhile(leave)
        with pytest.raises(ValueError, match=r"expected it to stay until the end.*; every task that ended is kept"):
            main(["tiny", "--scheduler", cluster.address])
        leaving.join()
    (tiny.folder / "hold-2-1").unlink()
    assert main(["tiny"]) == 0
    assert tiny.measured == ["1/0", "1/1", "2/0", "2/1", "2/1"]
