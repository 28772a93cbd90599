"""The KL term: its value, its gradient against finite differences, and what a step with it does."""

from typing import Any

import numpy as np
import pytest

from labs.alignment_tax.distance import forward_kl, sft_with_distance
from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer
from labs.core.training.data import Scored
from labs.core.training.loop import Schedule

CONFIG = ModelConfig(vocab_size=12, n_layer=1, n_head=2, n_kv_head=1, n_embd=8, n_hidden=8, context_length=10)
DIALOGUES = [Scored([1, 2, 3, 4, 5], [0, 0, 1, 1, 1]), Scored([3, 2, 6, 7], [0, 0, 1, 1])]
PAGES = np.random.default_rng(0).integers(0, 12, 60)


def table(seed: int, rows: int = 3, width: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 2, (rows, width))


def test_it_is_the_kl_from_the_reference() -> None:
    ref, model = np.log([[0.75, 0.25]]), np.log([[0.5, 0.5]])
    assert forward_kl(ref, model)[0] == pytest.approx(0.75 * np.log(1.5) + 0.25 * np.log(0.5))
    assert forward_kl(model, ref)[0] == pytest.approx(0.5 * np.log(2 / 3) + 0.5 * np.log(2)), "the other direction"
    assert forward_kl(ref, ref + 3)[0] == pytest.approx(0), "logits say the same when all are raised alike"


def test_its_gradient_is_that_of_finite_differences() -> None:
    ref, logits = table(1), table(2)
    _, backward = forward_kl(ref, logits)
    numeric = np.zeros_like(logits)
    for place in np.ndindex(*logits.shape):
        for sign in (1, -1):
            moved = logits.copy()
            moved[place] += sign * 1e-5
            numeric[place] += sign * forward_kl(ref, moved)[0] / 2e-5
    np.testing.assert_allclose(backward(), numeric, atol=1e-8)


def test_tables_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^logits: expected two tables \(N, V\) of one shape"):
        forward_kl(table(0, 2), table(0, 3))


def model(seed: int = 0) -> Transformer:
    return Transformer.initialize(CONFIG, seed, np.float64)


@pytest.mark.parametrize("on", ["pages", "replies"])
def test_a_step_follows_the_gradient_of_its_loss(on: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The whole loss, as a function of the weights, against the gradients that the step hands to the loop.
    seen: dict[str, np.ndarray] = {}
    rate = 1e-3

    def losses() -> float:
        record = next(
            sft_with_distance(
                ref, DIALOGUES, schedule=Schedule(1, rate), batch_size=4, seed=0, weight=0.7, on=on, pages=PAGES
            )
        )
        return record.loss_nats + 0.7 * record.kl_nats

    ref, moved = model(0), model(1)
    from labs.alignment_tax import distance
    from labs.core.training.loop import TrainingState

    def begin(*_: object, **__: object) -> TrainingState:
        return TrainingState(moved.copy())

    def update(self: TrainingState, grads: dict[str, np.ndarray], learning_rate: float, clip: float) -> float:
        seen.update({name: grad.copy() for name, grad in grads.items()})
        return 0.0

    monkeypatch.setattr(distance, "begin", begin)
    monkeypatch.setattr(TrainingState, "update", update)
    losses()
    exact = {name: grad.copy() for name, grad in seen.items()}
    rng = np.random.default_rng(3)
    for name in ("embedding", "blocks.0.query", "blocks.0.down", "final_norm"):
        place = tuple(rng.integers(0, size) for size in moved.params[name].shape)
        kept, numeric = moved.params[name][place], 0.0
        for sign in (1, -1):
            moved.params[name][place] = kept + sign * 1e-5
            numeric += sign * losses() / 2e-5
        moved.params[name][place] = kept
        assert exact[name][place] == pytest.approx(numeric, abs=1e-7), name


def test_with_much_weight_it_stays_near_where_it_began() -> None:
    def trained(weight: float) -> Transformer:
        *_, last = sft_with_distance(
            model(),
            DIALOGUES,
            schedule=Schedule(30, 1e-2),
            batch_size=4,
            seed=0,
            weight=weight,
            on="pages",
            pages=PAGES,
        )
        return last.state.model

    far, near = (
        forward_kl(model().forward_only(PAGES[None, :10])[0], trained(weight).forward_only(PAGES[None, :10])[0])[0]
        for weight in (0.0, 100.0)
    )
    assert near < 0.2 * far


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"on": "prompts"}, "^on: expected one of pages, replies, got 'prompts'"),
        ({"weight": -1.0}, "^weight: expected 0 or more, got -1.0"),
        ({"weight": float("nan")}, "^weight: expected 0 or more, got nan"),
        ({"pages": None}, "^pages: expected tokens of pages"),
        ({"share": 2.0}, "^share: expected a share from 0 to 1"),
        ({"batch_size": 0}, "^batch_size: expected a whole number"),
    ],
)
def test_bad_arguments_are_refused(changed: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"batch_size": 4, "seed": 0, "weight": 1.0, "on": "pages", "pages": PAGES}
    with pytest.raises(ValueError, match=said):
        sft_with_distance(model(), DIALOGUES, schedule=Schedule(2, 1e-3), **given | changed)
