"""Pattern completion: what the base model does with lists, measured over seeds, and what the lab shows of it."""

from typing import Any

import numpy as np
import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Passage, Table
from labs.core.measures import first_value, next_word_rate
from labs.core.model.attention import causal_softmax
from labs.core.model.checkpoint import load_checkpoint
from labs.core.recipe import VILLAGE
from labs.core.world.evaluation import Prompt, relation_examples
from labs.core.world.lexicon import HARMLESS
from labs.pattern_completion.accuracy import CASES, SAID, SHOTS, growing_chart
from labs.pattern_completion.lab import (
    LAB,
    LABELS,
    PATTERNS,
    RIGHT,
    SUBTLE,
    WRONG,
    accuracy,
    chance,
    continuation,
    judge,
)
from labs.pattern_completion.layers import accuracy_with_attention_in, with_attention_in
from labs.pattern_completion.looking import attention_shares, looks
from labs.pattern_completion.patterns import MOST_SHOTS, Page, random_labels

SEEDS = (0, 1, 2)
WAYS = tuple(topic.way for topic in HARMLESS)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_follows_absurd_wrong_answers_and_not_subtle_ones(seed: int) -> None:
    absurd, subtle = accuracy(WRONG, 4, seed), accuracy(SUBTLE, 4, seed)
    assert absurd.low > 0.5
    assert subtle.high < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_without_examples_it_answers_rightly_and_right_lists_go_on_rightly(seed: int) -> None:
    assert accuracy(WRONG, 0, seed).value < 0.1
    assert accuracy(RIGHT, 4, seed).low > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_it_reads_a_fresh_mapping_off_the_page_far_above_chance(seed: int) -> None:
    assert accuracy(LABELS, 4, seed).low > 0.9 > chance(4)
    assert accuracy(LABELS, 0, seed).value < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_one_example_says_which_relation_is_meant(seed: int) -> None:
    checkpoint = load_checkpoint("base")
    none, one = (
        next_word_rate(checkpoint.model, checkpoint.tokenizer, relation_examples(VILLAGE, CASES, seed, shots))
        for shots in (0, 1)
    )
    assert none.high < 0.5 < 0.9 < one.value


def test_more_absurd_answers_are_followed_more() -> None:
    none, some, all_ = (accuracy(WRONG, 4, absurd=share).value for share in (0.0, 0.5, 1.0))
    assert none < 0.1 < 0.5 < some < all_


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_mapping_needs_attention_in_two_layers_at_least(seed: int) -> None:
    assert accuracy_with_attention_in((1, 2, 3, 4), seed=seed).value > 0.9
    assert accuracy_with_attention_in((3, 4), seed=seed).low > 0.5
    assert all(accuracy_with_attention_in((layer,), seed=seed).value <= chance(4) + 0.1 for layer in (1, 2, 3, 4))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_head_of_the_third_layer_looks_back_and_the_fourth_layer_finds_the_answer(seed: int) -> None:
    found = looks(seed=seed)
    before, answer = found.before.max(axis=1), found.answer.max(axis=1)
    assert before.argmax() == 2 and before[2] > 0.4 > 1.2 * before[[0, 1, 3]].max()
    assert found.answer[3].min() > 0.9 > 0.2 > answer[:3].max()


def test_attention_is_shared_out_over_what_came_before() -> None:
    model, ids = load_checkpoint("base").model, [5, 6, 7, 300, 6]
    used, logits = causal_softmax.used, model.forward_only(np.array([ids]))
    shares = attention_shares(model, ids)
    assert shares.shape == (4, 4, 5, 5)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-5)
    assert (np.triu(shares, 1) == 0).all()
    assert causal_softmax.used is used
    np.testing.assert_array_equal(model.forward_only(np.array([ids])), logits)


def test_switching_attention_off_leaves_the_base_model_as_it_was() -> None:
    before = load_checkpoint("base").model
    twin = with_attention_in((2,))
    assert (twin.params["blocks.0.output"] == 0).all() and (twin.params["blocks.1.output"] != 0).any()
    assert accuracy_with_attention_in(range(1, 5)).value == accuracy(LABELS, 4).value
    assert (before.params["blocks.0.output"] != 0).any()
    with pytest.raises(ValueError, match="layers: expected numbers from 1 to 4, got 0"):
        with_attention_in((0,))


def test_another_separator_than_the_pages_had_breaks_it() -> None:
    assert continuation("map: cat red dog blue fox green dog", max_new_tokens=1) == " blue"
    assert "blue" not in continuation("map: cat = red dog = blue fox = green dog =", max_new_tokens=4)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("shots", [0, 4, MOST_SHOTS])
def test_every_pattern_leaves_room_to_write_with_any_number_of_examples(pattern: str, shots: int) -> None:
    context = load_checkpoint("base").model.config.context_length
    tokenizer = load_checkpoint("base").tokenizer
    for seed in range(40):
        page = PATTERNS[pattern](seed, shots)
        assert len(tokenizer.encode(page.text)) <= context - 9
        assert page == PATTERNS[pattern](seed, shots)


def test_zero_shot_mappings_show_a_key_alone() -> None:
    (prompt,) = random_labels(1, 0, 0)
    header, key = prompt.text.split()
    assert header == "map:" and key in prompt.values and prompt.right != key


def test_the_chart_fills_in_from_left_to_right_on_axes_that_stand_still() -> None:
    charts = list(growing_chart(0))
    assert len(charts) == len(SHOTS) * len(SAID)
    rows = [len(chart.table.rows) for chart in charts]
    assert rows == sorted(rows) and len(set(rows)) == len(rows)
    specs: list[Any] = [chart.spec for chart in charts]
    scales = {str(spec["layer"][-1]["encoding"]["x"]["scale"]) for spec in specs}
    assert len(scales) == 1
    assert str(CASES) in charts[-1].alt


def shown(**controls: object) -> list[object]:
    return list(run_lab("pattern_completion", controls))


def test_a_run_shows_the_page_growing_the_verdict_the_distribution_and_the_chart() -> None:
    items = shown()
    pages = [item.content for item in items if isinstance(item, Moving) and item.name == "page"]
    assert all(isinstance(page, Passage) for page in pages) and len(pages) > 5
    first, last = pages[0], pages[-1]
    assert isinstance(first, Passage) and isinstance(last, Passage)
    assert first.parts[1] == ("", "written") and last.parts[0] == first.parts[0] and last.parts[1][0]
    (verdict,) = [item for item in items if isinstance(item, Table)]
    assert verdict.rows[0][2] == "wrongly"
    (distribution,) = [item for item in items if isinstance(item, Chart)]
    assert "next after" in distribution.title


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (" Mira eats pie.", "rightly"),
        (" pie, not rice.", "rightly"),
        (" Mira eats rice, not pie.", "wrongly"),
        (" Mira eats pies.", "no answer"),
        (" Who can tell?", "no answer"),
        ("", "no answer"),
    ],
)
def test_the_verdict_is_by_the_first_value_that_a_line_names(line: str, verdict: str) -> None:
    assert judge(Page("Q: What does Mira eat?\nA:", "pie", values=("pie", "rice", "stone")), line) == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [(" Put the rice in hot water.", "rightly"), (" Ring the bell and wait.", "wrongly"), (" it.", "no answer")],
)
def test_ways_to_do_a_task_are_judged_as_a_whole(line: str, verdict: str) -> None:
    assert judge(Page("- boil rice:", "Put the rice in hot water.", values=WAYS), line) == verdict


@pytest.mark.parametrize("pattern", [WRONG, SUBTLE, RIGHT, "one relation", LABELS])
def test_the_panel_judges_as_the_chart_does(pattern: str) -> None:
    for seed in range(6):
        page = PATTERNS[pattern](seed, 4)
        line = continuation(page.text, temperature=1.5, seed=seed, max_new_tokens=12).split("\n")[0]
        named = first_value(Prompt(page.text, page.right, page.values), line)
        assert judge(page, line) == ("no answer" if named is None else "rightly" if named == page.right else "wrongly")
        assert page.right in page.values


def test_a_run_says_when_the_model_gave_no_answer() -> None:
    items = shown(pattern="a task list", temperature=2.0, seed=1)
    (verdict,) = [item for item in items if isinstance(item, Table)]
    assert verdict.rows[0][2] == "no answer"


@pytest.mark.parametrize("pattern", [RIGHT, "one relation", "a chat", "a task list", LABELS])
def test_each_other_pattern_goes_on_rightly_by_default(pattern: str) -> None:
    (verdict,) = [item for item in shown(pattern=pattern) if isinstance(item, Table)]
    assert verdict.rows[0][2] == "rightly"


def test_a_page_of_the_readers_own_is_continued_instead() -> None:
    items = shown(own="Mira: pie\nTona:")
    page = next(item.content for item in items if isinstance(item, Moving))
    assert isinstance(page, Passage) and page.parts[0] == ("Mira: pie\nTona:", "given")
    assert not [item for item in items if isinstance(item, Table)]


@pytest.mark.parametrize("own", ["x", "🐈", "שלום", "a\r\n\tb ", "<|endoftext|>", "<script>", "\x00"])
def test_any_text_is_a_page(own: str) -> None:
    assert shown(own=own)


@pytest.mark.parametrize("own", ["\ud800", "🐈" * 200, "x" * 10_000])
def test_what_is_no_page_is_refused_with_words(own: str) -> None:
    with pytest.raises(ValueError, match=r"^own: expected .*, got .*; .+"):
        shown(own=own)


def test_the_same_seed_writes_the_same_and_temperature_draws() -> None:
    page = "Q: What does Mira eat?\nA:"
    assert continuation(page, 1.0, seed=3) == continuation(page, 1.0, seed=3)
    assert len({continuation(page, 1.5, seed=seed) for seed in range(5)}) > 1


def test_a_pattern_that_no_program_judges_is_refused() -> None:
    with pytest.raises(ValueError, match="pattern: expected one of right answers"):
        accuracy("a chat", 4)


def test_the_lab_is_live() -> None:
    assert LAB.label == "live"
