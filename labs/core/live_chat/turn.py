"""A model's turn in a conversation, event by event: it writes, its tool calls are carried out, it goes on."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

import numpy as np

from labs.core.live_chat.calling import carried_out
from labs.core.live_chat.events import Ended, Event, Prompt, Said, Written
from labs.core.live_chat.framings import Framed, Framing, Markup, Overflow
from labs.core.live_chat.pieces import Pieces
from labs.core.model.arrays import Floats
from labs.core.model.assistant import GREEDY, MOST_CALLS, REPLY_TOKENS, Reply, ToolFunctions
from labs.core.model.chat import Message
from labs.core.model.generation import generate_with_probabilities
from labs.core.model.sampling import Sampling
from labs.core.model.tokenizer import Tokenizer
from labs.core.world.tools import FUNCTIONS

TOP = 5
"""How many of the likeliest tokens an event names."""


@dataclass(frozen=True)
class Settings:
    """How a model writes, and what carries out its tool calls."""

    sampling: Sampling = GREEDY
    seed: int = 0
    functions: ToolFunctions = field(default_factory=lambda: FUNCTIONS)


def take_turn(framing: Framing, messages: Sequence[Message], settings: Settings) -> Generator[Event]:
    """The model's turn after these messages: each event when it has happened, the next when it is asked for.

    Each writing is preceded by what the model reads, and ends after its stop token, after `REPLY_TOKENS` or when the
    context is full. After `MOST_CALLS` rounds of calls the turn is over. A conversation too long ends the turn too.
    Where the messages end with calls, written by somebody in the model's place, these are carried out first.
    """
    conversation, dropped = tuple(messages), 0
    said: tuple[Message, ...] = ()
    if conversation[-1].tool_calls:
        assert isinstance(framing, Markup)  # a request for another framing has no calls
        given = Said(Reply((), "", True, conversation[-1]))
        for called in carried_out(given, framing, conversation, settings.functions):
            yield called
            said = (*said, called.message)
        conversation = (*conversation, *said)
    for rounds_left in reversed(range(MOST_CALLS + 1)):
        try:
            framed = framing.frame(conversation)
        except Overflow as fault:
            yield Ended("overflow", said, str(fault))
            return
        dropped += framed.dropped
        config, tokenizer = framing.checkpoint.model.config, framing.checkpoint.tokenizer
        yield Prompt(framed.ids, framed.roles, framed.messages, dropped, config.context_length, tokenizer)
        ids = yield from _written(framing, framed, settings)
        reply = Said(framing.read(ids))
        yield reply
        said = (*said, reply.message)
        calls = reply.message.tool_calls
        if not reply.reply.ended or not calls or not rounds_left:
            yield Ended("length" if not reply.reply.ended else "calls" if calls else "ended", said)
            return
        assert isinstance(framing, Markup)  # no other reply has calls
        conversation = (*framed.messages, reply.message)
        for called in carried_out(reply, framing, conversation, settings.functions):
            yield called
            said = (*said, called.message)
        conversation = (*framed.messages, *said[-1 - len(calls) :])


def _written(framing: Framing, framed: Framed, settings: Settings) -> Generator[Written, None, list[int]]:
    """Write after a prompt; returns the ids."""
    model, tokenizer = framing.checkpoint.model, framing.checkpoint.tokenizer
    pieces = Pieces(tokenizer)
    room = min(REPLY_TOKENS, model.config.context_length - len(framed.ids))
    stop_ids = framing.stop_ids
    ids: list[int] = []
    for token, probabilities in generate_with_probabilities(
        model,
        framed.ids,
        max_new_tokens=room,
        sampling=settings.sampling,
        stop_ids=stop_ids,
        seed=settings.seed,
    ):
        ids.append(token)
        last = len(ids) == room or token in stop_ids
        yield _event(token, pieces.piece(token, last), probabilities, tokenizer)
    return ids


def _event(token: int, piece: str, probabilities: Floats, tokenizer: Tokenizer) -> Written:
    likeliest = np.argsort(-probabilities, kind="stable")[:TOP].tolist()
    top = tuple((tokenizer.token_text(n), float(probabilities[n])) for n in likeliest)
    special = tokenizer.is_special(token)
    return Written(token, tokenizer.token_text(token), piece, special, float(probabilities[token]), top)
