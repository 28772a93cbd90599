import math
from typing import Any

import numpy as np
import pytest

from labs.core.training.best_of_n import best_of_n, best_of_n_kl
from tests.labs.core.training.tiny import CONFIG, END, PROMPTS, count_threes, tiny_model


def choose(seed: int = 0, **options: Any) -> Any:  # noqa: ANN401 (the test passes bad arguments, too)
    defaults: dict[str, Any] = {"prompts": PROMPTS, "n": 6, "max_new_tokens": 5, "stop_ids": [END]}
    return best_of_n(tiny_model(), reward=count_threes, seed=seed, **defaults | options)


def test_the_reply_kept_is_the_first_of_the_best() -> None:
    records = list(choose())
    assert [record.prompt for record in records] == PROMPTS
    for record in records:
        rewards = [list(candidate).count(3) for candidate in record.candidates]
        assert record.rewards.tolist() == rewards
        assert record.reply == record.candidates[rewards.index(max(rewards))]
        assert record.kl_bound_nats == best_of_n_kl(6)


def test_candidates_differ_and_repeat_with_the_seed() -> None:
    one, again, other = ([record.candidates for record in choose(seed)] for seed in (0, 0, 1))
    assert one == again
    assert one != other
    assert len({tuple(candidate) for candidate in one[0]}) > 1
    assert choose(prompts=[PROMPTS[0]] * 2).__next__().candidates == one[0]


def test_prompts_that_are_equal_get_candidates_of_their_own() -> None:
    first, second = choose(prompts=[PROMPTS[0]] * 2)
    assert first.candidates != second.candidates


def test_more_candidates_earn_more() -> None:
    prompts = PROMPTS * 10
    means = [np.mean([record.rewards.max() for record in choose(prompts=prompts, n=n)]) for n in (1, 4, 16)]
    assert means == sorted(means)
    assert means[2] > means[0] + 0.5


def test_the_kl_bound_is_that_of_the_best_of_n_distinct_outputs() -> None:
    assert best_of_n_kl(1) == 0
    assert best_of_n_kl(4) == pytest.approx(math.log(4) - 3 / 4)
    # A policy over many outputs of equal chance, ranked: the best of n has rank k with P = (k^n - (k-1)^n) / K^n.
    K, n = 4000, 5
    ranks = np.arange(1, K + 1) / K
    best = ranks**n - (ranks - 1 / K) ** n
    kl = float((best * np.log(np.maximum(best, 1e-300) * K)).sum())
    assert kl == pytest.approx(best_of_n_kl(n), abs=1e-3)
    assert kl <= best_of_n_kl(n)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n: expected"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"seed": -1}, "seed"),
        ({"prompts": []}, "prompts"),
        ({"prompts": [[1] * CONFIG.context_length]}, "prompts"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        choose(**options)
