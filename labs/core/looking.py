"""Looks at a model while it trains: at which steps, and what it then writes."""

from collections.abc import Sequence

from labs.core.model.assistant import Assistant
from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.transformer import Transformer


def look_steps(steps: int, looks: int) -> set[int]:
    """At which of the steps to look, if that many looks can be paid for: most changes at first, and the end counts.

    Example: 100 steps, 4 looks -> {12, 35, 65, 100}
    """
    return {max(1, round(steps * (look / looks) ** 1.5)) for look in range(1, looks + 1)}


def replies_in_words(
    model: Transformer, template: ChatTemplate, prompts: Sequence[str], max_new_tokens: int, *, markers: bool = True
) -> list[str]:
    """The likeliest reply to each prompt in a line: as the model writes it, or without its markers as a reader sees it.

    ⏎ is a line break, and an ellipsis stands where a reply was cut.
    """
    replies = Assistant(model, template).reply_all(
        [((Message("user", prompt),), (), "absent") for prompt in prompts], max_new_tokens=max_new_tokens
    )
    said = [(reply.text if markers else reply.content, reply.ended) for reply in replies]
    return [f"{words}{'' if ended else '…'}".replace("\n", "⏎") for words, ended in said]
