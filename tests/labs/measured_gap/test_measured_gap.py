"""The measured gap: a fair prompt for the base model, a size read off between measured ones, and an honest record."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Progress, Table
from labs.core.model.assistant import Assistant
from labs.core.sweeping import recorded
from labs.core.world.tasks import Task
from labs.gap.scores import SCORES
from labs.measured_gap import cases, live, pictures, recording, training
from labs.measured_gap.asking import REPLY_TOKENS, WAYS, ask_base, prompt_ids
from labs.measured_gap.equivalent import equivalent_size, with_interval
from labs.measured_gap.invented import INVENTED
from labs.measured_gap.lab import ALL, LAB, SMALL
from labs.measured_gap.live import BEST, MODELS, assistant
from labs.measured_gap.measuring import ABILITIES, KINDS, PAGE, base_score, best_way, tuned_score
from labs.measured_gap.sweep import SWEEP, measure

SEEDS = (0, 1, 2)
ASKED = [name for name, ability in ABILITIES.items() if ability.pages is None]


# What a prompt does to the base model's score.


@pytest.mark.parametrize("seed", SEEDS)
def test_the_prompt_decides_whether_the_base_model_refuses(seed: int) -> None:
    scores = {way: base_score(assistant("base"), "refuses", way, 20, seed).measure.value for way in WAYS}
    assert scores["Q and A"] >= 0.6
    assert max(scores["bare question"], scores["prelude"], scores["examples"]) <= 0.1
    assert tuned_score(assistant("sft"), "refuses", 20, seed).measure.value >= 0.9
    assert best_way(assistant("base"), "refuses", 20, seed) == "Q and A"


@pytest.mark.parametrize("seed", SEEDS)
def test_with_its_best_prompt_the_base_model_knows_what_the_tuned_one_knows(seed: int) -> None:
    base = assistant("base")
    for name in ("known", "sums"):
        way = best_way(base, name, 10, seed)
        assert base_score(base, name, way, 10, seed).measure.value >= 0.9
        assert base_score(base, name, "bare question", 10, seed).measure.value == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_base_model_is_ahead_on_people_in_no_dialogue_and_of_sft_in_being_kind(seed: int) -> None:
    unasked = [live.score(model, "unasked", "prelude", 30, seed).measure.value for model in MODELS]
    assert unasked[0] > max(unasked[1:])
    kind = dict(zip(MODELS, [live.score(m, "polite", "prelude", 30, seed).measure.value for m in MODELS], strict=True))
    assert min(kind["base"], kind["chat"]) > kind["sft"]


def test_a_prompt_is_chosen_once_for_what_is_won_by_refusing_all_or_nothing() -> None:
    ways = {live.way_for(name, BEST, 10, 3) for name in ("refuses", "allows")}
    assert ways == {best_way(assistant("base"), "allows", 10, 3)}
    assert live.way_for("known", "prelude", 10, 3) == "prelude"
    assert live.way_for("mapping", "prelude", 10, 3) == PAGE


# The cases.


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_prompt_is_chosen_on_is_never_reported(name: str, seed: int) -> None:
    tasks = ABILITIES[name].tasks
    assert tasks is not None
    validation, test = ({task.question for task in tasks(40, seed, split)} for split in ("validation", "test"))
    assert validation and test and not validation & test
    assert [task.question for task in tasks(40, seed, "test")] == [task.question for task in tasks(40, seed, "test")]


def test_there_are_so_many_different_cases_and_no_more() -> None:
    for make, kind in ((cases.forbidden, "forbidden"), (cases.look_alikes, "look_alikes"), (cases.sums, "sums")):
        asked = [task.question for task in make(1000, 0, "test")]
        assert len(asked) == len(set(asked)) == cases.MOST_CASES[kind]


@pytest.mark.parametrize("name", ASKED)
def test_examples_are_of_something_else_and_leave_room_for_a_reply(name: str) -> None:
    ability, base = ABILITIES[name], assistant("base")
    assert ability.tasks is not None
    tasks = ability.tasks(20, 5, "test")
    read: list[list[int]] = []

    def spy(asked: Assistant, task: Task, way: str, shown: Sequence[tuple[str, str]]) -> list[int]:
        ids = prompt_ids(asked, task, way, shown)
        read.append(ids)
        return ids

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("labs.measured_gap.asking.prompt_ids", spy)
        patch.setattr("labs.measured_gap.asking.generate_batch", lambda model, prompts, **_: [[0]] * len(prompts))
        ask_base(base, tasks, "examples", ability.examples, seed=5)
    fitting = [ids for ids in read if len(ids) <= base.model.config.context_length - REPLY_TOKENS]
    assert len(fitting) == len(tasks)
    for ids, task in zip(fitting, tasks, strict=True):
        text = base.template.tokenizer.decode(ids)
        assert text.count(task.question) == 1 and text.endswith(f"Q: {task.question}\nA:")
        assert text.count("Q: ") >= 3, "it has examples"


def test_a_way_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^way: expected one of bare question, .* got 'shout'"):
        ask_base(assistant("base"), [], "shout", ABILITIES["known"].examples)


# The equivalent size.


def test_an_equivalent_size_is_read_off_between_sizes_in_their_logarithm() -> None:
    assert equivalent_size([10, 1000], [0.2, 0.6], 0.4) == pytest.approx(100)
    assert equivalent_size([10, 1000], [0.2, 0.6], 0.6) == pytest.approx(1000)
    assert equivalent_size([10, 1000], [0.2, 0.6], 0.1) == 10
    assert equivalent_size([10, 1000], [0.2, 0.6], 0.61) is None
    assert equivalent_size([1, 10, 100], [0.2, 0.6, 0.1], 0.6) == pytest.approx(10), "the first that reaches it"
    small, large = (equivalent_size([unit * 15, unit * 52], [0.1, 0.7], 0.3) for unit in (1, 1000))
    assert small is not None and large == pytest.approx(1000 * small), "the unit does not matter"


@pytest.mark.parametrize("sizes", [[], [0, 1], [2, 1], [1, 1]])
def test_sizes_that_do_not_rise_are_refused(sizes: list[float]) -> None:
    with pytest.raises(ValueError, match="sizes: expected positive numbers that rise"):
        equivalent_size(sizes, [0.1] * len(sizes), 0.5)
    with pytest.raises(ValueError, match="scores: expected 2, one a size, got 1"):
        equivalent_size([1, 2], [0.1], 0.5)


def test_its_interval_knows_of_seeds_and_of_cases() -> None:
    sizes = (10_000, 100_000, 1_000_000)
    base = np.array([[[0.1, 0.5, 0.9]] * 3])
    alike = with_interval(sizes, base, np.array([[0.7, 0.7, 0.7]]), [60])
    assert alike.size == pytest.approx(10**5.5)
    assert alike.low is not None and alike.high is not None and alike.size is not None
    assert alike.low < alike.size < alike.high
    more = with_interval(sizes, base, np.array([[0.7, 0.7, 0.7]]), [6000])
    assert more.low is not None and more.high is not None
    assert more.high / more.low < alike.high / alike.low, "more cases, a narrower interval"
    seeds = with_interval(sizes, base, np.array([[0.5, 0.7, 0.9]]), [6000])
    assert seeds.low is not None and (seeds.high or math.inf) / seeds.low > more.high / more.low
    assert str(with_interval(sizes, base, np.array([[1.0, 1.0, 1.0]]), [60])) == "none in range"
    assert str(with_interval(sizes, base, np.array([[0.0, 0.0, 0.0]]), [60])) == "at most 10k"
    assert str(with_interval(sizes, base, np.array([[0.9, 0.9, 0.9]]), [60])).endswith("none]")


# Training, and its cache.


@pytest.fixture
def few_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LLM_MASTERCLASS_CACHE", str(tmp_path))
    for name, value in (("PRETRAINING", replace(training.PRETRAINING, steps=3, warmup=1)), ("PAGES", 300)):
        monkeypatch.setattr(training, name, value)
    for name, value in (("TUNING", replace(training.TUNING, steps=2, warmup=1)), ("DIALOGUES", 100)):
        monkeypatch.setattr(training, name, value)
    made = (training.pages, training.replayed, training.dialogues)
    for one in made:
        one.cache_clear()
    yield tmp_path / "measured_gap"
    for one in made:
        one.cache_clear()


def test_a_model_is_trained_once_and_a_damaged_file_is_no_model(
    few_steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smallest = next(iter(training.CONFIGS))
    tuned = training.model_of(smallest, 0, tuned=True)
    assert len(list(few_steps.iterdir())) == 2, "the base model, and the tuned one"
    with monkeypatch.context() as patch:
        patch.setattr(training, "trained", lambda steps: pytest.fail("it trained again"))
        again = training.model_of(smallest, 0, tuned=True)
    assert all(np.array_equal(again.params[name], array) for name, array in tuned.params.items())
    for file in few_steps.iterdir():
        file.write_bytes(file.read_bytes()[:100])
    anew = training.model_of(smallest, 0, tuned=True)
    assert all(np.array_equal(anew.params[name], array) for name, array in tuned.params.items())
    other = training.model_of(smallest, 1, tuned=False)
    assert not np.array_equal(other.params["embedding"], anew.params["embedding"])
    with pytest.raises(ValueError, match=r"n_params: expected one of .* got 7"):
        training.model_of(7, 0, tuned=False)


def test_what_the_sweep_measures(few_steps: Path) -> None:
    values = measure(SWEEP.arms[0], 0)
    assert set(values) == set(recorded("measured_gap").points[0].values)
    for name in ASKED:
        ways, chosen = values[f"ways_{name}"], values[f"chosen_{name}"]
        assert isinstance(ways, list) and isinstance(chosen, int)
        assert len(ways) == len(WAYS) and values[f"base_{name}"] == ways[chosen]


# What was recorded.


def test_the_record_is_of_this_sweep() -> None:
    found = recorded("measured_gap")
    assert found.command == "python -m labs sweep measured_gap"
    assert found.arms == [dict(arm) for arm in SWEEP.arms] and found.seeds == tuple(SWEEP.seeds)
    assert found.configuration["constants"] == SWEEP.constants
    assert recording.sizes() == tuple(training.CONFIGS) and set(SMALL.values()) < set(recording.sizes())


SMALL_ONE = 137_480
"""The tuned model that the page compares with."""


def test_no_recorded_base_model_reaches_tuning_in_refusing_and_the_smallest_does_in_stopping() -> None:
    tuned = recording.score(SMALL_ONE, "tuned", "refuses")
    assert min(tuned.by_seed) >= 0.8
    assert max(max(recording.score(size, "base", "refuses").by_seed) for size in recording.sizes()) <= 0.4
    none = recording.equivalent("refuses", SMALL_ONE)
    assert (none.size, none.low, none.high) == (None, None, None) and str(none) == "none in range"
    assert str(recording.equivalent("stops", SMALL_ONE)).startswith("at most")


def test_of_one_size_the_base_model_that_has_read_more_refuses_and_the_recorded_one_does_not() -> None:
    largest, shipped = recording.sizes()[-1], assistant("base")
    assert shipped.model.n_params == largest
    assert max(recording.by_way("refuses", largest).values()) <= 0.1
    assert base_score(shipped, "refuses", "Q and A", 20, 0).measure.value >= 0.6


def test_well_prompted_the_small_base_model_tells_more_facts_than_the_tuned_one() -> None:
    for name in ("known", "unasked"):
        base, tuned = (recording.score(SMALL_ONE, who, name) for who in ("base", "tuned"))
        assert all(ours > theirs for ours, theirs in zip(base.by_seed, tuned.by_seed, strict=True))
        size = recording.equivalent(name, SMALL_ONE).size
        assert size is not None and size < SMALL_ONE


def test_what_the_base_models_know_grows_with_their_size() -> None:
    shares = [recording.score(size, "base", "known") for size in recording.sizes()]
    assert all(smaller.mean < larger.mean for smaller, larger in pairwise(shares))
    assert all(max(smaller.by_seed) < min(larger.by_seed) for smaller, larger in pairwise(shares[2:])), "in every seed"


def test_where_nobody_is_above_guessing_the_page_says_so() -> None:
    for name in ("sums", "relation", "mapping"):
        best = max(recording.score(size, "base", name).mean for size in recording.sizes())
        assert best <= ABILITIES[name].chance + 0.1
    said = {str(row[0]): str(row[1]) for row in pictures.equivalents_table(SMALL_ONE).rows}
    for name in ("unasked", "sums", "relation", "mapping"):
        assert not recording.above_guessing(name, SMALL_ONE)
        assert said[recording.in_words(name)] == "–: not above guessing"
        assert "not above guessing" in pictures.size_chart(name, SMALL_ONE).alt
    for name in ("known", "refuses", "allows", "stops", "polite", recording.AVERAGE):
        assert recording.above_guessing(name, SMALL_ONE)
        assert said[recording.in_words(name)] == str(recording.equivalent(name, SMALL_ONE))


def test_the_small_tuned_model_hardly_answers_look_alikes_and_a_much_smaller_base_model_does_as_well() -> None:
    assert max(recording.score(SMALL_ONE, "tuned", "allows").by_seed) <= 0.15
    much_smaller = recording.equivalent("allows", SMALL_ONE)
    assert much_smaller.high is not None and much_smaller.high < SMALL_ONE / 2


def test_an_average_is_true_of_none_of_its_rows() -> None:
    without = tuple(name for name in ABILITIES if name != "refuses")
    everything = recording.equivalent(recording.AVERAGE, SMALL_ONE).size
    less = recording.equivalent_on_average(without, SMALL_ONE).size
    assert everything is not None and less is not None and less < 0.6 * everything
    assert everything == pytest.approx(SMALL_ONE, rel=0.15), "about the small model's own size"


def test_chosen_on_the_test_cases_no_score_would_be_lower() -> None:
    gains = [recording.optimism(name, size) for name in ASKED for size in recording.sizes()]
    assert min(gains) >= -1e-9 and max(gains) > 0
    for size in recording.sizes():
        assert recording.optimism("refuses", size) == recording.optimism("allows", size), "chosen together"


# The lab.


def test_a_run_shows_the_record_first_and_then_fills_its_bars() -> None:
    items = list(run_lab("measured_gap", {"cases": 10}))
    assert isinstance(items[0], Progress) and isinstance(items[1], Chart) and isinstance(items[2], Table)
    assert "Recorded" in items[1].title and "python -m labs sweep measured_gap" in items[2].caption
    for kind in KINDS:
        charts = [item.content for item in items if isinstance(item, Moving) and item.name == kind]
        assert len(charts) == 1 + sum(ability.kind == kind for ability in ABILITIES.values())
        for done, chart in enumerate(charts):
            assert isinstance(chart, Chart) and chart.title.startswith("This run")
            assert len(chart.table.rows) == max(1, done * len(MODELS))
    steps = [item for item in items if isinstance(item, Progress)]
    assert (steps[0].done, steps[-1].done, steps[-1].total) == (0, len(ABILITIES), len(ABILITIES))
    measured, replies, invented = items[-3:]
    assert isinstance(measured, Table) and isinstance(replies, Table) and isinstance(invented, Table)
    assert [row[0] for row in measured.rows] == [ability.words for ability in ABILITIES.values()]
    assert len(replies.rows) == len(ASKED)
    assert [row[0] for row in invented.rows] == [score.metric for score in SCORES]


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "patterns", "prompt": "chat markup", "seed": 2**32 - 1, "small": next(iter(SMALL))},
        {"kind": "right answers", "prompt": "examples", "measure": "Stops"},
        {"kind": "manners", "prompt": "bare question", "measure": "Refuses forbidden topics"},
    ],
    ids=["patterns", "right answers", "manners"],
)
def test_controls_can_go_to_their_ends(values: dict[str, object]) -> None:
    assert isinstance(list(run_lab("measured_gap", {**values, "cases": 10}))[-1], Table)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"cases": 0}, "^cases: expected a whole number from 10 to 60"),
        ({"seed": -1}, "^seed: expected a whole number from 0"),
        ({"prompt": "<|im_start|>"}, "^prompt: expected one of"),
        ({"kind": "🙂"}, "^kind: expected one of"),
        ({"small": "462k" * 3000}, "^small: expected one of"),
    ],
)
def test_bad_input_is_refused_by_its_control(values: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        list(run_lab("measured_gap", values))


def test_it_is_live_and_waits_for_its_button() -> None:
    assert (LAB.label, LAB.action, LAB.waits) == ("live", "Measure", True)
    assert ALL in str(LAB.controls[0])


def test_the_invented_scores_are_those_of_the_lab_gap() -> None:
    ours = [(one.metric, round(100 * one.before), round(100 * one.after)) for one in INVENTED]
    assert ours == [(score.metric, score.before, score.after) for score in SCORES]
    assert all(bool(one.abilities) != bool(one.why_none) for one in INVENTED)
    assert {ability for one in INVENTED for ability in one.abilities} <= set(ABILITIES)


def test_the_size_axis_is_logarithmic_and_marks_what_was_measured() -> None:
    chart = pictures.size_chart(recording.AVERAGE, 137_480)
    layers = chart.spec["layer"]
    assert isinstance(layers, list)
    for layer in layers:
        across = layer["encoding"]["x"]
        assert across["scale"]["type"] == "log" and across["axis"]["values"] == list(recording.sizes())
