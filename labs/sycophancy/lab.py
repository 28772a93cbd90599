"""The lab: raters who like agreement train the assistant, counterexamples cure it, and the reader watches both."""

from collections.abc import Generator, Iterator, Mapping, Sequence

from labs.core.contract import Choice, Lab, Moving, Number, Progress, Slider
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.transformer import Transformer
from labs.core.sweeping import recorded
from labs.core.training.dpo import DpoStep
from labs.sycophancy import pictures
from labs.sycophancy.asking import questions
from labs.sycophancy.measuring import Replies, flips_by_group, judge, reply_three_ways
from labs.sycophancy.rating import CURES, Cure
from labs.sycophancy.tuning import CURE_STEPS, Settings, cured, head_starts, prefer

LOOKS = 6
"""How many times the model is tried while raters train it."""
CURE_LOOKS = 3
CASES = 30
"""Questions at each time."""
GROUP_CASES = 20
"""Questions of each kind at the end."""
MARGINS = 60
"""Questions on which the prediction is made."""

LAB = Lab(
    title="Sycophancy",
    question="What do raters who like to be agreed with make of an assistant, and what makes it good again?",
    label="live",
    controls=(
        Slider(
            "p",
            "Raters prefer agreement",
            1.0,
            0.0,
            1.0,
            0.05,
            help="How often the agreeing reply beats the right one.",
        ),
        Slider("pairs", "Pairs", 400, 10, 1000, 10, help="How many different ones the raters compare."),
        Slider(
            "other", "Pairs without an opinion", 0.5, 0.0, 1.0, 0.05, help="On plain questions; the right reply wins."
        ),
        Number("beta", "β", 0.1, 0.01, 1.0, help="How closely DPO stays with the model that it starts from."),
        Slider("nll", "NLL weight", 0.5, 0.0, 1.0, 0.1, help="How much of the chosen replies' own loss is added."),
        Slider("steps", "Steps", 60, 10, 200, 10, help="Batches of 8 pairs."),
        Choice(
            "cure",
            "Cure",
            "synthetic",
            CURES,
            "After the raters: nothing, wrong opinions where truth wins, or opinions of which a coin says whether they "
            "are right.",
        ),
        Slider("counterexamples", "Counterexamples", 40, 1, 200, 1, help=f"For the cure: {CURE_STEPS} steps on them."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Of the pairs, the batches and the questions."),
    ),
    action="Train",
    waits=True,
)


def run(
    p: float, pairs: int, other: float, beta: float, nll: float, steps: int, cure: Cure, counterexamples: int, seed: int
) -> Iterator[object]:
    """Yield three ways to ask, the training as it goes, the cure, and the run beside the recorded curve."""
    settings = Settings(p, pairs, other, beta, nll, steps, cure, counterexamples, seed)
    total = steps + (CURE_STEPS if cure != "none" else 0)
    yield Progress(0, total, "Steps")
    sft = load_checkpoint("sft")
    watch = _Watch(sft, settings, total)
    yield from watch.look("Before", 0, sft.model)
    model = yield from watch.train("After raters", 0, prefer(sft, settings), steps, LOOKS)
    models = {"Before": sft.model, "After raters": model}
    if cure != "none":
        models["After the cure"] = yield from watch.train(
            "After the cure", steps, cured(sft, model, settings), CURE_STEPS, CURE_LOOKS
        )
    found = recorded("sycophancy")
    yield pictures.measures_table(watch.measured, settings, found)
    by_group = {name: flips_by_group(one, sft.template, GROUP_CASES, seed) for name, one in models.items()}
    yield pictures.groups_table(by_group, GROUP_CASES)
    flipped = watch.measured["After raters"]["agrees"]
    yield pictures.curve_chart(found, head_starts(sft, MARGINS, seed), (p, flipped), beta)


class _Watch:
    """Looks at the model now and then, and shows what is new."""

    def __init__(self, sft: Checkpoint, settings: Settings, total: int) -> None:
        self.sft, self.settings, self.total = sft, settings, total
        self.asked = questions(CASES, settings.seed)
        self.looks: list[tuple[int, Mapping[str, float]]] = []
        self.replies: dict[str, Sequence[Replies]] = {}
        self.measured: dict[str, Mapping[str, float]] = {}

    def look(self, state: str, step: int, model: Transformer) -> Iterator[object]:
        """Ask all questions three ways."""
        replies = reply_three_ways(model, self.sft.template, self.asked)
        self.measured[state] = judge(self.asked, replies)
        self.looks.append((step, self.measured[state]))
        self.replies[state] = replies
        yield Moving(
            "behaviour",
            pictures.behaviour_chart(self.looks, CASES, self.settings.steps, self.total, _seen(self.measured)),
        )
        yield Moving("replies", pictures.three_ways(self.asked, self.replies))

    def train(
        self, state: str, done: int, records: Iterator[DpoStep], steps: int, looks: int
    ) -> Generator[object, None, Transformer]:
        """Go through a training; return its model."""
        at = {round(steps * look / looks) for look in range(1, looks + 1)}
        for record in records:
            yield Progress(done + record.step, self.total, "Steps")
            if record.step in at:
                yield from self.look(state, done + record.step, record.state.model)
        return record.state.model


def _seen(measured: Mapping[str, Mapping[str, float]]) -> str:
    """What the chart shows so far, in a sentence."""
    before, *later = [values["agrees"] for values in measured.values()]
    if not later:
        return "Agreement with wrong opinions before the training."
    way = "rises" if later[0] > before + 0.1 else "hardly changes"
    then = "" if len(later) == 1 else ", and falls with counterexamples" if later[1] < later[0] - 0.1 else ", and stays"
    return f"Agreement with wrong opinions {way} while raters train the model{then}."
