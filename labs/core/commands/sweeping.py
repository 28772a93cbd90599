"""`python -m labs sweep`: a lab's experiment over arms and seeds, measured by worker processes and recorded.

They run on this machine's cores, or on a cluster; what is recorded is the same.
"""

import argparse
import json
import os
import shlex
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, nullcontext
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from labs.core.commands.options import seed_number
from labs.core.commands.progress import ProgressLine, duration
from labs.core.commands.sweep_cluster import Measure, on_cluster
from labs.core.commands.sweep_sources import sources_hash
from labs.core.commands.sweep_tasks import Task, Values, measured, tasks_of, versions
from labs.core.contract.bars import bar
from labs.core.course_cache import cache_folder
from labs.core.files import write_whole
from labs.core.sweeping import FORMAT, RECORDED_FILE, Sweep, check_seeds, lab_folder, lab_package


def main(arguments: Sequence[str]) -> int:
    """Run the sweep of the lab that the arguments name; 0 if it was recorded, 1 if a task failed, 130 on Ctrl-C.

    Raises: ValueError for an unknown lab, one without a sweep, or options that can't be used.
    """
    options = _parser().parse_args(arguments)
    module, sweep = load_sweep(options.slug)
    seeds = tuple(sweep.seeds)
    if options.seeds is not None:
        seeds = tuple(seed_number(part) for part in options.seeds.split(","))
        check_seeds(seeds)
    if options.scheduler is not None and options.workers is not None:
        raise ValueError("--workers: expected none with --scheduler, whose workers are there already; leave it out.")
    workers = _workers(options.workers)
    file = lab_folder(options.slug) / RECORDED_FILE
    if not os.access(file.parent, os.W_OK):
        raise ValueError(f"{file}: expected a folder to write to, got one that is read-only; work in a checkout.")

    tasks = tasks_of(options.slug, sweep, seeds, sources_hash(module))
    began = time.monotonic()
    where = nullcontext(partial(measured, module, workers))
    try:
        with on_cluster(options.slug, module, options.scheduler) if options.scheduler is not None else where as measure:
            values, faults = _run(options.slug, tasks, measure)
    except KeyboardInterrupt:
        again = shlex.join(["python", "-m", "labs", "sweep", *arguments])
        print(f"\nInterrupted. Every task that ended is kept in {cache_folder('sweeps')}.\nTo go on: {again}")
        return 130
    if faults:
        for fault in faults:
            print(f"error: {fault}")
        print(f"{len(faults)} of {len(tasks)} tasks failed; the others are kept, and nothing was recorded.")
        return 1
    command = ["python", "-m", "labs", "sweep", options.slug]
    command += [] if options.seeds is None else ["--seeds", ",".join(map(str, seeds))]
    write_whole(file, recorded_bytes(options.slug, shlex.join(command), sweep, seeds, tasks, values))
    print(f"{len(tasks)} tasks in {duration(time.monotonic() - began)}; {file} ({file.stat().st_size / 1000:,.0f} kB)")
    return 0


def load_sweep(slug: str) -> tuple[str, Sweep]:
    """The module of a lab's sweep, and the sweep.

    Raises: ValueError if there is no such lab, or it has none.
    """
    module = f"{lab_package(slug)}.sweep"
    if find_spec(module) is None:
        raise ValueError(f"Lab {slug!r}: expected a sweep to run, got no {module}; only some labs have one.")
    sweep = getattr(import_module(module), "SWEEP", None)
    if not isinstance(sweep, Sweep):
        raise ValueError(f"{module}: expected SWEEP, a Sweep, got {sweep!r}; define it there.")
    return module, sweep


def recorded_bytes(
    slug: str, command: str, sweep: Sweep, seeds: Sequence[int], tasks: Sequence[Task], values: Mapping[Path, Values]
) -> bytes:
    """What is recorded, as JSON with one line for each point."""
    head = {
        "format": FORMAT,
        "lab": slug,
        "command": command,
        "configuration": {
            "arms": [dict(arm) for arm in sweep.arms],
            "seeds": list(seeds),
            "constants": dict(sweep.constants),
        },
        "versions": versions(),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    points = [
        json.dumps({"arm": dict(task.arm), "seed": task.seed, "values": values[task.file]}, ensure_ascii=False)
        for task in tasks
    ]
    lines.append('  "points": [\n    ' + ",\n    ".join(points) + "\n  ]")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m labs sweep",
        description="Measure a lab's arms with several seeds, and record it. Ctrl-C interrupts; the same command goes "
        "on.",
        allow_abbrev=False,
    )
    parser.add_argument("slug", metavar="SLUG", help="the lab")
    parser.add_argument("--workers", metavar="N", help="processes at a time; default: one for each core")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="run on the Dask cluster with this scheduler")
    parser.add_argument("--seeds", metavar="NUMBERS", help="such as 0,1,2; default: those of the sweep")
    return parser


def _workers(given: str | None) -> int:
    if given is None:
        return os.cpu_count() or 1
    if not given.strip().isdecimal() or int(given) < 1:
        raise ValueError(f"--workers: expected a whole number of 1 or more, got {given!r}; leave it out to use all.")
    return int(given)


def _run(slug: str, tasks: Sequence[Task], measure: Measure) -> tuple[dict[Path, Values], list[str]]:
    """The values of every task by its file, measured where none are kept, and the faults of those that failed."""
    kept = {task.file: values for task in tasks if (values := task.kept()) is not None}
    left = [task for task in tasks if task.file not in kept]
    before = len(kept)
    faults: list[str] = []
    began = time.monotonic()
    with ProgressLine() as line, closing(measure(left)) as ends:

        def tell(note: str = "", *, now: bool = False) -> None:
            done = len(kept) - before + len(faults)
            text = f"{slug} {bar(len(kept) / len(tasks)):·<{len(bar(1))}} {len(kept)} of {len(tasks)} tasks"
            text += f", {before} kept from before" if before else ""
            text += f", {len(faults)} failed" if faults else ""
            if done and done < len(left):
                text += f", {duration((time.monotonic() - began) * (len(left) - done) / done)} left"
            line.show(f"{text}; {note}" if note else text, now=now)

        tell(now=True)
        for done in ends:
            if isinstance(done, str):
                tell(done)
                continue
            if done.values is None:
                faults.append(f"{done.task}: {done.fault}")
            else:
                kept[done.task.file] = done.values
            tell(now=len(kept) == len(tasks))
    return kept, faults
