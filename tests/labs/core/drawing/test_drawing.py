"""Charts that several labs draw: what they show is what they were given, and can be told without colour."""

from typing import Any

import numpy as np
import pytest

from labs.core.contract import Chart
from labs.core.drawing.bars import LINE, LINE_HEIGHT, Bar, bar_chart
from labs.core.drawing.lines import MOST_POINTS, MOST_ROWS, Line, line_chart
from labs.core.drawing.next_token import REST, next_token_chart
from labs.core.drawing.points import Points, point_chart
from labs.core.drawing.tokens import shown
from labs.core.model.tokenizer import Tokenizer

TOKENIZER = Tokenizer([(97, 98)])


def spec(chart: Chart) -> Any:  # noqa: ANN401 - a specification is JSON of any depth
    return chart.vega_lite()


def values(chart: Chart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spec(chart)["data"]["values"]
    return found


def marks(chart: Chart) -> list[str]:
    return [layer["mark"]["type"] for layer in spec(chart)["layer"]]


def bars(domain: tuple[float, float] | None = None) -> Chart:
    drawn = [Bar("right", 0.93, 0.9, 0.96, "sft"), Bar("right", 0.02, group="base")]
    return bar_chart(drawn, title="Bars", alt="Two bars.", x="share", domain=domain)


def test_bars_say_their_group_their_value_and_their_interval() -> None:
    chart = bars(domain=(0, 1))
    assert [row["label"].replace("\N{NO-BREAK SPACE}", " ") for row in values(chart)] == [
        "93 % [90 %, 96 %]  sft · right",
        "2 %  base · right",
    ]
    assert marks(chart) == ["bar", "text", "rule"]
    assert marks(bar_chart([Bar("a", 1)], title="t", alt="a", x="x")) == ["bar", "text"]


def test_a_name_too_long_for_a_phone_stands_above_its_value_and_moves_the_bars_down() -> None:
    long, short = Bar("a sentence in a wording that no dialogue of the training had", -0.5), Bar("b", 1200)
    chart = bar_chart([long, short], title="t", alt="a", x="x")
    words = [row["label"].split("\n") for row in values(chart)]
    assert words[0] == ["a sentence in a wording that no dialogue", "of the training had", "−0.5"]
    assert words[1] == [" ", "b", "1200"]
    assert max(len(line) for label in words for line in label) <= LINE
    step, plain = (spec(one)["height"]["step"] for one in (chart, bars()))
    assert step == plain + 2 * LINE_HEIGHT
    assert spec(chart)["layer"][0]["mark"]["yOffset"] > spec(bars())["layer"][0]["mark"]["yOffset"]


def test_bars_stay_in_order_even_if_two_have_one_label() -> None:
    assert [row["place"] for row in values(bars())] == ["000", "001"]


def test_groups_differ_in_dashes_and_not_in_colour_alone() -> None:
    dash = spec(bars())["layer"][0]["encoding"]["strokeDash"]
    assert dash["value"] == [1, 0] and dash["condition"][0]["value"] != [1, 0]
    assert "base" in dash["condition"][0]["test"]


def test_a_logarithmic_axis_begins_at_the_power_of_ten_below_and_refuses_nothing_and_less() -> None:
    chart = bar_chart([Bar("a", 350), Bar("b", 1e12)], title="t", alt="a", x="tokens", log=True)
    assert {row["floor"] for row in values(chart)} == {100}
    exact = bar_chart([Bar("a", 1000), Bar("b", 1e6)], title="t", alt="a", x="tokens", log=True)
    assert {row["floor"] for row in values(exact)} == {100}, "even the shortest bar has a length"
    assert spec(chart)["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    with pytest.raises(ValueError, match="above 0"):
        bar_chart([Bar("a", 0)], title="t", alt="a", x="x", log=True)
    with pytest.raises(ValueError, match="at least one"):
        bar_chart([], title="t", alt="a", x="x")


def test_words_of_a_bar_stand_in_for_its_number() -> None:
    chart = bar_chart([Bar("SFT", 939_000, said="939k rows")], title="t", alt="a", x="examples")
    assert values(chart)[0]["label"] == "939k rows  SFT" and chart.table.rows[0][1] == "939k rows"


def test_lines_differ_in_dashes_and_shapes_and_their_bands_are_drawn() -> None:
    xs, ys = [0, 1], [0.1, 0.2]
    chart = line_chart([Line("a", xs, ys, [0, 0.1], [0.2, 0.3]), Line("b", xs, ys)], title="t", alt="a", x="x", y="y")
    assert marks(chart) == ["area", "line", "point"]
    dashes = spec(chart)["layer"][1]["encoding"]["strokeDash"]["scale"]["range"]
    shapes = spec(chart)["layer"][2]["encoding"]["shape"]["scale"]["range"]
    assert len({str(dash) for dash in dashes}) == len(set(shapes)) == 2
    assert ["low" in row for row in values(chart)] == [True, True, False, False]


def test_a_long_line_has_no_marks_and_a_short_table_that_ends_with_its_last_point() -> None:
    steps = list(range(MOST_POINTS * 10))
    chart = line_chart([Line("loss", steps, steps)], title="t", alt="a", x="step", y="nats", x_domain=(0, 400))
    assert marks(chart) == ["line"] and len(values(chart)) == len(steps)
    assert len(chart.table.rows) <= MOST_ROWS + 1 and chart.table.rows[-1][1] == steps[-1]
    assert spec(chart)["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 400]


def test_lines_that_could_not_be_told_apart_or_have_no_place_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 5, got 6"):
        line_chart([Line(str(n), [0], [0]) for n in range(6)], title="t", alt="a", x="x", y="y")
    with pytest.raises(ValueError, match="expected 2 ys"):
        Line("a", [0, 1], [0])


def test_a_distribution_names_its_best_tokens_the_chosen_one_and_the_rest() -> None:
    probabilities = np.full(TOKENIZER.vocab_size, 0.001)
    probabilities[256], probabilities[10] = 0.5, 0.2
    chosen = TOKENIZER.special_id("<|im_end|>")
    chart = next_token_chart(probabilities, TOKENIZER, title="Next", top=3, chosen=chosen)
    assert [row[0] for row in chart.table.rows] == ["ab", "⏎", "<|im_end|>", REST]
    assert chart.table.rows[-1][2] == pytest.approx(1 - 0.701)
    assert "“ab” 50" in chart.alt and "Chosen: “<|im_end|>”." in chart.alt
    assert "← chosen" in values(chart)[2]["label"]
    with pytest.raises(ValueError, match="one for each token"):
        next_token_chart(probabilities[1:], TOKENIZER, title="Next")


def test_ids_become_tokens_with_all_that_is_known_of_them() -> None:
    ids = [256, TOKENIZER.special_id("<|im_end|>"), 10]
    first, end, last = shown(
        ids, TOKENIZER, written_from=1, probabilities=[0.5, 0.25], roles=["user"] * 3, scored=[0, 1, 1]
    )
    assert (first.text, first.written, first.probability, first.scored) == ("ab", False, None, False)
    assert (end.special, end.written, end.probability, end.scored) == (True, True, 0.5, True)
    assert last.visible == "⏎" and last.role == "user"
    assert shown([], TOKENIZER) == ()
    with pytest.raises(ValueError, match="roles: expected one a token, 3 in all, got 1"):
        shown(ids, TOKENIZER, roles=["user"])
    with pytest.raises(ValueError, match="probabilities: expected one a token"):
        shown(ids, TOKENIZER, written_from=2, probabilities=[0.1, 0.2])


def drawn(*series: Points) -> Chart:
    return point_chart(series, title="t", alt="a", x="over-refusal", y="refusal", x_domain=(0, 1), y_domain=(0, 1))


def test_points_differ_in_shapes_and_a_path_keeps_their_order() -> None:
    path = Points("chosen data", [0.5, 0.1, 0.3], [0.9, 0.2, 0.6], ["a", "b", "c"], path=True)
    chart = drawn(path, Points("now", [0.4], [0.7], lows=[0.6], highs=[0.8]))
    assert marks(chart) == ["rule", "line", "point", "text"]
    line, points = spec(chart)["layer"][1]["encoding"], spec(chart)["layer"][2]["encoding"]
    assert line["order"]["field"] == "place", "a path that turns back is not sorted by x"
    assert len(set(points["shape"]["scale"]["range"])) == 2
    assert points["y"]["axis"]["format"] == points["x"]["axis"]["format"] == "%"
    assert list(chart.table.rows[0]) == ["chosen data: a", 0.5, 0.9, None, None]
    assert list(chart.table.rows[3]) == ["now", 0.4, 0.7, 0.6, 0.8]


def test_a_curve_without_marks_stands_in_the_table_by_its_ends() -> None:
    chart = drawn(Points("fitted", [0, 0.5, 1], [0, 0.3, 0.4], path=True, marks=False))
    assert [row[1] for row in chart.table.rows] == [0, 1]
    assert marks(drawn(Points("alone", [0.1], [0.1]))) == ["point"]


def test_points_that_could_not_be_told_apart_or_seen_are_refused() -> None:
    with pytest.raises(ValueError, match="series: expected 1 to 5, got 6"):
        drawn(*(Points(str(n), [0], [0]) for n in range(6)))
    with pytest.raises(ValueError, match="expected 2 ys, one an x, got 1"):
        Points("a", [0, 1], [0])
    with pytest.raises(ValueError, match="expected 1 labels, one an x, got 2"):
        Points("a", [0], [0], ["b", "c"])
    with pytest.raises(ValueError, match="nothing would be seen"):
        Points("a", [0], [0], marks=False)
