"""The dialogues that the base model is tuned on: short ones, on the topics that the reader chose."""

from collections.abc import Sequence
from itertools import islice

from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.recipe import VILLAGE
from labs.core.world.instructions import instructions

TOPICS: dict[str, tuple[str, ...]] = {
    "facts": ("fact", "claim"),
    "sums": ("sum",),
    "how": ("how", "thing"),
    "refusals": ("forbidden",),
    "talk": ("talk",),
}
"""What may be asked, and which kinds of question of the village's instruction data that is."""
LONGEST = 64
"""Tokens of a dialogue. Longer ones are left out, as are those with tools or a think block: a page has little time."""
MOST_DRAWN = 200_000


def draw_dialogues(n: int, topics: Sequence[str], rude: float, seed: int, template: ChatTemplate) -> list[Rendered]:
    """So many dialogues on these topics; where tone applies, `rude` is the share of rude replies.

    Raises: ValueError without topics, or for one that there is not.
    """
    if not topics or any(topic not in TOPICS for topic in topics):
        raise ValueError(f"topics: expected some of {', '.join(TOPICS)}; got {topics!r}; switch one on.")
    kinds = tuple(kind for topic in topics for kind in TOPICS[topic])
    drawn = instructions(VILLAGE, MOST_DRAWN, seed, rude_share=rude, kinds=kinds)
    plain = (one for one in drawn if one.think == "absent" and not one.tools)
    rendered = (template.render(one.messages) for one in plain)
    return list(islice((one for one in rendered if len(one.ids) <= LONGEST), n))


def user_mask(dialogue: Rendered, template: ChatTemplate) -> list[int]:
    """1 on what the user says, the end of the turn included, else 0: what `loss_mask` is for the assistant.

    Shapes: -> (T,).
    """
    header = 1 + len(template.tokenizer.encode("user\n"))
    start = template.tokenizer.special_id("<|im_start|>")
    mask = [int(role == "user") for role in dialogue.roles]
    for place, token in enumerate(dialogue.ids):
        if token == start:
            mask[place : place + header] = [0] * header
    end = template.tokenizer.special_id("<|im_end|>")
    return [
        score if token == end or dialogue.ids[place - 1] != end else 0  # not the newline after the end of the turn
        for place, (token, score) in enumerate(zip(dialogue.ids, mask, strict=True))
    ]
