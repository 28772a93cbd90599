"""What came of a tuning, as numbers: the same for the reader's own model and for the recorded ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.transformer import Transformer
from labs.core.training.sft import Mask
from labs.sft_live.dialogues import user_mask
from labs.sft_live.trying import Tried, loss_on, plays_the_user, questions, try_questions, write_past_the_end

MASKS: tuple[Mask, ...] = ("reply", "all", "no_end")
MEASURES = {
    "ends": "Ends its turn",
    "right": "Says the right thing, ended or not",
    "plays_user": "Goes on after its end with a user's turn",
    "rude": "Rude, drawn at random",
    "reply_loss": "Loss on others' replies, nats a token",
    "user_loss": "Loss on users' words, nats a token",
}
"""What is measured, in words. All but the losses are shares."""


@dataclass(frozen=True)
class Measured:
    """The numbers by name, and what the model did with the questions."""

    values: dict[str, float]
    tried: Tried


def measure_model(
    base: Checkpoint, model: Transformer, held_out: Sequence[Rendered], cases: int, seed: int
) -> Measured:
    """Put so many questions of each topic to a model, let it write on after right replies, and take its losses."""
    template, asked = base.template, questions(cases, seed)
    tried = try_questions(model, template, asked, seed)
    written = write_past_the_end(model, template, [task for of_topic in asked.values() for task in of_topic], seed)
    values = {
        "ends": tried.ends,
        "right": tried.right,
        "plays_user": fmean(plays_the_user(ids, template) for _, ids in written),
        "rude": tried.rude,
        "reply_loss": loss_on(model, held_out, [dialogue.loss_mask for dialogue in held_out]),
        "user_loss": loss_on(model, held_out, [user_mask(dialogue, template) for dialogue in held_out]),
    }
    return Measured(values, tried)
