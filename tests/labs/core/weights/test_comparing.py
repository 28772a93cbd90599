"""A base and a tuned model side by side."""

import math

import numpy as np
import pytest

from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer
from labs.core.weights import comparing
from labs.core.weights.comparing import check_pair, mean_logp, next_tokens, relative_differences
from labs.core.weights.loading import load_published
from tests.labs.core.weights.conftest import FIXTURES, Copy

BASE, TUNED = (load_published(str(FIXTURES / name)) for name in ("base", "tuned"))
PROMPT = [1, 85, 91, 2]


@pytest.mark.parametrize("at_once", [1, 2**20])
def test_each_kind_of_weight_is_compared_over_all_layers(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(comparing, "AT_ONCE", at_once)
    config = ModelConfig(
        vocab_size=6, n_layer=2, n_head=1, n_kv_head=1, n_embd=4, n_hidden=4, context_length=4, tied=False
    )
    base = Transformer(config, {name: np.full(shape, 2.0, np.float32) for name, shape in config.shapes().items()})
    tuned = base.copy()
    tuned.params["embedding"] *= 1.5
    tuned.params["blocks.1.key"] += 1.0
    moved = relative_differences(base, tuned)
    assert moved["embedding"] == 0.5
    assert moved["key"] == pytest.approx(math.sqrt(16 * 1.0) / math.sqrt(32 * 4.0))
    assert moved["query"] == moved["head"] == moved["final_norm"] == 0
    assert moved["all"] == pytest.approx(math.sqrt((24 + 16) / (4 * base.n_params)))
    assert list(moved) == [*dict.fromkeys(name.rpartition(".")[2] for name in base.params), "all"]


def test_a_published_pair() -> None:
    check_pair(BASE, TUNED)
    assert all(0.03 < share < 0.07 for share in relative_differences(BASE.model, TUNED.model).values())


def test_next_tokens_are_the_likeliest_of_both_and_those_asked_for() -> None:
    rows = next_tokens(BASE, TUNED, PROMPT, n=2, always=[2])
    logits = [published.model.forward_only(np.array([PROMPT]))[0, -1] for published in (BASE, TUNED)]
    P = [np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in logits]
    assert rows[0][0] == "'<|im_end|>'"
    assert rows[0][1:] == pytest.approx((P[0][2], P[1][2]), rel=1e-4)
    assert max(row[1] for row in rows) == pytest.approx(P[0].max(), rel=1e-4)
    assert max(row[2] for row in rows) == pytest.approx(P[1].max(), rel=1e-4)
    assert 3 <= len(rows) <= 5


def test_a_token_that_is_part_of_a_character_has_its_id() -> None:
    (part, *_) = BASE.tokenizer.encode("🐈")
    assert comparing.token_text(BASE.tokenizer, part) == f"token {part}"
    assert comparing.token_text(BASE.tokenizer, BASE.tokenizer.encode("\n")[0]) == r"'\n'"


def test_mean_log_probability_of_a_reply() -> None:
    logits = BASE.model.forward_only(np.array([[*PROMPT, 5]]))[0, -2:].astype(np.float64)
    logps = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    assert mean_logp(BASE, PROMPT, [5, 6]) == pytest.approx((logps[0, 5] + logps[1, 6]) / 2, rel=1e-4)


def test_no_pair(copy: Copy) -> None:
    with pytest.raises(ValueError, match=r"expected two models of one shape, got blocks\.0\.key with \(16, 8\)"):
        check_pair(BASE, load_published(str(FIXTURES / "mistral")))
    folder = copy("tuned")
    path = folder / "tokenizer.json"
    path.write_text(path.read_text().replace("<|im_end|>", "<|im_over|>"))
    with pytest.raises(ValueError, match="expected two models with one vocabulary"):
        check_pair(BASE, load_published(str(folder)))
