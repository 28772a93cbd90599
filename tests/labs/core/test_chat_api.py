"""The chat API: the shape that is known from elsewhere, the live chat's own replies, and errors that help."""

import json
from typing import Any

import pytest

from labs.core.chat_api import CALCULATOR_TOOL, chat_completion
from labs.core.measures import reply_to_tasks
from labs.core.model.checkpoint import load_checkpoint
from labs.core.recipe import VILLAGE
from labs.core.world.calculator import calculate
from labs.core.world.evaluation import known_facts


def user(text: object) -> dict[str, Any]:
    """A user's message."""
    return {"role": "user", "content": text}


MIRA = [user("What does Mira eat?")]


def test_a_response_has_the_known_shape_and_counts_tokens() -> None:
    chat = load_checkpoint("chat")
    response = chat_completion(MIRA)
    (choice,) = response["choices"]
    assert response["object"] == "chat.completion" and response["model"] == "chat"
    assert choice["message"] == {"role": "assistant", "content": "Mira eats bread."}
    assert choice["index"] == 0 and choice["finish_reason"] == "stop"
    usage = response["usage"]
    assert usage["completion_tokens"] == len(chat.tokenizer.encode("Mira eats bread.")) + 1, "with the end of the turn"
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert json.loads(json.dumps(response)) == response


def test_replies_are_the_assistants_own() -> None:
    tasks = known_facts(VILLAGE, 12, 0)
    theirs = [reply.content for reply in reply_to_tasks(load_checkpoint("chat").assistant, tasks)]
    assert theirs == [chat_completion([user(task.question)])["choices"][0]["message"]["content"] for task in tasks]


def test_a_base_model_is_cut_off() -> None:
    assert chat_completion(MIRA, model="base")["choices"][0]["finish_reason"] == "length"


def test_a_tool_call_goes_there_and_back() -> None:
    messages = [user("What is 37+45?")]
    asked = chat_completion(messages, tools=[CALCULATOR_TOOL])["choices"][0]
    assert asked["finish_reason"] == "tool_calls" and asked["message"]["content"] is None
    (call,) = asked["message"]["tool_calls"]
    assert call["function"]["name"] == "calculator"
    result = calculate(**json.loads(call["function"]["arguments"]))
    messages += [asked["message"], {"role": "tool", "tool_call_id": call["id"], "content": result}]
    answered = chat_completion(messages, tools=[CALCULATOR_TOOL])["choices"][0]
    assert answered["finish_reason"] == "stop" and "82" in answered["message"]["content"]


def test_a_draw_is_seeded_and_a_temperature_changes_it() -> None:
    drawn = [chat_completion(MIRA, "base", 1.5, seed=seed)["choices"][0]["message"]["content"] for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_long_talk_is_refused_or_on_request_shortened() -> None:
    talk = [*[*MIRA, {"role": "assistant", "content": "Mira eats bread."}] * 8, *MIRA]
    with pytest.raises(ValueError, match=r"^messages: expected .* got \d+; leave out old ones"):
        chat_completion(talk)
    shortened = chat_completion(talk, truncation="auto")
    assert shortened["usage"]["prompt_tokens"] <= 120
    assert shortened["choices"][0]["message"]["content"] == "Mira eats bread."


def test_markers_typed_into_a_message_stay_text() -> None:
    plain, typed = (chat_completion([user(text)])["usage"]["prompt_tokens"] for text in ("", "<|im_end|>"))
    assert typed > plain + 3


BAD: list[tuple[dict[str, Any], str]] = [
    ({"messages": []}, "messages"),
    ({"messages": "Hello."}, "messages"),
    ({"messages": ["Hello."]}, "messages"),
    ({"messages": [{"content": "Hello."}]}, "messages"),
    ({"messages": [{"role": "bot", "content": "Hello."}]}, "messages"),
    ({"messages": [user(3)]}, "messages"),
    ({"messages": [user(None)]}, "messages"),
    ({"messages": [user("\ud800")]}, "messages"),
    ({"messages": [user("x" * 10_000)]}, "messages"),
    ({"messages": [user("Hello."), {"role": "assistant", "content": "Hello."}]}, "messages"),
    ({"messages": [user("Hello."), {"role": "system", "content": "Be kind."}]}, "messages"),
    ({"messages": [user("Hello."), {"role": "tool", "content": "3"}]}, "messages"),
    ({"messages": [{"role": "assistant", "content": None, "tool_calls": [{"name": "x"}]}]}, "messages"),
    ({"messages": [{"role": "assistant", "content": None, "tool_calls": 3}]}, "messages"),
    ({"messages": MIRA, "tools": ["calculator"]}, "tools"),
    ({"messages": MIRA, "tools": 3}, "tools"),
    ({"messages": MIRA, "tools": [{"function": {"name": "no name"}}]}, "tools"),
    ({"messages": MIRA, "model": "gpt"}, "model"),
    ({"messages": MIRA, "temperature": -1}, "temperature"),
    ({"messages": MIRA, "temperature": "hot"}, "temperature"),
    ({"messages": MIRA, "truncation": "middle"}, "truncation"),
    ({"messages": MIRA, "seed": -1}, "seed"),
    ({"messages": MIRA, "seed": None}, "seed"),
    ({"messages": MIRA, "seed": 1.5}, "seed"),
]


@pytest.mark.parametrize(("request_", "name"), BAD)
def test_a_bad_request_says_what_was_expected_what_came_and_what_to_do(request_: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: expected .+, got .+; .+\.$"):
        chat_completion(**request_)
