"""The remedy that core does not have: SFT with a KL term that holds the model to the one it started from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labs.core.model.arrays import Floats, Ints
from labs.core.model.losses import cross_entropy, exponential_rows
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_choice, check_ids, check_share, check_whole
from labs.core.training.data import Dialogue, check_tokens, draw, make_batch, random_windows
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, begin, train
from labs.core.training.scoring import scored_logits

PLACES = ("pages", "replies")


@dataclass(frozen=True, kw_only=True)
class DistanceStep(StepRecord):
    """A step of SFT with a KL term: `loss_nats` is that of the replies, `kl_nats` the distance, both a token."""

    kl_nats: float


def forward_kl(ref_logits: Floats, logits: Floats) -> tuple[float, Callable[[], Floats]]:
    """KL(reference ‖ model) of the next token, exact over the vocabulary, averaged over positions.

    The weight is the reference's probability: the model pays wherever it has made unlikely what the reference found
    likely. On the reference's own texts that is distillation. (RLHF's penalty has the model first, and is averaged
    over what the model writes.)
    Shapes: both (N, V) -> nats a position; backward() -> d KL / d logits (N, V), which is (model − reference) / N.
    Raises: ValueError if the shapes differ.
    Example: reference (3/4, 1/4), model (1/2, 1/2) -> 3/4 ln 3/2 + 1/4 ln 1/2 = 0.131.
    """
    if ref_logits.shape != logits.shape or logits.ndim != 2:
        raise ValueError(
            f"logits: expected two tables (N, V) of one shape, got {ref_logits.shape} and {logits.shape}; "
            f"take both at the same positions."
        )
    ref_logps, logps = _log_softmax(ref_logits), _log_softmax(logits)
    ref_probs = np.exp(ref_logps)
    loss = float((ref_probs * (ref_logps - logps)).sum(axis=1).mean())

    def backward() -> Floats:
        dlogits: Floats = (np.exp(logps) - ref_probs) / len(logits)
        return dlogits

    return loss, backward


def sft_with_distance(
    model: Transformer,
    dialogues: Sequence[Dialogue],
    *,
    schedule: Schedule,
    batch_size: int,
    seed: int,
    weight: float,
    on: str,
    pages: Ints | None = None,
    share: float = 0.25,
) -> Iterator[DistanceStep]:
    """Train a copy of the model on random dialogues; the loss is that of their replies + weight · KL(start ‖ model).

    The KL is taken on the replies' own tokens, or on stretches of pages: those are then this share of a batch's rows.
    Raises: ValueError if a dialogue is too long, pages are missing, or an argument is out of range.
    """
    check_whole("batch_size", batch_size)
    check_choice("on", on, PLACES)
    check_share("share", share)
    if not weight >= 0:
        raise ValueError(f"weight: expected 0 or more, got {weight!r}; 0 is SFT as it is.")
    longest = model.config.context_length + 1
    check_ids("dialogues", [dialogue.ids for dialogue in dialogues], model.config, longest)
    n_pages = max(1, round(share * batch_size)) if on == "pages" else 0
    if n_pages:
        if pages is None:
            raise ValueError("pages: expected tokens of pages to stay close on, got None; give them or on='replies'.")
        check_tokens(pages, model.config.vocab_size, longest - 1)
    state = begin(model, schedule, seed=seed, resume=None, adapter_rank=0)

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        chosen = draw(len(dialogues), max(1, batch_size - n_pages), rng)
        ids = [list(dialogues[i].ids) for i in chosen]
        masks = [list(dialogues[i].loss_mask) for i in chosen]
        if n_pages:
            width = max(map(len, ids))
            ids += random_windows(np.asarray(pages), n_pages, width, rng).tolist()
            masks += [[1] * width] * n_pages
        batch = make_batch(ids, masks)
        logits, logits_backward = scored_logits(state.model, batch)
        replies = batch.rows < len(chosen)
        held = ~replies if n_pages else replies
        loss, loss_backward = cross_entropy(
            logits[replies], batch.targets[batch.scored][replies], np.ones(replies.sum(), logits.dtype)
        )
        first = len(chosen) if n_pages else 0  # the rows on which the distance counts
        ref_logits, _ = scored_logits(model, make_batch(ids[first:], masks[first:]))
        distance, distance_backward = forward_kl(ref_logits, logits[held])
        dlogits = np.zeros_like(logits)
        dlogits[replies] = loss_backward()
        dlogits[held] += weight * distance_backward()
        yield (
            {"loss_nats": loss, "kl_nats": distance, "tokens": sum(len(row) - 1 for row in ids)},
            logits_backward(dlogits),
        )

    return train(state, gradients, schedule, seed, DistanceStep)


def _log_softmax(logits: Floats) -> Floats:
    _, largest, sums = exponential_rows(logits)
    logps: Floats = logits - (largest + np.log(sums))[:, None]
    return logps
