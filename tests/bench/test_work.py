"""The work that the benchmark measures, in small and without a clock: every function that it names is there."""

import sys
from pathlib import Path
from typing import Any

import pytest

from labs.core.model.config import ModelConfig
from labs.core.model.matmul import matmul
from labs.core.training.optimizer import AdamW
from tests.bench import kernel_work, profile_work, sweep_work, tuning_work
from tests.bench.page import evaluation, module_source, value
from tests.bench.shapes import LARGE, SMALL, Shape
from tests.bench.throttle import Line

TINY = Shape(ModelConfig(32, n_layer=1, n_head=2, n_kv_head=1, n_embd=8, n_hidden=12, context_length=8), 2, 8)


def test_the_small_and_the_large_model_have_the_sizes_of_the_goals() -> None:
    assert round(SMALL.config.n_params, -3) == 136_000
    assert round(LARGE.config.n_params, -3) == 935_000


def test_a_breakdown_names_every_category_and_leaves_nothing_wrapped() -> None:
    update, used = AdamW.update, matmul.used
    found = profile_work.breakdown(TINY.json, 1)
    assert list(found) == [*profile_work.FUNCTIONS, profile_work.OTHER]
    assert all(milliseconds > 0 for milliseconds in found.values()), found
    assert AdamW.update is update
    assert matmul.used is used


def test_the_products_of_a_step_are_those_of_its_layers_forward_and_back() -> None:
    plain, second, first, attention, vector = kernel_work.products_of_a_step(TINY.json).values()
    linear = 7 * TINY.config.n_layer + 1  # and the head, whose matrix is the embedding's transpose
    assert sum(product["count"] for product in first) == linear
    assert sum(product["count"] for product in (*plain, *second)) == 2 * linear
    assert sum(product["count"] for product in attention) == 6 * TINY.config.n_layer
    assert all(product["B"][0][-1] == 1 for product in vector)


def test_an_operand_lies_as_it_was_taken_down() -> None:
    product = [[3, 4], [1, 3]]
    assert kernel_work.layout(kernel_work.operand(*product)) == product


def test_tuning_takes_the_steps_that_it_is_asked_for() -> None:
    assert len(tuning_work.tune(1)) == 2


def test_the_sweep_that_is_measured_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_work, "STEPS", 1)
    assert list(sweep_work.SWEEP.measure({"model": "small"}, 0)) == ["loss_nats"]
    assert len(sweep_work.SWEEP.seeds) == sweep_work.TASKS


def test_a_file_sent_as_text_becomes_a_module_and_answers(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(module_source(Path(tuning_work.__file__)), names)
    assert names["tune"].__module__ == sys.modules.pop("tuning_work").__name__
    exec(evaluation("{'batch': [BATCH_SIZE, LENGTH]}"), names)
    assert value(capsys.readouterr().out) == {"batch": [8, 64]}


def test_a_slow_line_is_as_wide_and_as_long_as_told() -> None:
    line = Line(bytes_per_second=1000, delay_seconds=0.5)
    assert line.arrival(1000, now=0) == 1.5
    assert line.arrival(1000, now=0) == 2.5
    assert line.arrival(0, now=10) == 10.5
