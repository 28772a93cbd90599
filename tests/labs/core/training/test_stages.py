"""What every stage promises: exact repetition, exact resumption, given weights untouched, float32 throughout."""

import io
from collections.abc import Mapping

import numpy as np
import pytest

from labs.core.training.loop import TrainingState
from tests.labs.core.training.tiny import STAGES, tiny_model

stages = pytest.mark.parametrize("stage", STAGES)
ranks = pytest.mark.parametrize("adapter_rank", [0, 2])


def same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@stages
@ranks
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(stage: str, adapter_rank: int) -> None:
    def run(seed: int) -> dict[str, np.ndarray]:
        *_, last = STAGES[stage](tiny_model(), seed=seed, adapter_rank=adapter_rank)
        return last.state.to_arrays()

    first = run(0)
    assert same(first, run(0))
    assert not same(first, run(1))


@stages
@ranks
def test_a_training_stopped_saved_and_resumed_ends_at_the_same_bits(stage: str, adapter_rank: int) -> None:
    *_, unbroken = STAGES[stage](tiny_model(), adapter_rank=adapter_rank)

    steps = STAGES[stage](tiny_model(), adapter_rank=adapter_rank)
    next(steps)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **next(steps).state.to_arrays())
    file.seek(0)
    with np.load(file) as arrays:
        state = TrainingState.from_arrays(dict(arrays), tiny_model())
    saved = state.to_arrays()
    resumed = list(STAGES[stage](tiny_model(), adapter_rank=adapter_rank, resume=state))

    assert [record.step for record in resumed] == [3, 4]
    assert same(resumed[-1].state.to_arrays(), unbroken.state.to_arrays())
    assert same(resumed[-1].state.model.params, unbroken.state.model.params)
    assert resumed[-1].loss_nats == unbroken.loss_nats
    assert same(state.to_arrays(), saved), "the state that was given has changed"


@stages
@ranks
def test_the_weights_given_never_change_and_the_trained_copy_does(stage: str, adapter_rank: int) -> None:
    model, untouched = tiny_model(), tiny_model()
    *_, last = STAGES[stage](model, adapter_rank=adapter_rank)
    assert same(model.params, untouched.params)
    assert not same(last.state.model.params, untouched.params)


@stages
@ranks
def test_nothing_becomes_float64(stage: str, adapter_rank: int) -> None:
    *_, last = STAGES[stage](tiny_model(), adapter_rank=adapter_rank)
    for name, array in (last.state.to_arrays() | last.state.model.params).items():
        assert array.dtype == (np.int32 if name.endswith(("step", "updates")) else np.float32), name


@stages
def test_records_hold_finite_numbers_and_count_steps_from_1(stage: str) -> None:
    records = list(STAGES[stage](tiny_model()))
    assert [record.step for record in records] == [1, 2, 3, 4]
    for record in records:
        numbers = [value for value in vars(record).values() if isinstance(value, int | float)]
        assert len(numbers) >= 6
        assert np.isfinite(numbers).all()
        assert record.tokens > 0
        assert record.tokens_per_second > 0
        assert record.gradient_norm > 0


@stages
def test_a_finished_training_has_no_steps_left(stage: str) -> None:
    *_, last = STAGES[stage](tiny_model())
    assert list(STAGES[stage](tiny_model(), resume=last.state)) == []


@stages
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed"),
        ({"adapter_rank": -1}, "adapter_rank"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 2.5}, "batch_size"),
    ],
)
def test_a_bad_number_is_refused_before_the_first_step(stage: str, options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        STAGES[stage](tiny_model(), **options)


@stages
def test_the_state_of_another_training_is_refused(stage: str) -> None:
    other = "sft" if stage == "reward_model" else "reward_model"
    *_, last = STAGES[other](tiny_model())
    with pytest.raises(ValueError, match="resume"):
        STAGES[stage](tiny_model(), resume=last.state)
