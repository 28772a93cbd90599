"""The table of behaviours: how cells are filled and judged, with models that know nothing."""

from collections.abc import Sequence

import numpy as np
import pytest

from labs.core import behaviours, recipe
from labs.core.behaviours import ALL, BEHAVIOURS, HELD_OUT_PAIRS, Bar, Behaviour, Cell, measure_behaviours, pool
from labs.core.encoding import pair_all
from labs.core.measures import Measure, mean_of
from labs.core.model.assistant import Assistant, Reply
from labs.core.model.chat import Message
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer
from labs.core.recipe import DATA_SEED, STAGES
from labs.core.training.reward_model import RewardModel
from labs.core.world.documents import ABSURD_SHARE
from labs.core.world.evaluation import Prompt
from labs.core.world.preferences import preferences
from labs.core.world.tasks import Task
from tests.labs.core.world.tiny import (
    FACT_OF,
    TOKENIZER,
    VILLAGE,
    absurd_answers,
    assert_share,
    exchanges,
    held_out,
    tiny_model,
)

CHECKPOINTS = {name: Checkpoint(name, tiny_model(i), TOKENIZER, {}) for i, name in enumerate(("base", "sft", "chat"))}


def share(right: int, n: int = 10) -> Measure:
    """A measure of n cases of which so many were right."""
    return mean_of([1] * right + [0] * (n - right))


@pytest.mark.parametrize(
    ("bar", "value", "met"),
    [
        (Bar("≥", 0.9), 0.9, True),
        (Bar("≥", 0.9), 0.89, False),
        (Bar("≤", 0.05), 0.05, True),
        (Bar("≤", 0.05), 0.06, False),
    ],
)
def test_a_bar_is_met_at_least_or_at_most(bar: Bar, value: float, met: bool) -> None:
    assert bar.met_by(Measure(value, 0, 1, 100)) is met


def test_a_bar_is_printed_in_percent() -> None:
    assert str(Bar("≥", 0.9)) == "≥ 90 %"
    assert str(Bar("≤", 0.025)) == "≤ 2.5 %"


def test_pooled_shares_are_the_share_of_all_cases() -> None:
    mixed = pool([share(7), share(9), share(10, 20)])
    assert (mixed.value, mixed.n) == (26 / 40, 40)
    assert pool([share(10), share(10)]) == mean_of([1] * 20)
    pooled, alone = pool([share(5)] * 4), share(5)
    assert pooled.high - pooled.low < alone.high - alone.low


def table(monkeypatch: pytest.MonkeyPatch, *rows: Behaviour) -> None:
    """Make this the table."""
    monkeypatch.setattr(behaviours, "BEHAVIOURS", rows)


def test_a_cell_pools_the_seeds_keeps_each_and_says_whether_the_bar_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    table(
        monkeypatch,
        Behaviour("rises", lambda checkpoint, seed: share(7 + seed), {"sft": Bar("≥", 0.8), "chat": None}),
        Behaviour("knows", lambda checkpoint, seed: share(10 if checkpoint.name == "chat" else 0), ALL),
    )
    rows = measure_behaviours(CHECKPOINTS)
    assert [row.behaviour for row in rows] == ["rises", "knows"]
    pooled = pool([share(7), share(8), share(9)])
    assert pooled.value == 0.8
    assert rows[0].cells["sft"] == Cell(pooled, (0.7, 0.8, 0.9), "≥ 80 %", True)
    assert rows[0].cells["chat"] == Cell(pooled, (0.7, 0.8, 0.9), "", None)
    assert {name: cell.measure.value for name, cell in rows[1].cells.items()} == {"base": 0, "sft": 0, "chat": 1}
    assert "base" not in rows[0].cells


def test_only_models_that_are_there_are_measured_and_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    table(monkeypatch, *[Behaviour(str(i), lambda checkpoint, seed: share(5), ALL) for i in range(2)])
    heard: list[tuple[int, int]] = []
    two = {name: CHECKPOINTS[name] for name in ("base", "chat")}
    rows = measure_behaviours(two, seeds=[5], on_progress=lambda done, of: heard.append((done, of)))
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert all(set(row.cells) == set(two) for row in rows)
    assert measure_behaviours({}) == []


def test_every_behaviour_asks_something_else_for_every_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    unended = Reply((), "", False, Message("assistant", ""))

    def replies(assistant: Assistant, tasks: Sequence[Task], **options: object) -> list[Reply]:
        asked.append(([task.prompt for task in tasks], options))
        return [unended] * len(tasks)

    def lines(model: Transformer, tokenizer: Tokenizer, prompts: Sequence[Prompt], **options: object) -> list[str]:
        asked.append(([prompt.text for prompt in prompts], options))
        return [""] * len(prompts)

    def words(model: Transformer, tokenizer: Tokenizer, prompts: Sequence[Prompt]) -> Measure:
        lines(model, tokenizer, prompts)
        return share(5)

    monkeypatch.setattr(behaviours, "reply_to_tasks", replies)
    monkeypatch.setattr(behaviours, "answer_tasks", replies)
    monkeypatch.setattr(behaviours, "next_lines", lines)
    monkeypatch.setattr(behaviours, "next_word_rate", words)
    monkeypatch.setattr(behaviours, "CASES", 6)
    for behaviour in BEHAVIOURS:
        name = next(iter(behaviour.bars))
        if name == "reward":
            continue
        asked.clear()
        for seed in (0, 1, 2, 0):
            behaviour.measure(CHECKPOINTS[name], seed)
        first, second, third, again = asked
        assert first == again, behaviour.name
        assert first != second != third != first, behaviour.name


def test_long_and_big_sums_of_the_table_are_held_out_from_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def replies(assistant: Assistant, tasks: Sequence[Task]) -> list[Reply]:
        asked.extend(task.question for task in tasks if task.kind in ("long sum", "big sum"))
        return [Reply((), "", False, Message("assistant", ""))] * len(tasks)

    monkeypatch.setattr(behaviours, "answer_tasks", replies)
    monkeypatch.setattr(behaviours, "reply_to_tasks", replies)
    rows = [b for b in BEHAVIOURS if "sums" in b.name or b.name.startswith("calls the calculator")]
    assert len(rows) == 5
    for behaviour in rows:
        behaviour.measure(CHECKPOINTS["sft"], 0)
    assert len(asked) == 4 * behaviours.CASES
    assert all(held_out(question.removeprefix("What is ").removesuffix("?")) for question in asked)


def test_wrong_answers_are_measured_with_absurd_ones_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[str, list[bool]] = {}

    for behaviour in BEHAVIOURS:
        if not behaviour.name.startswith("goes on wrongly"):
            continue
        seen = shown.setdefault(behaviour.name.partition("answers")[2], [])

        def lines(
            model: Transformer, tokenizer: Tokenizer, prompts: Sequence[Prompt], seen: list[bool] = seen
        ) -> list[str]:
            pages = [list(exchanges(prompt.text)) for prompt in prompts]
            seen.extend(answer in absurd_answers(FACT_OF[question]) for page in pages for question, answer in page)
            return [""] * len(prompts)

        monkeypatch.setattr(behaviours, "next_lines", lines)
        behaviour.measure(CHECKPOINTS["base"], 0)
    assert set(shown) == {"", ", none of them absurd"}
    assert_share(sum(shown[""]), len(shown[""]), ABSURD_SHARE)
    assert not any(shown[", none of them absurd"])


REWARD = Checkpoint("reward", tiny_model(3), TOKENIZER, {}, np.random.default_rng(0).normal(size=8).astype(np.float32))
PREFERS = next(behaviour for behaviour in BEHAVIOURS if "reward" in behaviour.bars)


@pytest.mark.parametrize("seed", [0, 2])
def test_the_reward_model_is_asked_for_pairs_that_nobody_is_trained_on(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behaviours, "CASES", 12)
    pairs = [
        pair for pair in pair_all(preferences(VILLAGE, 12, HELD_OUT_PAIRS + seed), REWARD.template) if recipe.fits(pair)
    ]
    assert REWARD.reward_head is not None
    reward = RewardModel(REWARD.model, REWARD.reward_head)
    chosen, rejected = (
        np.array([reward.score([[*pair.prompt, *reply]])[0] for pair, reply in replies])
        for replies in ([(pair, pair.chosen) for pair in pairs], [(pair, pair.rejected) for pair in pairs])
    )
    right = int((chosen > rejected).sum())
    assert 0 < right < len(pairs)
    assert PREFERS.measure(REWARD, seed) == mean_of(chosen > rejected)
    assert HELD_OUT_PAIRS > DATA_SEED + 1, "the seeds of the recipe's own pairs"


def test_the_reward_model_has_a_row_of_its_own_and_no_other_model_can_be_measured_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behaviours, "CASES", 4)
    (row,) = measure_behaviours({"reward": REWARD}, seeds=[0])
    assert (row.behaviour, set(row.cells)) == ("prefers the better of two replies, held-out pairs", {"reward"})
    assert row.cells["reward"].measure.n == 4
    with pytest.raises(ValueError, match="chat: expected a reward model, got one without a head; measure `reward`"):
        PREFERS.measure(CHECKPOINTS["chat"], 0)


def test_a_table_needs_seeds() -> None:
    with pytest.raises(ValueError, match="seeds: expected at least one"):
        measure_behaviours(CHECKPOINTS, seeds=())


def test_behaviours_have_names_of_their_own_and_bars_for_models_that_are_shipped() -> None:
    names = [behaviour.name for behaviour in BEHAVIOURS]
    assert len(set(names)) == len(names)
    for behaviour in BEHAVIOURS:
        assert behaviour.bars
        assert set(behaviour.bars) <= set(STAGES)
        assert all(bar is None or (bar.sign in "≥≤" and 0 <= bar.share <= 1) for bar in behaviour.bars.values())


def test_the_whole_table_can_be_measured_and_a_model_that_knows_nothing_fails_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(behaviours, "CASES", 4)
    rows = measure_behaviours({"chat": CHECKPOINTS["chat"]}, seeds=[0])
    assert [row.behaviour for row in rows] == [b.name for b in BEHAVIOURS if "chat" in b.bars]
    cells = {row.behaviour: row.cells["chat"] for row in rows}
    for behaviour in BEHAVIOURS:
        bar = behaviour.bars.get("chat")
        if bar is not None and bar.sign == "≥" and "none is needed" not in behaviour.name:
            assert cells[behaviour.name].met is False, behaviour.name
    assert all(0 <= cell.measure.low <= cell.measure.value <= cell.measure.high <= 1 for cell in cells.values())
