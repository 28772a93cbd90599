"""What many continuations of one prompt do: the shares that ask another question, reply, and stop."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract import Chart, Table
from labs.core.contract.tokens import percent
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.line_judging import Said, judge_text
from labs.core.measures import Measure, mean_of
from labs.core.model.assistant import GREEDY
from labs.core.model.checkpoint import Checkpoint
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import Sampling
from labs.core.recipe import VILLAGE
from labs.core.world.evaluation import known_facts
from labs.core.world.tasks import Task
from labs.core.writing_live import Writer, markup_writer, raw_writer

QUESTION_TOKENS = 32
"""How long the answer to one of many questions may become."""


@dataclass(frozen=True)
class Shares:
    """How one model's continuations were judged; `greedy` if all would be the same, and one was taken."""

    name: str
    said: Sequence[Said]
    greedy: bool = False

    @property
    def asks(self) -> Measure:
        """P(another question): the first line is a question."""
        return mean_of(said.asks for said in self.said)

    @property
    def stops(self) -> Measure:
        """P(stop): one line, and at once the end token."""
        return mean_of(said.alone for said in self.said)

    @property
    def replies(self) -> Measure | None:
        """The first line answers or declines; None if nobody knows what was asked."""
        return self._known([said.replies for said in self.said])

    @property
    def right(self) -> Measure | None:
        """The first line says what is right; None if nobody knows."""
        return self._known([said.right for said in self.said])

    @property
    def declines(self) -> Measure:
        """The first line refuses."""
        return mean_of(said.declines for said in self.said)

    @staticmethod
    def _known(outcomes: Sequence[bool | None]) -> Measure | None:
        known = [outcome for outcome in outcomes if outcome is not None]
        return mean_of(known) if known else None


def sample_shares(
    writer: Writer, task: Task | None, sampling: Sampling, num_samples: int, seed: int, max_new_tokens: int
) -> Shares:
    """Draw continuations, all at once, and judge each; the first is what `generate` writes with this seed."""
    greedy = sampling.temperature == 0 or sampling.top_k == 1
    drawn = generate_batch(
        writer.checkpoint.model,
        [writer.ids] * (1 if greedy else num_samples),
        max_new_tokens=max_new_tokens,
        sampling=sampling,
        stop_ids=(writer.end_id,),
        seed=seed,
    )
    tokenizer = writer.checkpoint.tokenizer
    return Shares(writer.name, [judge_text(ids, tokenizer, writer.end_id, task) for ids in drawn], greedy)


def ask_questions(
    name: str,
    checkpoint: Checkpoint,
    *,
    in_markup: bool,
    num_questions: int,
    sampling: Sampling = GREEDY,
    seed: int = 0,
) -> Shares:
    """Ask a model so many questions of the village, each once, as bare text or in its markup, and judge what it says.

    The questions are of `evaluation.known_facts`, in phrasings that no dialogue of the tuned models has.
    """
    tasks = known_facts(VILLAGE, num_questions, seed)
    write = markup_writer if in_markup else raw_writer
    asked = [write(name, checkpoint, task.question, "question", QUESTION_TOKENS) for task in tasks]
    end_id, tokenizer = asked[0].end_id, checkpoint.tokenizer
    drawn = generate_batch(
        checkpoint.model,
        [writer.ids for writer in asked],
        max_new_tokens=QUESTION_TOKENS,
        sampling=sampling,
        stop_ids=(end_id,),
        seed=seed,
    )
    return Shares(name, [judge_text(ids, tokenizer, end_id, task) for ids, task in zip(drawn, tasks, strict=True)])


def shares_chart(found: Sequence[Shares], title: str = "") -> Chart:
    """Bars with intervals for each model so far, those of one measure together."""
    named = (
        ("another question", [shares.asks for shares in found]),
        ("answers or declines", [shares.replies for shares in found]),
        ("one line, then stop", [shares.stops for shares in found]),
    )
    bars = [
        _bar(what, shares, measure)
        for what, measures in named
        for shares, measure in zip(found, measures, strict=True)
        if measure is not None
    ]
    how_many = "the one greedy continuation" if found[0].greedy else f"{len(found[0].said)} continuations of each"
    said = "; ".join(
        f"{shares.name}: another question {percent(shares.asks.value)}, stops {percent(shares.stops.value)}"
        for shares in found
    )
    return bar_chart(
        bars,
        title=title or f"What the first line does, in {how_many}",
        alt=f"Bars with 95 % intervals. {said}.",
        x="share of continuations",
        domain=(0, 1),
    )


def _bar(what: str, shares: Shares, measure: Measure) -> Bar:
    # One greedy text is no sample, and so has no interval.
    low, high = (None, None) if shares.greedy else (measure.low, measure.high)
    return Bar(what, measure.value, low, high, group=shares.name)


def shares_table(found: Sequence[Shares], prompt: str, task: Task | None) -> Table:
    """The same in numbers, with a typical first line, and what a right reply would be."""
    rows = [
        [
            shares.name,
            len(shares.said),
            *(_cell(m) for m in (shares.asks, shares.replies, shares.right, shares.declines, shares.stops)),
            _most_common([said.line for said in shares.said]),
        ]
        for shares in found
    ]
    asked = " ".join(prompt.split())
    wanted = (
        "The course knows no right reply to this prompt, so nobody judges answers."
        if task is None
        else f"A right reply: {task.answer}"
    )
    return Table(
        ["Model", "Texts", "Another question", "Replies", "Rightly", "Declines", "One line, stop", "Usual first line"],
        rows,
        f"“{asked}”. {wanted}",
    )


def _cell(measure: Measure | None) -> str | None:
    return None if measure is None else percent(measure.value)


def _most_common(lines: Sequence[str]) -> str:
    best = max(dict.fromkeys(lines), key=lines.count)
    return best or "(nothing)"
