"""The reward model: a transformer with one number for an output, taught by which of two replies was preferred."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_ids, check_whole
from labs.core.training.data import Pair, check_pairs, draw, pad
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, begin, train

HEAD = "reward_head"


def bradley_terry_loss(chosen: Floats, rejected: Floats) -> tuple[float, Floats]:
    """-log sigmoid(chosen - rejected), averaged over pairs: how surprising it is that the chosen ones won.

    Only differences count: a constant added to all rewards changes nothing.
    Shapes: rewards (N,), (N,) -> loss in nats, d loss / d chosen (N,); that of rejected is its negative.
    Raises: ValueError if the shapes differ, or there is no pair.
    Source: Christiano et al. 2017, eq. 1; Ouyang et al. 2022, eq. 1.
    Example: equal rewards -> ln 2 = 0.693.
    """
    if chosen.ndim != 1 or chosen.shape != rejected.shape or not chosen.size:
        raise ValueError(
            f"rewards: expected two rows of one length, got {chosen.shape} and {rejected.shape}; "
            f"give a rejected reply for each chosen one."
        )
    margin = chosen - rejected
    surprise = 0.5 * (1 - np.tanh(0.5 * margin))  # sigmoid(-margin), with no exponential that could overflow
    return float(np.logaddexp(0, -margin).mean()), -surprise / len(margin)


@dataclass(frozen=True)
class RewardModel:
    """A transformer and the direction in its last hidden state along which a text is good.

    Shapes: head (C,).
    Source: Ouyang et al. 2022, section 3.5: the last unembedding layer is replaced by a scalar output.
    """

    model: Transformer
    head: Floats

    def score(self, sequences: Sequence[Sequence[int]], batch_size: int = 64) -> Floats:
        """The reward of each sequence, prompt and reply, read at its last token.

        Shapes: N sequences -> (N,).
        Raises: ValueError if a sequence is empty, longer than the context, or holds ids that are no tokens.
        """
        check_ids("sequences", sequences, self.model.config, self.model.config.context_length)
        batches = [sequences[start : start + batch_size] for start in range(0, len(sequences), batch_size)]
        return np.concatenate([self._read(batch) @ self.head for batch in batches])

    def rewards(self, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> Floats:
        """The score of each reply behind its prompt: what best-of-n and RLHF take for a reward.

        Shapes: N prompts, N replies -> (N,).
        Raises: ValueError as `score` does.
        """
        return self.score([[*prompt, *reply] for prompt, reply in zip(prompts, replies, strict=True)])

    def _read(self, sequences: Sequence[Sequence[int]]) -> Floats:
        H, _ = self.model.hidden(pad(sequences))
        return H[np.arange(len(sequences)), [len(ids) - 1 for ids in sequences]]


@dataclass(frozen=True, kw_only=True)
class RewardModelStep(StepRecord):
    """A step of the reward model: the share of pairs in the right order, and the mean chosen - rejected."""

    accuracy: float
    margin: float

    @property
    def reward_model(self) -> RewardModel:
        """The reward model as it is now."""
        return RewardModel(self.state.model, self.state.extra[HEAD])


def reward_model(
    model: Transformer,
    pairs: Sequence[Pair],
    *,
    schedule: Schedule,
    batch_size: int,
    seed: int,
    adapter_rank: int = 0,
    resume: TrainingState | None = None,
) -> Iterator[RewardModelStep]:
    """Train a copy of the model, with a new head of zeros, to score chosen replies above rejected ones.

    Raises: ValueError if a pair has an empty part, is too long or holds ids that are no tokens, or a number is out of
    range.
    Source: Ouyang et al. 2022, eq. 1.
    """
    check_whole("batch_size", batch_size)
    check_pairs(pairs, model.config, model.config.context_length)
    head = np.zeros(model.config.n_embd, model.dtype)
    state = begin(model, schedule, seed=seed, resume=resume, adapter_rank=adapter_rank, extra={HEAD: head})

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        drawn = [pairs[i] for i in draw(len(pairs), batch_size, rng)]
        sequences = [[*p.prompt, *p.chosen] for p in drawn] + [[*p.prompt, *p.rejected] for p in drawn]
        last = np.arange(len(sequences)), np.array([len(ids) - 1 for ids in sequences])
        H, backward = state.model.hidden(pad(sequences))
        head = state.extra[HEAD]
        rewards = H[last] @ head
        chosen, rejected = rewards[:batch_size], rewards[batch_size:]
        loss, dchosen = bradley_terry_loss(chosen, rejected)

        drewards = np.concatenate([dchosen, -dchosen])
        dH = np.zeros_like(H)
        dH[last] = drewards[:, None] * head
        fields = {
            "loss_nats": loss,
            "tokens": sum(len(ids) for ids in sequences),
            "accuracy": float((chosen > rejected).mean()),
            "margin": float((chosen - rejected).mean()),
        }
        yield fields, backward(dH) | {HEAD: drewards @ H[last]}

    return train(state, gradients, schedule, seed, RewardModelStep)
