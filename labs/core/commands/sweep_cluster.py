"""A sweep on an existing Dask cluster: its workers measure the tasks, and the caller keeps the values.

Needs the extra `cluster`, of which nothing is imported before `--scheduler` is given.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from labs.core.commands.sweep_alone import Answer, Fingerprint, fingerprint, measure_alone
from labs.core.commands.sweep_connection import (
    WAIT_SECONDS,
    await_workers,
    check_workers,
    connected,
    difference,
    tell_workers,
)
from labs.core.commands.sweep_tasks import Done, Task

if TYPE_CHECKING:
    from distributed import Client, Future

type Measure = Callable[[Sequence[Task]], Generator[Done | str]]
"""Measures tasks and keeps the values of each; now and then, while nothing ends, it says a note, or ""."""


@contextmanager
def on_cluster(slug: str, module: str, address: str, *, workers: int = 1) -> Iterator[Measure]:
    """What measures tasks on the cluster whose scheduler is at this address, once it has so many workers.

    Raises: ValueError if the extra is missing, no scheduler or no worker answers in time, or a worker would compute
    something else than this process.
    """
    client = connected(address)
    try:
        expected = fingerprint(module)
        await_workers(client, address, workers)
        check_workers(client, module, expected)
        tell_workers(client, address)
        yield lambda tasks: _measured(client, slug, module, tasks, expected)
    finally:
        client.close(timeout=WAIT_SECONDS)  # the scheduler then takes back what is not done


def _measured(
    client: "Client", slug: str, module: str, tasks: Sequence[Task], expected: Fingerprint
) -> Generator[Done | str]:
    """Measure tasks and keep the values of each; now and then, while nothing ends, a note is said, or "".

    A worker gets a task when it has a thread for it, and the task of one that died is given to another. (Dask would
    hand out all at once, by what it guesses they take, and leave some waiting behind a long one.)
    """
    ended: SimpleQueue[Future[Answer]] = SimpleQueue()
    left = list(reversed(tasks))
    running: dict[object, _Running] = {}
    given = count()
    while left or running:
        threads = _threads(client)
        for key in [key for key, one in running.items() if one.worker not in threads]:
            lost = running.pop(key)
            lost.future.release()
            left.append(lost.task)
        while left and (worker := _free(threads, [one.worker for one in running.values()])):
            task = left.pop()
            future = client.submit(
                *(measure_alone, module, dict(task.arm), task.seed, dict(expected)),
                key=_key(slug, task, next(given)),
                workers=[worker],
            )
            running[future.key] = _Running(task, worker, future)
            future.add_done_callback(ended.put)
        try:
            future = ended.get(timeout=1.0)
        except Empty:
            yield "" if threads else "no worker is left: waiting for one"
            continue
        if future.key not in running:  # it was given to another worker meanwhile
            continue
        done = _done(client, module, running[future.key].task, future, expected)
        if done is None:
            future.add_done_callback(ended.put)
            continue
        del running[future.key]  # and Dask forgets it, so that nothing measured is measured again when its worker dies
        yield done


def _threads(client: "Client") -> Mapping[str, int]:
    """How many tasks each worker there is can run at a time.

    Raises: ValueError if the scheduler is gone.
    """
    try:
        threads: Mapping[str, int] = client.nthreads()
    except OSError:
        raise _gone() from None
    return threads


@dataclass(frozen=True)
class _Running:
    """A task that was given to a worker."""

    task: Task
    worker: str
    future: "Future[Answer]"


def _free(threads: Mapping[str, int], busy: Sequence[str]) -> str | None:
    """The worker with the most free threads, or None if there is none."""
    free = {worker: number - busy.count(worker) for worker, number in sorted(threads.items())}
    most = max(free, key=lambda worker: free[worker], default=None)
    return most if most is not None and free[most] > 0 else None


def _key(slug: str, task: Task, given: int) -> tuple[str, ...]:
    """The task's name in the cluster, another each time that it is given to a worker.

    The dashboard groups by what comes first, lab and arm.
    """
    name, _, seed = str(task).rpartition(", ")
    return f"{slug} {name}", seed, f"{task.file.stem}-{given}"


def _done(client: "Client", module: str, task: Task, future: "Future[Answer]", expected: Fingerprint) -> Done | None:
    """What a task ended with, its values kept; None if its answer can't be had, of a worker that is slow or died.

    Raises: ValueError if a worker computes something else, or the scheduler is gone.
    """
    if future.cancelled():
        raise _gone()
    try:
        values, fault, got = future.result(timeout=WAIT_SECONDS)
    except TimeoutError:
        return None
    except Exception as error:
        check_workers(client, module, expected)  # one that came later may not even find the function
        return Done(task, None, f"{type(error).__name__}: {error}")
    if got is not None:
        raise difference(expected, got)
    if values is not None:
        task.keep(values)
    return Done(task, values, fault)


def _gone() -> ValueError:
    return ValueError(
        "--scheduler: expected it to stay until the end, got no answer any more; every task that ended is kept: "
        "start the scheduler anew and give the same command."
    )
