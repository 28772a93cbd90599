"""Continue or answer: the base model goes on asking, the tuned one answers and stops; shares are what they say."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from labs.continue_or_answer.lab import LAB, MOST_TOKENS, between, moved, moved_chart, run, sample_shares, writers
from labs.continue_or_answer.shares import Shares, ask_questions, shares_chart, shares_table
from labs.core.bridge import run_lab
from labs.core.contract import Chart, Columns, Moving, Number, Slider, Table, Text
from labs.core.known_questions import known_task
from labs.core.line_judging import judge_text
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.generation import next_token_distribution
from labs.core.model.sampling import Sampling
from labs.core.model.transformer import Transformer
from labs.core.writing_live import grow

PROMPT = "What does Mira eat?"
SEEDS = (0, 1, 2)
SAMPLED = Sampling(1.0)


def asked(name: str, seed: int, *, in_markup: bool) -> Shares:
    checkpoint = load_checkpoint(name)
    return ask_questions(name, checkpoint, in_markup=in_markup, num_questions=30, sampling=SAMPLED, seed=seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_base_model_goes_on_asking_and_markup_does_not_make_it_stop(seed: int) -> None:
    raw, marked = (asked("base", seed, in_markup=in_markup) for in_markup in (False, True))
    assert raw.asks.value >= 0.9 and marked.asks.value >= 0.5
    assert raw.stops.value <= 0.1 and marked.stops.value <= 0.05
    assert raw.right is not None and raw.right.value <= 0.1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["sft", "chat"])
def test_the_tuned_models_answer_and_stop_in_their_markup(name: str, seed: int) -> None:
    shares = asked(name, seed, in_markup=True)
    assert shares.asks.value <= 0.1 and shares.stops.value >= 0.85
    assert shares.right is not None and shares.right.value >= 0.7


def test_the_first_sample_is_the_text_that_is_shown() -> None:
    task = known_task(PROMPT)
    for writer in writers(PROMPT, "sft"):
        stream = grow("writing", [writer], sampling=SAMPLED, max_new_tokens=MOST_TOKENS, seed=5)
        while True:
            try:
                next(stream)
            except StopIteration as done:
                (ids,) = done.value
                break
        first = judge_text(ids, writer.checkpoint.tokenizer, writer.end_id, task)
        assert sample_shares(writer, task, SAMPLED, 4, 5, MOST_TOKENS).said[0] == first


def test_the_curve_is_the_probability_of_the_end_at_each_place() -> None:
    shown = shown_by(prompt=PROMPT, temperature=0.0)
    tuned = writers(PROMPT, "sft")[2]
    points = [row for row in rows_of(shown["P(stop)"]) if row["line"] == "sft, in markup: <|im_end|>"]
    rows = shown["P(stop)"].table.rows
    assert 1 < len(points) < MOST_TOKENS, "the reply ends by itself"
    reply = tuned.checkpoint.assistant.write(_message(PROMPT))
    ids = list(reply)
    for place, point in enumerate(points):
        exact = next_token_distribution(tuned.checkpoint.model, [*tuned.ids, *ids[:place]])[tuned.end_id]
        assert point["x"] == place + 1 and point["y"] == pytest.approx(exact, abs=1e-4)
    assert points[-1]["y"] == max(point["y"] for point in points)
    assert rows[len(points) - 1][5] == "<|im_end|>" and rows[len(points)][5] is None


def test_a_position_after_the_end_shows_the_end() -> None:
    shown = shown_by(prompt=PROMPT, temperature=0.0, position=MOST_TOKENS)
    tuned = shown["sft, in markup"]
    assert "its last" in tuned.title
    assert "<|im_end|>" in str(tuned.table.rows[0][0])


def test_the_distributions_do_not_depend_on_the_sampling_controls_at_one_place() -> None:
    one, other = (
        shown_by(prompt=PROMPT, position=1, temperature=temperature, top_k=top_k, num_samples=10)
        for temperature, top_k in ((1.0, 0), (0.0, 1))
    )
    for name in ("base, raw text", "sft, in markup"):
        assert [row[:2] for row in one[name].table.rows] == [row[:2] for row in other[name].table.rows]


def test_a_prompt_that_nobody_knows_is_not_judged() -> None:
    writer = writers("What is the capital of France?", "sft")[0]
    shares = sample_shares(writer, None, SAMPLED, 10, 0, MOST_TOKENS)
    assert shares.replies is None and shares.right is None
    table = shares_table([shares], "What is the capital of France?", None)
    assert "no right reply" in table.caption and table.rows[0][3] is None
    assert {row[0] for row in shares_chart([shares]).table.rows} == {"another question", "one line, then stop"}


@pytest.mark.parametrize("sampling", [Sampling(0), Sampling(1.0, top_k=1)])
def test_one_greedy_text_is_no_sample_and_has_no_interval(sampling: Sampling) -> None:
    shares = sample_shares(writers(PROMPT, "sft")[0], known_task(PROMPT), sampling, 50, 0, MOST_TOKENS)
    assert len(shares.said) == 1
    chart = shares_chart([shares])
    assert "from" not in chart.table.columns and "greedy" in chart.title


def test_a_run_writes_first_and_then_counts() -> None:
    items = list(run_lab("continue_or_answer", {"num_samples": 20}))
    assert isinstance(items[0], Moving) and isinstance(items[0].content, Columns)
    assert [item.name for item in items if isinstance(item, Moving)][-3:] == ["shares"] * 3
    assert isinstance(items[-1], Table)


@pytest.mark.parametrize("control", [c for c in LAB.controls if isinstance(c, Slider | Number)], ids=lambda c: c.name)
@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_every_control_can_go_to_its_ends(control: Slider | Number, end: str) -> None:
    values = {"num_samples": 10, control.name: getattr(control, end)}
    assert isinstance(list(run_lab("continue_or_answer", values))[-1], Table)


SUGGESTED = next(box.suggestions for box in LAB.controls if isinstance(box, Text) and box.name == "prompt")


@pytest.mark.parametrize("prompt", SUGGESTED)
def test_every_suggestion_runs(prompt: str) -> None:
    assert list(run_lab("continue_or_answer", {"prompt": prompt, "tuned": "chat", "num_samples": 10}))


@pytest.mark.parametrize("prompt", ["<|im_end|>", "😀?", "שלום", "two\nlines\n", "x" * 90])
def test_odd_prompts_run(prompt: str) -> None:
    assert list(run_lab("continue_or_answer", {"prompt": prompt, "num_samples": 10}))


@pytest.mark.parametrize("prompt", ["", "  ", "\udc80", "😀" * 200, "y" * 10_000])
def test_prompts_that_cannot_be_read_are_refused(prompt: str) -> None:
    with pytest.raises(ValueError, match=r"^prompt: expected"):
        list(run_lab("continue_or_answer", {"prompt": prompt}))


def test_moves_are_relative_to_what_was_there() -> None:
    base = load_checkpoint("base").model
    assert all(move.relative == 0 for move in moved(base, base))
    params = {name: weights * 1.1 if name == "blocks.0.up" else weights for name, weights in base.params.items()}
    found = {move.group: move for move in moved(base, Transformer(base.config, params))}
    assert found["embedding"].relative == found["layer 2, MLP"].relative == 0
    inside = [base.params[f"blocks.0.{name}"] for name in ("gate", "up", "down")]
    expected = 0.1 * np.linalg.norm(inside[1]) / np.sqrt(sum(np.linalg.norm(w) ** 2 for w in inside))
    assert found["layer 1, MLP"].relative == pytest.approx(expected, rel=1e-4)
    assert found["everything"].weights == sum(weights.size for weights in base.params.values())
    assert sum(move.weights for move in found.values()) == 2 * found["everything"].weights
    assert isinstance(moved_chart(base, load_checkpoint("sft").model, "sft"), Chart)


def test_models_of_other_shapes_are_no_pair() -> None:
    base = load_checkpoint("base").model
    fewer = Transformer.initialize(replace(base.config, n_layer=2), seed=0)
    with pytest.raises(ValueError, match="same shapes"):
        moved(base, fewer)


def test_the_way_from_base_to_sft_begins_and_ends_there() -> None:
    base, sft = load_checkpoint("base"), load_checkpoint("sft")
    for share, end in ((0, base), (1, sft)):
        for name, weights in between(base, sft, share).model.params.items():
            np.testing.assert_allclose(weights, end.model.params[name], atol=1e-6)


def shown_by(**values: object) -> dict[str, Chart]:
    controls: dict[str, Any] = {control.name: control.default for control in LAB.controls}
    charts = [item for item in run(**{**controls, "num_samples": 10, **values}) if isinstance(item, Chart)]
    return {chart.title.split(":")[0]: chart for chart in charts}


def rows_of(chart: Chart) -> list[dict[str, Any]]:
    data = chart.spec["data"]
    assert isinstance(data, dict)
    rows: list[dict[str, Any]] = data["values"]
    return rows


def _message(prompt: str) -> list[Any]:
    from labs.core.model.chat import Message

    return [Message("user", prompt)]
