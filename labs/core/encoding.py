"""From the village's texts to what the training stages take: token ids."""

from collections.abc import Iterable

import numpy as np

from labs.core.model.arrays import Ints
from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.tokenizer import END_OF_TEXT, Tokenizer
from labs.core.training.data import Pair
from labs.core.world.documents import Document
from labs.core.world.instructions import Dialogue
from labs.core.world.preferences import Preference


def pack(documents: Iterable[Document], tokenizer: Tokenizer) -> Ints:
    """All pages as one stream, <|endoftext|> before each and after the last.

    Shapes: -> (N,) int32.
    """
    end = tokenizer.special_id(END_OF_TEXT)
    ids = [end]
    for document in documents:
        ids += tokenizer.encode(document.text)
        ids.append(end)
    return np.array(ids, np.int32)


def render_all(dialogues: Iterable[Dialogue], template: ChatTemplate) -> list[Rendered]:
    """Dialogues in chat markup, with their loss masks."""
    return [template.render(dialogue.messages, dialogue.tools) for dialogue in dialogues]


def pair_all(preferences: Iterable[Preference], template: ChatTemplate) -> list[Pair]:
    """Preferences as ids: prompt, chosen and rejected reply, each reply with the end of its turn."""
    return [_pair(preference, template) for preference in preferences]


def _pair(preference: Preference, template: ChatTemplate) -> Pair:
    prompt = template.render(preference.messages, preference.tools, preference.think, generate=True).ids
    newline = len(template.tokenizer.encode("\n"))  # after the end of the turn: the template writes it, not the model

    def reply(message: Message) -> list[int]:
        ids = template.render([*preference.messages, message], preference.tools).ids
        assert ids[: len(prompt)] == prompt
        return ids[len(prompt) : -newline]

    chosen, rejected = preference.replies
    return Pair(prompt, reply(chosen), reply(rejected))
