import math
from typing import Any

import numpy as np
import pytest

from labs.core.training.loop import Schedule
from labs.core.training.pretrain import held_out_loss, pretrain
from tests.labs.core.training.tiny import CONFIG, SCHEDULE, TOKENS, tiny_model

TEXT = "a cat sat on a mat at tea"


def test_200_steps_on_one_small_text_reach_a_loss_near_zero() -> None:
    letters = sorted(set(TEXT))
    tokens = np.array([letters.index(letter) for letter in TEXT])
    schedule = Schedule(steps=200, peak=1e-2, warmup=10)
    records = list(pretrain(tiny_model(), tokens, schedule=schedule, batch_size=2, length=len(tokens) - 1, seed=0))
    assert records[0].loss_nats > 2
    assert records[-1].loss_nats < 0.02


def test_the_held_out_loss_is_measured_on_its_steps_and_on_the_last() -> None:
    steps = pretrain(
        tiny_model(),
        TOKENS,
        schedule=Schedule(steps=5, peak=1e-3),
        batch_size=2,
        length=8,
        seed=0,
        held_out=TOKENS[:50],
        held_out_every=2,
    )
    last = list(steps)
    assert [record.held_out_loss_nats is not None for record in last] == [False, True, False, True, True]
    assert last[-1].held_out_loss_nats == held_out_loss(last[-1].state.model, TOKENS[:50], 8)


def test_a_model_that_knows_nothing_has_the_held_out_loss_of_guessing() -> None:
    model = tiny_model()
    model.params["embedding"][:] = 0
    # 41 windows of 4 of the 166 tokens: the last batch is smaller than the others
    assert held_out_loss(model, TOKENS[:166], 4) == pytest.approx(math.log(16), rel=1e-6)


def test_the_held_out_loss_weighs_all_windows_alike() -> None:
    model = tiny_model()
    apart = [held_out_loss(model, TOKENS[start : start + 9], 8) for start in range(0, 8 * 18, 8)]
    assert held_out_loss(model, TOKENS[: 8 * 18 + 1], 8) == pytest.approx(np.mean(apart), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": CONFIG.context_length + 1}, "length"),
        ({"length": 0}, "length"),
        ({"tokens": TOKENS[:8]}, "tokens"),
        ({"held_out": TOKENS[:8]}, "tokens"),
        ({"held_out_every": 0}, "held_out_every"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"tokens": TOKENS, "schedule": SCHEDULE, "batch_size": 2, "length": 8, "seed": 0}
    with pytest.raises(ValueError, match=message):
        pretrain(tiny_model(), **good | options)
