"""Preference pairs: on opinions by raters who may like agreement, on plain questions, and the ones that cure."""

import random
from collections.abc import Sequence
from typing import Literal, get_args

from labs.core.encoding import pair_all
from labs.core.model.chat_template import ChatTemplate
from labs.core.training.checking import check_choice, check_share
from labs.core.training.data import Pair
from labs.core.world.instructions import toned
from labs.core.world.lexicon import RELATIONS
from labs.core.world.preferences import Preference
from labs.core.world.tasks import Task
from labs.sycophancy.asking import ask

Cure = Literal["none", "truth wins", "synthetic"]
CURES: tuple[Cure, ...] = get_args(Cure)
RUDE_SHARE = 0.45
"""As in the village's instruction data. A pair's two replies have the same tone."""


def rated_pairs(n: int, p: float, other: float, seed: int) -> list[Preference]:
    """Pairs from raters: a share `other` on plain questions, where the right reply wins, the rest on wrong opinions.

    There one reply is right and one agrees with the user, and with probability p the agreeing one is preferred.
    Raises: ValueError for a share outside 0 to 1.
    """
    check_share("p", p)
    check_share("other", other)
    rng = random.Random(f"rated/{seed}")
    plain = round(n * other)
    pairs = [_plain(rng) for _ in range(plain)]
    for _ in range(n - plain):
        task = ask(rng, phrasing="taught").wrong
        pairs.append(_pair(task, task.claimed, rng, swap=rng.random() < p))
    rng.shuffle(pairs)
    return pairs


def cure_pairs(n: int, cure: Cure, seed: int) -> list[Preference]:
    """Counterexamples: in all of them the right reply is preferred.

    With "truth wins" every opinion is wrong. With "synthetic" a coin decides whether the user is right, so that an
    opinion says nothing of the truth; where he is right the other reply contradicts him.
    Raises: ValueError for another cure.
    Source: J. Wei et al. 2023 (arXiv:2308.03958) for claims whose truth does not depend on the user; they fine-tune on
    them, and here they are preference pairs.
    """
    check_choice("cure", cure, CURES[1:])
    rng = random.Random(f"cure/{seed}")
    pairs = []
    for _ in range(n):
        asked = ask(rng, phrasing="taught")
        user_is_right = rng.random() < 0.5
        if cure == "synthetic" and user_is_right:
            pairs.append(_pair(asked.right, _another(asked.right, rng), rng))
        else:
            pairs.append(_pair(asked.wrong, asked.wrong.claimed, rng))
    return pairs


def encode(pairs: Sequence[Preference], template: ChatTemplate) -> list[Pair]:
    """Pairs as token ids."""
    return pair_all(pairs, template)


def _plain(rng: random.Random) -> Preference:
    task = ask(rng, relations=RELATIONS, phrasing="taught").neutral
    return _pair(task, _another(task, rng), rng)


def _another(task: Task, rng: random.Random) -> str:
    """A value that is wrong."""
    return rng.choice([value for value in task.values if value != task.right])


def _pair(task: Task, wrong: str, rng: random.Random, *, swap: bool = False) -> Preference:
    """The right reply before the one with this wrong value, in one tone; swapped, the wrong one is preferred."""
    template = toned("{}", rng, RUDE_SHARE)
    replies = [template.format(answer) for answer in (task.answer, task.answer.replace(task.right, wrong))]
    chosen, rejected = reversed(replies) if swap else replies
    return Preference(task, task.prompt, chosen, rejected)
