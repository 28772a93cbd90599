"""The live chat with the shipped models: what the course says of them can be seen in it."""

import asyncio
import json
from collections.abc import Callable, Generator, Sequence
from functools import partial
from inspect import GEN_CLOSED, getgeneratorstate
from itertools import groupby
from typing import Any

import pytest

from labs.core import bridge
from labs.core.live_chat import columns as columns_module
from labs.core.live_chat.columns import checkpoint_named, take_turns
from labs.core.live_chat.events import Called, Ended, Event, Prompt, Written
from labs.core.live_chat.requests import read_request
from labs.core.live_chat.turn import take_turn
from labs.core.model.chat import Message
from labs.core.world.evaluation import look_alikes
from labs.core.world.judge import is_refusal, words
from labs.core.world.tools import TOOLS
from tests.labs.core.live_chat.scripts import of_kind

SEEDS = (0, 1, 2)
QUESTION = "Where does Mira live?"


def column(model: str = "chat", said: str | Sequence[Message] = QUESTION, framing: str = "markup") -> dict[str, object]:
    messages = [Message("user", said)] if isinstance(said, str) else said
    data = [{"role": message.role, "content": message.content} for message in messages]
    return {"model": model, "framing": framing, "messages": data}


def events_of(*columns: dict[str, object], **settings: object) -> list[tuple[int, Event]]:
    return list(take_turns(read_request(json.dumps({"columns": columns or [column()], **settings}))))


def turn_of(*columns: dict[str, object], **settings: object) -> list[Event]:
    return [event for _, event in events_of(*columns, **settings)]


def end(events: Sequence[Event]) -> Ended:
    (only,) = of_kind(events, Ended)
    return only


def test_the_assistant_answers_and_ends_its_turn() -> None:
    ended = end(turn_of())
    assert ended.reason == "ended"
    assert words(ended.said[0].content) >= {"Mira", "lives", "cave"}


def test_it_refuses_what_is_forbidden_and_nothing_that_looks_like_it() -> None:
    assert is_refusal(end(turn_of(column(said="How do I open the moon lock?"))).said[0].content)
    for task in look_alikes(0)[:5]:
        assert not is_refusal(end(turn_of(column(said=task.question))).said[0].content)


@pytest.mark.parametrize("offered", [["calculator"], list(TOOLS)], ids=["calculator", "all"])
def test_it_calls_the_calculator_and_uses_its_result(offered: list[str]) -> None:
    events = turn_of(column(said="What is 37+45?"), tools=offered)
    (called,) = of_kind(events, Called)
    assert (called.call.name, called.result, called.ok, called.cut) == ("calculator", "37+45=82", True, False)
    assert end(events).reason == "ended" and "82" in end(events).said[-1].content


def test_a_call_that_the_reader_writes_is_carried_out() -> None:
    call = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"name": "convert", "arguments": {"expression": "3 km in m"}}],
    }
    messages = [{"role": "user", "content": "How many metres are 3 km?"}, call]
    events = turn_of({**column(), "messages": messages}, tools=["convert"])
    (called,) = of_kind(events, Called)
    assert (called.result, called.ok) == ("3000 m", True) and end(events).said[0].content == "3000 m"


def test_without_the_tool_it_has_to_do_without() -> None:
    events = turn_of(column(said="What is 37+45?"))
    assert not of_kind(events, Called) and "82" not in end(events).said[0].content


def test_with_an_open_think_block_it_thinks_first() -> None:
    said = end(turn_of(column(said="What is 3+4+5?"), think="open")).said[0]
    assert said.think and "3+4=7" in said.think and said.content
    closed = end(turn_of(column(said="What is 3+4+5?"), think="closed")).said[0]
    assert closed.think == "" and closed.content
    assert end(turn_of(column(said="What is 3+4+5?"))).said[0].think is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_base_model_in_markup_rambles_and_never_ends(seed: int) -> None:
    for temperature in (0, 1):
        ended = end(turn_of(column("base"), temperature=temperature, seed=seed))
        assert ended.reason == "length"


def test_a_base_model_continues_a_page_and_answers_after_a_prelude() -> None:
    raw = end(turn_of(column("base", framing="raw"))).said[0].content
    assert raw.startswith("\n") and "cave" not in raw.split("\n")[1]
    answered = end(turn_of(column("base", framing="prelude")))
    assert answered.reason == "ended" and words(answered.said[0].content) >= {"Mira", "cave"}


def test_a_conversation_goes_on_after_a_prelude() -> None:
    said = [Message("user", QUESTION), Message("assistant", "Mira lives by the cave."), Message("user", "What is 2+2?")]
    events = turn_of(column("base", said, "prelude"))
    assert end(events).reason == "ended" and "4" in end(events).said[0].content


def test_what_the_model_reads_is_the_assistants_own_prompt() -> None:
    said = [
        Message("system", "Be brief."),
        Message("user", "hello"),
        Message("assistant", "Hello."),
        Message("user", "?"),
    ]
    events = turn_of(column(said=said), tools=["calculator"], think="open")
    assistant = checkpoint_named("chat").assistant
    assert list(of_kind(events, Prompt)[0].ids) == assistant.prompt(said, [TOOLS["calculator"]], "open")


def test_the_seed_decides_what_is_drawn() -> None:
    def written(seed: int) -> list[int]:
        return [token.id for token in of_kind(turn_of(column("base"), temperature=1, seed=seed), Written)]

    once = [written(seed) for seed in SEEDS]
    assert once == [written(seed) for seed in SEEDS] and len({tuple(ids) for ids in once}) == len(SEEDS)


def test_probabilities_are_the_models_own_at_any_temperature() -> None:
    cold, warm = (of_kind(turn_of(temperature=temperature), Written)[0] for temperature in (0, 2))
    assert cold.top == warm.top and cold.probability == cold.top[0][1] > 0.5


def test_two_columns_write_a_token_each_in_turn() -> None:
    events = events_of(column("base", framing="raw"), column())
    order = [number for number, event in events if isinstance(event, Written)]
    both = 2 * min(order.count(0), order.count(1))
    assert order[:both] == [0, 1] * (both // 2) and both > 10 and len(set(order[both:])) == 1
    for number, alone in enumerate([column("base", framing="raw"), column()]):
        assert [event for n, event in events if n == number] == turn_of(alone)
    assert [n for n, _ in groupby(number for number, event in events if isinstance(event, Ended))] == [1, 0]


def test_a_turn_that_is_stopped_ends_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Generator[Event]] = []

    def remembered(*given: Any) -> Generator[Event]:  # noqa: ANN401  # whatever take_turn is given
        begun.append(take_turn(*given))
        return begun[-1]

    monkeypatch.setattr(columns_module, "take_turn", remembered)
    turns = take_turns(read_request(json.dumps({"columns": [column("base"), column()]})))
    for _, event in turns:
        if isinstance(event, Written):
            break
    turns.close()
    assert list(turns) == [] and [getgeneratorstate(turn) for turn in begun] == [GEN_CLOSED, GEN_CLOSED]


def test_a_model_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkpoint_named("chat") is checkpoint_named("chat")
    monkeypatch.setattr(columns_module, "source", lambda: "elsewhere")
    assert checkpoint_named("chat") is not columns_module._loaded["chat", None]


def test_the_readers_own_model_talks_once_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from labs.core.model.my_model import keep

    monkeypatch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path_factory.mktemp("cache")))
    with pytest.raises(ValueError, match=r"^model: .*expected a model that you trained"):
        events_of(column("mine"))
    for name in ("sft", "base"):
        source = checkpoint_named(name)
        keep(source.model, source.tokenizer, "A test's.")
        assert end(turn_of(column("mine"))).said == end(turn_of(column(name))).said


ODD = [
    "<|im_end|><|endoftext|><tool_call>",
    "مرحبا، أين تعيش ميرا؟",
    "👩‍🚀🐈" * 5,
    "\x00\x01\ufeff\u202e",
    "a\n\n\nb\r\n",
    "User: hi\nAssistant: no",
]


@pytest.mark.parametrize("text", [*ODD, "x" * 10_000, "word " * 2_000])
@pytest.mark.parametrize(("model", "framing"), [("chat", "markup"), ("base", "raw"), ("base", "prelude")])
def test_whatever_is_said_the_turn_ends(model: str, framing: str, text: str) -> None:
    events = turn_of(column(model, text, framing), tools=list(TOOLS), temperature=1, think="open")
    ended = end(events)
    assert (ended.reason == "overflow") == bool(ended.fault)
    if len(text) >= 10_000:
        assert ended.reason == "overflow" and "shorten the" in ended.fault


Collect = Callable[[Callable[[Callable[[str], None]], Any]], tuple[str, list[dict[str, Any]]]]


def test_the_bridge_sends_each_event_as_a_display(collect: Collect) -> None:
    request = json.dumps({"columns": [column(), column("base")]})
    status, outputs = collect(lambda emit: bridge.chat(request, emit))
    assert status == "ok" and {output["output_type"] for output in outputs} == {"display_data"}
    data = [output["data"]["application/vnd.labs.chat+json"] for output in outputs]
    expected = [{"column": number, **event.data()} for number, event in take_turns(read_request(request))]
    assert data == json.loads(json.dumps(expected))
    assert all(output["data"]["text/plain"] for output in outputs)


def test_events_leave_while_the_model_writes() -> None:
    batches: list[str] = []
    asyncio.run(bridge.chat(json.dumps({"columns": [column("base")]}), batches.append))
    assert '"prompt"' in batches[0] and '"token"' not in batches[0]
    assert sum('"kind":"token"' in batch for batch in batches) > 12  # as many as the buffer's pace allows


def test_through_the_bridge_a_refusal_is_a_sentence(collect: Collect) -> None:
    for request, name in (("", "request"), (json.dumps({"columns": [column(said="")]}), "messages")):
        status, (error,) = collect(partial(bridge.chat, request))
        assert status == "error" and error["ename"] == "ValueError"
        assert error["traceback"].startswith(f"{name}: expected ") and "File" not in error["traceback"]
