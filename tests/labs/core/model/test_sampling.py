"""From logits to a token: the distribution is the one asked for, and draws follow it."""

from typing import Any

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.sampling import Sampling

LOGITS = np.random.default_rng(0).normal(0, 2, (5, 8))
EVERY_KIND = [Sampling(), Sampling(0), Sampling(0.3), Sampling(3, 4), Sampling(1, 0, 0.7), Sampling(0.9, 5, 0.6)]


def softmax(logits: Floats) -> Floats:
    p: Floats = np.exp(logits)
    p /= p.sum(axis=-1, keepdims=True)
    return p


@pytest.mark.parametrize("sampling", EVERY_KIND)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_row_sums_to_one(sampling: Sampling, dtype: type) -> None:
    p = sampling.distribution(LOGITS.astype(dtype))
    assert p.shape == LOGITS.shape and (p >= 0).all()
    assert p.sum(axis=-1) == pytest.approx(np.ones(5), abs=1e-12)


def test_temperature_divides_the_logits() -> None:
    assert Sampling(0.4).distribution(LOGITS) == pytest.approx(softmax(LOGITS / 0.4))


@pytest.mark.parametrize("temperature", [0, 1e-310, 1e-6])
def test_without_temperature_the_most_likely_is_certain(temperature: float) -> None:
    assert (Sampling(temperature).distribution(LOGITS) == np.eye(8)[LOGITS.argmax(axis=-1)]).all()


def test_greedy_takes_the_first_of_ties() -> None:
    logits = np.array([[0.0, 3, 3, 1]])
    assert Sampling(0).choose(logits, np.array([0.99])).tolist() == [1]
    assert Sampling(0).distribution(logits).tolist() == [[0, 1, 0, 0]]


def test_top_k_keeps_k_and_of_ties_the_first() -> None:
    p = np.array([0.1, 0.3, 0.3, 0.3])
    assert Sampling(top_k=2).distribution(np.log(p)) == pytest.approx([0, 0.5, 0.5, 0])
    assert Sampling(top_k=9).distribution(np.log(p)) == pytest.approx(p)


@pytest.mark.parametrize(
    ("top_p", "kept"), [(1e-15, 1), (0.5, 1), (0.6, 1), (0.61, 2), (0.8, 2), (0.81, 3), (0.999, 3), (1, 3)]
)
def test_top_p_keeps_the_smallest_set_that_reaches_it(top_p: float, kept: int) -> None:
    p = np.array([0.2, 0.6, 0.2])
    left = np.where([kept > 1, True, kept > 2], p, 0)
    assert Sampling(top_p=top_p).distribution(np.log(p)) == pytest.approx(left / left.sum())


def test_top_p_looks_at_what_top_k_left() -> None:
    p = np.log([0.4, 0.3, 0.2, 0.1])  # top_k 2 makes it 4/7 and 3/7, and 4/7 alone reaches 0.5
    assert Sampling(top_k=2, top_p=0.5).distribution(p).tolist() == [1, 0, 0, 0]
    assert Sampling(top_k=2, top_p=0.6).distribution(p) == pytest.approx([4 / 7, 3 / 7, 0, 0])


@pytest.mark.parametrize("sampling", [kind for kind in EVERY_KIND if kind.temperature])
def test_draws_follow_the_distribution(sampling: Sampling) -> None:
    n = 20_000
    logits = LOGITS[:1]
    p = sampling.distribution(logits)[0]
    drawn = sampling.choose(np.repeat(logits, n, axis=0), np.random.default_rng(1).random(n))
    counts = np.bincount(drawn, minlength=8)
    assert (counts[p == 0] == 0).all()
    likely = p > 0
    chi_square = ((counts - n * p)[likely] ** 2 / (n * p)[likely]).sum()
    assert chi_square < 24.3  # 7 degrees of freedom or fewer: exceeded once in a thousand seeds


def test_a_token_of_probability_zero_is_never_drawn_even_at_the_ends() -> None:
    logits = np.array([[-np.inf, 0, 0, -np.inf]] * 3)
    assert Sampling().choose(logits, np.array([0, 0.5, np.nextafter(1, 0)])).tolist() == [1, 2, 2]


def test_float32_logits_of_any_size_neither_overflow_nor_lose_small_probabilities() -> None:
    logits = np.array([3e38, 3e38, -3e38], np.float32)
    assert Sampling(1e-300).distribution(logits).tolist() == [0.5, 0.5, 0]
    assert Sampling().distribution(np.array([0, -60], np.float32))[1] == pytest.approx(np.exp(-60))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"temperature": -0.1}, "temperature: expected .* got -0.1"),
        ({"temperature": np.nan}, "temperature: expected"),
        ({"temperature": np.inf}, "temperature: expected"),
        ({"top_k": -1}, "top_k: expected .* got -1"),
        ({"top_k": 1.5}, "top_k: expected .* got 1.5"),
        ({"top_p": 0}, "top_p: expected .* got 0"),
        ({"top_p": 1.01}, "top_p: expected .* got 1.01"),
        ({"top_p": np.nan}, "top_p: expected"),
    ],
)
def test_a_wrong_number_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sampling(**wrong)


@pytest.mark.parametrize("bad", [[0, np.nan], [0, np.inf], [-np.inf, -np.inf]])
@pytest.mark.parametrize("temperature", [0, 1])
def test_logits_of_diverged_weights_are_refused(bad: list[float], temperature: float) -> None:
    with pytest.raises(ValueError, match="diverged"):
        Sampling(temperature).choose(np.array([bad]), np.array([0.5]))
