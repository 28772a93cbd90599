"""The sweep: every framing, and the tuned models in their markup, over three seeds of questions and draws."""

from collections.abc import Mapping

from labs.core.model.sampling import Sampling
from labs.core.sweeping import Arm, Sweep
from labs.framing.framings import FRAMINGS
from labs.framing.kinds import KINDS, MEASURES, QUESTIONS, ask_all
from labs.framing.lab import arm_name, arms

IN_MARKUP = "in markup"
"""What takes the framing's place where a tuned model reads its own markup."""


def measure(arm: Arm, seed: int) -> Mapping[str, float]:
    """Shares of each measure for each kind of question, by the name that `named` gives them."""
    model, framing = str(arm["model"]), str(arm["framing"])
    if framing == IN_MARKUP:
        asked = arms("none", "", model)[f"{model}, {IN_MARKUP}"]
    else:
        asked = arms(framing, "", "sft")[arm_name(framing)]
    shares: dict[str, float] = {}
    for kind in KINDS:
        found = ask_all(model, kind, asked, sampling=Sampling(1.0), seed=seed)
        shares |= {named(kind, name): found.share(name).value for name in MEASURES}
    return shares


def named(kind: str, measure_name: str) -> str:
    """The name of a recorded share."""
    return f"{kind}: {measure_name}"


SWEEP = Sweep(
    arms=(
        *({"model": "base", "framing": framing} for framing in FRAMINGS),
        *({"model": model, "framing": IN_MARKUP} for model in ("sft", "chat")),
    ),
    measure=measure,
    constants={"temperature": 1.0, "questions of each kind": QUESTIONS},
)
