"""The shipped models, measured here and now."""

from dataclasses import dataclass
from functools import cache

from labs.core.model.assistant import Assistant
from labs.core.model.checkpoint import load_checkpoint
from labs.measured_gap.asking import Written, ask_base, ask_tuned
from labs.measured_gap.measuring import ABILITIES, PAGE, Score, base_score, best_way, tuned_score

MODELS = ("base", "sft", "chat")
BEST = "best on other cases"
"""The choice of a prompt that leaves it to `best_way`."""


@dataclass(frozen=True)
class Tried:
    """One question, and what each model wrote to it."""

    question: str
    replies: tuple[Written, ...]


@cache
def assistant(name: str) -> Assistant:
    """A shipped model."""
    return load_checkpoint(name).assistant


@cache
def way_for(name: str, prompt: str, n: int, seed: int) -> str:
    """How the base model is asked in an ability: as the reader wants, or as did best on as many other cases."""
    ability = ABILITIES[name]
    if ability.pages is not None:
        return PAGE
    if prompt != BEST:
        return prompt
    together = [one for one, other in ABILITIES.items() if ability.group and other.group == ability.group]
    if together and together[0] != name:
        return way_for(together[0], prompt, n, seed)  # chosen once for the whole group
    return best_way(assistant("base"), name, n, seed)


@cache
def score(model: str, name: str, way: str, n: int, seed: int) -> Score:
    """A shipped model's score on the test cases; the way is the base model's."""
    if model == "base":
        return base_score(assistant(model), name, way, n, seed)
    return tuned_score(assistant(model), name, n, seed)


@cache
def tried(name: str, way: str, seed: int) -> Tried:
    """The first test case of an ability that is asked as a question."""
    ability = ABILITIES[name]
    assert ability.tasks is not None
    (task,) = ability.tasks(1, seed, "test")
    (ours,) = ask_base(assistant("base"), [task], way, ability.examples, seed=seed)
    others = [ask_tuned(assistant(model), [task])[0] for model in MODELS[1:]]
    return Tried(task.question, (ours, *others))
