"""The recipe in small: every stage runs from the one before, is the same for the same seed, and resumes exactly."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from labs.core import recipe
from labs.core.encoding import pack, render_all
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.transformer import Transformer
from labs.core.recipe import PARENT, SIZES, STAGES, VILLAGE, Run, dialogue_texts, held_out_documents, stage
from labs.core.training.data import Pair
from labs.core.training.loop import Schedule, StepRecord, TrainingState
from labs.core.world.documents import internet
from labs.core.world.instructions import calculator_drills, instructions
from tests.labs.core.world.tiny import CONFIG, TOKENIZER, tiny_model

CONTEXT_LENGTH = recipe.CONFIG.context_length
SMALL = {
    name: replace(sizes, texts=60, batch_size=4, schedule=Schedule(3, 1e-3, 1), length=min(sizes.length, 24))
    for name, sizes in SIZES.items()
}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same recipe for a model and for data that take no time."""
    monkeypatch.setattr(recipe, "CONFIG", CONFIG)
    monkeypatch.setattr(recipe, "SIZES", SMALL)


PARENTS = MappingProxyType({name: tiny_model(i) for i, name in enumerate(STAGES)})


def prepared(name: str, seed: int = 0, resume: TrainingState | None = None) -> Run:
    """A small run of a stage."""
    return stage(name, PARENTS, TOKENIZER, seed=seed, resume=resume)


def weights(state: TrainingState) -> dict[str, np.ndarray]:
    """All that is trained, copied."""
    return {name: array.copy() for name, array in state.params.items()}


def alike(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Whether all arrays are, to the bit."""
    return all(np.array_equal(one[name], other[name]) for name in one | other)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_takes_its_steps_and_leaves_its_parent_as_it_was(name: str) -> None:
    parent = PARENT[name]
    before = None if parent is None else PARENTS[parent].copy()
    run = prepared(name)
    records = list(run.records)
    assert (run.name, run.steps) == (name, 3)
    assert [record.step for record in records] == [1, 2, 3]
    assert all(np.isfinite(record.loss_nats) for record in records)
    if before is not None and parent is not None:
        assert alike(before.params, PARENTS[parent].params)
        assert not alike(before.params, records[-1].state.model.params)


@pytest.mark.parametrize("name", STAGES)
def test_the_same_seed_makes_the_same_model_of_the_same_data(name: str) -> None:
    one, same, other = (prepared(name, seed) for seed in (0, 0, 1))
    trained = [weights([*run.records][-1].state) for run in (one, same, other)]
    assert alike(trained[0], trained[1])
    assert not alike(trained[0], trained[2])
    assert one.corpus_hash == same.corpus_hash == other.corpus_hash
    assert len(one.corpus_hash) == 64


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_resumes_as_if_it_had_never_stopped(name: str) -> None:
    whole = [*prepared(name).records]
    stopped = next(prepared(name).records).state.copy()
    rest = [*prepared(name, resume=stopped).records]
    assert [record.step for record in rest] == [2, 3]
    assert [record.loss_nats for record in rest] == [record.loss_nats for record in whole[1:]]
    assert alike(weights(rest[-1].state), weights(whole[-1].state))


def test_the_chat_and_the_reward_model_have_pairs_of_their_own() -> None:
    assert len({prepared(name).corpus_hash for name in STAGES}) == len(STAGES)


def test_the_reward_model_comes_with_the_last_record() -> None:
    *_, last = prepared("reward").records
    scores = last.reward_model.score([[1, 2, 3], [4]])  # type: ignore[attr-defined]
    assert scores.shape == (2,)


@pytest.mark.parametrize("name", STAGES)
def test_a_run_says_what_it_is_made_of(name: str) -> None:
    configuration = prepared(name, seed=3).configuration
    assert configuration["seed"] == 3
    assert configuration["from"] == PARENT[name]
    assert configuration["texts"] == 60
    assert configuration["village"] == VILLAGE.seed


def test_stages_come_after_their_parents() -> None:
    for name in STAGES:
        parent = PARENT[name]
        assert parent is None or STAGES.index(parent) < STAGES.index(name)


@pytest.mark.parametrize("name", STAGES)
def test_a_scale_shortens_data_and_training_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = replace(SMALL[name], texts=400, schedule=Schedule(40, 1e-3, 30, clip=0.5, weight_decay=0.0, floor=0.2))
    monkeypatch.setattr(recipe, "SIZES", {name: whole})
    run = stage(name, PARENTS, TOKENIZER, scale=0.25)
    assert run.steps == 10
    assert run.configuration["texts"] == 100
    small = whole.scaled(0.25)
    assert small.schedule.warmup <= 5
    assert replace(small.schedule, steps=40, warmup=30) == whole.schedule
    assert replace(small, texts=400, schedule=whole.schedule) == whole, "all else stays as it is"
    assert whole.scaled(1e-9).schedule.steps >= 1


def handed_to_sft(monkeypatch: pytest.MonkeyPatch, longest: int) -> dict[str, Any]:
    """What SFT is given when no dialogue may have more than so many tokens."""
    handed: dict[str, Any] = {}

    def sft(parent: Transformer, dialogues: list[Rendered], **options: object) -> Iterator[StepRecord]:
        handed.update(options, dialogues=dialogues)
        return iter(())

    monkeypatch.setattr(recipe, "CONFIG", replace(recipe.CONFIG, context_length=longest))
    monkeypatch.setattr(recipe, "sft", sft)
    handed["hash"] = prepared("sft").corpus_hash
    return handed


def test_sft_takes_instructions_and_drills_and_leaves_out_what_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    drills = calculator_drills(SMALL["sft"].texts // 5, recipe.DATA_SEED)
    dialogues = [*instructions(VILLAGE, SMALL["sft"].texts, recipe.DATA_SEED), *drills]
    everything = render_all(dialogues, ChatTemplate(TOKENIZER))
    lengths = sorted(len(one.ids) for one in everything)
    median = lengths[len(lengths) // 2]
    for longest in (lengths[-1], median, median - 1):
        kept = handed_to_sft(monkeypatch, longest)
        assert kept["dialogues"] == [one for one in everything if len(one.ids) <= longest]
    assert handed_to_sft(monkeypatch, lengths[-1])["hash"] != kept["hash"], "the hash is of what is kept"


def test_sft_replays_pages_of_pretraining(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = handed_to_sft(monkeypatch, CONTEXT_LENGTH)
    assert handed["replay"] == SMALL["sft"].replay == 0.25
    pages = pack(recipe.replayed_documents(50), TOKENIZER)
    assert np.array_equal(handed["replay_tokens"], pages)
    monkeypatch.setitem(SMALL, "sft", replace(SMALL["sft"], replay=0.0))
    assert handed_to_sft(monkeypatch, CONTEXT_LENGTH)["replay_tokens"] is None


def test_replay_changes_what_is_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, replayed = prepared("sft").records
    monkeypatch.setitem(SMALL, "sft", replace(SMALL["sft"], replay=0.0))
    *_, plain = prepared("sft").records
    assert not alike(weights(replayed.state), weights(plain.state))


@pytest.mark.parametrize(("name", "stage_of_it"), [("chat", "dpo"), ("reward", "reward_model")])
def test_pairs_that_are_too_long_are_left_out(name: str, stage_of_it: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[Pair]] = []

    def fake(parent: Transformer, pairs: list[Pair], **options: object) -> Iterator[StepRecord]:
        handed.append(pairs)
        return iter(())

    monkeypatch.setattr(recipe, stage_of_it, fake)
    prepared(name)
    lengths = sorted(len(pair.prompt) + max(len(pair.chosen), len(pair.rejected)) for pair in handed[0])
    monkeypatch.setattr(recipe, "CONFIG", replace(recipe.CONFIG, context_length=lengths[-1] - 1))
    prepared(name)
    assert len(handed[1]) == sum(length < lengths[-1] for length in lengths) < len(handed[0])


def test_windows_fit_the_models_context() -> None:
    assert all(sizes.length < CONTEXT_LENGTH for sizes in SIZES.values())


@pytest.mark.parametrize("scale", [0, -1, 1.5, float("nan")])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale: expected a number above 0 and up to 1"):
        stage("base", {}, TOKENIZER, scale=scale)


def test_an_unknown_stage_and_a_missing_parent_are_refused() -> None:
    with pytest.raises(ValueError, match="stage: expected one of base, sft, chat, reward; got 'rlhf'"):
        stage("rlhf", PARENTS, TOKENIZER)
    with pytest.raises(ValueError, match="parents: expected the model 'sft', from which 'chat' starts"):
        stage("chat", {"base": PARENTS["base"]}, TOKENIZER)


def test_a_state_of_another_model_is_not_resumed() -> None:
    state = TrainingState(Transformer.initialize(replace(CONFIG, n_embd=12), 0))
    with pytest.raises(ValueError, match="resume"):
        list(prepared("sft", resume=state).records)


def test_no_model_is_trained_on_the_held_out_pages() -> None:
    trained = {page.text for page in recipe.pretraining_documents(2_000) if page.kind == "encyclopedia"}
    held_out = [page.text for page in held_out_documents(200) if page.kind == "encyclopedia"]
    assert held_out
    assert not trained & set(held_out)


def test_the_tokenizer_knows_pages_and_dialogues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "internet", lambda village, n, seed: internet(village, 50, seed))
    monkeypatch.setattr(recipe, "instructions", lambda village, n, seed: instructions(village, 50, seed))
    tokenizer = recipe.make_tokenizer()
    assert tokenizer.vocab_size == recipe.VOCAB_SIZE
    for text in ("assistant\n", " lives", "calculator", " plays"):
        assert len(tokenizer.encode(text)) < len(text) / 2


def test_a_dialogues_texts_are_what_its_rendering_says_in_plain_text() -> None:
    for dialogue in instructions(VILLAGE, 40, seed=0):
        rendered = ChatTemplate(TOKENIZER).render(dialogue.messages, dialogue.tools)
        text = rendered.text(TOKENIZER)
        for part in dialogue_texts(dialogue):
            for line in part.strip().split("\n"):
                assert line in text


def test_no_replayed_page_names_anybody_whom_no_dialogue_names() -> None:
    pages = [page.text for page in recipe.replayed_documents(2_000)]
    assert 500 < len(pages) < 2_000
    assert not [person for person in VILLAGE.unasked for page in pages if person in page]
    assert all(any(person in page for page in pages) for person in VILLAGE.asked)
