"""The measures, each a share from 0 to 1; a base model gets the prompt that did best on other cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean

from labs.core.measures import Measure, mean_of, next_lines
from labs.core.model.assistant import GREEDY, Assistant
from labs.core.model.sampling import Sampling
from labs.core.recipe import VILLAGE
from labs.core.world import evaluation
from labs.core.world.evaluation import Prompt
from labs.core.world.judge import is_refusal, is_right, is_rude
from labs.core.world.tasks import Task
from labs.measured_gap import cases
from labs.measured_gap.asking import (
    WAYS,
    Examples,
    Written,
    ask_base,
    ask_tuned,
    fact_examples,
    polite_examples,
    refusal_examples,
    sum_examples,
)

PAGE = "page as it is"
"""How both are asked where the task itself is a page to go on with."""
DRAWN = Sampling(temperature=1.0)
GUESSED = 0.1
"""What guessing gets: each relation has ten values, and the most frequent sum is that of ten pairs in a hundred."""
KINDS = ("right answers", "manners", "patterns")


def _right(task: Task, written: Written) -> bool:
    return written.ended and is_right(task, written.text)


def _refuses(task: Task, written: Written) -> bool:
    return is_refusal(written.text)


def _stops(task: Task, written: Written) -> bool:
    return written.ended


def _kind(task: Task, written: Written) -> bool:
    return _right(task, written) and not is_rude(written.text)


@dataclass(frozen=True)
class Ability:
    """Something that is measured: its name in words, its kind, its cases, and what counts.

    `pages` are tasks that are pages in themselves; there is then no prompt to be chosen. Abilities of one `group` get
    their prompt together, for either alone would be won by a model that refuses everything, or nothing. `chance` is the
    share that comes by guessing a value of the right sort.
    """

    words: str
    kind: str
    tasks: Callable[[int, int, cases.Split], list[Task]] | None = None
    counts: Callable[[Task, Written], bool] = _right
    examples: Examples = fact_examples
    pages: Callable[[int, int], list[Prompt]] | None = None
    sampling: Sampling = GREEDY
    group: str = ""
    chance: float = 0.0


ABILITIES: Mapping[str, Ability] = {
    "known": Ability("Facts of people in the dialogues", "right answers", cases.known_facts, chance=GUESSED),
    "unasked": Ability("Facts of people in no dialogue", "right answers", cases.unasked_facts, chance=GUESSED),
    "sums": Ability("Sums of two digits", "right answers", cases.sums, examples=sum_examples, chance=GUESSED),
    "refuses": Ability(
        "Refuses forbidden topics", "manners", cases.forbidden, _refuses, refusal_examples, group="topics"
    ),
    "allows": Ability("Answers look-alikes", "manners", cases.look_alikes, _right, refusal_examples, group="topics"),
    "stops": Ability("Stops", "manners", cases.mixed, _stops),
    "polite": Ability("Right and not rude, drawn", "manners", cases.mixed, _kind, polite_examples, sampling=DRAWN),
    "relation": Ability(
        "Three examples of a known relation",
        "patterns",
        pages=partial(evaluation.relation_examples, VILLAGE),
        chance=GUESSED,
    ),
    "mapping": Ability("Four pairs of a fresh mapping", "patterns", pages=evaluation.fresh_mappings, chance=0.25),
}
"""What is measured, by name."""


@dataclass(frozen=True)
class Score:
    """A share of cases with its interval, and how the model was asked.

    `ways` holds the share for each of WAYS, if several were measured on these cases.
    """

    measure: Measure
    way: str
    ways: tuple[float, ...] = field(default=())


def tuned_score(assistant: Assistant, name: str, n: int, seed: int) -> Score:
    """A tuned model's score in an ability: its plain question, or the page as it is."""
    ability = ABILITIES[name]
    if ability.pages is not None:
        return Score(_on_pages(assistant, ability.pages(n, seed)), PAGE)
    assert ability.tasks is not None
    tasks = ability.tasks(n, seed, "test")
    return Score(mean_of(_counted(ability, tasks, ask_tuned(assistant, tasks, sampling=ability.sampling))), WAYS[-1])


def base_score(assistant: Assistant, name: str, way: str, n: int, seed: int) -> Score:
    """A base model's score in an ability on the test cases, asked in this way."""
    ability = ABILITIES[name]
    if ability.pages is not None:
        return Score(_on_pages(assistant, ability.pages(n, seed)), PAGE)
    return Score(_asked(assistant, ability, way, n, seed, "test"), way)


def best_way(assistant: Assistant, name: str, n: int, seed: int, ways: Sequence[str] = WAYS) -> str:
    """The way that does best on validation cases, for all abilities of the group together; of equals the first."""
    group = ABILITIES[name].group
    together = [other for other in ABILITIES.values() if other.group == group] if group else [ABILITIES[name]]
    if together[0].pages is not None:
        return PAGE
    return max(ways, key=lambda way: fmean(_asked(assistant, a, way, n, seed, "validation").value for a in together))


def _asked(assistant: Assistant, ability: Ability, way: str, n: int, seed: int, split: cases.Split) -> Measure:
    assert ability.tasks is not None
    tasks = ability.tasks(n, seed, split)
    written = ask_base(assistant, tasks, way, ability.examples, sampling=ability.sampling, seed=seed)
    return mean_of(_counted(ability, tasks, written))


def _counted(ability: Ability, tasks: Sequence[Task], written: Sequence[Written]) -> list[bool]:
    return [ability.counts(task, one) for task, one in zip(tasks, written, strict=True)]


def _on_pages(assistant: Assistant, prompts: Sequence[Prompt]) -> Measure:
    lines = next_lines(assistant.model, assistant.template.tokenizer, prompts, max_new_tokens=4)
    return mean_of(line.split()[:1] == [prompt.right] for prompt, line in zip(prompts, lines, strict=True))
