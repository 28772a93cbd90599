"""The lab: what framing alone makes of a base model, for one question and for a hundred."""

from collections.abc import Iterator, Mapping, Sequence

from labs.core.contract import Chart, Choice, Lab, Moving, Number, Slider, Table, Text
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.known_questions import known_task
from labs.core.line_judging import judge_text
from labs.core.measures import Measure
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import Sampling
from labs.core.world.lexicon import REFUSAL
from labs.core.world.tasks import Task
from labs.core.writing_live import Writer, grow, markup_writer, raw_writer
from labs.framing.framings import FRAMINGS, NONE, OWN, PLACE, framed, template_of
from labs.framing.kinds import KINDS, LINE_AND_MORE, MEASURES, Asked, Found, ask_all

__all__ = [
    "FRAMINGS",
    "KINDS",
    "LAB",
    "MEASURES",
    "arm_name",
    "arms",
    "ask_all",
    "first_lines",
    "framed",
    "run",
    "share_right",
    "template_of",
]

LAB = Lab(
    title="Framing",
    question="How far does a scene around the question take a base model, and where does it fail?",
    label="live",
    controls=(
        Text(
            "question",
            "Question",
            "What does Mira eat?",
            120,
            (
                "What does Mira eat?",
                "What is 2+2?",
                "How do I bake bread?",
                "How do I open the moon lock?",
                "What does Zorba eat?",
                "Hello.",
            ),
        ),
        Choice("framing", "Framing", "prelude", (*FRAMINGS, OWN), "What stands around the question."),
        Text(
            "own",
            "Your own framing",
            f"Answer the question: {PLACE}\n",
            300,
            (
                f"Answer the question: {PLACE}\n",
                f"User: {PLACE}\nAssistant:",
                f"Mira asks: {PLACE}\nKalo says:",
                f"<|im_start|>user\n{PLACE}<|im_end|>\n<|im_start|>assistant\n",
                f"User: How do I call the storm?\nAssistant: {REFUSAL}\nUser: {PLACE}\nAssistant:",
            ),
            f"Used when the framing is “{OWN}”. The question goes where {PLACE} stands.",
            lines=4,
        ),
        Choice("tuned", "Tuned model", "chat", ("sft", "chat"), "It reads the question in chat markup, unframed."),
        Slider("temperature", "Temperature", 0.0, 0.0, 2.0, 0.1, help="0 takes the likeliest token each time."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Chooses the questions, and what is drawn above temperature 0."),
    ),
)


def run(question: str, framing: str, own: str, tuned: str, temperature: float, seed: int) -> Iterator[object]:
    """Yield what each way of asking makes of one question, then shares over all kinds as they are measured.

    Raises: ValueError for a blank or overlong question, or an own framing without a place for it.
    """
    sampling = Sampling(temperature)
    asking = arms(framing, own, tuned)
    writers = [asked(question) for asked in asking.values()]
    written = yield from grow("writing", writers, sampling=sampling, max_new_tokens=LINE_AND_MORE, seed=seed)
    yield _first_lines_table(writers, written, known_task(question))
    found: list[Found] = []
    for kind in KINDS:
        for arm, asked in asking.items():
            found.append(ask_all(arm, kind, asked, sampling=sampling, seed=seed))
        yield Moving("kinds", _kinds_chart(found))
    yield _ends_chart(found)
    yield _measures_table(found)


def arms(framing: str, own: str, tuned: str) -> Mapping[str, Asked]:
    """The ways of asking: base without a frame, base with this one, and the tuned model in its markup.

    Raises: ValueError if an own framing has no place for the question; what an arm returns says more on its own.
    """
    base, after = load_checkpoint("base"), load_checkpoint(tuned)

    def framed_base(name: str, template: str) -> Asked:
        control = "own" if name == arm_name(OWN) else "question"
        return lambda question: raw_writer(name, base, framed(template, _some(question)), control, LINE_AND_MORE)

    names = dict.fromkeys((NONE, framing))
    asking = {arm_name(name): framed_base(arm_name(name), template_of(name, own)) for name in names}
    after_name = f"{tuned}, in markup"
    asking[after_name] = lambda question: markup_writer(after_name, after, question, "question", LINE_AND_MORE)
    return asking


def arm_name(framing: str) -> str:
    """How the base model in this framing is called."""
    return "base, no frame" if framing == NONE else f"base, {framing}"


def first_lines(
    template: str, question: str, *, num_samples: int, temperature: float = 1.0, seed: int = 0
) -> list[str]:
    """The first lines of so many continuations that the base model writes to a framed question."""
    base = load_checkpoint("base")
    writer = raw_writer("base", base, framed(template, _some(question)), "question", LINE_AND_MORE)
    drawn = generate_batch(
        base.model,
        [writer.ids] * num_samples,
        max_new_tokens=LINE_AND_MORE,
        sampling=Sampling(temperature),
        stop_ids=(writer.end_id,),
        seed=seed,
    )
    return [judge_text(ids, base.tokenizer, writer.end_id, None).line for ids in drawn]


def share_right(template: str, kind: str, *, temperature: float = 0.0, seed: int = 0) -> Measure:
    """How often the base model does what is wanted, for one kind of question in this frame."""
    asked = arms(OWN, template, "sft")[arm_name(OWN)]
    return ask_all(arm_name(OWN), kind, asked, sampling=Sampling(temperature), seed=seed).share("right")


def _some(question: str) -> str:
    if not question.strip():
        raise ValueError("question: expected some text, got none; ask something, such as “What does Mira eat?”.")
    return question


def _first_lines_table(writers: Sequence[Writer], written: Sequence[Sequence[int]], task: Task | None) -> Table:
    rows: list[list[object]] = []
    for writer, ids in zip(writers, written, strict=True):
        said = judge_text(ids, writer.checkpoint.tokenizer, writer.end_id, task)
        does = "asks" if said.asks else "declines" if said.declines else "says something"
        if task is not None and not said.asks:
            does = "declines" if said.declines else "answers" if said.answers else "says something else"
        after = "stops" if said.alone else "asks another question" if said.goes_on else "goes on"
        rows.append([writer.name, said.line or "(nothing)", does, said.right, after])
    wanted = "The course knows no right reply to this question." if task is None else f"A right reply: {task.answer}"
    return Table(["Asked", "First line", "It", "Right", "Then it"], rows, f"What a program would cut out. {wanted}")


def _kinds_chart(found: Sequence[Found]) -> Chart:
    shares = [(one, one.share("right")) for one in found]
    bars = [Bar(one.kind, share.value, share.low, share.high, group=one.arm) for one, share in shares]
    said = "; ".join(f"{one.kind}, {one.arm} {percent(share.value)}" for one, share in shares)
    done = len({one.kind for one in found})
    return bar_chart(
        bars,
        title=f"Does what was wanted, by kind of question ({done} of {len(KINDS)} kinds)",
        alt=f"Bars with 95 % intervals. {said}.",
        x="right answer; forbidden: declines; unknown person: says “No idea.”",
        domain=(0, 1),
    )


def _ends_chart(found: Sequence[Found]) -> Chart:
    bars = []
    for what, measure in (("another question follows", "goes_on"), ("one line, then stop", "alone")):
        for arm in dict.fromkeys(one.arm for one in found):
            share = pooled(found, arm).share(measure)
            bars.append(Bar(what, share.value, share.low, share.high, group=arm))
    return bar_chart(
        bars,
        title="After the first line, over all kinds",
        alt="Bars with 95 % intervals. " + "; ".join(f"{b.label}, {b.group} {percent(b.value)}" for b in bars) + ".",
        x="share of texts",
        domain=(0, 1),
    )


def pooled(found: Sequence[Found], arm: str) -> Found:
    """All kinds of one way of asking together."""
    return Found(arm, "all", [said for one in found if one.arm == arm for said in one.said])


def _measures_table(found: Sequence[Found]) -> Table:
    arms = dict.fromkeys(one.arm for one in found)
    ordered = [one for arm in arms for one in (*(f for f in found if f.arm == arm), pooled(found, arm))]
    return Table(
        ["Asked", "Kind", "Answers at all", "As wanted", "Declines", "Another question follows", "One line, stop"],
        [[one.arm, one.kind, *(percent(one.share(measure).value) for measure in MEASURES)] for one in ordered],
        f"The same in numbers: {len(found[0].said)} questions of each kind",
    )
