"""How much data each stage took: what reports say, and what our own checkpoints' files say."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.model.checkpoint import load_meta
from labs.core.published import REPORTS, Report

STAGES = ("pretraining", "SFT", "preferences", "RL")
POCKET = "Pocket model"


@dataclass(frozen=True)
class Amount:
    """So much of one unit, in one stage of one model, and who says so.

    `how` is "reported", "counted here", or "at your assumption". `anchor` is the source's entry in docs/sources.md,
    and empty for our own.
    """

    model: str
    stage: str
    number: float
    unit: str
    date: str
    source: str
    anchor: str = ""
    how: str = "reported"

    @property
    def ours(self) -> bool:
        """Whether it is one of the course's own models."""
        return not self.anchor


def published(reports: Sequence[Report] = REPORTS) -> list[Amount]:
    """All amounts of data in the reports, in the order of the stages."""
    found = []
    for report in reports:
        for stage, number, unit in (
            ("pretraining", report.tokens, "tokens"),
            ("SFT", report.sft_examples, "examples"),
            ("preferences", report.comparisons, "comparisons"),
            ("RL", report.rl_prompts, "prompts"),
        ):
            if number is not None:
                found.append(Amount(report.model, stage, number, unit, report.date, report.source, report.anchor))
    return in_order(found)


def pocket() -> list[Amount]:
    """The rows that training our own models read, repeats included: the steps of each stage times those of its batch.

    Pages of pretraining that SFT goes on reading (`replay`) are left out. The lab of the lifecycle counts the same
    rows, and a test holds the two together. Of pretraining it is the tokens in them.
    """
    found = []
    for name, stage, unit in (
        ("base", "pretraining", "tokens"),
        ("sft", "SFT", "dialogues read"),
        ("reward", "preferences", "comparisons read, reward model"),
        ("chat", "preferences", "comparisons read, DPO"),
    ):
        configuration = load_meta(name)["configuration"]
        batch_size, steps = configuration["batch_size"], configuration["schedule"]["steps"]
        rows = steps * (batch_size - round(configuration["replay"] * batch_size))
        number = rows * configuration["length"] if stage == "pretraining" else rows
        source = f"labs/checkpoints/{name}.json"
        found.append(Amount(f"{POCKET}, {name}", stage, number, unit, "this course", source, how="counted here"))
    return found


def in_order(amounts: Sequence[Amount]) -> list[Amount]:
    """Stage by stage, and in each the oldest first."""
    return sorted(amounts, key=lambda amount: STAGES.index(amount.stage))


def words(number: float) -> str:
    """A number as people say it.

    Example: 2e12 -> "2 trillion", 27540 -> "27,540", 16384000 -> "16.4 million".
    """
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.3g} {name}"
    return f"{number:,.0f}"
