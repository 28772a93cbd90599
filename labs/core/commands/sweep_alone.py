"""What a worker of a cluster does of a sweep: measure one task in a process of its own, if it computes as the caller.

The process ends with its task: when the task is done, when nobody wants it any more, and when the worker dies.
"""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from importlib import invalidate_caches
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from labs.core.commands.sweep_sources import sources_hash
from labs.core.commands.sweep_tasks import ONE_THREAD, Values, answer, no_answer, versions
from labs.core.files import write_whole
from labs.core.sweeping import Arm

POLL_SECONDS = 0.2
ENDING = ("closing", "closed", "stopping", "failed")

type Fingerprint = Mapping[str, str]
"""What decides a measurement beside its arm and seed, by name."""
type Answer = tuple[Values | None, str, Fingerprint | None]
"""The values, or what went wrong, or the fingerprint that was not the caller's."""


def fingerprint(module: str) -> Fingerprint:
    """The versions here, and the hash of the sources that a sweep's module leads to."""
    invalidate_caches()  # a worker lives long, and files may have come meanwhile
    try:
        found = sources_hash(module)[:16] if find_spec(module) else f"no module {module}"
    except ModuleNotFoundError:
        found = f"no module {module}"
    try:
        labs = version("labs")
    except PackageNotFoundError:  # on the path, and not installed
        labs = "without a version"
    return {"labs": labs, **versions(), "sources": found}


def processor() -> str:
    """The kind of processor, as NumPy sees it: another kind may add in another order."""
    import numpy as np

    features = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return f"{platform.machine()} {features[-1] if features else ''}".strip()


def measure_alone(module: str, arm: Arm, seed: int, expected: Fingerprint) -> Answer:
    """A task of Dask's: measure in a fresh process with one thread, as a sweep without a cluster does."""
    from distributed import Reschedule, get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing" and worker.status.name not in ENDING

    measured = in_process(module, arm, seed, expected, wanted)
    if measured is None:
        raise Reschedule()  # of no effect on a task that was taken back, and right for one that is wanted again
    return measured


def in_process(
    module: str, arm: Arm, seed: int, expected: Fingerprint, wanted: Callable[[], bool] = lambda: True
) -> Answer | None:
    """The answer of a process that measures this, or None if it was ended because nobody wanted it any more."""
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answer.json"
        asked = json.dumps([module, dict(arm), seed, dict(expected), str(file)])
        command = [sys.executable, "-P", "-m", __name__, asked]
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:
            try:
                while True:
                    try:
                        exit_code = process.wait(POLL_SECONDS)
                        break
                    except subprocess.TimeoutExpired:
                        if not wanted():
                            return None
            finally:
                process.kill()
        if not file.exists():
            return None, no_answer(exit_code), None
        values, fault, got = json.loads(file.read_bytes())
        return values, fault, got


def main() -> None:
    """In the process: measure what the one argument asks for, and write the answer to the file that it names."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to act on
    threading.Thread(target=_end_with_worker, daemon=True).start()
    module, arm, seed, expected, file = json.loads(sys.argv[1])
    got = fingerprint(module)
    reply: Answer = (*answer(module, arm, seed), None) if got == expected else (None, "", got)
    write_whole(Path(file), json.dumps(reply).encode())


def _end_with_worker() -> None:
    """End at once when the worker, which holds the other end of the standard input, is no more."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
