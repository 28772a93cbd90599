from dataclasses import replace

import numpy as np
import pytest

from labs.core.model.arrays import Ints
from labs.core.training.data import check_tokens, draw, make_batch, random_windows, reply_batch
from labs.core.training.scoring import batch_loss, sum_rows, token_logps
from tests.labs.core.training.tiny import CONFIG, check_slopes, tiny_model


def test_a_batch_written_out_by_hand() -> None:
    batch = make_batch([[5, 6, 7, 8], [9, 10]], [[0, 0, 1, 1], [0, 1]])
    assert batch.inputs.tolist() == [[5, 6, 7], [9, 10, 0]]
    assert batch.targets.tolist() == [[6, 7, 8], [10, 0, 0]]
    assert batch.weights.tolist() == [[0, 1, 1], [1, 0, 0]]
    assert batch.rows.tolist() == [0, 0, 1]
    assert batch.weights.dtype == np.float32


def test_a_reply_is_scored_from_its_first_token_and_its_prompt_is_not() -> None:
    batch = reply_batch([[1, 2, 3], [4]], [[5], [6, 7]])
    assert batch.targets[batch.scored].tolist() == [5, 6, 7]
    assert batch.rows.tolist() == [0, 1, 1]


def test_padding_changes_neither_the_loss_nor_a_gradient() -> None:
    model = tiny_model().astype(np.float64)
    alone, alone_backward = batch_loss(model, make_batch([[1, 2, 3]], [[0, 1, 1]]))
    padded, padded_backward = batch_loss(model, make_batch([[1, 2, 3], [4] * 9], [[0, 1, 1], [0] * 9]))
    assert padded == pytest.approx(alone, rel=1e-12)
    expected, got = alone_backward(), padded_backward()
    for name in expected:
        np.testing.assert_allclose(got[name], expected[name], atol=1e-14, err_msg=name)


def test_the_scored_tokens_have_the_logps_of_the_full_logits() -> None:
    model = tiny_model().astype(np.float64)
    batch = make_batch([[1, 2, 3, 4], [5, 6]], [[0, 1, 0, 1], [0, 1]])
    logits = model.forward_only(batch.inputs)
    logps = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    got, _ = token_logps(model, batch)
    np.testing.assert_allclose(got, [logps[0, 0, 2], logps[0, 2, 4], logps[1, 0, 6]])
    np.testing.assert_allclose(sum_rows(got, batch), [got[0] + got[1], got[2]])


@pytest.mark.parametrize("tied", [True, False])
def test_the_loss_has_its_numerical_gradient(tied: bool) -> None:
    model = tiny_model(config=replace(CONFIG, tied=tied)).astype(np.float64)
    batch = make_batch([[1, 2, 3, 4], [5, 6]], [[0, 1, 0, 1], [0, 1]])
    check_slopes(lambda: batch_loss(model, batch)[0], model.params, batch_loss(model, batch)[1]())


def test_a_batch_in_which_nothing_is_scored_is_refused() -> None:
    with pytest.raises(ValueError, match="weights: expected"):
        batch_loss(tiny_model(), make_batch([[1, 2, 3]], [[1, 0, 0]]))


def test_windows_are_stretches_of_the_stream_and_reach_both_its_ends() -> None:
    windows = random_windows(np.arange(10, dtype=np.uint16), 200, 4, np.random.default_rng(0))
    assert windows.dtype == np.intp
    assert (np.diff(windows, axis=1) == 1).all()
    assert (windows.min(), windows.max()) == (0, 9)


def test_nothing_is_drawn_twice_while_there_is_enough() -> None:
    rng = np.random.default_rng(0)
    assert sorted(draw(5, 5, rng)) == [0, 1, 2, 3, 4]
    assert len(draw(2, 5, rng)) == 5


@pytest.mark.parametrize("tokens", [np.arange(4), np.zeros((2, 9), int), np.zeros(9), np.full(9, 16), np.full(9, -1)])
def test_a_stream_that_is_too_short_or_has_no_token_ids_is_refused(tokens: Ints) -> None:
    with pytest.raises(ValueError, match=r"tokens: expected .*, got .*; "):
        check_tokens(tokens, vocab_size=16, length=4)
