"""Verifiable reward: GRPO with thinking and with the calculator, over three seeds; what was recorded; the lab."""

from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest

from labs.core.bridge import run_lab
from labs.core.contract import Chart, Moving, Progress, Table
from labs.core.model.assistant import GREEDY, Reply
from labs.core.model.chat import Message
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.training.loop import Schedule
from labs.core.training.rlhf import rlhf
from labs.core.world.evaluation import two_step_sums
from labs.core.world.tasks import big_sum_task, long_sum_task
from labs.verifiable_reward.grpo import GrpoStep, grpo, turn_batch
from labs.verifiable_reward.lab import LAB
from labs.verifiable_reward.measuring import answer, measure_model, pass_at
from labs.verifiable_reward.pictures import groups_table
from labs.verifiable_reward.sums import HELD_OUT, TRAINED, is_solved, sum_tasks
from labs.verifiable_reward.training import Settings, held_out_tasks, starting_model, tune
from labs.verifiable_reward.turns import MAX_NEW_TOKENS, Turn, write_turns
from tests.labs.conftest import scales_of

SEEDS = (0, 1, 2)
SHORT = Settings("open", "off", "strict", 16, 4, True, 0.0, 2e-4, 10, 0)
"""Fewer steps than the default: enough for what is claimed."""
WITH_CALCULATOR = replace(SHORT, think="absent", calculator="offered and shown", prompts=8, steps=5)


@cache
def start() -> Checkpoint:
    return load_checkpoint("sft")


# What training does, over three seeds.


@pytest.mark.parametrize("seed", SEEDS)
def test_more_of_what_it_samples_is_right_on_sums_that_no_step_trained_on(seed: int) -> None:
    settings = replace(SHORT, seed=seed)
    *_, last = tune(start(), start().model, settings)
    before, after = (
        measure_model(start(), model, held_out_tasks(settings), 2, 0) for model in (start().model, last.state.model)
    )
    assert after.sampled >= before.sampled + 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_once_it_calls_the_calculator_now_and_then_the_reward_makes_that_the_rule(seed: int) -> None:
    settings = replace(WITH_CALCULATOR, seed=seed)
    model = starting_model(start(), settings)
    *_, last = tune(start(), model, settings)
    before, after = (measure_model(start(), one, held_out_tasks(settings), 1, 0) for one in (model, last.state.model))
    assert 0 < before.called < 0.6 and after.called > 0.8
    assert after.sampled >= before.sampled + 0.25


def test_it_never_calls_the_calculator_by_itself_so_no_reward_can_teach_it() -> None:
    measured = measure_model(start(), start().model, sum_tasks(HELD_OUT, "absent", True), 3, 0)
    assert measured.called == 0


# The loop.


@pytest.mark.parametrize("scale", [True, False])
def test_without_tools_its_steps_are_those_of_rlhf(scale: bool) -> None:
    """With a beta all turns are scored, and they agree to the bit."""
    tasks = sum_tasks(TRAINED, "open", False)
    prompts = [start().assistant.prompt(task.prompt, (), "open") for task in tasks]
    by_prompt = {tuple(prompt): task for prompt, task in zip(prompts, tasks, strict=True)}
    schedule = Schedule(2, 2e-4, warmup=1)

    def reward(asked: object, replies: object) -> np.ndarray:
        assert isinstance(asked, list) and isinstance(replies, list)
        read = [start().assistant.read(reply, "open") for reply in replies]
        return np.array([is_solved(by_prompt[tuple(ids)], one) for ids, one in zip(asked, read, strict=True)], float)

    theirs = rlhf(
        start().model,
        prompts,
        reward,
        schedule=schedule,
        batch_size=4,
        max_new_tokens=MAX_NEW_TOKENS,
        seed=3,
        stop_ids=(start().assistant.end_id,),
        beta=0.05,
        method="grpo",
        num_generations=4,
        scale_rewards=scale,
    )
    ours = grpo(
        start(), start().model, tasks, schedule=schedule, prompts=4, group_size=4, seed=3, scale=scale, beta=0.05
    )
    for mine, other in zip(ours, theirs, strict=True):
        assert [list(turn.ids) for turn in mine.turns] == [list(reply) for reply in other.replies]
        assert mine.rewards.reshape(-1).tolist() == other.rewards.tolist()
        assert (mine.loss_nats, mine.gradient_norm) == (other.loss_nats, other.gradient_norm)
        assert mine.zero_variance == pytest.approx(other.zero_variance_groups)
        for name, weights in mine.state.model.params.items():
            assert (weights == other.state.model.params[name]).all(), name


def test_groups_of_zero_variance_are_left_out_and_nothing_changes_by_that() -> None:
    """Without beta only mixed groups are scored. A beta of almost 0 scores all: the gradients are the same."""
    tasks = sum_tasks(TRAINED, "open", False)
    few, every = (
        next(
            grpo(start(), start().model, tasks, schedule=Schedule(1, 2e-4), prompts=6, group_size=4, seed=1, beta=beta)
        )
        for beta in (0.0, 1e-12)
    )
    assert 0 < few.zero_variance < 1
    assert few.gradient_norm == pytest.approx(every.gradient_norm, rel=1e-4)
    assert few.advantages == pytest.approx(every.advantages, abs=1e-6)


def test_a_step_whose_groups_are_all_of_zero_variance_has_no_gradient() -> None:
    tasks = [replace(task, right="never") for task in sum_tasks(TRAINED, "open", False)]  # nobody can solve these
    (step,) = grpo(start(), start().model, tasks, schedule=Schedule(1, 2e-4), prompts=2, group_size=2, seed=0)
    assert step.zero_variance == 1 and step.gradient_norm == 0 and not step.advantages.any()
    assert [row[4] for row in groups_table(step).rows] == ["zero variance: teaches nothing"] * 2


# Turns with tools.


def big_sum() -> Turn:
    task = big_sum_task(37, 45)
    return write_turns(start().model, start().assistant, [task], seeds=[0, 1, 2], sampling=GREEDY)[0]


def test_a_call_is_carried_out_and_only_what_the_model_wrote_counts() -> None:
    turn, tokenizer = big_sum(), start().tokenizer
    assert turn.calls == 1 and turn.reply.message is not None
    assert is_solved(big_sum_task(37, 45), turn.reply)
    pairs = list(zip(turn.ids, turn.written, strict=True))
    call = "<tool_call><function=calculator><parameter=expression>37+45</parameter></function></tool_call><|im_end|>"
    assert tokenizer.decode([token for token, ours in pairs if ours]) == call + turn.reply.text
    between = "\n<|im_start|>tool\n37+45=82<|im_end|>\n<|im_start|>assistant\n"
    assert tokenizer.decode([token for token, ours in pairs if not ours]) == between
    batch = turn_batch([turn])
    assert batch.weights.sum() == turn.length
    assert batch.targets[batch.scored].tolist() == [token for token, ours in pairs if ours]


def test_a_turn_is_what_the_assistant_does_with_the_same_messages() -> None:
    task = big_sum_task(37, 45)
    from labs.core.world.calculator import FUNCTIONS

    turn = start().assistant.answer(task.prompt, task.tools, task.think, functions=FUNCTIONS)
    rendered = start().template.render([*task.prompt, *turn], task.tools)
    ours = big_sum()
    newline = len(start().tokenizer.encode("\n"))
    assert [*ours.prompt, *ours.ids] == rendered.ids[:-newline]


def test_a_turn_ends_with_its_last_call_allowed() -> None:
    task = big_sum_task(37, 45)
    (turn,) = write_turns(start().model, start().assistant, [task], seeds=[0], sampling=GREEDY)
    assert turn.calls == 0 and turn.reply.message is not None and turn.reply.message.tool_calls
    assert not is_solved(task, turn.reply)


# The checker.


def reply(text: str, message: Message | None, ended: bool = True) -> Reply:
    return Reply((), text, ended, message)


@pytest.mark.parametrize(
    ("said", "strict", "lenient"),
    [
        (reply("3+4+5=12.<|im_end|>", Message("assistant", "3+4+5=12.")), True, True),
        (reply("3+4+5=13.<|im_end|>", Message("assistant", "3+4+5=13.")), False, False),
        (reply("3+4=7. 7+5=12.<|im_end|>", None), False, True),
        (reply("7+5=12.\n</think>\n\n<|im_end|>", Message("assistant", "", "7+5=12.")), False, True),
        (reply("3+4+5=12.", Message("assistant", "3+4+5=12."), ended=False), False, False),
    ],
    ids=["right", "wrong", "never closes", "only thought", "never ends"],
)
def test_what_the_checkers_accept(said: Reply, strict: bool, lenient: bool) -> None:
    task = long_sum_task(3, 4, 5)
    assert (is_solved(task, said), is_solved(task, said, "lenient")) == (strict, lenient)


def test_held_out_sums_are_those_that_the_dialogues_leave_out() -> None:
    assert len(HELD_OUT) == 100 and len(TRAINED) == 900 and not set(HELD_OUT) & set(TRAINED)
    trained = set(TRAINED)
    reordered = [numbers for numbers in HELD_OUT if any(other in trained for other in permutations(numbers))]
    assert len(reordered) > 90, "nearly all are trained on in another order, as the page says"
    known = {f"What is {a}+{b}+{c}?" for a, b, c in HELD_OUT}
    assert {task.question for task in two_step_sums(50, 0)} <= known


@pytest.mark.parametrize(("samples", "right"), [(4, 0), (4, 1), (5, 3), (6, 6)])
def test_pass_at_is_the_share_of_draws_that_hold_a_right_one(samples: int, right: int) -> None:
    for k in range(1, samples + 1):
        draws = list(combinations([True] * right + [False] * (samples - right), k))
        assert pass_at(k, samples, right) == pytest.approx(sum(map(any, draws)) / len(draws))


# The lab.


def test_a_run_moves_and_shows_its_groups() -> None:
    items = list(run_lab("verifiable_reward", {"steps": 3, "prompts": 4}))
    assert isinstance(items[0], Progress)
    moved: dict[str, list[object]] = {}
    for item in items:
        if isinstance(item, Moving):
            moved.setdefault(item.name, []).append(item.content)
    assert list(moved) == ["shares", "replies", "groups", "group", "length"]
    assert len(moved["shares"]) == 4
    for one, other in pairwise(moved["shares"]):
        assert isinstance(one, Chart) and isinstance(other, Chart)
        assert len(other.table.rows) > len(one.table.rows)
        assert scales_of(one) == scales_of(other), "the axes stand still"
    groups, group = moved["groups"][-1], moved["group"][-1]
    assert isinstance(groups, Table) and len(groups.rows) == 4
    assert isinstance(group, Table) and len(group.rows) == 4
    done = [item for item in items if isinstance(item, Progress)]
    assert (done[0].done, done[-1].done, done[-1].total) == (0, 3, 3)
    mine, found = items[-2:]
    assert isinstance(mine, Table) and "This run" in mine.caption
    assert isinstance(found, Table) and "python -m labs sweep verifiable_reward" in found.caption


@pytest.mark.parametrize(
    "values",
    [
        {"prompts": 1, "group_size": 2, "think": "absent"},
        {"prompts": 2, "group_size": 16, "advantage": "Dr. GRPO", "beta": 1.0, "learning_rate": 0.01},
        {"prompts": 2, "calculator": "offered and shown", "checker": "lenient", "seed": 2**32 - 1},
    ],
    ids=["few", "wild", "calculator"],
)
def test_controls_can_go_to_their_ends(values: dict[str, object]) -> None:
    assert isinstance(list(run_lab("verifiable_reward", {"steps": 1} | values))[-1], Table)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"group_size": 1}, "group_size"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"calculator": "broken"}, "calculator"),
        ({"steps": 10**6}, "steps"),
        ({"beta": -1.0}, "beta"),
    ],
)
def test_bad_input_is_refused_beside_its_control(values: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=f"{named}: expected"):
        list(run_lab("verifiable_reward", values))


def test_it_waits_for_its_button_and_is_live() -> None:
    assert (LAB.action, LAB.waits, LAB.label) == ("Train", True, "live")


def test_a_groups_table_says_in_words_what_teaches_nothing() -> None:
    (step,) = tune(start(), start().model, replace(SHORT, steps=1))
    assert isinstance(step, GrpoStep)
    rows = groups_table(step).rows
    for row, rewards in zip(rows, step.rewards, strict=True):
        assert ("zero variance" in str(row[4])) == (len(set(rewards.tolist())) == 1)
    assert any("zero variance" in str(row[4]) for row in rows) and any("mixed" in str(row[4]) for row in rows)
    assert len(answer(start(), start().model, held_out_tasks(SHORT)[:2], GREEDY, 0)) == 2
