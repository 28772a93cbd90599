"""The sweep that is measured: each task trains a small model for about a second."""

from collections.abc import Mapping

from labs.core.sweeping import Arm, Sweep
from tests.bench.model_work import started
from tests.bench.shapes import SMALL

STEPS = 50
TASKS = 6


def measure(arm: Arm, seed: int) -> Mapping[str, float]:
    """The loss after so many steps."""
    running = started(SMALL.json)
    return {"loss_nats": [next(running).loss_nats for _ in range(STEPS)][-1]}


SWEEP = Sweep(arms=({"model": "small"},), measure=measure, seeds=range(TASKS))
