"""The reader's own model: kept, loaded by its name, told of, and given back to a new worker."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from labs.core.model import my_model
from labs.core.model.checkpoint import MINE, load_checkpoint, load_meta
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer

TOKENIZER = Tokenizer.train(["the cat and the dog and the man", "a house, a mouse and a horse"], 270)
CONFIG = ModelConfig(vocab_size=270, n_layer=1, n_head=2, n_kv_head=1, n_embd=8, n_hidden=12, context_length=16)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    my_model.on_keep(None)


def keep(seed: int = 0, about: str = "a small one") -> Transformer:
    model = Transformer.initialize(CONFIG, seed)
    my_model.keep(model, TOKENIZER, about, {"stage": "sft", "steps": 5})
    return model


def test_what_is_kept_can_be_loaded_by_its_name() -> None:
    assert not my_model.is_kept()
    keep(1)
    model = keep(2)
    assert my_model.is_kept()
    found = load_checkpoint("mine")
    assert found.name == "mine" and (found.meta["about"], found.meta["steps"]) == ("a small one", 5)
    assert load_meta(MINE)["about"] == "a small one"
    expected = model.params["embedding"].astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(found.model.params["embedding"], expected)
    assert found.tokenizer.hash == TOKENIZER.hash


def test_without_one_the_error_says_where_to_train_it() -> None:
    with pytest.raises(ValueError, match=r'Model "mine": expected .* got none yet; train one in the lab .*sft_live`'):
        load_checkpoint("mine")


def test_a_new_worker_gets_the_files_back(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, bytes]] = []
    my_model.on_keep(told.append)
    model = keep(3)
    assert [set(files) for files in told] == [set(my_model.FILES)]
    monkeypatch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path / "another"))
    assert not my_model.is_kept()
    my_model.restore(told[0])
    assert my_model.is_kept() and len(told) == 1
    np.testing.assert_allclose(load_checkpoint("mine").model.params["embedding"], model.params["embedding"], atol=1e-3)


@pytest.mark.parametrize("files", [{}, {"mine.npz": b""}, dict.fromkeys((*my_model.FILES, "../other"), b"")])
def test_only_its_own_files_are_restored(cache: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match=r"files: expected tokenizer.json, mine.npz, mine.json"):
        my_model.restore(files)
    assert not cache.exists()


def test_files_that_do_not_fit_are_an_error_on_loading() -> None:
    told: list[dict[str, bytes]] = []
    my_model.on_keep(told.append)
    keep(1)
    keep(2)
    my_model.restore(told[0] | {"mine.npz": told[1]["mine.npz"]})
    with pytest.raises(ValueError, match="damaged, or another model's"):
        load_checkpoint("mine")


def test_what_could_not_be_used_is_not_kept() -> None:
    with pytest.raises(ValueError, match="about: expected a line"):
        keep(about=" ")
    diverged = Transformer.initialize(CONFIG, 0)
    diverged.params["embedding"][0, 0] = np.nan
    with pytest.raises(ValueError, match="diverged"):
        my_model.keep(diverged, TOKENIZER, "a broken one")
    assert not my_model.is_kept()


def test_a_name_that_is_none_gets_the_names_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"expected one of base, sft, chat, reward, mine, or a path .* got 'nonsense'"):
        load_checkpoint("nonsense")
    with pytest.raises(ValueError, match=r"folder/nonsense.json: expected a file of a checkpoint"):
        load_checkpoint("folder/nonsense")
