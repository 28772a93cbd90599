"""The real thing: plain gradient steps on one pair, from the SFT checkpoint, by DPO or by RLHF."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from labs.core.encoding import pair_all
from labs.core.model.arrays import Floats
from labs.core.model.assistant import GREEDY, Assistant
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.generation import generate
from labs.core.model.transformer import Transformer
from labs.core.training.data import Batch, Pair, reply_batch
from labs.core.training.dpo import dpo_loss
from labs.core.training.rlhf import group_advantages, policy_gradient_loss
from labs.core.training.scoring import sum_rows, token_logps
from labs.core.world.preferences import Preference
from labs.preference_nudge.judging import Judgement, judge

WRITTEN = 24
"""How many tokens the model may write: the replies of the pairs are shorter."""
RLHF_SHARE = 0.1
"""RLHF's part of the learning rate: a reward margin of 2 then gives a first step as long as DPO's with beta 0.1."""
BROKEN = -1_000.0
"""A reply with a lower log-probability, in nats, tells of steps so long that the weights have run away."""


@dataclass(frozen=True)
class Reading:
    """What the model is like after some updates.

    Units: `logps` are the log-probabilities of A and of B, in nats, each summed over its reply's tokens; `margin` is
    beta times how much the preferred reply has gained on the other since the start; `loss` is DPO's. `weight` is what
    scales the gradient: DPO's σ(−margin), or RLHF's advantage of the preferred reply. `reply` is what the model
    writes greedily. `step` is how far the last update moved the weights, as one long vector: 0 before the first.
    """

    update: int
    logps: tuple[float, float]
    margin: float
    loss: float
    weight: float
    reply: str
    step: float = 0.0

    @property
    def p_a(self) -> float:
        """P(A) if there were only A and B: the softmax over their two log-probabilities."""
        return float(0.5 * (1 + np.tanh(0.5 * (self.logps[0] - self.logps[1]))))


@dataclass(frozen=True)
class Nudge:
    """One pair, a reader's choice and a method, ready to be applied to the model.

    Raises: ValueError if beta or the learning rate is not positive.
    """

    preference: Preference
    preferred: str
    method: str
    beta: float
    learning_rate: float

    def __post_init__(self) -> None:
        """Check the numbers as soon as they are given."""
        for name, value in (("beta", self.beta), ("learning_rate", self.learning_rate)):
            if not value > 0:
                raise ValueError(f"{name}: expected a positive number, got {value!r}; choose one above 0.")

    @cached_property
    def start(self) -> Checkpoint:
        """The model that all updates begin from: after SFT, before any preference."""
        return load_checkpoint("sft")

    @cached_property
    def pair(self) -> Pair:
        """Prompt and replies as ids, the preferred one as `chosen`."""
        (pair,) = pair_all([self.preference], self.start.template)
        return pair if self.preferred == "A" else Pair(pair.prompt, pair.rejected, pair.chosen)

    @cached_property
    def judgement(self) -> Judgement:
        """What the course's reward model finds, before and after it learned of the reader's choice."""
        return judge(load_checkpoint("reward"), self.pair)

    @property
    def rate(self) -> float:
        """What the gradient is multiplied with: RLHF takes RLHF_SHARE of the learning rate."""
        return self.learning_rate if self.method == "DPO" else RLHF_SHARE * self.learning_rate

    def readings(self, updates: int, *, all_replies: bool = True) -> Iterator[Reading]:
        """The model before the first update and after each; every reading comes as soon as it is there.

        Writing takes longer than learning: without `all_replies` only the first and the last reading have a reply.
        Raises: ValueError if the steps are so long that the weights run away.
        """
        model, step = self.start.model.copy(), 0.0
        ref_logps = _reply_logps(model, self.pair)
        for update in range(updates + 1):
            if update:
                step = self._update(model, ref_logps)
            with np.errstate(over="ignore", invalid="ignore"):  # looked for in the numbers that come out
                logps = _reply_logps(model, self.pair)
            if not np.isfinite(logps).all() or logps.min() < BROKEN:
                raise ValueError(
                    f"learning_rate: expected steps that the model can take, got one at update {update} after which "
                    f"its weights run away; choose a lower rate, a lower beta or fewer updates."
                )
            reply = self._reply(model) if all_replies or update in (0, updates) else ""
            yield self._reading(update, logps, ref_logps, reply, step)

    def _reading(self, update: int, logps: Floats, ref_logps: Floats, reply: str, step: float) -> Reading:
        policy_margin, ref_margin = logps[:1] - logps[1:], ref_logps[:1] - ref_logps[1:]
        margin = self.beta * float(policy_margin[0] - ref_margin[0])
        loss, dmargin = dpo_loss(policy_margin, ref_margin, self.beta)
        if self.method == "DPO":
            weight = -float(dmargin[0]) / self.beta
        else:
            weight = float(self._advantages(logps - ref_logps)[0])
        chosen, rejected = (float(logp) for logp in logps)
        of_a_and_b = (chosen, rejected) if self.preferred == "A" else (rejected, chosen)
        return Reading(update, of_a_and_b, margin, loss, weight, reply, step)

    def _update(self, model: Transformer, ref_logps: Floats) -> float:
        """Move the weights, in place, by −rate · gradient, and return how far that is.

        No clipping, no AdamW: both would hide how long the gradient is, and so the weight that the methods differ in.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            grads = self.gradient(model, ref_logps)
            for name, grad in grads.items():
                model.params[name] -= self.rate * grad
            return self.rate * float(np.sqrt(sum(float(np.vdot(grad, grad)) for grad in grads.values())))

    def gradient(self, model: Transformer, ref_logps: Floats) -> dict[str, Floats]:
        """The gradient of the method's loss on this pair: DPO's, or the policy gradient of both judged replies."""
        batch = _both(self.pair)
        logps, backward = token_logps(model, batch)
        sums = sum_rows(logps, batch)
        if self.method == "DPO":
            _, dmargin = dpo_loss(sums[:1] - sums[1:], ref_logps[:1] - ref_logps[1:], self.beta)
            return backward(np.concatenate([dmargin, -dmargin])[batch.rows])
        advantages = self._advantages(sums - ref_logps)
        _, dlogps, _ = policy_gradient_loss(logps, logps, advantages[batch.rows], len(advantages))
        return backward(dlogps)

    def _advantages(self, log_ratios: Floats) -> Floats:
        """Rewards of chosen and rejected less beta · log(policy / reference), both centred: (2,)."""
        rewards = np.array(self.judgement.after, np.float32)
        advantages: Floats = group_advantages(
            rewards[None], log_ratios[None], beta=self.beta, method="grpo", scale_rewards=False
        )[0]
        return advantages

    def _reply(self, model: Transformer) -> str:
        assistant = Assistant(model, self.start.template)
        prompt = list(self.pair.prompt)
        ids = list(generate(model, prompt, max_new_tokens=WRITTEN, sampling=GREEDY, stop_ids=[assistant.end_id]))
        reply = assistant.read(ids)
        return reply.content if reply.ended else f"{reply.content} … (not ended after {WRITTEN} tokens)"


def _both(pair: Pair) -> Batch:
    return reply_batch([pair.prompt] * 2, [pair.chosen, pair.rejected])


def _reply_logps(model: Transformer, pair: Pair) -> Floats:
    """Log-probabilities of the chosen and the rejected reply: (2,)."""
    batch = _both(pair)
    return sum_rows(token_logps(model, batch)[0], batch)
