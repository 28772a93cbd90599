"""The tasks of a sweep: each measured in a process of its own, and kept, so that it is measured once."""

import hashlib
import json
import math
import os
import platform
import signal
import traceback
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from numbers import Real
from pathlib import Path

from labs.core.course_cache import cache_folder
from labs.core.files import write_whole
from labs.core.sweeping import Arm, Sweep

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What libraries of linear algebra ask when they are loaded. More threads add up in another order."""
DIGITS = 6
"""Significant digits that are recorded of a number."""

type Values = Mapping[str, float | list[float]]


@dataclass(frozen=True)
class Task:
    """One arm with one seed, and the file in which its values are kept."""

    arm: Arm
    seed: int
    file: Path

    def __str__(self) -> str:
        """As it is named in messages: mask=all, seed 1."""
        settings = ", ".join(f"{name}={value}" for name, value in self.arm.items())
        return f"{settings or 'the only arm'}, seed {self.seed}"

    def kept(self) -> Values | None:
        """Its values, if it was measured before."""
        try:
            found: Values = json.loads(self.file.read_bytes())["values"]
        except (OSError, ValueError, KeyError, TypeError):
            return None  # never measured, or the file was damaged: then it is measured again
        return found

    def keep(self, values: Values) -> None:
        """Write its values whole."""
        content = {"arm": dict(self.arm), "seed": self.seed, "values": values}
        write_whole(self.file, json.dumps(content).encode())


@dataclass(frozen=True)
class Done:
    """A task that ended: with its values, or with what went wrong."""

    task: Task
    values: Values | None
    fault: str = ""


def versions() -> dict[str, str]:
    """What computes: the versions of Python and NumPy."""
    return {"python": platform.python_version(), "numpy": version("numpy")}


def tasks_of(slug: str, sweep: Sweep, seeds: Sequence[int], sources: str) -> list[Task]:
    """A sweep's tasks, arm after arm; what decides a task's values decides the name of its file."""
    folder = cache_folder("sweeps") / slug
    tasks = []
    for arm in sweep.arms:
        for seed in seeds:
            decided_by = json.dumps([dict(arm), seed, sources, versions()], sort_keys=True)
            name = hashlib.sha256(decided_by.encode()).hexdigest()
            tasks.append(Task(dict(arm), seed, folder / f"{name[:32]}.json"))
    return tasks


def measured(module: str, workers: int, tasks: Sequence[Task]) -> Generator[Done | str]:
    """Measure tasks, some at a time, and keep the values of each; now and then, while nothing ends, "" is said.

    Each has a fresh process with one thread, so that what a task gives depends neither on its neighbours nor on the
    number of workers. Closing the iterator ends the processes.
    """
    context = get_context("spawn")
    waiting = list(reversed(tasks))
    running: dict[Connection, tuple[Task, SpawnProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                task, (ours, theirs) = waiting.pop(), context.Pipe(duplex=False)
                process = context.Process(target=_work, args=(module, dict(task.arm), task.seed, theirs), daemon=True)
                with _one_thread():
                    process.start()
                theirs.close()
                running[ours] = (task, process)
            ended = wait(list(running), timeout=1.0)
            if not ended:
                yield ""
            for connection in ended:
                assert isinstance(connection, Connection)
                task, process = running.pop(connection)
                yield _done(task, process, connection)
    finally:
        for _, process in running.values():
            process.terminate()
        for connection, (_, process) in running.items():
            process.join()
            connection.close()


def answer(module: str, arm: Arm, seed: int) -> tuple[Values | None, str]:
    """Measure, in this process: (values, "") or (None, what went wrong)."""
    try:
        sweep: Sweep = import_module(module).SWEEP
        return checked_values(sweep.measure(arm, seed)), ""
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return None, f"{type(error).__name__}: {error} ({Path(where.filename).name}, line {where.lineno})"


def no_answer(exit_code: int | None) -> str:
    """What is said of a task whose process ended before it had measured."""
    return f"its process ended without an answer, with the exit code {exit_code}"


def checked_values(values: object) -> Values:
    """What a measure returned, as plain numbers with six digits.

    Raises: ValueError if it is something else, or a number is not finite.
    """
    if not isinstance(values, Mapping) or not values or not all(isinstance(name, str) for name in values):
        raise ValueError(f"measure: expected numbers by name, got {_short(values)}; return a dict.")
    return {name: _plain(name, value) for name, value in values.items()}


def _plain(name: str, value: object) -> float | list[float]:
    tolist = getattr(value, "tolist", None)
    value = tolist() if callable(tolist) else value
    parts = list(value) if isinstance(value, list | tuple) else [value]
    numbers = []
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, Real) or not math.isfinite(part):
            raise ValueError(f"{name}: expected finite numbers, got {_short(part)}; leave out what could not be had.")
        numbers.append(float(f"{float(part):.{DIGITS}g}"))
    return numbers if isinstance(value, list | tuple) else numbers[0]


def _short(value: object) -> str:
    return f"{value!r:.80}"


def _work(module: str, arm: Arm, seed: int, answers: Connection) -> None:
    """In the process: measure, and answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the command's to act on
    answers.send(answer(module, arm, seed))
    answers.close()


def _done(task: Task, process: SpawnProcess, connection: Connection) -> Done:
    try:
        values, fault = connection.recv()
    except EOFError:
        process.join()
        return Done(task, None, no_answer(process.exitcode))
    finally:
        connection.close()
    process.join()
    if values is not None:
        task.keep(values)
    return Done(task, values, fault)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
