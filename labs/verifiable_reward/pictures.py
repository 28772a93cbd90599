"""What the lab shows of a training: shares and lengths on the way, one step's groups, replies before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.core.model.checkpoint import Checkpoint
from labs.core.world.tasks import Task
from labs.verifiable_reward.grpo import GrpoStep
from labs.verifiable_reward.measuring import Measured
from labs.verifiable_reward.turns import MAX_NEW_TOKENS, Turn

MINUS = "−"


@dataclass(frozen=True)
class Curves:
    """What is known so far: looks at held-out sums, from before the first step on, and the steps themselves."""

    held_out: list[tuple[int, Measured]]
    steps: list[GrpoStep]


def shares_chart(curves: Curves, steps: int) -> Chart:
    """How many replies are rewarded and right, and how many groups teach nothing; the axes stand still."""
    at, (first, last) = curves.held_out[-1][0], (curves.held_out[0][1], curves.held_out[-1][1])
    said = (
        f"After {at} of {steps} steps {percent(last.sampled)} of the replies sampled to held-out sums are right "
        f"({percent(first.sampled)} before), and {percent(last.right)} of the likeliest ones ({percent(first.right)})."
    )
    lines = [
        Line("held-out sums, sampled: right", *_columns([(step, one.sampled) for step, one in curves.held_out])),
        Line("held-out sums, likeliest: right", *_columns([(step, one.right) for step, one in curves.held_out])),
    ]
    if done := curves.steps:
        lines.append(
            Line("training groups: rewarded", *_columns([(one.step, float(one.rewards.mean())) for one in done]))
        )
        lines.append(Line("groups of zero variance", *_columns([(one.step, one.zero_variance) for one in done])))
        said += f" In step {done[-1].step} {percent(done[-1].zero_variance)} of the groups have zero variance."
    return line_chart(
        lines,
        title="This run: right answers, rewards, and groups that teach nothing",
        alt=said,
        x="step",
        y="share of replies, or of groups",
        x_domain=(0, steps),
        y_domain=(0, 1),
    )


def length_chart(curves: Curves, steps: int, calculator: bool) -> Chart:
    """How much the model writes; with the calculator a reply has several pieces."""
    lengths = [(one.step, one.length) for one in curves.steps]
    return line_chart(
        [Line("tokens of a reply", *_columns(lengths))],
        title="This run: length of the sampled replies",
        alt=f"A sampled reply has {lengths[-1][1]:.0f} tokens on average after {lengths[-1][0]} of {steps} steps.",
        x="step",
        y="tokens that the model wrote",
        x_domain=(0, steps),
        y_domain=(0, 2 * MAX_NEW_TOKENS if calculator else MAX_NEW_TOKENS),
        height=140,
    )


def groups_table(record: GrpoStep) -> Table:
    """All groups of a step in a line each: what they earned, and what came of it."""
    size = record.rewards.shape[1]
    rows: list[list[object]] = []
    for group, (rewards, advantages) in enumerate(zip(record.rewards, record.advantages, strict=True)):
        right = rewards > 0
        rows.append(
            [
                _sum(record.tasks[group * size]),
                f"{int(right.sum())} of {size}",
                _mean(advantages[right]),
                _mean(advantages[~right]),
                _verdict(rewards),
            ]
        )
    return Table(
        ["Sum", "Rewarded", "Advantage", "of the others", "The group"],
        rows,
        f"This run: the groups of step {record.step}",
    )


def group_table(record: GrpoStep, start: Checkpoint) -> Table:
    """One group in full: that whose rewards differ most, else the first."""
    chosen = int(np.argmax(record.rewards.std(axis=1)))
    size = record.rewards.shape[1]
    rows: list[list[object]] = [
        [in_words(turn, start), f"{reward:.0f}", _signed(advantage)]
        for turn, reward, advantage in zip(
            record.turns[chosen * size : (chosen + 1) * size],
            record.rewards[chosen],
            record.advantages[chosen],
            strict=True,
        )
    ]
    return Table(
        ["Reply", "Reward", "Advantage"],
        rows,
        f"This run: one group of step {record.step} in full, {_sum(record.tasks[chosen * size])}. "
        f"{_verdict(record.rewards[chosen]).capitalize()}",
    )


def replies_table(tasks: Sequence[Task], before: Sequence[str], now: Sequence[str], step: int) -> Table:
    """Replies to held-out sums, of the model at the start and of the model as it is now."""
    return Table(
        ["Held-out sum", f"After {step} steps", "At the start"],
        [list(row) for row in zip([_sum(task) for task in tasks], now, before, strict=True)],
        "This run: the likeliest replies, right or wrong. ⏎ is a line break, … is where we stopped it.",
    )


def in_words(turn: Turn, start: Checkpoint) -> str:
    """A turn as the model sees it, markers too, and an ellipsis where it was cut."""
    text = start.tokenizer.decode(turn.ids)
    return f"{text}{'' if turn.reply.ended else '…'}".replace("\n", "⏎")


def _sum(task: Task) -> str:
    return task.answer.partition("=")[0]


def _verdict(rewards: np.ndarray) -> str:
    if np.ptp(rewards) > 0:
        return "mixed: the rewarded become likelier"
    return "zero variance: teaches nothing"


def _mean(advantages: np.ndarray) -> str:
    return _signed(fmean(advantages.tolist())) if len(advantages) else "–"


def _signed(value: float) -> str:
    if abs(value) < 0.005:
        return "0"
    return f"{'+' if value > 0 else MINUS}{abs(value):.2f}"


def _columns(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
