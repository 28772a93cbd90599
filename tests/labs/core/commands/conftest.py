"""What the tests of the commands share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labs.core import behaviours, recipe
from labs.core.behaviours import Bar, Behaviour
from labs.core.commands import stages
from labs.core.measures import mean_of
from labs.core.world.documents import Document
from tests.labs.core.commands.tiny import TOKENIZER, TinyRecipe, first_weight_is_positive


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> TinyRecipe:
    """Have the commands use a tiny recipe, two behaviours, and a cache of their own."""
    made = TinyRecipe()
    monkeypatch.setenv("LLM_MASTERCLASS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(recipe, "make_tokenizer", lambda: TOKENIZER)
    monkeypatch.setattr(recipe, "stage", made.stage)
    pages = [Document("story", "the cat and the dog"), Document("song", "a mouse and a mouse")]
    monkeypatch.setattr(recipe, "held_out_documents", lambda n: iter(pages))
    table = (
        Behaviour("is positive", first_weight_is_positive, {"base": None, "sft": Bar("≥", 1.0)}),
        Behaviour("never fails", lambda checkpoint, seed: mean_of([1] * 9), {"base": Bar("≥", 0.9)}),
    )
    monkeypatch.setattr(behaviours, "BEHAVIOURS", table)
    monkeypatch.setattr(stages, "KEEP_SECONDS", 0.0)
    return made


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., int]:
    """Run the command in a folder of the test; returns its exit code."""
    from labs.core.commands import training

    def run(*arguments: str, folder: str = "made") -> int:
        return training.main(["--to", str(tmp_path / folder), *arguments])

    return run
