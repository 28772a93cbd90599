"""The sweep over layers: its arms learn from the recipe's own data, and its record becomes charts."""

from dataclasses import replace

import pytest

from labs.core import recipe
from labs.core.model.config import ModelConfig
from labs.core.model.transformer import Transformer
from labs.core.sweeping import Point, Recorded, recorded
from labs.core.training.loop import Schedule
from labs.core.world.documents import internet
from labs.pattern_completion import sweep
from labs.pattern_completion.accuracy import CHANCE, chance
from labs.pattern_completion.appearing import along_training, by_shots
from labs.pattern_completion.sweep import SWEEP, measure, tokens_seen

ARMS = [{"layers": 1}, {"layers": 4}]


def record(seeds: tuple[int, ...]) -> Recorded:
    points = [
        Point(arm, seed, {"along": (0.0, 0.1 * seed, float(arm["layers"] > 1)), "by_shots": (1.0, 0.5, 0.3, 0.2)})
        for arm in ARMS
        for seed in seeds
    ]
    return Recorded("pattern_completion", "a command", {"arms": ARMS, "seeds": list(seeds)}, {}, points)


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_a_record_becomes_a_line_for_each_arm_beside_chance(seeds: tuple[int, ...]) -> None:
    chart = along_training(record(seeds))
    names = list(dict.fromkeys(row[0] for row in chart.table.rows))
    assert names == ["1 layer", "4 layers", CHANCE]
    assert chart.alt == "At the end: 1 layer 0%; 4 layers 100%; guessing 25%."
    assert len(by_shots(record(seeds)).table.rows) == 3 * len(sweep.SHOTS)


def test_intervals_are_drawn_of_more_than_one_seed() -> None:
    place = {row[1]: row[3:] for row in along_training(record((0, 1, 2))).table.rows if row[0] == "1 layer"}
    low, high = place[tokens_seen(2) / 1e6]
    assert low == 0 and high == pytest.approx(0.348, abs=1e-3)


def test_one_run_alone_has_no_interval_and_says_that_it_is_one() -> None:
    for chart in (along_training(record((0,))), by_shots(record((0,)))):
        assert "(recorded, one run)" in chart.title
        assert "'errorband'" not in str(chart.spec) and len(chart.table.columns) == 3
    assert "(recorded, 3 runs each)" in by_shots(record((0, 1, 2))).title


def test_what_the_page_says_of_the_record_holds_for_every_seed() -> None:
    found = recorded("pattern_completion")
    assert found.command == "python -m labs sweep pattern_completion" and found.seeds == (0, 1, 2)
    assert found.arms == [dict(arm) for arm in SWEEP.arms]
    for along in found.by_seed({"layers": 4}, "along"):
        assert isinstance(along, tuple) and along[-1] > 0.9
        assert max(after - before for before, after in zip(along, along[3:], strict=False)) > 0.5
        first = next(place for place, right in enumerate(along, start=1) if right > 0.5)
        assert 1_300 <= first * sweep.EVERY <= 2_000 and max(along[: first - 2]) < 0.3
    for layers in (1, 2):
        for along in found.by_seed({"layers": layers}, "along"):
            assert isinstance(along, tuple) and max(along) < 0.3
        for row in found.by_seed({"layers": layers}, "by_shots"):
            assert isinstance(row, tuple) and row[0] > 0.7
            assert 0.12 < row[-1] < 0.2 < chance(sweep.SHOTS[-1]), "about 16 %, below guessing"


def test_arms_differ_by_their_layers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(Exception):
        """Stops a measurement where its model has been asked for."""

    asked: list[tuple[ModelConfig, int]] = []

    def noting(config: ModelConfig, seed: int) -> Transformer:
        asked.append((config, seed))
        raise Enough

    monkeypatch.setattr(Transformer, "initialize", noting)
    for arm in SWEEP.arms:
        with pytest.raises(Enough):
            measure(arm, 5)
    assert asked == [(replace(recipe.CONFIG, n_layer=layers), 5) for layers in (1, 2, 4)]
    assert recipe.CONFIG.n_layer == 4, "the last arm is the base model itself"
    assert sweep.STEPS % sweep.EVERY == 0 and recipe.SIZES["base"].schedule.steps >= sweep.STEPS


def test_tokens_are_counted_as_the_recipe_reads_them() -> None:
    assert tokens_seen(1) == sweep.EVERY * 16 * 128


def test_a_measurement_trains_and_measures_along_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    small = recipe.Sizes(texts=60, batch_size=2, schedule=Schedule(8, 3e-3), length=16)
    monkeypatch.setitem(recipe.SIZES, "base", small)
    for name, value in (("STEPS", 4), ("EVERY", 2), ("CASES", 3)):
        monkeypatch.setattr(sweep, name, value)
    sweep._pages.cache_clear()
    monkeypatch.setattr(recipe, "pretraining_documents", lambda: internet(recipe.VILLAGE, 60, 1))
    values = measure({"layers": 1}, 0)
    sweep._pages.cache_clear()
    assert {name: len(value) for name, value in values.items() if isinstance(value, list)} == {
        "along": 2,
        "by_shots": 4,
    }
    assert values["loss_nats"] == pytest.approx(6.5, abs=0.6), "near ln 576 after so few steps"
