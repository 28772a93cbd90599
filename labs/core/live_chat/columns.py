"""One or two conversations at once: each column's model writes a token, then the other's."""

from collections.abc import Generator

from labs.core.live_chat.events import Data, Event, Written
from labs.core.live_chat.framings import framing_of
from labs.core.live_chat.requests import ModelName, Request
from labs.core.live_chat.turn import Settings, take_turn
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.checkpoint_source import source

_loaded: dict[tuple[str, object], Checkpoint] = {}


def take_turns(request: Request) -> Generator[tuple[int, Event]]:
    """The events of all columns' turns, each with its column's number. To stop, close it.

    Raises: ValueError that begins with "model:" if one of the models can't be loaded, before anything is written.
    """
    settings = Settings(request.sampling, request.seed)
    framings = [
        framing_of(column.framing, checkpoint_named(column.model), request.tools, request.think)
        for column in request.columns
    ]
    turns = {
        number: take_turn(framing, column.messages, settings)
        for number, (column, framing) in enumerate(zip(request.columns, framings, strict=True))
    }
    try:
        while turns:
            for number, turn in list(turns.items()):
                for event in turn:
                    yield number, event
                    if isinstance(event, Written):
                        break
                else:
                    del turns[number]
    finally:
        for turn in turns.values():
            turn.close()


def event_data(column: int, event: Event) -> Data:
    """An event as the page gets it."""
    return {"column": column, **event.data()}


def checkpoint_named(name: ModelName) -> Checkpoint:
    """A model by its name, loaded once; the reader's own anew each time, for it may be another by now.

    Raises: ValueError that begins with "model:" if it can't be loaded.
    """
    try:
        if name == "mine":
            return load_checkpoint(name)
        key = name, source()
        if key not in _loaded:
            _loaded[key] = load_checkpoint(name)
        return _loaded[key]
    except ValueError as fault:
        raise ValueError(f"model: {fault}") from fault
