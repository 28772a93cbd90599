"""Sweeps: tasks an hour with two workers beside one, as processes of the command and as workers of a Dask cluster."""

import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path

from labs.core.commands.sweep_cluster import Measure, on_cluster
from labs.core.commands.sweep_tasks import Done, Task, measured
from tests.bench import sweep_work
from tests.bench.plain_site import ROOT
from tests.bench.results import Results, ratio_at_least
from tests.dask_cluster import DaskCluster

ROUNDS = 3
MODULE = sweep_work.__name__
NEARLY_TWICE = 1.6


def measure_sweeps(results: Results) -> None:
    """Both ways of running, each with one worker and with two in turn."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        local = {workers: partial(tasks_an_hour, partial(measured, MODULE, workers), folder) for workers in (1, 2)}
        tell("this machine's processes", local, results)
        with DaskCluster(folder / "one", (ROOT,)) as one, DaskCluster(folder / "two", (ROOT,)) as two:
            for cluster in (one, two, two):
                cluster.add_worker()
            on_workers = {1: partial(of_cluster, one, 1, folder), 2: partial(of_cluster, two, 2, folder)}
            tell("a Dask cluster's workers", on_workers, results)


def tell(name: str, speeds: Mapping[int, Callable[[], float]], results: Results) -> None:
    """The figure of one way of running; the first round only warms the caches of files."""
    rounds = [{workers: speed() for workers, speed in speeds.items()} for _ in range(1 + ROUNDS)][1:]
    one, two = ([found[workers] for found in rounds] for workers in (1, 2))
    goal = ratio_at_least(NEARLY_TWICE)
    results.add("sweep", f"two workers, {name}", "tasks/h", two, beside=("one worker", one), goal=goal)


def of_cluster(cluster: DaskCluster, workers: int, folder: Path) -> float:
    """The tasks an hour of a cluster with this many workers."""
    with on_cluster("bench", MODULE, cluster.address, workers=workers) as measure:
        return tasks_an_hour(measure, folder)


_runs = count()


def tasks_an_hour(measure: Measure, folder: Path) -> float:
    """How many such tasks would be measured in an hour; none is kept from before."""
    sweep, run = sweep_work.SWEEP, next(_runs)
    tasks = [Task(arm, seed, folder / f"{run}-{seed}.json") for arm in sweep.arms for seed in sweep.seeds]
    began = time.perf_counter()
    done = [one for one in measure(tasks) if isinstance(one, Done)]
    seconds = time.perf_counter() - began
    assert all(one.values is not None for one in done) and len(done) == len(tasks), done
    return 3600 * len(tasks) / seconds
