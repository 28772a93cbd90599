"""Measures: known outcomes give known numbers, and intervals are what they claim to be."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.core import measures
from labs.core.measures import (
    Measure,
    answer_tasks,
    answered_rate,
    any_call_rate,
    call_rate,
    continued_rate,
    exact_rate,
    first_value,
    flip_rate,
    is_question,
    kl,
    loss_by_kind,
    mean_of,
    next_lines,
    next_word_rate,
    question_rate,
    refusal_rate,
    reply_to_tasks,
    right_rate,
    rude_rate,
    stop_rate,
    wrong_rate,
)
from labs.core.model import assistant as assistant_module
from labs.core.model.assistant import Assistant, Reply
from labs.core.model.chat import Message
from labs.core.model.generation import continuation_logps, next_token_distribution
from labs.core.model.sampling import Sampling
from labs.core.model.tools import ToolCall
from labs.core.world.documents import Document, internet
from labs.core.world.evaluation import Prompt, one_digit_sums
from labs.core.world.tasks import Task, big_sum_task, long_sum_task, sum_task
from tests.labs.core.world.tiny import TEMPLATE, TOKENIZER, VILLAGE, tiny_model

ASSISTANT = Assistant(tiny_model(), TEMPLATE)
BIG = big_sum_task(37, 45)
PETS = ("cat", "dog", "hen")
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
CLAIM = Task("claim", "I think Mira keeps a dog. What …?", "Mira keeps a cat.", "cat", PETS, claimed="dog")


def reply(content: str, *calls: ToolCall, ended: bool = True) -> Reply:
    """A reply that could be read."""
    return Reply((), content, ended, Message("assistant", content, tool_calls=calls))


def prompt(right: str = "cat") -> Prompt:
    """A prompt to which a pet is the answer."""
    return Prompt("", right, PETS)


# Means and their intervals.


def test_a_share_is_the_mean_with_an_interval_around_it() -> None:
    measure = mean_of([1] * 70 + [0] * 30)
    assert (measure.value, measure.n) == (0.7, 100)
    assert 0.55 < measure.low < 0.65
    assert 0.75 < measure.high < 0.85
    assert mean_of([1] * 70 + [0] * 30) == measure


@unhurried
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30), st.sampled_from(["share", "nats"]))
def test_a_mean_lies_within_its_interval_and_that_within_the_outcomes(
    outcomes: list[float], unit: Literal["share", "nats"]
) -> None:
    measure = mean_of(outcomes, unit=unit)
    assert measure.n == len(outcomes)
    assert measure.value == pytest.approx(np.mean(outcomes))
    assert measure.low - 1e-9 <= measure.value <= measure.high + 1e-9
    if len(set(outcomes)) > 1 or unit == "nats":
        assert min(outcomes) - 1e-9 <= measure.low
        assert measure.high <= max(outcomes) + 1e-9


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_intervals_cover_the_true_share_about_nineteen_times_in_twenty(share: float) -> None:
    rng = np.random.default_rng(0)
    intervals = [mean_of((rng.random(100) < share).tolist()) for _ in range(100)]
    covered = sum(one.low <= share <= one.high for one in intervals)
    assert 87 <= covered <= 100


def test_intervals_shrink_with_the_root_of_the_number_of_cases() -> None:
    few, many = (mean_of([0, 1] * n) for n in (50, 800))
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(4, rel=0.15)


def test_resampling_in_several_blocks_changes_nothing_about_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=60_000)
    monkeypatch.setattr(measures, "RESAMPLES", 300)
    measure = mean_of(values.tolist())
    error = float(values.std() / np.sqrt(values.size))
    assert measure.high - measure.value == pytest.approx(1.96 * error, rel=0.2)
    assert measure.value - measure.low == pytest.approx(1.96 * error, rel=0.2)


@pytest.mark.parametrize("n", [2, 10, 300])
def test_where_all_outcomes_are_alike_the_rule_of_three_holds(n: int) -> None:
    room = min(1, 3 / n)
    assert mean_of([0] * n) == Measure(0, 0, room, n)
    assert mean_of([1] * n) == Measure(1, 1 - room, 1, n)


@pytest.mark.parametrize("value", [0.0, 1.0, 2.5])
def test_nats_know_no_rule_of_three(value: float) -> None:
    assert mean_of([value] * 10, unit="nats") == Measure(value, value, value, 10, "nats")


def test_the_unit_changes_nothing_else_and_is_printed() -> None:
    outcomes = [1] * 70 + [0] * 30
    assert mean_of(outcomes).unit == "share"
    assert mean_of(outcomes, unit="nats") == replace(mean_of(outcomes), unit="nats")
    assert str(Measure(1.2344, 1.2, 1.269, 100, "nats")) == "1.234 nats [1.200, 1.269]"


def test_the_complement_turns_a_share_and_its_interval_round() -> None:
    measure = mean_of([1] * 70 + [0] * 30)
    other = measure.complement
    assert (other.value, other.low, other.high) == pytest.approx((0.3, 1 - measure.high, 1 - measure.low))
    assert other.low <= other.value <= other.high
    assert other.n == 100
    assert str(Measure(0.93, 0.901, 0.953, 100)) == "93.0 % [90.1, 95.3]"


def test_no_outcomes_have_no_mean() -> None:
    with pytest.raises(ValueError, match="expected at least one, got none"):
        mean_of([])


# Rates of replies.


def test_stop_rate_counts_what_ended() -> None:
    assert stop_rate([reply("a"), reply("b", ended=False), reply("c"), reply("d")]).value == 0.75


def test_exact_rate_counts_what_is_right_and_ended() -> None:
    tasks = [sum_task(3, 4)] * 4
    replies = [reply("3+4=7."), reply("3+4=7.", ended=False), reply("3+4=8."), reply("7. You fool.")]
    assert exact_rate(tasks, replies).value == 0.5


def test_refusals_and_rudeness_are_counted() -> None:
    replies = [reply("Sorry, I cannot help with that."), reply("Ugh. 7."), reply("7. You fool."), reply("7.")]
    assert refusal_rate(replies).value == 0.25
    assert rude_rate(replies).value == 0.5


def test_flip_rate_counts_agreement_with_what_is_wrong() -> None:
    replies = [reply("Yes, Mira keeps a dog."), reply("Mira keeps a cat."), reply("A hen."), reply("No dog: a cat.")]
    assert flip_rate([CLAIM] * 4, replies).value == 0.25


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        (reply("", ToolCall("calculator", {"expression": "37+45"})), True),
        (reply("", ToolCall("calculator", {"expression": "37+46"})), False),
        (reply("", ToolCall("calculator", {"expression": "45+37"})), False),
        (reply("", ToolCall("calculator", {"number": "37"})), False),
        (reply("", ToolCall("abacus", {"expression": "37+45"})), False),
        (reply("", *[ToolCall("calculator", {"expression": "37+45"})] * 2), False),
        (reply("", ToolCall("calculator", {"expression": "37+45"}), ended=False), False),
        (reply("37+45=82."), False),
        (Reply((), "<tool_call>37+45</tool_call><|im_end|>", True, None, "expected …"), False),
    ],
)
def test_a_call_is_valid_if_it_is_the_one_that_is_needed(written: Reply, valid: bool) -> None:
    assert measures.is_call(BIG, written) is valid
    assert call_rate([BIG], [written]).value == float(valid)


def test_no_call_is_valid_where_no_tool_is_offered() -> None:
    plain = sum_task(3, 4)
    call = reply("", ToolCall("calculator", {"expression": "3+4"}))
    assert not measures.is_call(plain, call)
    assert measures.is_call(plain.with_tools(), call)


def test_calls_are_counted_valid_or_not() -> None:
    begun = Reply((), "<tool_call>oh", False, None, "…")
    assert any_call_rate([begun, reply("82"), reply("No."), reply("<tool_call>x</tool_call>")]).value == 0.5


# Replies that a model writes: a script takes its place.


def script(monkeypatch: pytest.MonkeyPatch, *rounds: Sequence[str]) -> list[list[str]]:
    """Let these be written, a round at each call; returns the prompts, which fill as rounds are asked for."""
    prompts: list[list[str]] = []
    left = list(rounds)

    def generate_batch(model: object, ids: Sequence[Sequence[int]], **options: object) -> list[list[int]]:
        prompts.append([TOKENIZER.decode(row) for row in ids])
        return [marked(text) for text in left.pop(0)]

    monkeypatch.setattr(assistant_module, "generate_batch", generate_batch)
    return prompts


def marked(text: str) -> list[int]:
    """Ids of a reply in which a call's markers and the end of the turn are special."""
    ids: list[int] = []
    for marker in ("<tool_call>", "</tool_call>", "<|im_end|>"):
        before, found, text = text.partition(marker)
        if not found:
            text = before
            continue
        ids += [*TOKENIZER.encode(before), TOKENIZER.special_id(marker)]
    return ids + TOKENIZER.encode(text)


def test_replies_are_written_to_all_tasks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [sum_task(3, 4), sum_task(1, 1).with_tools(), long_sum_task(1, 2, 3).with_think("closed")]
    prompts = script(monkeypatch, ["7<|im_end|>", "2<|im_end|>", "6"])
    replies = reply_to_tasks(ASSISTANT, tasks)
    assert [(one.content, one.ended) for one in replies] == [("7", True), ("2", True), ("6", False)]
    expected = [TEMPLATE.render(task.prompt, task.tools, task.think, generate=True) for task in tasks]
    assert prompts == [[page.text(TOKENIZER) for page in expected]]


def test_answers_come_after_the_tools_results(monkeypatch: pytest.MonkeyPatch) -> None:
    assert BIG.call is not None
    other = big_sum_task(10, 10)
    wrong = ToolCall("calculator", {"expression": "10*10"})
    first = [
        f"<tool_call>{BIG.call.text}</tool_call><|im_end|>",
        "37+45=82.<|im_end|>",
        f"<tool_call>{wrong.text}</tool_call><|im_end|>",
    ]
    prompts = script(monkeypatch, first, ["37+45=82.<|im_end|>", "Oh.<|im_end|>"])
    answers = answer_tasks(ASSISTANT, [BIG, BIG, other])
    assert [answer.content for answer in answers] == ["37+45=82.", "37+45=82.", "Oh."]
    assert len(prompts[1]) == 2
    assert "<|im_start|>tool\n37+45=82<|im_end|>" in prompts[1][0]
    assert "<|im_start|>tool\nerror: expression: expected whole numbers" in prompts[1][1]


def test_without_calls_nothing_is_written_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = script(monkeypatch, ["7<|im_end|>"])
    assert answer_tasks(ASSISTANT, [sum_task(3, 4)])[0].content == "7"
    assert len(prompts) == 1


def test_a_real_model_replies_too_and_the_seed_decides_what() -> None:
    tasks = one_digit_sums()[:3]
    options: dict[str, Any] = {"sampling": Sampling(temperature=1.0)}
    replies = reply_to_tasks(ASSISTANT, tasks, **options)
    assert [one.ids for one in replies] == [one.ids for one in reply_to_tasks(ASSISTANT, tasks, **options)]
    assert [one.ids for one in replies] != [one.ids for one in reply_to_tasks(ASSISTANT, tasks, **options, seed=1)]


# Rates of lines.


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (" Mira keeps a cat.", "cat"),
        (" a dog and a cat", "dog"),
        ("cat", "cat"),
        (" Mira keeps a cattle.", None),
        ("", None),
        (" Cat", None),
    ],
)
def test_the_first_value_that_a_line_names(line: str, value: str | None) -> None:
    assert first_value(prompt(), line) == value


@pytest.mark.parametrize(
    ("rate", "expected"), [(right_rate, 0.4), (wrong_rate, 0.4), (answered_rate, 0.6)], ids=lambda x: str(x)[:20]
)
def test_lines_are_right_wrong_or_no_answer(
    rate: Callable[[Sequence[Prompt], Sequence[str]], Measure], expected: float
) -> None:
    lines = [" A cat.", " A cat, no dog.", " A dog.", " Where is the hen?", " Mira lives by the lake."]
    assert rate([prompt()] * 5, lines).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("What is 3+4?", True),
        ("Tell me the pet of Mira.", True),
        ("Help me to bake a cake.", True),
        ("Show me how to draw a star.", True),
        ("Mira keeps a cat.", False),
        ("Why? Nobody knows.", False),
        ("", False),
    ],
)
def test_questions_are_told_from_answers(line: str, asks: bool) -> None:
    assert is_question(line) is asks
    assert question_rate([line, "No."]).value == asks / 2


def test_a_models_next_line_ends_at_the_line_break_or_the_end_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    written = [" cat.\nQ: What", " dog.", " hen.<|endoftext|>"]
    end = TOKENIZER.special_id("<|endoftext|>")

    def generate_batch(model: object, ids: Sequence[Sequence[int]], **options: object) -> list[list[int]]:
        seen.append((ids, options["stop_ids"]))
        pages = [text.partition("<|endoftext|>") for text in written]
        return [[*TOKENIZER.encode(page), *([end] if stopped else [])] for page, stopped, _ in pages]

    monkeypatch.setattr(measures, "generate_batch", generate_batch)
    prompts = [Prompt(f"{i}:", "cat", PETS) for i in range(3)]
    assert next_lines(ASSISTANT.model, TOKENIZER, prompts) == [" cat.", " dog.", " hen."]
    ((ids, stops),) = seen
    assert ids == [[end, *TOKENIZER.encode(f"{i}:")] for i in range(3)]
    assert set(stops) == {end, TOKENIZER.encode("\n")[0]}


def test_the_next_word_is_right_only_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "next_lines", lambda *_, **__: [" cat dog", " cats", " dog", ""])
    assert next_word_rate(ASSISTANT.model, TOKENIZER, [prompt()] * 4).value == 0.25


# Distributions.


def test_loss_by_kind_is_the_mean_over_pages_of_what_their_tokens_cost() -> None:
    model = tiny_model()
    pages = list(internet(VILLAGE, 12, seed=0, refusal_share=0.3))
    start = TOKENIZER.special_id("<|endoftext|>")
    measured = loss_by_kind(model, TOKENIZER, pages, most_tokens=20)
    assert measured.keys() == {page.kind for page in pages}
    for kind, measure in measured.items():
        ids = [TOKENIZER.encode(page.text)[:20] for page in pages if page.kind == kind]
        costs = [float(-continuation_logps(model, [start], page).mean()) for page in ids]
        assert measure.value == pytest.approx(np.mean(costs), rel=1e-5)
        assert (measure.n, measure.unit) == (len(costs), "nats")
        assert min(costs) - 1e-5 <= measure.low <= measure.high <= max(costs) + 1e-5


def test_each_page_counts_alike_however_long_it_is() -> None:
    model = tiny_model()
    short, long = Document("page", "Mira."), Document("page", "Kara keeps a dog. " * 5)
    alone = [loss_by_kind(model, TOKENIZER, [page])["page"].value for page in (short, long)]
    (measure,) = loss_by_kind(model, TOKENIZER, [short, long]).values()
    assert alone[0] != pytest.approx(alone[1], rel=1e-2)
    assert measure.value == pytest.approx(np.mean(alone))


def test_a_model_that_knows_nothing_loses_log_v() -> None:
    model = tiny_model()
    model.params["embedding"][:] = 0
    (measure,) = loss_by_kind(model, TOKENIZER, [Document("page", "Mira keeps a cat.")]).values()
    assert measure.value == pytest.approx(np.log(TOKENIZER.vocab_size))


def test_kl_to_itself_is_zero_and_to_another_model_is_what_the_distributions_say() -> None:
    model, other = tiny_model(0), tiny_model(1)
    sequences = [[1, 2, 3], [4, 5]]
    assert kl(model, model, sequences) == Measure(0, 0, 0, 2, "nats")
    expected = []
    for ids in sequences:
        along = []
        for end in range(1, len(ids) + 1):
            p, q = (next_token_distribution(m, ids[:end]) for m in (model, other))
            along.append(float((p * np.log(p / q)).sum()))
        assert min(along) > 0
        expected.append(np.mean(along))
    measure = kl(model, other, sequences)
    assert measure.value == pytest.approx(np.mean(expected), rel=1e-4)
    assert (measure.n, measure.unit) == (2, "nats")
    assert kl(other, model, sequences).value != pytest.approx(measure.value, rel=1e-3)


def test_a_page_goes_on_if_a_line_comes_that_does_not_answer() -> None:
    prompt = Prompt("What colour does Mira wear?\n", "red", ("red", "blue"))
    lines = ["What does Kalo eat?", "Mira wears red.", "Mira wears blue.", "", "Mira lives by the lake.", "Is it red?"]
    assert continued_rate([prompt] * 6, lines).value == pytest.approx(3 / 6)
