"""The shipped checkpoints do what the course says of them, and the page that says so has their numbers."""

import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from labs.core import recipe
from labs.core.behaviours import BEHAVIOURS, Cell, measure_behaviours
from labs.core.commands.measuring import markdown
from labs.core.commands.measuring import recorded as recorded_measures
from labs.core.encoding import pack
from labs.core.model.checkpoint import NAMES, PACKAGED, Checkpoint, load_checkpoint

PAGE = Path(__file__).parents[3] / "docs/guides/pocket_model.md"
NOISE = 0.05  # one seed has a third of the cases that the bars were measured with


@pytest.fixture(scope="module")
def checkpoints() -> dict[str, Checkpoint]:
    return {name: load_checkpoint(name) for name in NAMES}


@pytest.fixture(scope="module")
def cells(checkpoints: dict[str, Checkpoint]) -> dict[tuple[str, str], Cell]:
    rows = measure_behaviours(checkpoints, seeds=(3,))  # one that the recorded table does not have
    return {(row.behaviour, model): cell for row in rows for model, cell in row.cells.items()}


def recorded() -> dict[tuple[str, str], dict[str, object]]:
    """What the checkpoints' files say of each behaviour."""
    measured = {name: recorded_measures(name) for name in NAMES}
    return {(name, model): cell for model, m in measured.items() for name, cell in m["behaviours"].items()}


@pytest.mark.parametrize("key", [(one.name, model) for one in BEHAVIOURS for model in one.bars], ids="/".join)
def test_a_behaviour_is_as_recorded_on_prompts_of_another_seed(
    key: tuple[str, str], cells: dict[tuple[str, str], Cell]
) -> None:
    was, now = recorded()[key], cells[key].measure
    low, high = float(str(was["low"])) - NOISE, float(str(was["high"])) + NOISE
    assert now.low <= high and now.high >= low, f"{key}: recorded {was}, now {now}"


def test_every_bar_is_met() -> None:
    missed = [key for key, cell in recorded().items() if cell["met"] is False]
    assert missed == []


def test_the_page_has_the_recorded_numbers() -> None:
    recorded_table = markdown({name: recorded_measures(name) for name in ("base", "sft", "chat")})
    found = re.search(r"<!-- behaviours: [^\n]* -->\n+(.*?)\n*<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert found, f"{PAGE.name} has no place for the table"
    (prefers,) = recorded_measures("reward")["behaviours"].values()
    assert f"{100 * prefers['value']:.1f}% of held-out pairs" in PAGE.read_text("utf-8")
    assert found[1].strip() == recorded_table, "print it with the command that the comment names, and put it there"


def test_a_checkpoint_says_how_it_was_made(checkpoints: dict[str, Checkpoint]) -> None:
    for name, checkpoint in checkpoints.items():
        meta = checkpoint.meta
        assert meta["stage"] == name
        assert meta["steps"] == recipe.SIZES[name].schedule.steps
        assert re.fullmatch(r"[0-9a-f]{64}", str(meta["corpus_hash"]))


@pytest.mark.skipif(sys.platform == "emscripten", reason="takes a minute there, and is no other there")
def test_tokenizer_and_corpus_are_those_of_the_recipe(checkpoints: dict[str, Checkpoint]) -> None:
    tokenizer = checkpoints["base"].tokenizer
    assert recipe.make_tokenizer().hash == tokenizer.hash
    tokens = pack(recipe.pretraining_documents(), tokenizer)
    assert hashlib.sha256(tokens.tobytes()).hexdigest() == checkpoints["base"].meta["corpus_hash"]


@pytest.mark.parametrize("name", NAMES)
def test_files_are_small_and_in_float16(name: str) -> None:
    path = PACKAGED / f"{name}.npz"
    assert path.stat().st_size <= 1_000_000
    with np.load(path) as arrays:
        assert {arrays[key].dtype for key in arrays.files} <= {np.dtype(np.float16)}
    json.loads(path.with_suffix(".json").read_bytes())


def test_tuning_moved_the_weights_little_and_the_models_are_of_one_shape(checkpoints: dict[str, Checkpoint]) -> None:
    base, chat = checkpoints["base"].model, checkpoints["chat"].model
    assert base.config == chat.config
    moved = np.concatenate([(chat.params[name] - array).ravel() for name, array in base.params.items()])
    size = np.concatenate([array.ravel() for array in base.params.values()])
    assert 0 < np.linalg.norm(moved) < np.linalg.norm(size)
