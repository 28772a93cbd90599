"""Checkpoints: what is saved comes back, and every file that is not what it should be is named, with a remedy."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labs.core.model import checkpoint
from labs.core.model.checkpoint import (
    NAMES,
    PACKAGED,
    Checkpoint,
    load_checkpoint,
    load_meta,
    save_checkpoint,
    update_meta,
    use_source,
)
from labs.core.model.config import ModelConfig
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer

TEXTS = ["the cat and the dog and the man", "a house, a mouse and a horse"]
TOKENIZER = Tokenizer.train(TEXTS, 270)
OTHER_TOKENIZER = Tokenizer.train(["one two one two three three"] * 3, 270)
CONFIG = ModelConfig(
    vocab_size=270, n_layer=1, n_head=2, n_kv_head=1, n_embd=8, n_hidden=12, context_length=16, tied=False
)


def tiny(seed: int = 0) -> Transformer:
    return Transformer.initialize(CONFIG, seed)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save_checkpoint(tmp_path, "small", tiny(), TOKENIZER, {"stage": "base", "seed": 3})


def test_what_is_saved_comes_back_in_float32(saved: Path) -> None:
    loaded = load_checkpoint(saved)
    assert loaded.name == "small" and loaded.model.config == CONFIG and loaded.reward_head is None
    assert (loaded.meta["stage"], loaded.meta["seed"]) == ("base", 3)
    assert loaded.tokenizer.to_dict() == TOKENIZER.to_dict()
    for name, array in tiny().params.items():
        got = loaded.model.params[name]
        assert got.dtype == np.float32
        np.testing.assert_array_equal(got, array.astype(np.float16).astype(np.float32))


def test_it_is_float16_on_disk_and_json_says_what_it_is(saved: Path) -> None:
    with np.load(saved, allow_pickle=False) as arrays:
        assert {str(arrays[name].dtype) for name in arrays.files} == {"float16"}
    meta = json.loads(saved.with_suffix(".json").read_text("utf-8"))
    assert meta["config"] == CONFIG.to_dict()
    assert meta["weights_sha256"] == hashlib.sha256(saved.read_bytes()).hexdigest()
    assert meta == load_meta(saved)


def test_a_path_may_lack_its_ending_or_be_the_json(saved: Path) -> None:
    for path in (saved.with_suffix(""), str(saved.with_suffix(".json")), saved.with_suffix("")):
        assert load_checkpoint(path).name == "small"


def test_equal_weights_give_equal_bytes_and_others_do_not(saved: Path, tmp_path: Path) -> None:
    first = saved.read_bytes()
    assert save_checkpoint(tmp_path / "again", "small", tiny(), TOKENIZER, {}).read_bytes() == first
    assert save_checkpoint(tmp_path / "again", "small", tiny(1), TOKENIZER, {}).read_bytes() != first
    assert {info.date_time[0] for info in zipfile.ZipFile(saved).infolist()} == {1980}


def test_loading_what_was_loaded_and_saved_changes_nothing(saved: Path, tmp_path: Path) -> None:
    loaded = load_checkpoint(saved)
    again = save_checkpoint(tmp_path / "again", "small", loaded.model, loaded.tokenizer, loaded.meta)
    assert again.read_bytes() == saved.read_bytes()
    assert again.with_suffix(".json").read_bytes() == saved.with_suffix(".json").read_bytes()


def test_a_reward_model_keeps_its_head(tmp_path: Path) -> None:
    head = np.arange(8, dtype=np.float32)
    path = save_checkpoint(tmp_path, "judge", tiny(), TOKENIZER, {}, {"reward_head": head})
    loaded = load_checkpoint(path).reward_head
    assert loaded is not None and loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, head)


def test_a_checkpoint_can_talk(saved: Path) -> None:
    loaded = load_checkpoint(saved)
    assert loaded.assistant.template is loaded.template
    ids = loaded.template.tokenizer.encode("the cat")
    assert loaded.model.forward_only(np.array([ids])).shape == (1, len(ids), 270)


def test_no_part_is_left_of_a_file_that_could_not_be_written(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        save_checkpoint(tmp_path, "small", tiny(1), TOKENIZER, {})
    assert saved.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.json", "small.npz", "tokenizer.json"]


def test_measures_can_be_added_later(saved: Path) -> None:
    update_meta(saved, measures={"a": 1})
    assert load_checkpoint(saved).meta["measures"] == {"a": 1}
    assert load_checkpoint(saved).meta["seed"] == 3


def npz(**arrays: Any) -> bytes:  # noqa: ANN401 (the test saves what is no array of weights, too)
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def other_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("letter.txt", "dear sir")
    return content.getvalue()


def rewritten(path: Path, **changes: object) -> None:
    """Change the JSON and leave the rest, with a hash that fits the weights whatever they are."""
    described = path.with_suffix(".json")
    weights = path.read_bytes()
    meta = json.loads(described.read_text("utf-8"))
    fitting = {"weights_sha256": hashlib.sha256(weights).hexdigest(), "weights_bytes": len(weights)}
    described.write_text(json.dumps(meta | fitting | changes), "utf-8")


def weights_replaced(content: bytes) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.write_bytes(content)
        rewritten(path)

    return replace


def one_bit_flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def without_key(path: Path) -> None:
    described = path.with_suffix(".json")
    meta = json.loads(described.read_text("utf-8"))
    del meta["tokenizer_sha256"]
    described.write_text(json.dumps(meta), "utf-8")


def of_another_model(path: Path) -> None:
    other = save_checkpoint(path.parent / "other", "small", tiny(1), TOKENIZER, {})
    path.write_bytes(other.read_bytes())


def with_another_tokenizer(path: Path) -> None:
    save_checkpoint(path.parent, "newer", tiny(1), OTHER_TOKENIZER, {})


def without_final_norm(path: Path) -> None:
    params = {name: array.astype(np.float16) for name, array in tiny().params.items() if name != "final_norm"}
    weights_replaced(npz(**params))(path)


def in_float32(path: Path) -> None:
    weights_replaced(npz(**tiny().params))(path)


def shape_changed(path: Path) -> None:
    rewritten(path, config=CONFIG.to_dict() | {"n_hidden": 14})


@pytest.mark.parametrize(
    ("damage", "file", "words"),
    [
        (lambda p: p.unlink(), "small.npz", "expected a file of a checkpoint, got none of that name"),
        (lambda p: p.with_suffix(".json").unlink(), "small.json", "got none of that name"),
        (lambda p: p.with_name("tokenizer.json").unlink(), "tokenizer.json", "got none of that name"),
        (one_bit_flipped, "small.npz", "the file is damaged"),
        (lambda p: p.write_bytes(p.read_bytes()[:-100]), "small.npz", "the file is broken off"),
        (lambda p: p.write_bytes(b""), "small.npz", r"got 0 with .*: the file is no \.npz at all"),
        (lambda p: p.write_bytes(bytes(range(256)) * 9), "small.npz", r"got 2,304 with .*: the file is no \.npz"),
        (of_another_model, "small.npz", "another model's"),
        (weights_replaced(other_zip()), "small.npz", "expected .*got"),
        (weights_replaced(b"PK\x03\x04 and nothing"), "small.npz", r"expected a \.npz of arrays, got"),
        (weights_replaced(npz(a=np.array([{}], object))), "small.npz", r"expected a \.npz of arrays, got Object"),
        (without_final_norm, "small.npz", r"final_norm: expected float16 \(8,\), got no such array"),
        (in_float32, "small.npz", r"expected float16 \(8,\), got float32 \(8,\)"),
        (shape_changed, "small.npz", r"blocks\.0\.down: expected float16 \(14, 8\), got float16 \(12, 8\)"),
        (lambda p: rewritten(p, config={"n_layer": 1}), "small.json", "expected every size, got none for"),
        (lambda p: rewritten(p, config=CONFIG.to_dict() | {"n_layer": "1"}), "small.json", "n_layer: expected"),
        (lambda p: rewritten(p, extra={"head": 3}), "small.json", "not iterable"),
        (lambda p: rewritten(p, format=7), "small.json", "expected format 1, got 7, which another version wrote"),
        (lambda p: rewritten(p, config=CONFIG.to_dict() | {"vocab_size": 271}), "tokenizer.json", "of 271.*got 270"),
        (without_key, "small.json", r"with tokenizer_sha256 \(str\), got none"),
        (lambda p: p.with_suffix(".json").write_text("{"), "small.json", "expected JSON, got"),
        (lambda p: p.with_suffix(".json").write_bytes(b"\xff\xfe"), "small.json", "expected JSON, got"),
        (lambda p: p.with_suffix(".json").write_text("[1]"), "small.json", "expected a JSON object, got a list"),
        (lambda p: p.with_name("tokenizer.json").write_text("{}"), "tokenizer.json", "merges"),
        (with_another_tokenizer, "tokenizer.json", "expected the tokenizer that the model was trained with"),
    ],
)
def test_a_file_that_is_not_right_is_named_with_a_remedy(
    saved: Path, damage: Callable[[Path], None], file: str, words: str
) -> None:
    damage(saved)
    with pytest.raises(ValueError, match=words) as refused:
        load_checkpoint(saved)
    message = str(refused.value)
    assert message.startswith(f"{saved.parent / file}: ") and "expected" in message
    assert message.endswith("; make it anew with `python -m labs train`, or reinstall the package.")


def test_what_can_not_be_saved_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected a vocabulary of 270, the model's, got 271"):
        save_checkpoint(tmp_path, "small", tiny(), Tokenizer.train(TEXTS, 271), {})
    diverged = tiny()
    diverged.params["final_norm"][0] = 70_000
    with pytest.raises(ValueError, match=r"final_norm: expected numbers up to 65,504.*got 70000"):
        save_checkpoint(tmp_path, "small", diverged, TOKENIZER, {})
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def source() -> Iterator[None]:
    yield
    use_source(None)


def test_named_checkpoints_can_be_read_from_elsewhere(
    tmp_path: Path, source: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_checkpoint(tmp_path / "far", "base", tiny(), TOKENIZER, {}).parent
    asked: list[str] = []

    def fetch(file: str) -> bytes:
        asked.append(file)
        return (folder / file).read_bytes()

    use_source(fetch)
    assert isinstance(load_checkpoint("base"), Checkpoint)
    assert sorted(asked) == ["base.json", "base.npz", "tokenizer.json"]
    use_source(None)
    monkeypatch.setattr(checkpoint, "PACKAGED", tmp_path / "near")
    with pytest.raises(ValueError, match=r"near.base\.json: expected a file of a checkpoint, got none"):
        load_checkpoint("base")


@pytest.mark.skipif(not PACKAGED.is_dir(), reason="no checkpoints are made yet")
@pytest.mark.parametrize("name", NAMES)
def test_the_packages_own_are_sound_and_small(name: str) -> None:
    assert load_checkpoint(name).meta["stage"] == name
    assert (PACKAGED / f"{name}.npz").stat().st_size <= 1_000_000
