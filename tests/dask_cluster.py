"""A Dask cluster on the loopback: a scheduler and workers, each a process that its own command started."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

START_SECONDS = 30


class DaskCluster:
    """A scheduler at a free port, and workers of one thread each; leaving it ends them all."""

    def __init__(self, folder: Path, paths: Sequence[Path], settings: dict[str, str] | None = None) -> None:
        """`paths` is where workers find packages; `folder` gets the logs."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.paths = folder, paths
        self.environment = {**os.environ, **(settings or {})}
        self.workers: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", paths, "--port", "0", "--scheduler-file", str(file))
        give_up = time.monotonic() + START_SECONDS
        while not file.exists() or not file.read_text().endswith("}"):
            assert time.monotonic() < give_up and self.scheduler.poll() is None, self.log("scheduler")
            time.sleep(0.05)
        self.address: str = json.loads(file.read_text())["address"]

    def add_worker(self, paths: Sequence[Path] | None = None) -> subprocess.Popen[bytes]:
        """Start one more worker, which finds packages there; it registers by and by."""
        local = str(self.folder / "local")
        options = (self.address, "--nthreads", "1", "--no-nanny", "--local-directory", local)
        self.workers.append(self._start("worker", self.paths if paths is None else paths, *options))
        return self.workers[-1]

    def _start(self, role: str, paths: Sequence[Path], *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", role, "--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        command += options
        environment = {**self.environment, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        with (self.folder / f"{role}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def log(self, role: str) -> str:
        """What schedulers or workers wrote."""
        return (self.folder / f"{role}.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *fault: object) -> None:
        """End all processes."""
        for process in (*self.workers, self.scheduler):
            process.send_signal(signal.SIGTERM)
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
