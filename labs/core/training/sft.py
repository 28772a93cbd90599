"""Supervised fine-tuning: pretraining's loss on dialogues, counted only where the assistant writes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from labs.core.model.arrays import Floats, Ints
from labs.core.model.transformer import Transformer
from labs.core.training.checking import check_choice, check_ids, check_share, check_whole
from labs.core.training.data import Dialogue, check_tokens, draw, make_batch, random_windows
from labs.core.training.loop import Fields, Schedule, StepRecord, TrainingState, begin, train
from labs.core.training.scoring import batch_loss

Mask = Literal["reply", "all", "no_end"]


@dataclass(frozen=True, kw_only=True)
class SftStep(StepRecord):
    """A step of supervised fine-tuning; `loss_nats` is a mean over the `scored_tokens`."""

    scored_tokens: int


def sft(
    model: Transformer,
    dialogues: Sequence[Dialogue],
    *,
    schedule: Schedule,
    batch_size: int,
    seed: int,
    mask: Mask = "reply",
    end_ids: Collection[int] = (),
    replay: float = 0.0,
    replay_tokens: Ints | None = None,
    adapter_rank: int = 0,
    resume: TrainingState | None = None,
) -> Iterator[SftStep]:
    """Train a copy of the model on random dialogues, on the tokens that the mask leaves.

    `replay` is the share of each batch's rows that are stretches of `replay_tokens`, scored throughout, so that what
    pretraining taught is kept.
    Raises: ValueError if a dialogue is too long or has no scored token, or an argument is out of range.
    Source: Ouyang et al. 2022, section 3.5; Shi et al. 2024 (arXiv:2405.14394) for scoring all tokens.
    """
    check_whole("batch_size", batch_size)
    check_share("replay", replay)
    longest = model.config.context_length + 1
    check_ids("dialogues", [dialogue.ids for dialogue in dialogues], model.config, longest)
    masks = [scored_mask(dialogue, mask, end_ids) for dialogue in dialogues]
    for i, row in enumerate(masks):
        if not any(row[1:]):
            raise ValueError(f"dialogues[{i}]: expected a scored token after the first, got none; leave it out.")
    n_replay = round(replay * batch_size)
    if n_replay:
        if replay_tokens is None:
            raise ValueError("replay_tokens: expected pretraining tokens to replay, got None; give them or replay=0.")
        check_tokens(replay_tokens, model.config.vocab_size, longest - 1)
    state = begin(model, schedule, seed=seed, resume=resume, adapter_rank=adapter_rank)

    def gradients(state: TrainingState, rng: np.random.Generator) -> Iterator[tuple[Fields, dict[str, Floats]]]:
        chosen = draw(len(dialogues), batch_size - n_replay, rng)
        ids = [dialogues[i].ids for i in chosen]
        rows = [masks[i] for i in chosen]
        if n_replay:
            width = max([len(row) for row in ids], default=longest)
            ids += random_windows(np.asarray(replay_tokens), n_replay, width, rng).tolist()
            rows += [[1] * width] * n_replay
        batch = make_batch(ids, rows)
        loss, backward = batch_loss(state.model, batch)
        yield (
            {
                "loss_nats": loss,
                "tokens": sum(len(row) - 1 for row in ids),
                "scored_tokens": int(batch.scored.sum()),
            },
            backward(),
        )

    return train(state, gradients, schedule, seed, SftStep)


def scored_mask(dialogue: Dialogue, mask: Mask, end_ids: Collection[int] = ()) -> list[int]:
    """1 for each token that is scored: the replies, everything, or the replies without the token that ends them.

    Raises: ValueError for another mask, a loss mask of another length than the ids, or "no_end" without end_ids.
    Example: ids [5, 6, 7], loss mask [0, 1, 1], "no_end" with end_ids {7} -> [0, 1, 0].
    """
    check_choice("mask", mask, ("reply", "all", "no_end"))
    if len(dialogue.loss_mask) != len(dialogue.ids):
        raise ValueError(
            f"loss_mask: expected one entry a token ({len(dialogue.ids)}), got {len(dialogue.loss_mask)}; "
            f"take both from one rendered dialogue."
        )
    if mask == "all":
        return [1] * len(dialogue.ids)
    if mask == "reply":
        return list(dialogue.loss_mask)
    if not end_ids:
        raise ValueError("end_ids: expected the ids whose scores to drop, got none; give the end-of-turn token's.")
    return [0 if token in end_ids else score for token, score in zip(dialogue.ids, dialogue.loss_mask, strict=True)]
