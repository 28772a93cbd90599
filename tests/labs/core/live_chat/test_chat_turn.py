"""A turn event by event, with a script in the place of the model's own writing."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import pytest

from labs.core.live_chat import turn as turn_module
from labs.core.live_chat.events import Called, Ended, Event, Prompt, Said, Written
from labs.core.live_chat.framings import Framing, Markup, Prelude, Raw
from labs.core.live_chat.turn import Settings, take_turn
from labs.core.model.assistant import MALFORMED, MOST_CALLS, REPLY_TOKENS, ToolFunctions
from labs.core.model.chat import Message
from labs.core.model.generation import generate, next_token_distribution
from labs.core.model.sampling import Sampling
from labs.core.model.tools import Tool, ToolCall
from tests.labs.core.live_chat.scripts import ADD, CALL, CALLED, TOKENIZER, Script, checkpoint, ids_of, of_kind, user

TINY = checkpoint()
FUNCTIONS = {"add": lambda a, b: str(int(a) + int(b))}
QUESTION = [user("What is 3+4?")]


def play(
    monkeypatch: pytest.MonkeyPatch,
    *texts: str,
    framing: Framing | None = None,
    messages: Sequence[Message] = QUESTION,
    functions: ToolFunctions | None = None,
) -> tuple[list[Event], Script]:
    """The events of a turn of a model that writes these texts, and the script with what it was shown."""
    script = Script(*texts)
    monkeypatch.setattr(turn_module, "generate_with_probabilities", script)
    settings = Settings(functions=functions or FUNCTIONS)
    return list(take_turn(framing or Markup(TINY, (ADD,)), messages, settings)), script


def kinds(events: Sequence[Event]) -> list[str]:
    """What happens, without the single tokens."""
    return [type(event).__name__ for event in events if not isinstance(event, Written)]


def end(events: Sequence[Event]) -> Ended:
    (only,) = of_kind(events, Ended)
    assert events[-1] is only
    return only


def test_a_plain_reply_is_prompt_tokens_message_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    events, script = play(monkeypatch, "3+4=7.<|im_end|>")
    assert kinds(events) == ["Prompt", "Said", "Ended"]
    (prompt,) = of_kind(events, Prompt)
    assert TOKENIZER.decode(prompt.ids) == script.prompts[0] == TOKENIZER.decode(TINY.assistant.prompt(QUESTION, [ADD]))
    assert "".join(token.piece for token in of_kind(events, Written)) == "3+4=7."
    assert end(events) == Ended("ended", (Message("assistant", "3+4=7."),))


def test_a_call_is_carried_out_and_its_result_is_fed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    events, script = play(monkeypatch, CALLED, "It is 7.<|im_end|>")
    assert kinds(events) == ["Prompt", "Said", "Called", "Prompt", "Said", "Ended"]
    (called,) = of_kind(events, Called)
    assert called == Called(CALL, "7", Message("tool", "7"), ok=True) and not called.cut
    assert script.prompts[1].endswith(
        f"<|im_start|>assistant\n{CALLED}\n<|im_start|>tool\n7<|im_end|>\n<|im_start|>assistant\n"
    )
    assert end(events).said == (
        Message("assistant", "", tool_calls=(CALL,)),
        Message("tool", "7"),
        Message("assistant", "It is 7."),
    )


def test_a_call_that_somebody_wrote_for_the_model_is_carried_out_before_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = [*QUESTION, Message("assistant", "", tool_calls=(CALL,))]
    events, script = play(monkeypatch, "It is 7.<|im_end|>", messages=asked)
    assert kinds(events) == ["Called", "Prompt", "Said", "Ended"]
    assert script.prompts[0].endswith(
        f"<|im_start|>assistant\n{CALLED}\n<|im_start|>tool\n7<|im_end|>\n<|im_start|>assistant\n"
    )
    assert end(events).said == (Message("tool", "7"), Message("assistant", "It is 7."))


@pytest.mark.parametrize(
    ("written", "name", "error"),
    [
        ("<tool_call>add(3, 4)</tool_call><|im_end|>", MALFORMED, "error: expected <function=NAME> at the start"),
        (f"<tool_call>{CALL.text}<|im_end|>", MALFORMED, "error: expected </tool_call>"),
        (CALLED.replace("add", "sing"), "sing", "error: expected a call of an offered tool (add(a, b)), got 'sing'"),
        (CALLED.replace("parameter=a", "parameter=c"), "add", "error: expected add(a, b), got the unknown parameter"),
        (CALLED.replace(">4<", ">four<"), "add", "error: invalid literal for int()"),
    ],
)
def test_a_call_that_fails_is_answered_by_the_error(
    monkeypatch: pytest.MonkeyPatch, written: str, name: str, error: str
) -> None:
    events, script = play(monkeypatch, written, "I cannot.<|im_end|>", framing=Markup(checkpoint(900), (ADD,)))
    (called,) = of_kind(events, Called)
    assert (called.call.name, called.ok, called.cut) == (name, False, False)
    assert called.result.startswith(error) and called.result in script.prompts[1]
    assert end(events).reason == "ended" and end(events).said[-1].content == "I cannot."


def test_several_calls_are_carried_out_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tuple(Tool(name, "time", ()) for name in ("hour", "day"))
    twice = "".join(f"<tool_call>{ToolCall(tool.name, {}).text}</tool_call>" for tool in tools)
    functions = {"hour": lambda: "7", "day": lambda: "8"}
    events, _ = play(
        monkeypatch, f"{twice}<|im_end|>", "Done.<|im_end|>", framing=Markup(TINY, tools), functions=functions
    )
    assert [called.result for called in of_kind(events, Called)] == ["7", "8"]
    assert [message.role for message in end(events).said] == ["assistant", "tool", "tool", "assistant"]


def test_a_result_too_long_is_cut_for_the_model_and_this_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "word " * 100
    events, script = play(monkeypatch, CALLED, "So.<|im_end|>", functions={"add": lambda a, b: long})
    (called,) = of_kind(events, Called)
    assert called.cut and called.ok and called.result == long and called.data()["cut"] is True
    shown = called.message.content
    assert shown.endswith("word…") and long.startswith(shown[:-1]) and f"tool\n{shown}<|im_end|>" in script.prompts[1]
    assert 400 - len(of_kind(events, Prompt)[1].ids) in (12, 13, 14, 15, 16)  # for a reply; words stay whole
    assert end(events).reason == "ended"


def test_a_turn_has_an_end_even_if_the_model_calls_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    events, script = play(monkeypatch, *[CALLED] * 20, framing=Markup(checkpoint(2000), (ADD,)))
    assert len(script.prompts) == MOST_CALLS + 1 and len(of_kind(events, Called)) == MOST_CALLS
    assert end(events).reason == "calls"


def test_calls_that_fill_the_context_end_in_an_overflow_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    just = len(TINY.assistant.prompt(QUESTION, (ADD,))) + len(ids_of(CALLED)) + 10
    events, _ = play(monkeypatch, CALLED, framing=Markup(checkpoint(just), (ADD,)))
    assert end(events).reason == "overflow" and end(events).said[-1].role == "tool"
    assert "with call and result; offer fewer tools" in end(events).fault


def test_a_message_too_long_is_an_overflow_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    events, script = play(monkeypatch, messages=[user("x" * 10_000)])
    assert kinds(events) == ["Ended"] and end(events).reason == "overflow" and end(events).said == ()
    assert "expected at most" in end(events).fault and "shorten the message" in end(events).fault and not script.prompts


def test_what_left_the_context_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [one for n in range(4) for one in (user("x" * 90), Message("assistant", "y"))]
    events, _ = play(monkeypatch, CALLED, "So.<|im_end|>", messages=[*said, user("and now?")])
    first, second = of_kind(events, Prompt)
    assert first.dropped == 3 and second.dropped == 4
    assert second.messages[0] == user("and now?")


def test_a_reply_that_goes_on_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    events, _ = play(monkeypatch, "la " * 200)
    assert len(of_kind(events, Written)) == REPLY_TOKENS
    assert end(events) == Ended("length", (Message("assistant", "la " * 32),))
    full, _ = play(monkeypatch, "la " * 200, framing=Raw(TINY), messages=[user("x" * 389)])
    assert len(of_kind(full, Written)) == 10 and end(full).reason == "length"


def test_half_a_character_at_the_cut_is_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    events, _ = play(monkeypatch, "🐈" * 30, framing=Raw(TINY), messages=[user("x" * 393)])
    pieces = [token.piece for token in of_kind(events, Written)]
    assert pieces == ["", "", "", "🐈", "", "\N{REPLACEMENT CHARACTER}"]
    assert end(events).said[0].content == "".join(pieces)


def test_a_call_that_is_cut_off_is_not_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    events, _ = play(monkeypatch, CALLED.removesuffix("<|im_end|>"))
    assert not of_kind(events, Called) and end(events).reason == "length"


def test_a_reply_that_is_not_well_formed_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    events, _ = play(monkeypatch, "Well, </think> no.<|im_end|>")
    (said,) = of_kind(events, Said)
    assert "expected text" in said.reply.fault and said.message == Message("assistant", "Well, </think> no.")
    thinking, _ = play(monkeypatch, "That is 7.\n</think>\n\n7<|im_end|>", framing=Markup(TINY, (), "open"))
    assert end(thinking).said == (Message("assistant", "7", think="That is 7."),)


def test_after_a_prelude_the_line_is_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    events, script = play(monkeypatch, " It is 7.\n", framing=Prelude(TINY))
    assert end(events) == Ended("ended", (Message("assistant", "It is 7."),))
    assert TOKENIZER.encode("\n")[0] in script.options[0]["stop_ids"]


@pytest.mark.parametrize("sampling", [Sampling(0), Sampling(1.3), Sampling(0.8, 0, 0.9)])
def test_tokens_are_those_of_generate_with_the_models_own_probabilities(sampling: Sampling) -> None:
    framing = Markup(TINY)
    first = takewhile(lambda event: not isinstance(event, Said), take_turn(framing, QUESTION, Settings(sampling, 5)))
    (prompt,), written = of_kind(events := list(first), Prompt), of_kind(events, Written)
    ids = [token.id for token in written]
    assert ids == list(
        generate(
            TINY.model, prompt.ids, max_new_tokens=REPLY_TOKENS, sampling=sampling, stop_ids=framing.stop_ids, seed=5
        )
    )
    for n in (0, 7):
        own = next_token_distribution(TINY.model, [*prompt.ids, *ids[:n]])
        assert written[n].probability == pytest.approx(own[ids[n]], rel=1e-4)
        assert [p for _, p in written[n].top] == pytest.approx(sorted(own, reverse=True)[:5], rel=1e-4)
        assert written[n].text == TOKENIZER.token_text(ids[n])


def test_every_event_is_plain_data(monkeypatch: pytest.MonkeyPatch) -> None:
    events, _ = play(monkeypatch, CALLED, "It is 7.<|im_end|>")
    data: list[dict[str, Any]] = [event.data() for event in events]
    assert data[0]["tokens"][:2] == [
        {"id": TOKENIZER.special_id("<|im_start|>"), "text": "<|im_start|>", "special": True, "role": "system"},
        {"id": ord("s"), "text": "s", "special": False, "role": "system"},
    ]
    assert {key: data[0][key] for key in ("kind", "dropped", "context", "used")} == {
        "kind": "prompt",
        "dropped": 0,
        "context": 400,
        "used": len(of_kind(events, Prompt)[0].ids),
    }
    assert data[1]["kind"] == "token" and data[1]["special"] and data[1]["text"] == "<tool_call>"
    assert len(data[1]["top"]) == 5 and set(data[1]["top"][0]) == {"text", "probability"}
    calls = [{"name": "add", "arguments": {"a": "3", "b": "4"}}]
    calling = {"role": "assistant", "content": "", "think": None, "tool_calls": calls}
    (message,) = [one for one in data if one["kind"] == "message" and one["message"] == calling]
    assert message == {"kind": "message", "message": calling, "ended": True, "fault": ""}
    (tool,) = [one for one in data if one["kind"] == "tool"]
    assert tool == {
        "kind": "tool",
        "name": "add",
        "arguments": {"a": "3", "b": "4"},
        "result": "7",
        "ok": True,
        "cut": False,
        "message": {"role": "tool", "content": "7"},
    }
    assert data[-1]["kind"] == "end" and data[-1]["reason"] == "ended" and data[-1]["fault"] == ""
    assert data[-1]["said"][:2] == [calling, {"role": "tool", "content": "7"}]
