"""Where a model's probability lies, among all texts: on the chosen replies, the rejected ones, others that we know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labs.core.encoding import pair_all
from labs.core.model.arrays import Floats
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.transformer import Transformer
from labs.core.training.data import Pair, reply_batch
from labs.core.training.dpo import dpo_loss
from labs.core.training.scoring import sum_rows, token_logps
from labs.core.world.preferences import Preference
from labs.dpo.pairs import other_replies

GROUPS = {
    "chosen": "the chosen reply",
    "rejected": "the rejected reply",
    "good": "other good replies",
    "rude": "right but rude replies",
    "else": "everything else",
}
"""Whose probability is told apart. The first four are replies that we can list; the last is what they leave of 1."""
ROWS = 160
"""How many replies are scored at once."""


@dataclass(frozen=True)
class Look:
    """What a model makes of held-out pairs.

    Shapes: chosen and rejected, the replies' log-probabilities, are (N,).
    Units: nats a reply; `shares` are the mean probabilities of the groups, and sum to 1; what was not scored is in
    "else".
    """

    chosen: Floats
    rejected: Floats
    shares: Mapping[str, float]


class HeldOut:
    """Pairs that are not trained on, with the other replies to the same questions, ready to be scored."""

    def __init__(self, preferences: Sequence[Preference], template: ChatTemplate) -> None:
        self.preferences = list(preferences)
        self.pairs = pair_all(self.preferences, template)
        self.groups = ["chosen"] * len(self.pairs) + ["rejected"] * len(self.pairs)
        prompts = [pair.prompt for pair in self.pairs] * 2
        replies = [pair.chosen for pair in self.pairs] + [pair.rejected for pair in self.pairs]
        for one in self.preferences:
            for group, others in other_replies(one).items():
                for pair in pair_all([replace(one, chosen=text) for text in others], template):
                    self.groups.append(group)
                    prompts.append(pair.prompt)
                    replies.append(pair.chosen)
        self.rows = list(zip(prompts, replies, strict=True))

    def look(self, model: Transformer, *, others: bool = True) -> Look:
        """Score every reply; without the others, `shares` tells of chosen and rejected replies only."""
        n = len(self.pairs)
        rows = self.rows if others else self.rows[: 2 * n]
        logps = np.concatenate([reply_logps(model, rows[at : at + ROWS]) for at in range(0, len(rows), ROWS)])
        shares = dict.fromkeys(GROUPS, 0.0)
        for group, logp in zip(self.groups, logps, strict=False):
            shares[group] += float(np.exp(logp)) / n
        shares["else"] = max(0.0, 1 - sum(shares.values()))
        return Look(logps[:n], logps[n : 2 * n], shares)


def reply_logps(model: Transformer, rows: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Floats:
    """The log-probabilities of replies, each behind its prompt.

    Shapes: N prompts with replies -> (N,) float64.
    Units: nats a reply.
    """
    batch = reply_batch([prompt for prompt, _ in rows], [reply for _, reply in rows])
    sums: Floats = sum_rows(token_logps(model, batch)[0].astype(np.float64), batch)
    return sums


def token_probabilities(model: Transformer, pair: Pair) -> Floats:
    """The probability of each token of a pair's chosen reply, after those before it.

    Shapes: -> (T,) float64.
    """
    logps, _ = token_logps(model, reply_batch([pair.prompt], [pair.chosen]))
    probabilities: Floats = np.exp(logps.astype(np.float64))
    return probabilities


def changes(look: Look, start: Look) -> tuple[float, float]:
    """By how much the log-probabilities of chosen and rejected replies have changed, on average.

    Units: nats a reply.
    """
    return float((look.chosen - start.chosen).mean()), float((look.rejected - start.rejected).mean())


def margin(look: Look, start: Look, beta: float) -> float:
    """The mean margin of implicit rewards, with the start as the reference."""
    chosen, rejected = changes(look, start)
    return beta * (chosen - rejected)


def held_out_loss(look: Look, start: Look, beta: float) -> float:
    """The DPO loss of the held-out pairs, without any added term.

    Units: nats a pair.
    """
    return dpo_loss(look.chosen - look.rejected, start.chosen - start.rejected, beta)[0]
