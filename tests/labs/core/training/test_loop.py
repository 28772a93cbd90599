from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.transformer import Transformer
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, train
from tests.labs.core.training.tiny import CONFIG, SCHEDULE, STAGES, tiny_model


def test_a_copied_state_stays_while_the_training_goes_on() -> None:
    for adapter_rank in (0, 2):
        steps = STAGES["sft"](tiny_model(), adapter_rank=adapter_rank)
        first = next(steps)
        kept = first.state.copy()
        before = kept.to_arrays()
        *_, last = steps
        assert first.state is last.state
        assert kept.step == 1
        after = kept.to_arrays()
        assert all(np.array_equal(before[name], after[name]) for name in before)
        moved = last.state.to_arrays()
        assert all(not np.array_equal(before[name], moved[name]) for name in before)


def test_adapters_alone_are_trained_and_saved() -> None:
    *_, last = STAGES["sft"](tiny_model(), adapter_rank=2)
    weights = [name for name in last.state.to_arrays() if not name.startswith(("optimizer", "step"))]
    assert all(name.startswith("adapters.") for name in weights)
    assert np.array_equal(last.state.model.params["embedding"], tiny_model().params["embedding"])


def test_every_step_draws_numbers_of_its_own_and_may_update_more_than_once() -> None:
    draws: list[float] = []
    updates = []

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        draws.append(rng.random())
        for loss in (1.0, 2.0):
            updates.append(state.optimizer.updates)
            yield {"loss_nats": loss, "tokens": 1}, {name: np.ones_like(a) for name, a in state.params.items()}

    records = list(train(TrainingState(tiny_model()), gradients, SCHEDULE, 0, StepRecord))
    assert len(set(draws)) == 4
    assert updates == list(range(8))
    assert [record.loss_nats for record in records] == [2.0] * 4


def test_a_resumed_training_decays_as_its_own_schedule_says() -> None:
    first = next(STAGES["sft"](tiny_model()))
    schedule = replace(SCHEDULE, weight_decay=50.0)
    small, usual = (
        next(STAGES["sft"](tiny_model(), resume=first.state.copy(), schedule=chosen)) for chosen in (schedule, SCHEDULE)
    )
    assert np.abs(small.state.params["embedding"]).sum() < 0.6 * np.abs(usual.state.params["embedding"]).sum()


def test_a_model_with_other_constants_is_refused_though_its_shapes_are_the_same() -> None:
    first = next(STAGES["sft"](tiny_model()))
    other = Transformer(replace(CONFIG, rope_base=500.0), tiny_model().params)
    with pytest.raises(ValueError, match="resume"):
        STAGES["sft"](other, resume=first.state)


def test_saved_arrays_are_the_savers_own() -> None:
    steps = STAGES["reward_model"](tiny_model())
    state = next(steps).state
    arrays = state.to_arrays()
    again = TrainingState.from_arrays(arrays, tiny_model())
    for name, array in again.params.items():
        assert not any(np.shares_memory(array, saved) for saved in arrays.values()), name
    kept = {name: array.copy() for name, array in arrays.items()}
    list(steps)
    assert all(np.array_equal(arrays[name], kept[name]) for name in kept)


def test_a_saved_state_without_all_its_arrays_is_refused() -> None:
    for adapter_rank, gone in ((0, "model.embedding"), (2, "adapters.blocks.0.query.a")):
        arrays = next(STAGES["sft"](tiny_model(), adapter_rank=adapter_rank)).state.to_arrays()
        for name in (gone, "optimizer.first_moment", "step"):
            damaged = {key: array for key, array in arrays.items() if key != name}
            with pytest.raises(ValueError, match=r"expected .*, got .*; \w+"):
                TrainingState.from_arrays(damaged, tiny_model())
        arrays["optimizer.second_moment"] = arrays["optimizer.second_moment"][1:]
        with pytest.raises(ValueError, match="second_moment"):
            TrainingState.from_arrays(arrays, tiny_model())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps"),
        ({"peak": 0.0}, "peak"),
        ({"warmup": 11}, "warmup"),
        ({"warmup": -1}, "warmup"),
        ({"clip": 0.0}, "clip"),
        ({"weight_decay": -0.1}, "weight_decay"),
        ({"floor": 1.5}, "floor"),
    ],
)
def test_a_schedule_refuses_numbers_out_of_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Schedule(**{"steps": 10, "peak": 1e-3} | options)


def test_the_record_tells_the_rate_that_the_step_was_taken_with() -> None:
    schedule = Schedule(steps=4, peak=1.0e-2, warmup=2, floor=0.5)
    rates = [record.learning_rate for record in STAGES["sft"](tiny_model(), schedule=schedule)]
    np.testing.assert_allclose(rates, [5e-3, 1e-2, 1e-2, 7.5e-3])
