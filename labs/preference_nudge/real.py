"""The real thing: gradient steps on one pair, from the SFT checkpoint, by DPO or by RLHF."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

import numpy as np

from labs.core.encoding import pair_all
from labs.core.model.arrays import Floats
from labs.core.model.assistant import GREEDY, Assistant
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.generation import generate
from labs.core.model.transformer import Transformer
from labs.core.training.data import Batch, Pair, reply_batch
from labs.core.training.dpo import dpo, dpo_loss
from labs.core.training.loop import Schedule, TrainingState
from labs.core.training.rlhf import group_advantages, policy_gradient_loss
from labs.core.training.scoring import sum_rows, token_logps
from labs.core.world.preferences import Preference
from labs.preference_nudge.judging import Judgement, judge

WRITTEN = 24
"""How many tokens the model may write: the replies of the pairs are shorter."""


@dataclass(frozen=True)
class Reading:
    """What the model is like after some updates.

    Units: `logps` are the log-probabilities of A and of B, in nats, each summed over its reply's tokens; `margin` is
    beta times how much the preferred reply has gained on the other since the start; `loss` is DPO's. `weight` is what
    scales the gradient: DPO's σ(−margin), or RLHF's advantage of the preferred reply. `reply` is what the model
    writes greedily.
    """

    update: int
    logps: tuple[float, float]
    margin: float
    loss: float
    weight: float
    reply: str

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

    def schedule(self, updates: int) -> Schedule:
        """A learning rate that stays as it is, and for the rest what the course's models are trained with."""
        return Schedule(max(1, updates), self.learning_rate, floor=1.0)

    def readings(self, updates: int, *, all_replies: bool = True) -> Iterator[Reading]:
        """The model before the first update and after each; every reading comes as soon as it is there.

        Writing takes longer than learning: without `all_replies` only the first and the last reading have a reply.
        """
        reference = self.start.model
        ref_logps = _reply_logps(reference, self.pair)
        tuned = self._dpo(updates) if self.method == "DPO" else self._rlhf(updates)
        for update, model in enumerate(chain([reference], islice(tuned, updates))):
            reply = self._reply(model) if all_replies or update in (0, updates) else ""
            yield self._reading(update, model, ref_logps, reply)

    def _reading(self, update: int, model: Transformer, ref_logps: Floats, reply: str) -> Reading:
        logps = _reply_logps(model, self.pair)
        policy_margin, ref_margin = logps[:1] - logps[1:], ref_logps[:1] - ref_logps[1:]
        margin = self.beta * float(policy_margin[0] - ref_margin[0])
        loss, dmargin = dpo_loss(policy_margin, ref_margin, self.beta)
        if self.method == "DPO":
            weight = -float(dmargin[0]) / self.beta
        else:
            weight = float(self._advantages(logps - ref_logps)[0])
        chosen, rejected = (float(logp) for logp in logps)
        of_a_and_b = (chosen, rejected) if self.preferred == "A" else (rejected, chosen)
        return Reading(update, of_a_and_b, margin, loss, weight, reply)

    def _dpo(self, updates: int) -> Iterator[Transformer]:
        """`dpo` itself, on a data set of this one pair."""
        schedule = self.schedule(updates)
        for step in dpo(self.start.model, [self.pair], schedule=schedule, batch_size=1, seed=0, beta=self.beta):
            yield step.state.model

    def _rlhf(self, updates: int) -> Iterator[Transformer]:
        """Policy-gradient steps on the two replies of the pair, judged by the reward model."""
        schedule = self.schedule(updates)
        state = TrainingState(self.start.model.copy(), weight_decay=schedule.weight_decay)
        batch = _both(self.pair)
        ref_logps, _ = token_logps(self.start.model, batch)
        for _ in range(updates):
            logps, backward = token_logps(state.model, batch)
            advantages = self._advantages(sum_rows(logps - ref_logps, batch))
            _, dlogps, _ = policy_gradient_loss(logps, logps, advantages[batch.rows], len(advantages))
            state.update(backward(dlogps), schedule.learning_rate(state.step), schedule.clip)
            state.step += 1
            yield state.model

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
