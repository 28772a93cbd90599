"""Published models compute what `transformers` computes with them: logits, greedy text, chat prompt."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labs.core.model.chat import Message
from labs.core.model.generation import generate
from labs.core.model.sampling import Sampling
from labs.core.weights.faults import WeightsError
from labs.core.weights.loading import load_published
from tests.labs.core.weights.conftest import FIXTURES, Change, Copy

NAMES = sorted(path.name for path in FIXTURES.iterdir())
GREEDY = Sampling(temperature=0)


def expected(name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((FIXTURES / name / "expected.json").read_text())
    return values


def test_fixtures_are_of_several_kinds_and_small() -> None:
    configs = [load_published(str(FIXTURES / name)).model.config for name in NAMES]
    assert {config.tied for config in configs} == {True, False}
    assert {config.n_head // config.n_kv_head for config in configs} == {1, 2, 4}
    assert any(config.head_width * config.n_head != config.n_embd for config in configs)
    assert len({config.rope_base for config in configs}) == 3
    assert {json.loads((FIXTURES / name / "config.json").read_text()).get("dtype") for name in NAMES} == {
        None,  # an old file, with torch_dtype float32
        "bfloat16",
        "float16",
    }
    assert sum(path.stat().st_size for path in FIXTURES.rglob("*") if path.is_file()) <= 300_000


@pytest.mark.parametrize("name", NAMES)
def test_logits(name: str) -> None:
    model = load_published(str(FIXTURES / name)).model
    logits = model.forward_only(np.array([expected(name)["ids"]]))[0]
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, np.load(FIXTURES / name / "expected.npy"), rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_greedy_text(name: str) -> None:
    published, values = load_published(str(FIXTURES / name)), expected(name)
    ids = published.tokenizer.encode(values["text"], start=True)
    tokens = generate(published.model, ids, max_new_tokens=16, sampling=GREEDY, stop_ids=published.stop_ids)
    assert ids == values["ids"]
    assert (found := list(tokens)) == values["greedy"]
    assert published.tokenizer.decode(found) == values["greedy_text"]


def test_one_model_ends_by_itself() -> None:
    assert len(expected("sharded")["greedy"]) < 16
    assert expected("sharded")["greedy"][-1] in load_published(str(FIXTURES / "sharded")).stop_ids


def test_chat_prompt_and_greedy_reply() -> None:
    published, values = load_published(str(FIXTURES / "tuned")), expected("tuned")["chat"]
    ids = published.chatml().prompt([Message(**message) for message in values["messages"]])
    assert published.tokenizer.decode(ids) == values["text"]
    assert ids == values["ids"]
    reply = generate(published.model, ids, max_new_tokens=16, sampling=GREEDY, stop_ids=published.stop_ids)
    assert list(reply) == values["greedy"]


def test_only_the_tuned_model_came_with_a_chat_template() -> None:
    assert {name for name in NAMES if load_published(str(FIXTURES / name)).has_template} == {"tuned"}


@pytest.mark.parametrize("name", ["base", "full_heads"])
def test_weights_can_be_trained_on_after_a_copy(name: str) -> None:
    model = load_published(str(FIXTURES / name)).model.copy()
    for array in model.params.values():
        array *= 0.5


@pytest.mark.parametrize("file", ["config.json", "generation_config.json"])
@pytest.mark.parametrize("token", [280, -1, "</s>", True])
def test_stop_token_that_the_model_does_not_have(copy: Copy, change: Change, file: str, token: object) -> None:
    folder = copy("base")
    if file == "config.json":
        (folder / "generation_config.json").unlink()
    change(folder / file, {"eos_token_id": [0, token]})
    with pytest.raises(WeightsError, match=f"{file}: eos_token_id: expected ids from 0 to 279, got {token!r}"):
        load_published(str(folder))


def test_no_stop_token_at_all(copy: Copy, change: Change) -> None:
    folder: Path = copy("base")
    for file in ("config.json", "generation_config.json"):
        change(folder / file, {"eos_token_id": None})
    assert load_published(str(folder)).stop_ids == ()
