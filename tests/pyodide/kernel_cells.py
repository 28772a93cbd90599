"""What cells of a page run to test its kernels, in any browser."""

import contextlib
import io
import json
from typing import Any

from tests.pyodide.packing import KERNELS, OPTIONS, UNPACK

PACKED = "/packed/core.zip"  # where a test's server has what tests/pyodide/packing.py packs
DONE = "found: "

# Fifty steps of a small model; the last line of the output is what each has lost.
LOSSES = f"""
import json
import numpy as np
from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule
from labs.core.training.pretrain import pretrain

config = ModelConfig(96, n_layer=2, n_head=4, n_kv_head=2, n_embd=48, n_hidden=96, context_length=40)
tokens = np.cumsum(np.random.default_rng(0).integers(0, 7, 20_000)).astype(np.int32) % 96
schedule = Schedule(50, 3e-3, warmup=5)
steps = pretrain(Transformer.initialize(config, seed=0), tokens, schedule=schedule, batch_size=8, length=37, seed=0)
print({DONE!r} + json.dumps([step.loss_nats for step in steps]))
"""

AGAINST_NUMPY = f"""
import contextlib, io, json, os
from pyodide.http import pyfetch
os.mkdir("/packed")
with open({PACKED!r}, "wb") as file:
    file.write(await (await pyfetch({PACKED!r})).bytes())
{UNPACK}
import pytest
said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
    status = int(pytest.main([*{OPTIONS!r}, {KERNELS!r}]))
print({DONE!r} + json.dumps([status, said.getvalue()[-3000:]]))
"""


def answer(log: str) -> list[Any]:
    """What a cell has found, from its output."""
    value: list[Any] = json.loads(log.rpartition(DONE)[2])
    return value


def native_losses() -> list[float]:
    """What LOSSES finds in this Python."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(LOSSES, {})
    return answer(said.getvalue())
