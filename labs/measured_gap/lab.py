"""The lab: all measures for base, sft and chat, and how large a base model equals a small tuned one."""

from collections.abc import Iterator

from labs.core.contract import Choice, Lab, Moving, Number, Progress, Slider
from labs.measured_gap import live, pictures, recording
from labs.measured_gap.asking import WAYS
from labs.measured_gap.equivalent import Equivalent, equivalent_size, in_thousands
from labs.measured_gap.live import BEST, MODELS
from labs.measured_gap.measuring import ABILITIES, KINDS, Score
from labs.measured_gap.training import CONFIGS

__all__ = ["ABILITIES", "LAB", "WAYS", "Equivalent", "equivalent_size", "run"]

ALL = "all of them"
SMALL = {in_thousands(n_params): n_params for n_params in tuple(CONFIGS)[:-1]}
"""The tuned models that may be the small one, by how their size is printed."""
LINES = {recording.in_words(name): name for name in (recording.AVERAGE, *ABILITIES)}

LAB = Lab(
    title="The measured gap",
    question="How large a base model, with the best prompt it can get, equals a small tuned one?",
    label="live",
    controls=(
        Choice("kind", "Measure, live", ALL, (ALL, *KINDS), "What is asked of the shipped models, here and now."),
        Choice(
            "prompt",
            "The base model's prompt",
            BEST,
            (BEST, *WAYS),
            "The best one is chosen for each measure, on cases that are not reported.",
        ),
        Slider("cases", "Cases", 20, 10, 60, 5, help="Of each measure, where there are so many different ones."),
        Number("seed", "Seed", 0, 0, 2**32 - 1, help="Of the cases, the examples and the draws."),
        Choice("measure", "Draw over size, recorded", recording.in_words("refuses"), tuple(LINES)),
        Choice("small", "The small tuned model", "137k", tuple(SMALL), "Its size in parameters, recorded."),
    ),
    action="Measure",
    waits=True,
)


def run(kind: str, prompt: str, cases: int, seed: int, measure: str, small: str) -> Iterator[object]:
    """Yield what was recorded over size, then the shipped models' scores as they are measured, and their replies."""
    names = [name for name, ability in ABILITIES.items() if kind in (ALL, ability.kind)]
    kinds = list(dict.fromkeys(ABILITIES[name].kind for name in names))
    yield Progress(0, len(names), "Measures")
    yield pictures.size_chart(LINES[measure], SMALL[small])
    yield pictures.equivalents_table(SMALL[small])
    scores: dict[str, dict[str, Score]] = {}
    for one in kinds:
        yield Moving(one, pictures.live_chart(one, scores))
    for done, name in enumerate(names, start=1):
        way = live.way_for(name, prompt, cases, seed)
        scores[name] = {model: live.score(model, name, way, cases, seed) for model in MODELS}
        yield Moving(ABILITIES[name].kind, pictures.live_chart(ABILITIES[name].kind, scores))
        yield Progress(done, len(names), "Measures")
    yield pictures.live_table(scores)
    asked = [name for name in names if ABILITIES[name].pages is None]
    if asked:
        yield pictures.replies_table([live.tried(name, scores[name]["base"].way, seed) for name in asked])
    yield pictures.invented_table(scores)
