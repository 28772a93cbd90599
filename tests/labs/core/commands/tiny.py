"""A recipe that takes a moment: the real stages on a model and a text of next to nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labs.core import recipe
from labs.core.measures import Measure, mean_of
from labs.core.model.arrays import Ints
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer
from labs.core.training.data import Pair
from labs.core.training.loop import Schedule, StepRecord, TrainingState
from labs.core.training.pretrain import pretrain
from labs.core.training.reward_model import reward_model

TOKENIZER = Tokenizer.train(["the cat and the dog and the man", "a house, a mouse and a horse"], 270)
CONFIG = ModelConfig(vocab_size=270, n_layer=1, n_head=2, n_kv_head=1, n_embd=8, n_hidden=12, context_length=64)
TEXT = np.array(TOKENIZER.encode("the cat and the dog and the man and a mouse " * 10), np.int32)


@dataclass
class TinyRecipe:
    """The recipe's numbers, to be changed, and at which step of which stage Ctrl-C is pressed."""

    steps: int = 6
    config: ModelConfig = CONFIG
    text: Ints = field(default_factory=lambda: TEXT)
    interrupt: dict[str, int] = field(default_factory=dict)
    begun: list[tuple[str, int]] = field(default_factory=list)

    def stage(
        self,
        name: str,
        parents: Mapping[str, Transformer],
        tokenizer: Tokenizer,
        *,
        seed: int = 0,
        resume: TrainingState | None = None,
    ) -> recipe.Run:
        self.begun.append((name, resume.step if resume else 0))
        start = recipe.PARENT[name]
        model = parents[start] if start else Transformer.initialize(self.config, seed)
        schedule = Schedule(self.steps, 1e-2)
        if name == "reward":
            pairs = [Pair([1, 2], [3], [4]), Pair([2], [3, 3], [4, 4])]
            records: Iterator[StepRecord] = reward_model(
                model, pairs, schedule=schedule, batch_size=2, seed=seed, resume=resume
            )
        else:
            records = pretrain(model, self.text, schedule=schedule, batch_size=2, length=8, seed=seed, resume=resume)
        return recipe.Run(name, self.steps, self._until(name, records), {"steps": self.steps, "pair": (1, 2)}, "c0ffee")

    def _until(self, name: str, records: Iterator[StepRecord]) -> Iterator[StepRecord]:
        for record in records:
            yield record
            if record.step == self.interrupt.get(name):
                raise KeyboardInterrupt


def first_weight_is_positive(checkpoint: Checkpoint, seed: int) -> Measure:
    return mean_of(np.resize(checkpoint.model.params["embedding"][0] > 0, 8 + seed), seed)


def bytes_of(folder: Path, names: Sequence[str] = recipe.STAGES) -> dict[str, bytes]:
    """The weights in a folder, by name."""
    return {name: (folder / f"{name}.npz").read_bytes() for name in names}
