"""Direct preference optimization: the reward model's loss, with the policy itself as the reward model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_whole
from labs.core.training.data import Batch, Pair, check_pairs, draw, reply_batch
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, begin, train
from labs.core.training.reward_model import bradley_terry_loss
from labs.core.training.scoring import sum_rows, token_logps


def dpo_loss(policy_margin: Floats, ref_margin: Floats, beta: float) -> tuple[float, Floats]:
    """Preference loss on log-probability margins (chosen minus rejected), averaged over pairs.

    It is the Bradley-Terry loss of implicit rewards, beta * log(policy / ref). A pair's gradient weighs
    sigmoid(rejected reward - chosen reward): the more wrong the order, the more.
    Shapes: both (N,) -> loss in nats, d loss / d policy_margin (N,).
    Raises: ValueError if the shapes differ or beta is not positive.
    Source: Rafailov et al. 2023, eq. 7; starts at ln 2 when the policy is its reference.
    """
    if not beta > 0:
        raise ValueError(f"beta: expected a positive number, got {beta!r}; 0.1 is usual.")
    loss, dmargin = bradley_terry_loss(beta * policy_margin, beta * ref_margin)
    return loss, beta * dmargin


@dataclass(frozen=True, kw_only=True)
class DpoStep(StepRecord):
    """A step of DPO: means over the batch's pairs.

    Units: nats; chosen_logps and rejected_logps sum over a reply's tokens; margin is that of the implicit rewards,
    beta * (policy_margin - ref_margin); nll_nats is the chosen replies' loss a token; loss_nats has all that is
    minimized. gradient_weight is the mean of sigmoid(-margin).
    """

    margin: float
    accuracy: float
    chosen_logps: float
    rejected_logps: float
    gradient_weight: float
    nll_nats: float


def dpo(
    model: Transformer,
    pairs: Sequence[Pair],
    *,
    schedule: Schedule,
    batch_size: int,
    seed: int,
    beta: float = 0.1,
    nll_weight: float = 0.0,
    adapter_rank: int = 0,
    resume: TrainingState | None = None,
) -> Iterator[DpoStep]:
    """Train a copy of the model to prefer chosen replies to rejected ones; the model given is the reference.

    `nll_weight` adds that much of the chosen replies' loss a token, which holds their probability up.
    Raises: ValueError if a pair has an empty part or is too long, or a number is out of range.
    Source: Rafailov et al. 2023, eq. 7; Pang et al. 2024 (arXiv:2404.19733), eq. 1, for the added loss.
    """
    check_whole("batch_size", batch_size)
    check_pairs(pairs, model.config, model.config.context_length + 1)
    if not beta > 0:
        raise ValueError(f"beta: expected a positive number, got {beta!r}; 0.1 is usual.")
    if not nll_weight >= 0:
        raise ValueError(f"nll_weight: expected 0 or more, got {nll_weight!r}; 0 turns it off.")
    state = begin(model, schedule, seed=seed, resume=resume, adapter_rank=adapter_rank)
    ref_margins = reference_margins(model, pairs)

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        drawn = draw(len(pairs), batch_size, rng)
        batch = _both([pairs[i] for i in drawn])
        logps, backward = token_logps(state.model, batch)
        chosen, rejected = np.split(sum_rows(logps, batch), 2)
        ref_margin = ref_margins[drawn]
        loss, dmargin = dpo_loss(chosen - rejected, ref_margin, beta)
        dlogps = np.concatenate([dmargin, -dmargin])[batch.rows]

        is_chosen = batch.rows < batch_size
        nll = -float(logps[is_chosen].mean())
        dlogps[is_chosen] -= nll_weight / int(is_chosen.sum())
        margin = beta * (chosen - rejected - ref_margin)
        fields = {
            "loss_nats": loss + nll_weight * nll,
            "tokens": sum(2 * len(p.prompt) + len(p.chosen) + len(p.rejected) - 2 for p in (pairs[i] for i in drawn)),
            "margin": float(margin.mean()),
            "accuracy": float((margin > 0).mean()),
            "chosen_logps": float(chosen.mean()),
            "rejected_logps": float(rejected.mean()),
            "gradient_weight": -float(dmargin.sum()) / beta,
            "nll_nats": nll,
        }
        yield fields, backward(dlogps)

    return train(state, gradients, schedule, seed, DpoStep)


def reference_margins(model: Transformer, pairs: Sequence[Pair], batch_size: int = 32) -> Floats:
    """How much likelier the model finds each chosen reply than the rejected one.

    Shapes: N pairs -> (N,).
    Units: nats.
    """
    margins = []
    for start in range(0, len(pairs), batch_size):
        batch = _both(pairs[start : start + batch_size])
        chosen, rejected = np.split(sum_rows(token_logps(model, batch)[0], batch), 2)
        margins.append(chosen - rejected)
    return np.concatenate(margins)


def _both(pairs: Sequence[Pair]) -> Batch:
    """The chosen replies' rows, then the rejected ones'."""
    return reply_batch([pair.prompt for pair in pairs] * 2, [p.chosen for p in pairs] + [p.rejected for p in pairs])
