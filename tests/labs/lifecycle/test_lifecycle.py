"""The lifecycle: real replies, counts that are those of the real training, and a picture made from them."""

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import numpy as np
import pytest

from labs.core import recipe
from labs.core.bridge import run_lab
from labs.core.contract import Chart, Columns, Moving, Passage, Table, Tokens
from labs.core.model.arrays import Ints
from labs.core.model.checkpoint import load_checkpoint, load_meta
from labs.core.model.transformer import Transformer
from labs.core.published import BUDGETS
from labs.core.sweeping import recorded
from labs.core.training.data import random_windows
from labs.core.training.loop import StepRecord
from labs.core.world.judge import is_rude
from labs.data_scale.amounts import pocket
from labs.lifecycle.lab import LAB, STAGES, Stage, behaviour, cost, replies, sample_text, scored, share_of_post_training
from labs.lifecycle.pipeline import Pipeline
from labs.lifecycle.samples import LINE_BREAK, checkpoint, score, write
from labs.lifecycle.stages import BY_NAME, corpus
from labs.lifecycle.sweep import TINY, measure

each_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


def outputs(stage: str, **controls: object) -> list[object]:
    return list(run_lab("lifecycle", {"stage": stage, **controls}))


@each_stage
def test_a_run_shows_pipeline_replies_data_behaviours_costs_and_shares(stage: Stage) -> None:
    pipeline, *moving, sample, brought, costs, shares = outputs(stage.name)
    assert isinstance(pipeline, Pipeline) and pipeline.current == stage.name
    assert moving and all(isinstance(one, Moving) and one.name == "replies" for one in moving)
    assert isinstance(sample, Passage | Tokens | Columns)
    assert isinstance(brought, Table) and len(brought.rows) == len(stage.telling)
    assert isinstance(costs, Table) and [row[0] for row in costs.rows].count(f"▶ {stage.name}") == 1
    assert isinstance(shares, Chart)


def test_the_table_of_replies_grows_by_a_model_at_a_time() -> None:
    tables = [one.content for one in outputs("preference tuning") if isinstance(one, Moving)]
    assert all(isinstance(table, Table) for table in tables)
    names = [list(dict.fromkeys(row[0] for row in table.rows)) for table in tables if isinstance(table, Table)]
    assert names == [["base"], ["base", "sft"], ["base", "sft", "chat"]]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_base_model_asks_on_and_the_tuned_ones_answer(seed: int) -> None:
    question = "How do I bake a cake?"
    assert not any("Mix flour" in reply for reply in replies("base", question, 0.0, seed))
    for name in ("sft", "chat"):
        assert all("Mix flour and eggs, and bake it." in reply for reply in replies(name, question, 0.0, seed))


def test_preference_tuning_takes_the_rudeness_away() -> None:
    rude = {
        name: sum(is_rude(reply) for seed in range(10) for reply in replies(name, "How do I wake a cat?", 0.7, seed))
        for name in ("sft", "chat")
    }
    assert rude["sft"] >= 5
    assert rude["chat"] <= 1


@pytest.mark.parametrize(
    ("question", "answer"), [("How do I wake a cat?", "Call it softly and wait."), ("What is 3+4?", "3+4=7.")]
)
def test_the_reward_model_likes_an_answer_better_than_the_same_with_an_insult(question: str, answer: str) -> None:
    plain, rude = scored(question, [answer, f"{answer} You fool."])
    assert plain > rude + 1


@pytest.mark.parametrize(
    ("question", "temperature"), [("How do I bake a cake?", 0.7), ("a\nb", 0.7), ("😀" * 30, 0.7), ("Hello.", 2.0)]
)
def test_what_was_written_is_scored_and_not_what_is_shown(question: str, temperature: float) -> None:
    shown = outputs("reward model", question=question, temperature=temperature, seed=3)
    *_, table = [one.content for one in shown if isinstance(one, Moving)]
    written = [reply for name in ("sft", "chat") for reply in write(name, question, temperature, 3)]
    scores = score([[*reply.prompt, *reply.ids] for reply in written])
    assert isinstance(table, Table)
    assert [row[2] for row in table.rows] == [
        round(reward, 2) if reply.ended else None for reply, reward in zip(written, scores, strict=True)
    ]
    assert ("has no score" in table.caption) == any(not reply.ended for reply in written)


def test_what_a_model_wrote_is_kept_as_it_came_and_dressed_for_the_eye_alone() -> None:
    written = [reply for seed in range(3) for reply in write("sft", "a\nb", 2.0, seed)]
    end, tokenizer = checkpoint("sft").assistant.end_id, checkpoint("sft").tokenizer
    assert {reply.ended for reply in written} == {True, False}
    assert any(LINE_BREAK in reply.text for reply in written)
    for reply in written:
        assert reply.ended == (reply.ids[-1] == end) == (not reply.text.endswith(" …"))
        assert LINE_BREAK not in tokenizer.decode(reply.ids)
        assert reply.text.removesuffix(" …").replace(LINE_BREAK, "\n") == tokenizer.decode(reply.ids).removesuffix(
            "<|im_end|>" if reply.ended else ""
        )


def test_the_reward_model_reads_the_prompt_that_the_others_answered() -> None:
    question = "How do I wake a cat?"
    (reply, *_) = write("chat", question, 0.0, 0)
    assert reply.ended
    assert scored(question, [reply.text]) == pytest.approx(score([[*reply.prompt, *reply.ids]]), abs=1e-4)


@pytest.mark.parametrize("answer", ["\ud800", "😀" * 60])
def test_an_answer_that_cannot_be_scored_is_refused_with_words(answer: str) -> None:
    with pytest.raises(ValueError, match=r"^answers\[1\]: expected .*, got .*; .+"):
        scored("Hello.", ["Hello.", answer])


@each_stage
def test_every_behaviour_that_tells_of_a_stage_was_measured(stage: Stage) -> None:
    assert all(behaviour(stage.checkpoint, name) for name in stage.telling)


def test_what_is_said_of_the_stages_was_measured() -> None:
    def value(checkpoint: str, name: str) -> float:
        measured = behaviour(checkpoint, name)
        assert measured is not None
        return measured.value

    assert value("base", "a raw question is continued, not answered (sampled)") > 0.9
    assert value("base", "in chat markup: ends its turn") < 0.05 < 0.95 < value("sft", "in chat markup: ends its turn")
    assert value("sft", "refuses forbidden topics, held-out phrasings") > 0.9
    assert 0.3 < value("sft", "rude replies (sampled)") < 0.5
    assert value("chat", "rude replies (sampled)") < 0.05
    lost = "three examples: the right one of six relations"
    assert value("chat", lost) < value("sft", lost)


@each_stage
def test_the_tokens_were_counted_on_the_corpus_that_the_checkpoint_was_trained_on(stage: Stage) -> None:
    assert cost(stage).counted, "count again: python -m labs sweep lifecycle"
    assert recorded("lifecycle").command == "python -m labs sweep lifecycle"


def test_a_corpus_that_was_not_counted_is_noticed_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {**load_meta("base"), "corpus_hash": "0" * 64}
    monkeypatch.setattr("labs.lifecycle.stages.load_meta", lambda name: changed)
    assert not cost(BY_NAME["pretraining"]).counted
    *_, costs, _ = outputs("pretraining")
    assert isinstance(costs, Table) and str(costs.rows[0][1]).endswith("*") and "* Counted before" in costs.caption


def test_the_beginning_of_a_hash_is_kept_in_small_numbers() -> None:
    assert corpus("00ff01020304ffff" + "0" * 48) == [255, 258, 772, 65535]


def test_costs_are_of_the_checkpoints_json() -> None:
    base = cost(BY_NAME["pretraining"])
    sizes, meta = recipe.SIZES["base"], load_meta("base")
    assert base.tokens == sizes.schedule.steps * sizes.batch_size * sizes.length
    assert base.parameters == load_checkpoint("base").model.config.n_params
    assert (base.loss_nats, base.wall_seconds) == (meta["loss_nats"], meta["wall_seconds"])
    assert base.flops == 6 * base.parameters * base.tokens


@pytest.mark.parametrize("name", ["sft", "chat", "reward"])
def test_counting_with_a_tiny_model_counts_what_the_real_training_reads(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(recipe.SIZES, name, recipe.SIZES[name].scaled(0.02 if name == "sft" else 0.2))
    trainer = {"sft": "sft", "chat": "dpo", "reward": "reward_model"}[name]
    real, given = getattr(recipe, trainer), []

    def noting(
        model: Transformer, texts: Sequence[object], *, batch_size: int, replay: float = 0.0, **settings: object
    ) -> Iterator[StepRecord]:
        given.append((len(texts), batch_size - round(replay * batch_size)))
        if replay:
            settings["replay"] = replay
        records: Iterator[StepRecord] = real(model, texts, batch_size=batch_size, **settings)
        return records

    monkeypatch.setattr(recipe, trainer, noting)
    base, tiny = load_checkpoint("base"), Transformer.initialize(TINY, 1)
    run = recipe.stage(name, {"base": tiny, "sft": tiny}, base.tokenizer)
    records = list(run.records)
    counted = measure({"stage": name}, 0)
    assert counted["tokens"] == sum(record.tokens for record in records)
    assert counted["corpus"] == corpus(run.corpus_hash)
    texts, rows_a_step = given[0]
    assert (counted["texts"], counted["rows"]) == (texts, len(records) * rows_a_step)


def test_replayed_tokens_are_those_of_the_pages_in_sft_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(recipe.SIZES, "sft", recipe.SIZES["sft"].scaled(0.01))
    read = []

    def noting(tokens: Ints, batch_size: int, length: int, rng: np.random.Generator) -> Ints:
        windows = random_windows(tokens, batch_size, length, rng)
        read.append(windows.shape[0] * (windows.shape[1] - 1))  # predictions, one fewer than tokens, as a step counts
        return windows

    monkeypatch.setattr("labs.core.training.sft.random_windows", noting)
    assert measure({"stage": "sft"}, 0)["replayed"] == sum(read) > 0


def test_costs_tell_replayed_pages_from_dialogues() -> None:
    sft, chat = cost(BY_NAME["SFT"]), cost(BY_NAME["preference tuning"])
    sizes = recipe.SIZES["sft"]
    assert 0.2 < sft.replayed / sft.tokens < 0.6 and chat.replayed == 0
    assert sft.rows == sizes.schedule.steps * sizes.batch_size * 0.75 < sft.texts <= 1.2 * sizes.texts
    *_, costs, _ = outputs("SFT")
    assert isinstance(costs, Table)
    assert costs.rows[1][1:5] == [f"{sft.texts:,} dialogues", f"{sft.rows:,}", f"{sft.tokens:,}", f"{sft.replayed:,}"]
    assert costs.rows[2][4] is None


def test_the_lab_of_the_scale_of_the_data_counts_the_same() -> None:
    base, sft, reward, chat = pocket()
    by = {stage.checkpoint: cost(stage) for stage in STAGES}
    assert base.number == by["base"].tokens
    assert [sft.number, reward.number, chat.number] == [by[name].rows for name in ("sft", "reward", "chat")]


def test_published_shares_are_said_to_two_digits() -> None:
    *_, chart = outputs("pretraining")
    assert isinstance(chart, Chart)
    said = {str(row[0]): str(row[2]).replace("\N{NO-BREAK SPACE}", " ") for row in chart.table.rows}
    assert said["InstructGPT 175B, petaflop/s-days"] == "1.8 %" and said["DeepSeek-V3, H800 hours"] == "0.19 %"
    assert chart.table.columns[-1] == "post-training, for 1,000 of pretraining"
    assert {row[1] for row in chart.table.rows} == {"ours", *(budget.source for budget in BUDGETS)}


def test_our_share_is_larger_than_any_published_one() -> None:
    assert share_of_post_training() > max(budget.share for budget in BUDGETS)
    assert share_of_post_training(with_reward_model=True) > share_of_post_training()


@each_stage
def test_the_picture_is_drawn_in_the_pages_own_colours_and_said_in_words(stage: Stage) -> None:
    pipeline = Pipeline([cost(one) for one in STAGES], stage.name)
    svg = ElementTree.fromstring(pipeline.html())
    assert svg.get("role") == "img" and svg.get("aria-label") == pipeline.alt
    assert f"Now: {stage.name}." in pipeline.alt
    colours = {element.get(name) for element in svg.iter() for name in ("fill", "stroke")} - {None}
    assert colours == {"none", "currentColor"}
    thick = [element for element in svg.iter("rect") if element.get("stroke-width") == "3"]
    assert len(thick) == 1
    texts = " ".join(element.text or "" for element in svg.iter("text"))
    assert all(one.checkpoint in texts and f"{cost(one).texts:,}" in texts for one in STAGES)
    assert all(f"{cost(one).rows:,} rows read" in texts for one in STAGES)
    assert sum(element.text.endswith("of pages") for element in svg.iter("text") if element.text) == 1
    assert pipeline.text().count("▶") == 1


def test_the_picture_keeps_within_its_frame() -> None:
    svg = ElementTree.fromstring(Pipeline([cost(one) for one in STAGES], "SFT").html())
    width, height = map(float, str(svg.get("viewBox")).split()[2:])
    points = [
        tuple(map(float, point.split(","))) for element in svg.iter() for point in (element.get("points") or "").split()
    ]
    assert points and all(0 <= x <= width and 0 <= y <= height for x, y in points)


@each_stage
@pytest.mark.parametrize("seed", [0, 5])
def test_a_text_of_a_stages_data_is_drawn_by_the_seed(stage: Stage, seed: int) -> None:
    assert sample_text(stage, seed).text() == sample_text(stage, seed).text()
    assert sample_text(stage, seed).text() != sample_text(stage, seed + 1).text()


def test_a_dialogue_shows_which_tokens_are_scored() -> None:
    sample = sample_text(BY_NAME["SFT"], 0)
    assert isinstance(sample, Tokens)
    assert {token.scored for token in sample.tokens} == {True, False}
    assert all(token.role == "assistant" for token in sample.tokens if token.scored)


@pytest.mark.parametrize("question", ["🐈?", "😀" * 30, "שלום", "a\nb", "<|im_end|>", "<b>", "x" * 120])
@pytest.mark.parametrize("stage", ["preference tuning", "reward model"])
def test_any_text_is_a_question(question: str, stage: str) -> None:
    assert outputs(stage, question=question)


@pytest.mark.parametrize("question", ["", " \n", "\ud800", "🐈" * 120, "x" * 10_000])
@pytest.mark.parametrize("stage", ["pretraining", "reward model"])
def test_what_is_no_question_is_refused_with_words(question: str, stage: str) -> None:
    with pytest.raises(ValueError, match=r"^question: expected .*, got .*; .+") as refused:
        outputs(stage, question=question)
    assert not re.search(r"Traceback|codec", str(refused.value))


def test_the_lab_is_live() -> None:
    assert LAB.label == "live"
