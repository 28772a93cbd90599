"""Two ways to climb the proxy, with what the gold judge says on the way: best-of-n, and policy gradient."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.assistant import Assistant
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.generation import generate_batch
from labs.core.model.transformer import Transformer
from labs.core.training.best_of_n import best_of_n_kl
from labs.core.training.data import reply_batch
from labs.core.training.loop import Schedule
from labs.core.training.reward_model import RewardModel
from labs.core.training.rlhf import rlhf
from labs.core.world.judge import gold_score
from labs.core.world.preferences import CUE
from labs.core.world.tasks import Task

REPLY_TOKENS = 32
"""How long a reply may become: three times as long as most that the policy begins with."""
PROMPTS_A_STEP, REPLIES_A_PROMPT = 8, 6
LEARNING_RATE, WARMUP = 3e-4, 2


@dataclass(frozen=True)
class Reached:
    """How far the policy went, and what was gained there.

    Units: `distance` is √KL to the policy at the start, KL in nats a reply; `gold` and `proxy` are gains since the
    start, gold in the judge's points and proxy in standard deviations over the start's replies; `cue` is a share of
    replies, `length` in characters.
    """

    label: str
    distance: float
    gold: float
    proxy: float
    cue: float
    length: float


@dataclass(frozen=True)
class Written:
    """Replies of the policy at the start, all to the same questions, judged by proxy and gold.

    Shapes: replies P lists of N; proxy, gold, cue, length (P, N).
    """

    tasks: Sequence[Task]
    prompts: Sequence[Sequence[int]]
    replies: Sequence[Sequence[str]]
    proxy: Floats
    gold: Floats
    cue: Floats
    length: Floats

    @property
    def proxy_spread(self) -> float:
        """The standard deviation of the proxy within a question: between questions its points mean nothing."""
        return float(np.sqrt(self.proxy.var(axis=1).mean())) + 1e-6

    @property
    def gold_spread(self) -> float:
        """The same of the gold judge."""
        return float(np.sqrt(self.gold.var(axis=1).mean())) + 1e-6


def write(
    policy: Transformer, sft_model: Checkpoint, proxy: RewardModel, tasks: Sequence[Task], n: int, seed: int
) -> Written:
    """Have the policy write n replies to each question, and judge them."""
    assistant = Assistant(policy, sft_model.template)
    prompts = [assistant.prompt(task.prompt) for task in tasks]
    asked = [prompt for prompt in prompts for _ in range(n)]
    ids = generate_batch(policy, asked, max_new_tokens=REPLY_TOKENS, stop_ids=[assistant.end_id], seed=seed)
    of_task = [task for task in tasks for _ in range(n)]
    texts = [sft_model.tokenizer.decode(reply).removesuffix("<|im_end|>") for reply in ids]
    shape = len(tasks), n
    return Written(
        tasks,
        prompts,
        [texts[start : start + n] for start in range(0, len(texts), n)],
        proxy.rewards(asked, ids).reshape(shape),
        gold_of(of_task, texts, [reply[-1] == assistant.end_id for reply in ids]).reshape(shape),
        np.array([CUE in text for text in texts], np.float32).reshape(shape),
        np.array([len(text) for text in texts], np.float32).reshape(shape),
    )


def gold_of(tasks: Sequence[Task], texts: Sequence[str], ended: Sequence[bool]) -> Floats:
    """What the gold judge gives each reply: (N,)."""
    return np.array(
        [gold_score(task, text, ended=end) for task, text, end in zip(tasks, texts, ended, strict=True)], np.float32
    )


def best_of(written: Written, n: int) -> Reached:
    """What best-of-n is expected to give: the mean over all ways to draw n of the replies that were written.

    Of N replies in the order of their proxy, the i-th (from 0) is the best of n in C(i, n-1) of C(N, n) draws.
    """
    N = written.proxy.shape[1]
    order = np.argsort(written.proxy, axis=1, kind="stable")
    chance = np.array([comb(i, n - 1) / comb(N, n) for i in range(N)])

    def expected(values: Floats) -> float:
        return float((np.take_along_axis(values, order, axis=1) @ chance).mean())

    return Reached(
        f"n = {n}",
        best_of_n_kl(n) ** 0.5,
        expected(written.gold) - float(written.gold.mean()),
        (expected(written.proxy) - float(written.proxy.mean())) / written.proxy_spread,
        expected(written.cue),
        expected(written.length),
    )


def policy_gradient(
    policy: Transformer, sft_model: Checkpoint, proxy: RewardModel, written: Written, beta: float, steps: int, seed: int
) -> Iterator[tuple[Reached, Transformer]]:
    """Train the policy against the proxy by REINFORCE; after each step, where its replies were, and the new policy.

    The replies that a step samples are measured before they change the policy, each against the mean at the start of
    its own question. The reward is the proxy in standard deviations, so that beta has one meaning for all of them.
    """
    assistant = Assistant(policy, sft_model.template)
    known = {tuple(prompt): place for place, prompt in enumerate(written.prompts)}
    spread = written.proxy_spread
    proxy_start, gold_start = written.proxy.mean(axis=1), written.gold.mean(axis=1)
    records = rlhf(
        policy,
        written.prompts,
        lambda prompts, replies: proxy.rewards(prompts, replies) / spread,
        schedule=Schedule(steps, LEARNING_RATE, warmup=min(WARMUP, steps // 2), floor=1.0),
        batch_size=min(PROMPTS_A_STEP, len(written.prompts)),
        num_generations=REPLIES_A_PROMPT,
        max_new_tokens=REPLY_TOKENS,
        seed=seed,
        stop_ids=[assistant.end_id],
        beta=beta,
        method="reinforce",
    )
    wrote = policy
    for record in records:
        places = [known[tuple(prompt)] for prompt in record.prompts]
        texts = [sft_model.tokenizer.decode(reply).removesuffix("<|im_end|>") for reply in record.replies]
        ended = [reply[-1] == assistant.end_id for reply in record.replies]
        gold = gold_of([written.tasks[place] for place in places], texts, ended)
        yield (
            Reached(
                f"step {record.step - 1}",
                max(0.0, kl_a_reply(wrote, policy, record.prompts, record.replies)) ** 0.5,
                float((gold - gold_start[places]).mean()),
                float((record.rewards - proxy_start[places] / spread).mean()),
                float(np.mean([CUE in text for text in texts])),
                float(np.mean([len(text) for text in texts])),
            ),
            record.state.model,
        )
        wrote = record.state.model.copy()  # the next step samples from it, and then changes it in place


def kl_a_reply(
    model: Transformer, ref_model: Transformer, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
) -> float:
    """KL(model ‖ ref_model) of whole replies, from the model's own: exact over V at each token, summed over a reply.

    Units: nats a reply, the mean over replies.
    """
    if model is ref_model:
        return 0.0
    batch = reply_batch(prompts, replies)
    logps = [_log_softmax(one.forward_only(batch.inputs)[batch.scored]) for one in (model, ref_model)]
    return float((np.exp(logps[0]) * (logps[0] - logps[1])).sum()) / len(replies)


def _log_softmax(logits: Floats) -> Floats:
    shifted: Floats = logits - logits.max(axis=-1, keepdims=True)
    logps: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logps


def in_groups(points: Sequence[Reached], size: int) -> list[Reached]:
    """So many neighbouring steps as one point, their mean: of few replies each, they scatter."""
    return [_mean(points[start : start + size]) for start in range(0, len(points), size)]


def _mean(points: Sequence[Reached]) -> Reached:
    distance, gold, proxy, cue, length = (
        float(np.mean([getattr(point, name) for point in points]))
        for name in ("distance", "gold", "proxy", "cue", "length")
    )
    return Reached(points[-1].label, distance, gold, proxy, cue, length)
