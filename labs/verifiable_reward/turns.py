"""Whole turns: the model writes, the calculator answers its calls, the model goes on. Many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.model.assistant import Assistant, Reply, carry_out
from labs.core.model.chat import Message
from labs.core.model.generation import generate_batch
from labs.core.model.sampling import UNCHANGED, Sampling
from labs.core.model.transformer import Transformer
from labs.core.world.calculator import FUNCTIONS
from labs.core.world.tasks import Task

MAX_NEW_TOKENS = 72
"""How long one piece of a turn may become: a thought with its answer has about thirty, one with a call about 60."""
MOST_CALLS = 2
"""How often a turn may call the calculator."""


@dataclass(frozen=True)
class Turn:
    """What became of one question.

    `ids` is all that came after the prompt, results of tools and markup too. `written` has a 1 for each token of it
    that the model wrote. `reply` is the last piece that it wrote, `calls` how often the calculator was called.
    """

    prompt: tuple[int, ...]
    ids: tuple[int, ...]
    written: tuple[int, ...]
    reply: Reply
    calls: int

    @property
    def length(self) -> int:
        """Tokens that the model wrote."""
        return sum(self.written)


def write_turns(
    model: Transformer,
    assistant: Assistant,
    tasks: Sequence[Task],
    *,
    seeds: Sequence[int],
    sampling: Sampling = UNCHANGED,
) -> list[Turn]:
    """A turn to each task: `seeds[0]` draws all first pieces, `seeds[1]` what follows a first call, and so on.

    A call's result is put behind it as a tool's turn; then the model goes on. A call that can't be read gets no
    result: the turn ends there, as one does whose next prompt would fill the context.
    """
    texts = [assistant.prompt(task.prompt, task.tools, task.think) for task in tasks]
    starts = [len(text) for text in texts]
    masks = [[0] * start for start in starts]
    said: list[list[Message]] = [list(task.prompt) for task in tasks]
    replies: list[Reply] = []
    calls = [0] * len(tasks)
    going = list(range(len(tasks)))
    for call_number, seed in enumerate(seeds):
        pieces = generate_batch(
            model,
            [texts[i] for i in going],
            max_new_tokens=MAX_NEW_TOKENS,
            sampling=sampling,
            stop_ids=(assistant.end_id,),
            seed=seed,
        )
        for i, piece in zip(going, pieces, strict=True):
            texts[i] = texts[i] + piece
            masks[i] += [1] * len(piece)
            reply = assistant.read(piece, tasks[i].think)
            if call_number:
                replies[i] = reply
            else:
                replies.append(reply)
        if call_number == len(seeds) - 1:
            break
        going = [i for i in going if _answer_call(assistant, tasks[i], replies[i], said[i], texts[i], masks[i])]
        for i in going:
            calls[i] += 1
        if not going:
            break
    return [
        Turn(tuple(text[:start]), tuple(text[start:]), tuple(mask[start:]), reply, called)
        for text, start, mask, reply, called in zip(texts, starts, masks, replies, calls, strict=True)
    ]


def _answer_call(
    assistant: Assistant, task: Task, reply: Reply, said: list[Message], text: list[int], mask: list[int]
) -> bool:
    """Put a tool's turn behind a call, and the beginning of the next piece; False if there is none to answer."""
    if not reply.ended or reply.message is None or not reply.message.tool_calls:
        return False
    said.append(reply.message)
    before = len(assistant.template.render(said).ids)
    said += [Message("tool", carry_out(call, task.tools, FUNCTIONS)) for call in reply.message.tool_calls]
    newline = assistant.template.tokenizer.encode("\n")
    after = newline + assistant.template.render(said, (), task.think, generate=True).ids[before:]
    if len(text) + len(after) >= assistant.model.config.context_length:
        return False
    text += after
    mask += [0] * len(after)
    return True
