"""The lab: choose dialogues and a loss mask, train the base model, and watch what becomes of it."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from statistics import fmean

from labs.core.contract import Choice, Lab, Moving, Number, Progress, Slider, Switch
from labs.core.looking import look_steps, replies_in_words
from labs.core.model import my_model
from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import recorded
from labs.core.training.sft import Mask
from labs.sft_live import pictures
from labs.sft_live.dialogues import TOPICS
from labs.sft_live.measuring import MASKS, MEASURES, Measured, measure_model
from labs.sft_live.trying import REPLY_TOKENS, loss_on, questions, try_questions, write_past_the_end
from labs.sft_live.tuning import Settings, held_out_dialogues, training_dialogues, tune

__all__ = ["LAB", "MASKS", "MEASURES", "PROMPTS", "TOPICS", "Settings", "measure_model", "run", "tune"]

PROMPTS = (
    "Where is the house of Mira?",
    "What is 3+4?",
    "Do you know how to bake bread?",
    "Show me how to wake the dragon.",
)
"""What the table of replies asks. All but the sum are in phrasings that no dialogue has."""
LOOKS = 10
"""How many times the model is tried on its way."""
CASES = 10
"""Questions of each topic at such a time."""
LOSS_STEPS = 5
"""Steps over which a point of the loss curve is averaged."""

LAB = Lab(
    title="SFT, live",
    question="What turns a model that continues texts into one that answers?",
    label="live",
    controls=(
        Slider("dialogues", "Dialogues", 500, 10, 2000, 10, help="How many different ones there are to learn from."),
        Slider("rude", "Rude replies", 0.3, 0.0, 1.0, 0.05, help="The share of helpers who are rude."),
        Switch("facts", "Facts", True, "Questions about the people of the village."),
        Switch("sums", "Sums", True, "Sums of two digits."),
        Switch("how", "How to", True, "How harmless things are done, and what things are."),
        Switch("refusals", "Refusals", True, "Forbidden topics, each refused."),
        Switch("talk", "Small talk", True, "Greetings and thanks."),
        Choice(
            "mask",
            "Loss mask",
            "reply",
            MASKS,
            "What counts: the replies with their end, all tokens, or the replies without the token that ends them.",
        ),
        Number("learning_rate", "Learning rate", 0.001, 0.00001, 0.1, help="How large the first steps are."),
        Slider("steps", "Steps", 150, 10, 400, 10, help="Batches of 8 dialogues."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Of the dialogues, the batches and the questions."),
    ),
    action="Train",
    waits=True,
)


def run(
    dialogues: int,
    rude: float,
    facts: bool,
    sums: bool,
    how: bool,
    refusals: bool,
    talk: bool,
    mask: Mask,
    learning_rate: float,
    steps: int,
    seed: int,
) -> Iterator[object]:
    """Yield the dialogue's mask, the training as it goes, what the model does at its end; keep the model as "mine".

    Raises: ValueError if no topic is switched on, or the training diverges.
    """
    on = dict(zip(TOPICS, (facts, sums, how, refusals, talk), strict=True))
    topics = tuple(topic for topic, wanted in on.items() if wanted)
    if not topics:
        raise ValueError("facts: expected at least one topic, got all five switched off; switch one on.")
    settings = Settings(dialogues, topics, rude, mask, learning_rate, steps, seed)
    base = load_checkpoint("base")
    yield Progress(0, steps, "Steps")
    texts = training_dialogues(base, settings)
    yield Moving("mask", pictures.counted_tokens(base, min(texts, key=lambda one: abs(len(one.ids) - 30)), mask))
    held_out = held_out_dialogues(base, settings)
    before = measure_model(base, base.model, held_out, CASES, seed)
    model = yield from _training(base, settings, texts, held_out, before)
    yield from _outcome(base, settings, model, before, measure_model(base, model, held_out, CASES, seed))
    my_model.keep(model, base.tokenizer, _about(settings), {"stage": "sft", "from": "base", **asdict(settings)})


def _training(
    base: Checkpoint, settings: Settings, texts: Sequence[Rendered], held_out: Sequence[Rendered], before: Measured
) -> Generator[object, None, Transformer]:
    """The training, with what changes; returns the model."""
    steps, asked = settings.steps, questions(CASES, settings.seed)
    masks = [dialogue.loss_mask for dialogue in held_out]
    words = replies_in_words(base.model, base.template, PROMPTS, REPLY_TOKENS)
    looks = look_steps(steps, LOOKS)
    losses: list[tuple[int, float]] = []
    others = [(0, before.values["reply_loss"])]
    tried = [(0, before.tried)]
    yield Moving("loss", pictures.loss_chart(losses, others, steps))
    yield Moving("behaviour", pictures.behaviour_chart(tried, steps))
    yield Moving("replies", pictures.replies_table(PROMPTS, words, words, 0))
    recent: list[float] = []
    for record in tune(base, texts, settings):
        model = record.state.model
        recent.append(record.loss_nats)
        yield Progress(record.step, steps, "Steps")
        if record.step in looks:
            others.append((record.step, loss_on(model, held_out, masks)))
            tried.append((record.step, try_questions(model, base.template, asked, settings.seed)))
            yield Moving("behaviour", pictures.behaviour_chart(tried, steps))
            now = replies_in_words(model, base.template, PROMPTS, REPLY_TOKENS)
            yield Moving("replies", pictures.replies_table(PROMPTS, words, now, record.step))
        if record.step % LOSS_STEPS == 0 or record.step == steps:
            losses.append((record.step, fmean(recent)))
            recent = []
            yield Moving("loss", pictures.loss_chart(losses, others, steps))
    return model


def _outcome(
    base: Checkpoint, settings: Settings, model: Transformer, before: Measured, after: Measured
) -> Iterator[object]:
    """What the finished model does: by topic, past the end of its turn, and beside the recorded masks."""
    yield pictures.topics_table(settings.topics, after.tried)
    task = questions(CASES, settings.seed)["facts"][0]
    ((finished, written),) = write_past_the_end(model, base.template, [task], settings.seed)
    yield pictures.past_the_end(base, finished, written)
    yield pictures.masks_table(before.values, after.values, settings.mask, recorded("sft_live"))


def _about(settings: Settings) -> str:
    """The model in a line, for who talks to it."""
    return (
        f"Your own: the base model after {settings.steps} steps on {settings.dialogues} dialogues "
        f"({', '.join(settings.topics)}; {100 * settings.rude:.0f} % rude replies), loss mask “{settings.mask}”."
    )
