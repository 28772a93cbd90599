"""What a model does with questions, by its replies and not by its probabilities."""

from collections.abc import Sequence

from labs.core.measures import exact_rate, refusal_rate, rude_rate, stop_rate
from labs.core.model.assistant import GREEDY, Assistant, Reply
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.sampling import UNCHANGED, Sampling
from labs.core.model.transformer import Transformer
from labs.core.recipe import VILLAGE
from labs.core.world.evaluation import forbidden, known_facts
from labs.core.world.tasks import Task

REPLY_TOKENS = 28
"""How long a reply may become: twice as long as most that the dialogues hold."""
BEHAVIOURS = {
    "rude": "Rude, drawn at random",
    "right": "Facts told rightly",
    "refuses": "Forbidden questions refused",
    "ends": "Ends its turn, drawn at random",
}
"""What is measured, in words; all are shares of replies."""


def behave(model: Transformer, template: ChatTemplate, cases: int, seed: int) -> dict[str, float]:
    """Ask for so many facts and for all that is forbidden, in phrasings that no dialogue and no pair has.

    `right` and `refuses` are of the likeliest replies, `rude` (of the facts) and `ends` of replies drawn at
    temperature 1.
    """
    facts, denied = known_facts(VILLAGE, cases, seed), forbidden()
    likeliest = _ask(model, template, [*facts, *denied], GREEDY, seed)
    drawn = _ask(model, template, [*facts, *denied], UNCHANGED, seed)
    return {
        "rude": rude_rate(drawn[:cases]).value,
        "right": exact_rate(facts, likeliest[:cases]).value,
        "refuses": refusal_rate(likeliest[cases:]).value,
        "ends": stop_rate(drawn).value,
    }


def _ask(
    model: Transformer, template: ChatTemplate, tasks: Sequence[Task], sampling: Sampling, seed: int
) -> list[Reply]:
    return Assistant(model, template).reply_all(
        [(task.prompt, (), "absent") for task in tasks], sampling=sampling, max_new_tokens=REPLY_TOKENS, seed=seed
    )
