from typing import Any

import numpy as np
import pytest

from labs.core.model.generation import next_token_distribution
from labs.core.training.data import Scored
from labs.core.training.loop import Schedule
from labs.core.training.sft import Mask, scored_mask, sft
from tests.labs.core.training.tiny import CONFIG, DIALOGUES, END, SCHEDULE, TOKENS, tiny_model


@pytest.mark.parametrize(
    ("mask", "expected"), [("reply", [0, 0, 1, 1, 1]), ("all", [1, 1, 1, 1, 1]), ("no_end", [0, 0, 1, 1, 0])]
)
def test_the_masks_of_a_dialogue_by_hand(mask: Mask, expected: list[int]) -> None:
    assert scored_mask(Scored([1, 2, 3, 4, END], [0, 0, 1, 1, 1]), mask, {END}) == expected


@pytest.mark.parametrize(("mask", "scored"), [("reply", 3), ("all", 4), ("no_end", 2)])
def test_the_first_step_counts_and_scores_what_the_mask_leaves(mask: Mask, scored: int) -> None:
    dialogue = Scored([1, 2, 3, 4, END], [0, 0, 1, 1, 1])
    model = tiny_model()
    first = next(sft(model, [dialogue], schedule=SCHEDULE, batch_size=1, seed=0, mask=mask, end_ids=[END]))
    assert (first.tokens, first.scored_tokens) == (4, scored)
    row = scored_mask(dialogue, mask, [END])
    logps = [
        np.log(next_token_distribution(model, dialogue.ids[:i])[token])
        for i, token in enumerate(dialogue.ids)
        if i and row[i]
    ]
    assert first.loss_nats == pytest.approx(-np.mean(logps), rel=1e-5)


def test_a_reply_learned_without_its_end_never_ends() -> None:
    def chance_to_end(mask: Mask) -> float:
        schedule = Schedule(steps=40, peak=1e-2, warmup=2)
        *_, last = sft(tiny_model(), DIALOGUES[:2], schedule=schedule, batch_size=2, seed=0, mask=mask, end_ids=[END])
        return float(next_token_distribution(last.state.model, [1, 2, 3, 4])[END])

    assert chance_to_end("reply") > 0.9
    assert chance_to_end("no_end") < 0.2


def test_replay_fills_its_share_of_the_rows_with_scored_stretches() -> None:
    dialogue = Scored([1, 2, 3, 4, END], [0, 0, 1, 1, 1])
    first = next(
        sft(tiny_model(), [dialogue], schedule=SCHEDULE, batch_size=4, seed=0, replay=0.5, replay_tokens=TOKENS)
    )
    assert first.tokens == 4 * 4
    assert first.scored_tokens == 2 * 3 + 2 * 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dialogues": []}, "dialogues"),
        ({"dialogues": [Scored([], [])]}, r"dialogues\[0\]"),
        ({"dialogues": [Scored([1] * (CONFIG.context_length + 2), [1] * (CONFIG.context_length + 2))]}, "dialogues"),
        ({"dialogues": [Scored([1, 16], [0, 1])]}, "dialogues"),
        ({"dialogues": [Scored([1, 2], [1, 0])]}, "scored token"),
        ({"dialogues": [Scored([1, 2], [1])]}, "loss_mask"),
        ({"mask": "prompt"}, "mask"),
        ({"mask": "no_end"}, "end_ids"),
        ({"replay": 1.5}, "replay"),
        ({"replay": 0.5}, "replay_tokens"),
        ({"replay": 0.5, "replay_tokens": TOKENS[:3]}, "tokens"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"dialogues": DIALOGUES, "schedule": SCHEDULE, "batch_size": 2, "seed": 0}
    with pytest.raises(ValueError, match=message):
        sft(tiny_model(), **good | options)
