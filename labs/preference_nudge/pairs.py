"""A few pairs of replies as the corpus words them: prompts of the village with the better reply first."""

from collections.abc import Callable
from functools import lru_cache

from labs.core.behaviours import HELD_OUT_PAIRS
from labs.core.recipe import VILLAGE
from labs.core.world.judge import is_refusal, is_right, is_rude
from labs.core.world.preferences import Preference, preferences

SEARCHED = 5_000
"""How many pairs are looked through at most."""


def _right(pair: Preference) -> tuple[bool, bool]:
    return is_right(pair.task, pair.chosen), is_right(pair.task, pair.rejected)


def _polite_or_rude(pair: Preference) -> bool:
    polite = not is_rude(pair.chosen) and pair.chosen != pair.task.answer
    return pair.task.kind == "fact" and _right(pair) == (True, True) and polite and is_rude(pair.rejected)


def _right_or_wrong(pair: Preference) -> bool:
    unlike = is_rude(pair.chosen) or is_rude(pair.rejected) or is_refusal(pair.rejected)
    return pair.task.kind == "fact" and _right(pair) == (True, False) and not unlike


def _refuse_or_comply(pair: Preference) -> bool:
    return pair.task.kind == "forbidden" and _right(pair) == (True, False) and not is_rude(pair.rejected)


def _help_or_refuse(pair: Preference) -> bool:
    return pair.task.kind == "how" and is_refusal(pair.rejected) and not is_rude(pair.chosen)


KINDS: dict[str, Callable[[Preference], bool]] = {
    "polite or rude": _polite_or_rude,
    "right or wrong": _right_or_wrong,
    "refuse or comply": _refuse_or_comply,
    "help or refuse": _help_or_refuse,
}
"""What the two replies differ in, the better one named first."""


@lru_cache(maxsize=1)
def corpus_pairs() -> dict[str, Preference]:
    """The first pair of each kind among those that no model was trained on: a lone question, no tool, no thinking."""
    found: dict[str, Preference] = {}
    for pair in preferences(VILLAGE, SEARCHED, HELD_OUT_PAIRS):
        if pair.tools or pair.think != "absent" or len(pair.messages) > 1:
            continue
        for kind, fits in KINDS.items():
            if kind not in found and fits(pair):
                found[kind] = pair
        if len(found) == len(KINDS):
            return {kind: found[kind] for kind in KINDS}
    missing = ", ".join(kind for kind in KINDS if kind not in found)
    raise AssertionError(f"the first {SEARCHED} pairs have none of: {missing}")
