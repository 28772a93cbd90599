"""An assistant at work, with a script in the place of the model's own writing."""

import re
from collections.abc import Iterator, Sequence

import pytest

from labs.core.model import assistant as assistant_module
from labs.core.model.assistant import GREEDY, MALFORMED, MOST_CALLS, Assistant, Reply, carry_out, unread
from labs.core.model.chat import Message, Think
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.config import ModelConfig
from labs.core.model.generation import generate
from labs.core.model.sampling import Sampling
from labs.core.model.tokenizer import SPECIAL_TOKENS, Tokenizer
from labs.core.model.tools import Tool, ToolCall
from labs.core.model.transformer import Transformer

TOKENIZER = Tokenizer(())
TEMPLATE = ChatTemplate(TOKENIZER)
CONFIG = ModelConfig(
    vocab_size=TOKENIZER.vocab_size, n_layer=1, n_head=1, n_kv_head=1, n_embd=4, n_hidden=4, context_length=200
)
ASSISTANT = Assistant(Transformer.initialize(CONFIG, 0), TEMPLATE)
ADD = Tool("add", "adds", ("a", "b"))
FUNCTIONS = {"add": lambda a, b: str(int(a) + int(b))}
QUESTION = [Message("user", "What is 3+4?")]
CALL = ToolCall("add", {"a": "3", "b": "4"})
CALLED = f"<tool_call>{CALL.text}</tool_call><|im_end|>"


def ids_of(raw: str) -> list[int]:
    """Ids of what a model writes: markers are special tokens."""
    parts = re.split("(" + "|".join(map(re.escape, SPECIAL_TOKENS)) + ")", raw)
    return [
        token
        for part in parts
        for token in ([TOKENIZER.special_id(part)] if part in SPECIAL_TOKENS else TOKENIZER.encode(part))
    ]


class Script:
    """Writes these texts, one at each call, and keeps the prompts that it was given."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.prompts: list[str] = []
        self.options: list[dict[str, object]] = []

    def __call__(self, model: Transformer, ids: Sequence[int], **options: object) -> Iterator[int]:
        self.prompts.append(TOKENIZER.decode(ids))
        self.options.append(options)
        return iter(ids_of(self.texts.pop(0)))


def turn_of(
    monkeypatch: pytest.MonkeyPatch, *texts: str, think: Think = "absent", tools: Sequence[Tool] = (ADD,)
) -> tuple[list[Message], Script]:
    """The turn that an assistant takes who writes these texts, and the script with what it was shown."""
    script = Script(*texts)
    monkeypatch.setattr(assistant_module, "generate", script)
    return ASSISTANT.answer(QUESTION, tools, think, functions=FUNCTIONS), script


def test_a_plain_reply_is_the_whole_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, script = turn_of(monkeypatch, "3+4=7.<|im_end|>")
    assert turn == [Message("assistant", "3+4=7.")]
    assert script.prompts == [TEMPLATE.render(QUESTION, [ADD], generate=True).text(TOKENIZER)]


def test_a_call_is_carried_out_and_its_result_is_fed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, script = turn_of(monkeypatch, CALLED, "It is 7.<|im_end|>")
    assert turn == [
        Message("assistant", "", tool_calls=(CALL,)),
        Message("tool", "7"),
        Message("assistant", "It is 7."),
    ]
    shown = f"<|im_start|>assistant\n{CALLED}\n<|im_start|>tool\n7<|im_end|>\n<|im_start|>assistant\n"
    assert script.prompts[1].endswith(shown)


def test_every_call_of_a_reply_is_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = CALLED.replace("<|im_end|>", "") + f"<tool_call>{ToolCall('add', {'a': '5', 'b': '5'}).text}</tool_call>"
    turn, _ = turn_of(monkeypatch, f"Let me see. {twice}<|im_end|>", "Done.<|im_end|>")
    assert [message.role for message in turn] == ["assistant", "tool", "tool", "assistant"]
    assert [message.content for message in turn] == ["Let me see. ", "7", "10", "Done."]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("<function=add>3</function>", "expected <parameter=NAME>VALUE</parameter>"),
        ("add(3, 4)", "expected <function=NAME> at the start of the call, got 'add(3, 4)'"),
        ("", "expected <function=NAME> at the start of the call, got its end"),
        (
            "<function=add><parameter=a>3</parameter>",
            "expected <parameter=NAME>VALUE</parameter>, or </function> at the end of the call, got its end",
        ),
        ("<function=add></para</parameter>meter></function>", "expected"),
    ],
)
def test_a_malformed_call_is_answered_by_what_is_wrong_with_it(
    monkeypatch: pytest.MonkeyPatch, call: str, error: str
) -> None:
    turn, script = turn_of(monkeypatch, f"Hm. <tool_call>{call}</tool_call><|im_end|>", "Oh.<|im_end|>")
    assert [message.role for message in turn] == ["assistant", "tool", "assistant"]
    assert [one.name for one in turn[0].tool_calls] == [MALFORMED]
    assert turn[0].content == "Hm. "
    assert turn[1].content.startswith(f"error: {error}")
    assert turn[2].content == "Oh."
    assert turn[1].content in script.prompts[1]
    assert TEMPLATE.parse(TEMPLATE.render([*QUESTION, *turn], [ADD]).ids) == [*QUESTION, *turn]


def test_a_call_without_its_end_marker_is_malformed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, _ = turn_of(monkeypatch, f"<tool_call>{CALL.text}<|im_end|>", "Oh.<|im_end|>")
    assert "expected </tool_call>" in turn[1].content
    assert turn[2].content == "Oh."


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (ToolCall("sing", {}), "error: expected a call of an offered tool (add(a, b)), got 'sing'"),
        (ToolCall("add", {"a": "3"}), "error: expected add(a, b), got no 'b'"),
        (ToolCall("add", {"a": "3", "b": "4", "c": "5"}), "error: expected add(a, b), got the unknown parameter 'c'"),
        (ToolCall("add", {"a": "3", "b": "four"}), "error: invalid literal for int()"),
    ],
)
def test_a_call_that_fails_is_answered_by_the_error(
    monkeypatch: pytest.MonkeyPatch, call: ToolCall, error: str
) -> None:
    turn, script = turn_of(monkeypatch, f"<tool_call>{call.text}</tool_call><|im_end|>", "I cannot.<|im_end|>")
    assert turn[0].tool_calls == (call,)
    assert turn[1].content.startswith(error)
    assert turn[1].content == carry_out(call, [ADD], FUNCTIONS)
    assert f"<|im_start|>tool\n{error}" in script.prompts[1]


def test_no_tool_is_called_that_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, _ = turn_of(monkeypatch, CALLED, "Well.<|im_end|>", tools=())
    assert turn[1].content.startswith("error: expected a call of an offered tool (no tool)")


def test_a_turn_has_an_end_even_if_the_model_calls_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, script = turn_of(monkeypatch, *[CALLED] * 20)
    assert [message.role for message in turn] == ["assistant", "tool"] * MOST_CALLS + ["assistant"]
    assert len(script.prompts) == MOST_CALLS + 1


def test_what_can_not_be_read_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, _ = turn_of(monkeypatch, "Well, </think> no.<|im_end|>")
    assert turn == [Message("assistant", "Well, </think> no.")]
    cut_off, _ = turn_of(monkeypatch, "<tool_call><function=add>")
    assert cut_off == [Message("assistant", "<tool_call><function=add>")]


def test_thoughts_are_read_from_an_open_think_block(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, script = turn_of(monkeypatch, "That is 7.\n</think>\n\n7<|im_end|>", think="open")
    assert turn == [Message("assistant", "7", think="That is 7.")]
    assert script.prompts[0].endswith("<think>\n")


def test_sampling_and_seed_reach_the_model_and_replies_stop_at_the_end_of_the_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = Script("7<|im_end|>", "7<|im_end|>")
    monkeypatch.setattr(assistant_module, "generate", script)
    warm = Sampling(temperature=0.5)
    ASSISTANT.answer(QUESTION, functions=FUNCTIONS, sampling=warm, seed=3)
    ASSISTANT.answer(QUESTION, functions=FUNCTIONS)
    assert [(options["sampling"], options["seed"]) for options in script.options] == [(warm, 3), (GREEDY, 0)]
    assert script.options[0]["stop_ids"] == (TOKENIZER.special_id("<|im_end|>"),)


def test_what_is_written_is_read_as_a_reply() -> None:
    read = ASSISTANT.read(ids_of("Hello.<|im_end|>"))
    assert (read.text, read.ended, read.content, read.fault) == ("Hello.<|im_end|>", True, "Hello.", "")
    assert read.message == Message("assistant", "Hello.")
    unended = ASSISTANT.read(ids_of("Hello"))
    assert (unended.ended, unended.content) == (False, "Hello")
    faulty = ASSISTANT.read(ids_of("I see.<|im_end|>"), "open")
    assert faulty.message is None
    assert "expected </think> after <think>" in faulty.fault
    assert faulty.content == "I see."
    assert not ASSISTANT.read([]).ended


def test_a_reply_is_written_by_the_model_after_its_prompt() -> None:
    prompt = ASSISTANT.prompt(QUESTION)
    written = list(ASSISTANT.write(QUESTION, max_new_tokens=5, sampling=Sampling(), seed=1))
    stops = (ASSISTANT.end_id,)
    expected = generate(ASSISTANT.model, prompt, max_new_tokens=5, sampling=Sampling(), stop_ids=stops, seed=1)
    assert written == list(expected)
    together = ASSISTANT.reply_all([(QUESTION, (), "absent")], max_new_tokens=5, sampling=Sampling(), seed=1)
    assert [list(reply.ids) for reply in together] == [written]


def test_a_reply_that_does_not_end_is_cut_off() -> None:
    model = Transformer.initialize(CONFIG, 0)
    model.params["embedding"][:] = 0  # all tokens alike: greedily the first one, for ever
    (reply,) = Assistant(model, TEMPLATE).reply_all([(QUESTION, (), "absent")], max_new_tokens=7)
    assert (reply.ids, reply.ended) == ((0,) * 7, False)


def test_a_reply_that_cannot_be_read_is_kept_without_its_end_marker() -> None:
    reply = Reply((1, 2), "Hi</think><|im_end|>", ended=True, message=None, fault="a stray marker")
    assert reply.content == "Hi</think>"
    assert unread(reply) == Message("assistant", "Hi</think>")
