"""What the lab shows of a training, while it goes on and when it is over."""

from collections.abc import Mapping, Sequence

from labs.core.contract import Chart, Table, Tokens
from labs.core.contract.tokens import percent
from labs.core.drawing.lines import Line, line_chart
from labs.core.drawing.tokens import shown
from labs.core.model.chat_template import Rendered
from labs.core.model.checkpoint import Checkpoint
from labs.core.sweeping import Interval, Recorded
from labs.core.training.sft import Mask
from labs.sft_live.measuring import MASKS, MEASURES
from labs.sft_live.trying import Tried
from labs.sft_live.tuning import counted

LOSSES = ("reply_loss", "user_loss")


def counted_tokens(base: Checkpoint, dialogue: Rendered, mask: Mask) -> Tokens:
    """One of the dialogues, with what the loss counts."""
    scores = counted(base, dialogue, mask)
    return Tokens(
        shown(dialogue.ids, base.tokenizer, roles=dialogue.roles, scored=scores),
        title=f"One of the dialogues: with the mask “{mask}” the loss counts {sum(scores)} of {len(scores)} tokens",
    )


def loss_chart(losses: Sequence[tuple[int, float]], held_out: Sequence[tuple[int, float]], steps: int) -> Chart:
    """The loss that is trained on, and that of others' replies; the axes stand still while it grows."""
    top = max(4.0, 1.1 * held_out[0][1])
    lines = [Line("replies of other dialogues", *_columns(held_out))]
    if losses:
        lines.insert(0, Line("tokens that the mask counts", *_columns(losses)))
    now = f"{losses[-1][1]:.2f} after {losses[-1][0]} of {steps} steps" if losses else "still to come"
    return line_chart(
        lines,
        title="Loss",
        alt=(
            f"The training loss, {now}. On replies of dialogues that it never reads the loss was {held_out[0][1]:.2f} "
            f"at first, and is {held_out[-1][1]:.2f}."
        ),
        x="step",
        y="nats a token",
        x_domain=(0, steps),
        y_domain=(0, top),
    )


def behaviour_chart(tried: Sequence[tuple[int, Tried]], steps: int) -> Chart:
    """What the model does with questions that it was not taught in these words."""
    last = tried[-1][1]
    asked = sum(of for _, of in last.right_by_topic.values())
    return line_chart(
        [
            Line("ends its turn", *_columns([(step, one.ends) for step, one in tried])),
            Line("says the right thing", *_columns([(step, one.right) for step, one in tried])),
            Line("is rude (drawn at random)", *_columns([(step, one.rude) for step, one in tried])),
        ],
        title=f"What it does with {asked} questions",
        alt=(
            f"After {tried[-1][0]} of {steps} steps the model ends its turn in {percent(last.ends)} of its replies and "
            f"says the right thing in {percent(last.right)}; {percent(last.rude)} of those drawn at random are rude."
        ),
        x="step",
        y="share of replies",
        x_domain=(0, steps),
        y_domain=(0, 1),
    )


def replies_table(prompts: Sequence[str], before: Sequence[str], now: Sequence[str], step: int) -> Table:
    """Replies of the base model, and of the model as it is now."""
    return Table(
        ["You say", f"After {step} steps", "Before: the base model"],
        [list(row) for row in zip(prompts, now, before, strict=True)],
        "The likeliest reply to each. ⏎ is a line break, … is where we stopped it.",
    )


def past_the_end(base: Checkpoint, finished: Sequence[int], written: Sequence[int]) -> Tokens:
    """A conversation that is over, and what the model writes when nobody stops it."""
    ids = [*finished, *written]
    roles = [*(["a finished conversation"] * len(finished)), *(["what it writes next"] * len(written))]
    return Tokens(
        shown(ids, base.tokenizer, written_from=len(finished), roles=roles),
        title="Past the end of its turn",
        note="An app would have stopped at <|im_end|>. We let the model go on.",
    )


def topics_table(topics: Sequence[str], tried: Tried) -> Table:
    """Right replies by topic, with what was taught."""
    rows: list[list[object]] = [
        [topic, "yes" if topic in topics else "no", f"{right} of {of}"]
        for topic, (right, of) in tried.right_by_topic.items()
    ]
    return Table(["Topic", "In your dialogues", "Says the right thing"], rows, "Your model, by topic")


def masks_table(before: Mapping[str, float], yours: Mapping[str, float], mask: Mask, found: Recorded) -> Table:
    """The reader's run beside the base model and the recorded runs of every mask."""
    rows: list[list[object]] = []
    for name, words in MEASURES.items():
        said = [_number(name, values[name]) for values in (yours, before)]
        intervals = [found.interval({"mask": one}, name, share=name not in LOSSES) for one in MASKS]
        rows.append([words, *said, *(_interval(name, interval) for interval in intervals)])
    constants = found.configuration["constants"]
    return Table(
        ["", f"Yours: {mask}", "Base model", *(f"Recorded: {one}" for one in MASKS)],
        rows,
        f"Recorded by “{found.command}”: {constants['steps']} steps on {constants['dialogues']} dialogues, seeds "
        f"{', '.join(map(str, found.seeds))}; means with 95 % intervals between seeds",
    )


def _interval(name: str, interval: Interval) -> str:
    low, high = (_number(name, end).removesuffix(" %") for end in (max(0.0, interval.low), interval.high))
    return f"{_number(name, interval.mean)} [{low}, {high}]"


def _number(name: str, value: float) -> str:
    return f"{value:.2f}" if name in LOSSES else f"{100 * value:.0f} %"


def _columns(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
