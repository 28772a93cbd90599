"""The loop that every stage is made of: a batch, its gradients, a clipped AdamW update, a record."""

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.lora import Lora
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_whole
from labs.core.training.optimizer import AdamW, clip_by_global_norm, learning_rate_at


@dataclass(frozen=True)
class Schedule:
    """How many steps to take, and how large: the learning rate's path, the clipping, the decay.

    Raises: ValueError if a number is out of its range.
    """

    steps: int
    peak: float
    warmup: int = 0
    clip: float = 1.0
    weight_decay: float = 0.1
    floor: float = 0.1

    def __post_init__(self) -> None:
        """Check the numbers as soon as they are given."""
        check_whole("steps", self.steps)
        check_whole("warmup", self.warmup, 0)
        self.learning_rate(0)
        if not self.clip > 0:
            raise ValueError(f"clip: expected a positive limit, got {self.clip!r}; math.inf clips nothing.")
        if not self.weight_decay >= 0:
            raise ValueError(f"weight_decay: expected 0 or more, got {self.weight_decay!r}; 0 turns it off.")

    def learning_rate(self, step: int) -> float:
        """The rate for a step, counted from 0."""
        return learning_rate_at(step, peak=self.peak, steps=self.steps, warmup=self.warmup, floor=self.floor)


class TrainingState:
    """All that a stage needs to go on: the model as it is now, the optimizer's moments, the steps done.

    With `lora`, the adapters are trained and `model` is the merged one. `extra` holds trained weights that are
    not the transformer's, such as a reward model's head. The loop changes a state in place: keep a `copy()`.
    """

    def __init__(
        self,
        model: Transformer,
        *,
        weight_decay: float = 0.1,
        lora: Lora | None = None,
        extra: Mapping[str, Floats] | None = None,
    ) -> None:
        self.model = model if lora is None else lora.merged()
        self.lora = lora
        self.extra = dict(extra or {})
        self.step = 0
        self.optimizer = AdamW(self.params, weight_decay=weight_decay)

    @property
    def params(self) -> dict[str, Floats]:
        """The weights that are trained: the model's own or its adapters, and the extra ones."""
        return (self.model.params if self.lora is None else self.lora.adapters) | self.extra

    def update(self, grads: dict[str, Floats], learning_rate: float, clip: float) -> float:
        """Take one step against the gradients of `model` and of the extra weights; return the gradients' norm.

        Raises: ValueError if a gradient is not finite, or one is missing.
        """
        if self.lora is not None:
            extra = {name: grads[name] for name in self.extra}
            grads = self.lora.pullback({name: grads[name] for name in self.model.params}) | extra
        norm = clip_by_global_norm(grads, clip)
        self.optimizer.update(self.params, grads, learning_rate)
        if self.lora is not None:
            self.model = self.lora.merged()
        return norm

    def copy(self) -> Self:
        """A state that goes its own way from here."""
        twin = copy.copy(self)
        twin.extra = {name: array.copy() for name, array in self.extra.items()}
        if self.lora is None:
            twin.model = self.model.copy()
        else:
            twin.lora = copy.copy(self.lora)
            twin.lora.adapters = {name: array.copy() for name, array in self.lora.adapters.items()}
        twin.optimizer = AdamW(twin.params, weight_decay=self.optimizer.weight_decay)
        twin.optimizer.restore(self.optimizer.state())
        return twin

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Copies of all that changes in training, by name, fit for `np.savez`."""
        own, weights = ("model", self.model.params) if self.lora is None else ("adapters", self.lora.adapters)
        arrays: dict[str, np.ndarray] = {f"{own}.{name}": array.copy() for name, array in weights.items()}
        arrays |= {f"extra.{name}": array.copy() for name, array in self.extra.items()}
        arrays |= {f"optimizer.{name}": array for name, array in self.optimizer.state().items()}
        return arrays | {"step": np.array(self.step, np.int32)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray], model: Transformer) -> Self:
        """The state that `to_arrays` saved, of a training that began with this model.

        Raises: ValueError if an array is missing or of another shape than the model's.
        """

        def part(prefix: str) -> dict[str, np.ndarray]:
            return {name.removeprefix(prefix): arrays[name].copy() for name in arrays if name.startswith(prefix)}

        if "step" not in arrays:
            raise ValueError("arrays: expected all that to_arrays() returned, got no 'step'; save every one of them.")
        lora = None
        if adapters := part("adapters."):
            rank = next((array.shape[1] for name, array in adapters.items() if name.endswith(".a")), 1)
            lora = Lora(model, rank, seed=0)
            shapes = {name: array.shape for name, array in lora.adapters.items()}
            if shapes != {name: array.shape for name, array in adapters.items()}:
                raise ValueError(f"adapters: expected {shapes}, got others; resume with the model that they are for.")
            lora.adapters = dict(adapters)
        else:
            model = Transformer(model.config, part("model."))
        state = cls(model, lora=lora, extra=part("extra."))
        state.optimizer.restore(part("optimizer."))
        state.step = int(arrays["step"])
        return state


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """What every stage says of a step.

    Units: loss in nats; tokens are those that were trained on, padding left out; `step` counts the steps done.
    """

    step: int
    loss_nats: float
    gradient_norm: float
    learning_rate: float
    tokens: int
    tokens_per_second: float
    state: TrainingState  # the living one: take state.copy() to keep it as it is at this step


type Fields = dict[str, Any]  # what the stage's record holds beyond the loop's own: loss_nats, tokens, ...
# A step's gradients: one item for each update of the weights, which happens before the next item is asked for.
type Gradients = Callable[[TrainingState, np.random.Generator], Iterator[tuple[Fields, dict[str, Floats]]]]


def begin(
    model: Transformer,
    schedule: Schedule,
    *,
    seed: int,
    resume: TrainingState | None,
    adapter_rank: int,
    extra: Mapping[str, Floats] | None = None,
) -> TrainingState:
    """The state that a stage starts from: a copy of the model, or of the state to be resumed.

    Raises: ValueError for a negative seed or rank, or a state to be resumed that is another model's or stage's.
    """
    check_whole("seed", seed, 0)
    check_whole("adapter_rank", adapter_rank, 0)
    lora = Lora(model, adapter_rank, seed) if adapter_rank else None
    state = TrainingState(model.copy(), weight_decay=schedule.weight_decay, lora=lora, extra=extra)
    if resume is None:
        return state
    shapes, resumed = ({name: array.shape for name, array in s.params.items()} for s in (state, resume))
    if resume.model.config != model.config or shapes != resumed:
        raise ValueError(
            "resume: expected a state of this stage, model and adapter_rank, got one whose weights differ in name or "
            "shape; resume with the arguments that it began with."
        )
    state = resume.copy()
    state.optimizer.weight_decay = schedule.weight_decay
    return state


def train[R: StepRecord](
    state: TrainingState, gradients: Gradients, schedule: Schedule, seed: int, record: Callable[..., R]
) -> Iterator[R]:
    """Take the steps that the state has left in the schedule, one record each; a record tells of its last update.

    Step s draws from a generator seeded by (seed, s): a resumed training needs no other memory to be exact.
    """
    while state.step < schedule.steps:
        started = time.perf_counter()
        learning_rate = schedule.learning_rate(state.step)
        for measured, grads in gradients(state, np.random.default_rng((seed, state.step))):
            fields = measured | {"gradient_norm": state.update(grads, learning_rate, schedule.clip)}
        state.step += 1
        seconds = max(time.perf_counter() - started, 1e-9)
        yield record(
            step=state.step,
            learning_rate=learning_rate,
            tokens_per_second=fields["tokens"] / seconds,
            state=state,
            **fields,
        )
