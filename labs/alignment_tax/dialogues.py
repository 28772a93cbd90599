"""The narrow data: dialogues of one kind, the pages that a remedy reads, and the pages that tell the tax."""

from itertools import islice

from labs.core.encoding import pack
from labs.core.model.arrays import Ints
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.checkpoint import Checkpoint
from labs.core.recipe import VILLAGE, held_out_documents, pretraining_documents
from labs.core.world.documents import Document
from labs.core.world.instructions import instructions

KINDS: dict[str, str] = {"refusals": "forbidden", "sums": "sum", "facts": "fact", "small talk": "talk"}
"""What the dialogues may be about, and the name of that kind in the village's instruction data."""
DIALOGUES = 400
"""So many different ones to learn from, or as many as are drawn: of some kinds there are few."""
LONGEST = 64
"""Tokens of a dialogue. Longer ones are left out, as are those with tools or a think block: a page has little time."""
MOST_DRAWN = 20_000
RUDE = 0.0
"""No helper is rude here: tone is another lab's subject."""
HELD_OUT_SEED = 1_000_000
"""Added to a seed, so that they are other draws."""
PAGES = 1_500
"""Pages of pretraining that a remedy or the revival reads: the first ones that the base model was trained on."""


def narrow_dialogues(kind: str, n: int, seed: int, template: ChatTemplate) -> list[Rendered]:
    """So many dialogues of one kind, in chat markup.

    Raises: ValueError for a kind that there is not.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}; got {kind!r}; choose one of them.")
    drawn = instructions(VILLAGE, MOST_DRAWN, seed, rude_share=RUDE, kinds=(KINDS[kind],))
    plain = (one for one in drawn if one.think == "absent" and not one.tools)
    rendered = (template.render(one.messages) for one in plain)
    return list(islice((one for one in rendered if len(one.ids) <= LONGEST), n))


def replayed_pages(base: Checkpoint) -> Ints:
    """Pages that the base model was trained on, as one stream of tokens.

    Shapes: -> (N,).
    """
    return pack(pretraining_documents(PAGES), base.tokenizer)


def held_out_pages(per_kind: int) -> list[Document]:
    """So many pages of each kind, or the few that there are of a rare one, that no model was trained on."""
    found: dict[str, list[Document]] = {}
    for page in held_out_documents(200 * per_kind):
        found.setdefault(page.kind, []).append(page)
    return [page for kind in sorted(found) for page in found[kind][:per_kind]]
