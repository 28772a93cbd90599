"""Another Python that stays and is asked for values, so that two can be measured in turn, each warm."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# OpenBLAS and NumPy then use vectors of 256 bits at most, as on the laptops that have no wider ones.
AVX2_ONLY = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
}


class Worker:
    """A process that runs a module of the benchmark on one thread."""

    def __init__(self, module: str, python: str = sys.executable, settings: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [python, "-m", module],
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD, **(settings or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def evaluate(self, source: str) -> Any:  # noqa: ANN401 - whatever the expression is worth
        """The value of an expression in the module."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(source) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the worker ended: see its last words above"
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        with self.process:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait(60)


def answer(names: dict[str, Any]) -> None:
    """In the worker: evaluate each line of the standard input, an expression as JSON, and say its value."""
    for line in sys.stdin:
        print(json.dumps(eval(json.loads(line), names)), flush=True)
