"""A chat API in little: messages in, and out comes the response of the well-known shape, written by a pocket model.

It is the live chat's turn up to the first reply. Tool calls are not carried out but handed to the caller.
"""

import json
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

from labs.core.contract.declaring import refusal
from labs.core.live_chat.columns import checkpoint_named
from labs.core.live_chat.events import Ended, Prompt, Said, Written
from labs.core.live_chat.framings import Markup
from labs.core.live_chat.requests import HOTTEST, MODELS
from labs.core.live_chat.turn import Settings, take_turn
from labs.core.model.bpe import utf8
from labs.core.model.chat import Message, as_role, check_messages
from labs.core.model.sampling import Sampling
from labs.core.model.tools import Tool, ToolCall
from labs.core.world.calculator import CALCULATOR

type Data = Mapping[str, Any]
TRUNCATION = ("disabled", "auto")


CALCULATOR_TOOL: Data = {
    "type": "function",
    "function": {
        "name": CALCULATOR.name,
        "description": CALCULATOR.description,
        "parameters": {"type": "object", "properties": {name: {"type": "string"} for name in CALCULATOR.parameters}},
    },
}
"""The tool that the models were taught to call, as a request describes it."""


def chat_completion(
    messages: Sequence[Data],
    model: str = "chat",
    temperature: float = 0,
    *,
    tools: Sequence[Data] = (),
    truncation: str = "disabled",
    seed: int = 0,
) -> dict[str, Any]:
    """The model's reply to a conversation, as choices[0].message, with finish_reason and usage in tokens.

    `finish_reason` is "stop", "tool_calls", or "length" for a reply cut off. `truncation="auto"` leaves out the oldest
    exchanges where not all fit into the context; "disabled" refuses then.
    Raises: ValueError that begins with the name of the parameter and says what was expected, what came and how to fix.
    """
    if model not in MODELS:
        raise refusal("model", f"one of {', '.join(MODELS)}", model, "choose one of these")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0 <= temperature <= HOTTEST:
        raise refusal("temperature", f"a number from 0 to {HOTTEST:g}", temperature, "0 takes the likeliest token")
    if not isinstance(seed, Integral) or seed < 0:
        raise refusal("seed", "a whole number of 0 or more", seed, "0 will do")
    if truncation not in TRUNCATION:
        raise refusal("truncation", " or ".join(TRUNCATION), truncation, "choose one of the two")
    if not isinstance(tools, Sequence):
        raise refusal("tools", "a list", tools, "an empty one offers none")
    said = _conversation(messages)
    framing = Markup(checkpoint_named(model), tuple(map(_tool, tools)))
    used = written = 0
    for event in take_turn(framing, said, Settings(Sampling(float(temperature)), seed)):
        if isinstance(event, Prompt):
            used = len(event.ids)
            if event.dropped and truncation == "disabled":
                tokens = len(framing.assistant.prompt(said, framing.tools))
                raise ValueError(
                    f"messages: expected a conversation that leaves room for a reply in {event.context} tokens, "
                    f'got {tokens}; leave out old ones, or pass truncation="auto".'
                )
        elif isinstance(event, Written):
            written += 1
        elif isinstance(event, Ended):
            raise ValueError(f"messages: {event.fault}.")
        elif isinstance(event, Said):
            usage = {"prompt_tokens": used, "completion_tokens": written, "total_tokens": used + written}
            return {"object": "chat.completion", "model": model, "choices": [_choice(event)], "usage": usage}
    raise AssertionError("a turn says something or ends")


def _choice(said: Said) -> dict[str, Any]:
    """The reply; one that can't be read as a message is its bare text."""
    reply = said.reply
    calls = reply.message.tool_calls if reply.message is not None and reply.ended else ()
    message: dict[str, Any] = {"role": "assistant", "content": reply.content}
    if calls:
        message["content"] = reply.content or None
        message["tool_calls"] = [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for number, call in enumerate(calls)
        ]
    reason = "tool_calls" if calls else "stop" if reply.ended else "length"
    return {"index": 0, "message": message, "finish_reason": reason}


def _conversation(messages: Sequence[Data]) -> tuple[Message, ...]:
    if not isinstance(messages, Sequence) or isinstance(messages, str) or not messages:
        raise refusal("messages", "a list of messages", messages, 'write [{"role": "user", "content": "Hello."}]')
    try:
        said = tuple(map(_message, messages))
        check_messages(said)
    except ValueError as fault:
        raise ValueError(str(fault) if str(fault).startswith("messages:") else f"messages: {fault}.") from None
    if said[-1].role not in ("user", "tool"):
        raise refusal(
            "messages", "a user's or a tool's message at the end", said[-1].role, "add what is to be answered"
        )
    return said


def _message(data: Data) -> Message:
    if not isinstance(data, Mapping) or not {"role", "content"} <= set(data):
        raise refusal("messages", "role and content in each", data, 'write {"role": "user", "content": "Hello."}')
    role, content, calls = as_role(str(data["role"])), data["content"], data.get("tool_calls") or ()
    if not isinstance(calls, Sequence):
        raise refusal("messages", "a list of tool_calls", calls, "leave it out where there are none")
    if content is None and calls:
        content = ""
    if not isinstance(content, str):
        raise refusal("messages", "text as content", content, "put it in quotes")
    utf8(content)  # half of a surrogate pair is no text
    return Message(role, content, tool_calls=tuple(map(_call, calls)))


def _call(data: Data) -> ToolCall:
    try:
        function = data["function"]
        arguments = json.loads(function["arguments"])
        return ToolCall(function["name"], {name: str(value) for name, value in arguments.items()})
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError):
        expected = 'calls with "function": name and, as JSON, arguments'
        raise refusal("messages", expected, data, "put the assistant's message there as you got it") from None


def _tool(data: Data) -> Tool:
    try:
        function = data["function"]
        names = function.get("parameters", {}).get("properties", {})
        return Tool(function["name"], function.get("description", ""), tuple(names))
    except (KeyError, TypeError, AttributeError):
        raise refusal("tools", 'descriptions with "function": {"name": …}', data, "see CALCULATOR_TOOL") from None
    except ValueError as fault:
        raise ValueError(f"tools: {fault}.") from None
