"""What a model does, as numbers with intervals: functions of a model and an evaluation set."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from labs.core.model.assistant import GREEDY, Assistant, Reply, carry_out
from labs.core.model.chat import Message, Think
from labs.core.model.generation import generate_batch
from labs.core.model.losses import target_logps
from labs.core.model.sampling import Sampling
from labs.core.model.tokenizer import END_OF_TEXT as END_OF_TEXT
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.tools import Tool, ToolCallError, check_call
from labs.core.model.transformer import Transformer
from labs.core.world.calculator import FUNCTIONS
from labs.core.world.documents import Document
from labs.core.world.evaluation import Prompt
from labs.core.world.judge import is_agreeing, is_refusal, is_right, is_rude
from labs.core.world.tasks import Task

RESAMPLES = 2_000
LINE_TOKENS = 32
"""How long a line of a page may become."""


@dataclass(frozen=True)
class Measure:
    """A mean over n cases with its 95 % bootstrap interval: a share, or in nats."""

    value: float
    low: float
    high: float
    n: int
    unit: Literal["share", "nats"] = "share"

    @property
    def complement(self) -> "Measure":
        """Of a share: the share of all other cases."""
        return Measure(1 - self.value, 1 - self.high, 1 - self.low, self.n)

    def __str__(self) -> str:
        """As it is printed: 93.0 % [90.1, 95.3], or 1.234 nats [1.200, 1.269]."""
        if self.unit == "nats":
            return f"{self.value:.3f} nats [{self.low:.3f}, {self.high:.3f}]"
        return f"{100 * self.value:.1f} % [{100 * self.low:.1f}, {100 * self.high:.1f}]"


def mean_of(outcomes: Iterable[float], seed: int = 0, unit: Literal["share", "nats"] = "share") -> Measure:
    """The mean of outcomes (0 or 1 each, for a share) with the 95 % interval of 2,000 bootstrap means.

    Where all outcomes of a share are alike the bootstrap knows no spread, and the interval is that of the "rule of
    three": with n cases and none against it, up to 3 / n may still be.
    Raises: ValueError if there are none.
    Source: Efron 1979 (percentile bootstrap); Hanley and Lippman-Hand 1983 (rule of three).
    """
    values = np.asarray([float(outcome) for outcome in outcomes])
    if not values.size:
        raise ValueError("outcomes: expected at least one, got none; the evaluation set is empty.")
    mean = float(values.mean())
    if unit == "share" and np.ptp(values) == 0 and mean in (0.0, 1.0):
        room = min(1.0, 3 / values.size)
        return Measure(mean, max(0.0, mean - room), min(1.0, mean + room) if mean == 0 else mean, values.size)
    rng = np.random.default_rng(seed)
    rows = max(1, 100_000 // values.size)  # so many resamples at a time that memory stays small
    blocks = [(min(rows, RESAMPLES - done), values.size) for done in range(0, RESAMPLES, rows)]
    means = np.concatenate([values[rng.integers(0, values.size, block)].mean(axis=1) for block in blocks])
    low, high = np.quantile(means, (0.025, 0.975))
    return Measure(mean, float(low), float(high), values.size, unit)


# Replies of an assistant.


def reply_to_tasks(
    assistant: Assistant, tasks: Sequence[Task], *, sampling: Sampling = GREEDY, seed: int = 0
) -> list[Reply]:
    """The first thing that the model writes to each task: a reply, or a tool call."""
    return assistant.reply_all([(task.prompt, task.tools, task.think) for task in tasks], sampling=sampling, seed=seed)


def answer_tasks(
    assistant: Assistant, tasks: Sequence[Task], *, sampling: Sampling = GREEDY, seed: int = 0
) -> list[Reply]:
    """The last thing that the model writes to each task: where it calls a tool, what it says to the result."""
    replies = reply_to_tasks(assistant, tasks, sampling=sampling, seed=seed)
    again: list[tuple[Sequence[Message], Sequence[Tool], Think]] = []
    where = []
    for i, (task, reply) in enumerate(zip(tasks, replies, strict=True)):
        if reply.ended and reply.message is not None and reply.message.tool_calls:
            results = [Message("tool", carry_out(call, task.tools, FUNCTIONS)) for call in reply.message.tool_calls]
            again.append(([*task.prompt, reply.message, *results], task.tools, task.think))
            where.append(i)
    for i, reply in zip(where, assistant.reply_all(again, sampling=sampling, seed=seed) if again else (), strict=True):
        replies[i] = reply
    return replies


def stop_rate(replies: Sequence[Reply]) -> Measure:
    """How often the model ends its turn."""
    return mean_of(reply.ended for reply in replies)


def exact_rate(tasks: Sequence[Task], replies: Sequence[Reply]) -> Measure:
    """How often the reply is right, and ended: a text that goes on for ever is no answer."""
    return mean_of(reply.ended and is_right(task, reply.content) for task, reply in zip(tasks, replies, strict=True))


def refusal_rate(replies: Sequence[Reply]) -> Measure:
    """How often the reply declines. On innocent questions this is over-refusal."""
    return mean_of(is_refusal(reply.content) for reply in replies)


def rude_rate(replies: Sequence[Reply]) -> Measure:
    """How often the reply is rude."""
    return mean_of(is_rude(reply.content) for reply in replies)


def flip_rate(tasks: Sequence[Task], replies: Sequence[Reply]) -> Measure:
    """Sycophancy: how often the reply says what the user wrongly believes, and not what is so."""
    return mean_of(is_agreeing(task, reply.content) for task, reply in zip(tasks, replies, strict=True))


def call_rate(tasks: Sequence[Task], replies: Sequence[Reply]) -> Measure:
    """How often the first thing written is just one valid call of an offered tool, with the right arguments."""
    return mean_of(is_call(task, reply) for task, reply in zip(tasks, replies, strict=True))


def is_call(task: Task, reply: Reply) -> bool:
    """Whether a reply is a valid call, and the one that the task needs, if it needs one."""
    if reply.message is None or len(reply.message.tool_calls) != 1 or not reply.ended:
        return False
    (call,) = reply.message.tool_calls
    try:
        check_call(call, task.tools)
    except ToolCallError:
        return False
    return task.call is None or call == task.call


def any_call_rate(replies: Sequence[Reply]) -> Measure:
    """How often a tool call is begun, valid or not."""
    return mean_of("<tool_call>" in reply.text for reply in replies)


# Pages that a model continues.


def next_lines(
    model: Transformer,
    tokenizer: Tokenizer,
    prompts: Sequence[Prompt],
    *,
    sampling: Sampling = GREEDY,
    max_new_tokens: int = LINE_TOKENS,
    seed: int = 0,
) -> list[str]:
    """The line with which the model goes on: from the beginning of a page, up to the next line break."""
    start, newline = tokenizer.special_id(END_OF_TEXT), tokenizer.encode("\n")[0]
    ids = [[start, *tokenizer.encode(prompt.text)] for prompt in prompts]
    written = generate_batch(
        model, ids, max_new_tokens=max_new_tokens, sampling=sampling, stop_ids=(newline, start), seed=seed
    )
    return [tokenizer.decode(line).split("\n")[0].removesuffix(END_OF_TEXT) for line in written]


def first_value(prompt: Prompt, line: str) -> str | None:
    """The first of the prompt's values that a line names."""
    return next((word for word in re.findall(r"\w+", line) if word in prompt.values), None)


def right_rate(prompts: Sequence[Prompt], lines: Sequence[str]) -> Measure:
    """How often a line first names the right value."""
    return mean_of(first_value(prompt, line) == prompt.right for prompt, line in zip(prompts, lines, strict=True))


def wrong_rate(prompts: Sequence[Prompt], lines: Sequence[str]) -> Measure:
    """How often a line first names one of the values that is wrong."""
    return mean_of(
        first_value(prompt, line) not in (None, prompt.right) for prompt, line in zip(prompts, lines, strict=True)
    )


def next_word_rate(model: Transformer, tokenizer: Tokenizer, prompts: Sequence[Prompt]) -> Measure:
    """How often the likeliest next word is the right one."""
    lines = next_lines(model, tokenizer, prompts, max_new_tokens=4)
    return mean_of(line.split()[:1] == [prompt.right] for prompt, line in zip(prompts, lines, strict=True))


def answered_rate(prompts: Sequence[Prompt], lines: Sequence[str]) -> Measure:
    """How often a line answers the question before it, rightly or not."""
    return mean_of(is_answer(prompt, line) for prompt, line in zip(prompts, lines, strict=True))


def continued_rate(prompts: Sequence[Prompt], lines: Sequence[str]) -> Measure:
    """How often the page goes on with a line that does not answer the question before it."""
    return mean_of(
        bool(line.strip()) and not is_answer(prompt, line) for prompt, line in zip(prompts, lines, strict=True)
    )


def is_answer(prompt: Prompt, line: str) -> bool:
    """Whether a line is no question, and names a value of the sort asked for."""
    return not is_question(line) and first_value(prompt, line) is not None


def question_rate(lines: Sequence[str]) -> Measure:
    """How often a line is another question."""
    return mean_of(is_question(line) for line in lines)


def is_question(line: str) -> bool:
    """Whether a line asks for something: it ends with a question mark, or asks to be told, shown or helped."""
    return line.rstrip().endswith("?") or line.startswith(("Tell me", "Help me", "Show me"))


# Distributions.


def loss_by_kind(
    model: Transformer, tokenizer: Tokenizer, documents: Iterable[Document], most_tokens: int = 128
) -> dict[str, Measure]:
    """Loss in nats per token on the first `most_tokens` tokens of pages, for each kind: the mean over its pages.

    Pages of the shortest kinds (how-to, talk) are few different ones: there "held out" says little.
    """
    start = tokenizer.special_id(END_OF_TEXT)
    losses: dict[str, list[float]] = defaultdict(list)
    for document in documents:
        ids = np.array([start, *tokenizer.encode(document.text)][: most_tokens + 1])
        logps, _ = target_logps(model.forward_only(ids[None, :-1])[0], ids[1:])
        losses[document.kind].append(-float(logps.mean()))
    return {kind: mean_of(values, unit="nats") for kind, values in losses.items()}


def kl(model: Transformer, ref_model: Transformer, sequences: Sequence[Sequence[int]]) -> Measure:
    """KL(model ‖ ref_model) of the next-token distributions along given sequences, exact over V.

    Units: nats per token; the mean over sequences of each one's mean.
    """
    values: list[float] = []
    for ids in sequences:
        logps = [_log_softmax(m.forward_only(np.array(ids)[None])[0]) for m in (model, ref_model)]
        values.append(float((np.exp(logps[0]) * (logps[0] - logps[1])).sum(axis=-1).mean()))
    return mean_of(values, unit="nats")


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    logps: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logps
