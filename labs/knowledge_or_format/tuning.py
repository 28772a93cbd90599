"""The training: supervised fine-tuning on the lab's dialogues."""

from collections.abc import Iterator, Sequence

from labs.core.model.chat_template import Rendered
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Schedule
from labs.core.training.sft import SftStep, sft

BATCH_SIZE = 8
LEARNING_RATE = 1e-3
WARMUP = 10


def tune(
    model: Transformer, dialogues: Sequence[Rendered], steps: int, seed: int, learning_rate: float = LEARNING_RATE
) -> Iterator[SftStep]:
    """The steps of supervised fine-tuning on these dialogues, one record each."""
    schedule = Schedule(steps, learning_rate, warmup=min(WARMUP, steps // 2))
    return sft(model, dialogues, schedule=schedule, batch_size=BATCH_SIZE, seed=seed)
