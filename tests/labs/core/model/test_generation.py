"""Writing: the same tokens as the plain loop without a cache, alone or in a batch."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pytest

from labs.core.model.arrays import Floats
from labs.core.model.config import ModelConfig
from labs.core.model.generation import (
    continuation_logps,
    generate,
    generate_batch,
    generate_with_probabilities,
    next_token_distribution,
)
from labs.core.model.matmul import matmul
from labs.core.model.sampling import Sampling
from labs.core.model.transformer import Transformer

CONTEXT = 20
GREEDY, DRAWN, CUT = Sampling(0), Sampling(1.5), Sampling(1.2, 12, 0.9)
STOPS = (3, 17, 29)
PROMPTS = [[1], [5, 6, 7, 8, 9], [2, 2], [11, 4, 0], [21] * 12, [8, 3, 3, 1], [30], [7, 19]]


@pytest.fixture(scope="module")
def model() -> Transformer:
    """In float64, where no draw is near enough to a boundary for rounding to matter."""
    fresh = Transformer.initialize(ModelConfig(31, 2, 4, 2, 16, 24, CONTEXT), 3, np.float64)
    fresh.params["embedding"] *= 3  # some tokens likelier than others
    return fresh


def without_cache(
    model: Transformer, prompt: Sequence[int], sampling: Sampling, stops: Collection[int], rng: np.random.Generator
) -> list[int]:
    """What `generate` promises, in the plainest way: the whole text goes through the model for every token."""
    text = list(prompt)
    while len(text) < CONTEXT:
        p = sampling.distribution(model.forward_only(np.array([text]))[0, -1])
        token = (
            int(p.argmax()) if sampling.temperature == 0 else int(np.searchsorted(p.cumsum(), rng.random(), "right"))
        )
        text.append(token)
        if token in stops:
            break
    return text[len(prompt) :]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_greedy_is_the_argmax_loop(model: Transformer, prompt: list[int]) -> None:
    text = list(prompt)
    while len(text) < CONTEXT:
        text.append(int(model.forward_only(np.array([text]))[0, -1].argmax()))
    assert list(generate(model, prompt, max_new_tokens=99, sampling=GREEDY)) == text[len(prompt) :]


@pytest.mark.parametrize("sampling", [GREEDY, DRAWN, CUT])
def test_every_row_of_a_batch_is_the_loop_without_cache(model: Transformer, sampling: Sampling) -> None:
    replies = generate_batch(model, PROMPTS, max_new_tokens=99, sampling=sampling, stop_ids=STOPS, seed=4)
    for row, prompt in enumerate(PROMPTS):
        assert replies[row] == without_cache(model, prompt, sampling, STOPS, np.random.default_rng((4, row)))
    assert len({len(reply) for reply in replies}) >= 4  # they do end at different times


def test_the_other_rows_do_not_change_a_reply(model: Transformer) -> None:
    def write(prompts: list[list[int]]) -> list[list[int]]:
        return generate_batch(model, prompts, max_new_tokens=15, sampling=DRAWN, stop_ids=STOPS, seed=1)

    together = write(PROMPTS)
    assert write([PROMPTS[4], *PROMPTS[1:3]])[1:] == together[1:3]
    assert write(PROMPTS[:1]) == together[:1]
    assert list(generate(model, PROMPTS[0], max_new_tokens=15, sampling=DRAWN, stop_ids=STOPS, seed=1)) == together[0]


def test_the_seed_and_the_row_decide_the_draws(model: Transformer) -> None:
    def write(seed: int) -> list[list[int]]:
        return generate_batch(model, [[1]] * 3, max_new_tokens=15, sampling=DRAWN, seed=seed)

    assert write(0) == write(0)
    assert len({tuple(reply) for reply in [*write(0), *write(1)]}) == 6


@pytest.mark.parametrize("sampling", [GREEDY, DRAWN, CUT])
def test_with_probabilities_it_writes_the_same(model: Transformer, sampling: Sampling) -> None:
    prompt = PROMPTS[1]
    writing = partial(generate, model, prompt, max_new_tokens=15, sampling=sampling, stop_ids=STOPS, seed=4)
    telling = partial(generate_with_probabilities, *writing.args, **writing.keywords)
    written = list(telling())
    assert [token for token, _ in written] == list(writing())
    before = list(prompt)
    for token, probabilities in written:
        expected = next_token_distribution(model, before)
        assert probabilities == pytest.approx(expected, rel=1e-9)  # the model's own, at any temperature
        before.append(token)


def test_a_stop_token_is_the_last_that_is_written(model: Transformer) -> None:
    free = list(generate(model, [5], max_new_tokens=12, sampling=DRAWN))
    stop = free[4]
    stopped = list(generate(model, [5], max_new_tokens=12, sampling=DRAWN, stop_ids=[stop]))
    assert stopped == free[: free.index(stop) + 1] and len(stopped) < len(free)


def test_a_stop_token_in_the_prompt_stops_nothing(model: Transformer) -> None:
    free = list(generate(model, [5, 7], max_new_tokens=6, sampling=DRAWN))
    stop = next(token for token in range(31) if token not in free)
    prompt_stop = [stop, 5]
    assert len(list(generate(model, prompt_stop, max_new_tokens=1, sampling=DRAWN, stop_ids=[stop]))) == 1


def test_it_ends_after_max_new_tokens_or_when_the_context_is_full(model: Transformer) -> None:
    replies = generate_batch(model, [[1] * n for n in (1, CONTEXT - 3, CONTEXT)], max_new_tokens=5)
    assert [len(reply) for reply in replies] == [5, 3, 0]
    assert list(generate(model, [1] * CONTEXT, max_new_tokens=5)) == []
    assert generate_batch(model, [], max_new_tokens=5) == []


def test_tokens_are_computed_when_asked_for_and_each_costs_one_column(
    model: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []

    def counting(A: Floats, B: Floats) -> Floats:
        if B.ndim == 2:  # a product with weights: one row for each column of text
            rows.append(A.shape[0])
        product: Floats = np.matmul(A, B)
        return product

    monkeypatch.setattr(matmul, "used", counting)
    tokens = generate(model, [1, 2, 3, 4, 5], max_new_tokens=9)
    assert rows == []
    assert all(type(token) is int for token in islice(tokens, 1))
    per_token = len(rows)
    assert rows == [5] * (per_token - 1) + [1]  # the prompt at once; logits only after its last token
    assert len(list(islice(tokens, 2))) == 2
    assert rows[per_token:] == [1] * (2 * per_token)


def test_next_token_distribution_is_the_softmax_of_the_last_logits(model: Transformer) -> None:
    exponentials = np.exp(model.forward_only(np.array([[4, 9, 1]]))[0, -1])
    p = next_token_distribution(model, [4, 9, 1])
    assert p == pytest.approx(exponentials / exponentials.sum(), rel=1e-9)
    assert p.sum() == pytest.approx(1, abs=1e-12)


def test_continuation_logps_are_the_full_forwards_log_softmax(model: Transformer) -> None:
    prompt, continuation = [4, 9, 1], [1, 30, 0, 12, 12]
    logits, _ = model.forward(np.array([prompt + continuation]))
    logps = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    expected = [logps[0, 2 + n, token] for n, token in enumerate(continuation)]
    assert continuation_logps(model, prompt, continuation) == pytest.approx(expected, rel=1e-9)


def test_continuation_logps_agree_with_one_step_at_a_time(model: Transformer) -> None:
    prompt, continuation = [4, 9, 1], [1, 30, 0]
    stepwise = [
        np.log(next_token_distribution(model, prompt + continuation[:n])[token]) for n, token in enumerate(continuation)
    ]
    assert continuation_logps(model, prompt, continuation) == pytest.approx(stepwise, rel=1e-9)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ids": []}, "ids: expected one or more token ids"),
        ({"ids": [[1, 2]]}, r"ids: expected one or more token ids, got int\d+ of shape \(1, 2\)"),
        ({"ids": [0.5]}, "ids: expected one or more token ids, got float64"),
        ({"ids": [0, 31]}, "ids: expected token ids from 0 to 30, got 0 to 31"),
        ({"ids": [-1, 0]}, "ids: expected token ids from 0 to 30, got -1 to 0"),
        ({"ids": [1] * 21}, "expected at most 20 tokens .* got 21; shorten the text"),
        ({"max_new_tokens": 0}, "max_new_tokens: expected 1 or more, got 0"),
        ({"seed": -1}, "seed: expected a whole number of 0 or more, got -1"),
        ({"stop_ids": [31]}, "stop_ids: expected ids from 0 to 30, got 31"),
    ],
)
@pytest.mark.parametrize(
    "write",
    [
        generate,
        generate_with_probabilities,
        lambda model, ids, **given: generate_batch(model, [[1, 2], ids], **given),
    ],
    ids=["one", "with probabilities", "batch"],
)
def test_a_wrong_argument_is_named_at_once(
    model: Transformer, write: Callable[..., object], wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write(model, **{"ids": [1], "max_new_tokens": 5} | wrong)


@pytest.mark.parametrize(
    ("prompt", "continuation", "message"),
    [
        ([], [1], "one or more"),
        ([1], [], "one or more"),
        ([1], [31], "from 0 to 30, got 31"),
        ([1] * 15, [2] * 6, "at most 20 tokens"),
    ],
)
def test_a_wrong_continuation_is_named(
    model: Transformer, prompt: list[int], continuation: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        continuation_logps(model, prompt, continuation)
