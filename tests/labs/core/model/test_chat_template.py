"""The chat template: its layout and masks token by token, and that whatever it renders it reads back."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.core.model.chat import PRELUDE, THINK, Message, Role, Think, prelude_prompt
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.tokenizer import SPECIAL_TOKENS, Tokenizer
from labs.core.model.tools import Tool, ToolCall, ToolCallError

TOKENIZER = Tokenizer.train(["the cat and the user asked the assistant of the system. The cat!"], 285)
BYTES = Tokenizer(())  # no merges: every byte is a token, so that a mask can be worked out by hand
TEMPLATE = ChatTemplate(TOKENIZER)
ADD = Tool("add", "Add two numbers.", ("a", "b"))
NOW = Tool("now", "The time.", ())
CALL = ToolCall("add", {"a": "3", "b": "4"})

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
contents = st.lists(st.text(max_size=8) | st.sampled_from([*SPECIAL_TOKENS, "\n", " ", "user\n", "the cat"])).map(
    "".join
)
calls = st.builds(
    ToolCall,
    st.sampled_from(["add", "now"]),
    st.dictionaries(st.sampled_from("abc"), contents.filter(lambda text: "</parameter>" not in text)),
)
replies = st.builds(
    Message, st.just("assistant"), contents, st.none() | contents, st.lists(calls, max_size=2).map(tuple)
)


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Any conversation that the template allows, with one message at least."""
    messages = [Message("system", draw(contents.filter(bool)))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0 if messages else 1, 3))):
        messages.append(Message("user", draw(contents)))
        if draw(st.booleans()):
            messages.append(draw(replies))
            answered = draw(st.integers(0, len(messages[-1].tool_calls)))
            messages += [Message("tool", draw(contents)) for _ in range(answered)]
    return messages


def ids_of(raw: str) -> list[int]:
    """Ids of raw text in which the markers do count, as the template alone may make them."""
    parts = re.split("(" + "|".join(map(re.escape, SPECIAL_TOKENS)) + ")", raw)
    return [
        token
        for part in parts
        for token in ([TOKENIZER.special_id(part)] if part in SPECIAL_TOKENS else TOKENIZER.encode(part))
    ]


def spelled(template: ChatTemplate, messages: list[Message]) -> list[tuple[str, int, Role]]:
    page = template.render(messages)
    texts = map(template.tokenizer.token_text, page.ids)
    return list(zip(texts, page.loss_mask, page.roles, strict=True))


def test_mask_of_a_plain_exchange_token_by_token() -> None:
    assert spelled(ChatTemplate(BYTES), [Message("user", "a?"), Message("assistant", "b.")]) == [
        ("<|im_start|>", 0, "user"),
        *((letter, 0, "user") for letter in "user\n"),
        ("a", 0, "user"),
        ("?", 0, "user"),
        ("<|im_end|>", 0, "user"),
        ("\n", 0, "user"),
        ("<|im_start|>", 0, "assistant"),
        *((letter, 0, "assistant") for letter in "assistant\n"),
        ("b", 1, "assistant"),
        (".", 1, "assistant"),
        ("<|im_end|>", 1, "assistant"),
        ("\n", 0, "assistant"),
    ]


def test_mask_of_a_thought_and_a_call_token_by_token() -> None:
    call = ToolCall("f", {})
    thinking = [Message("assistant", "x", "hm", (call,)), Message("tool", "4")]
    assert spelled(ChatTemplate(BYTES), thinking) == [
        ("<|im_start|>", 0, "assistant"),
        *((letter, 0, "assistant") for letter in "assistant\n"),
        ("<think>", 0, "assistant"),
        ("\n", 0, "assistant"),
        ("h", 1, "assistant"),
        ("m", 1, "assistant"),
        ("\n", 1, "assistant"),
        ("</think>", 1, "assistant"),
        ("\n", 1, "assistant"),
        ("\n", 1, "assistant"),
        ("x", 1, "assistant"),
        ("<tool_call>", 1, "assistant"),
        *((letter, 1, "assistant") for letter in "<function=f></function>"),
        ("</tool_call>", 1, "assistant"),
        ("<|im_end|>", 1, "assistant"),
        ("\n", 0, "assistant"),
        ("<|im_start|>", 0, "tool"),
        *((letter, 0, "tool") for letter in "tool\n"),
        ("4", 0, "tool"),
        ("<|im_end|>", 0, "tool"),
        ("\n", 0, "tool"),
    ]


def test_mask_of_a_closed_think_block_token_by_token() -> None:
    assert spelled(ChatTemplate(BYTES), [Message("assistant", "x", think="")])[11:] == [
        ("<think>", 0, "assistant"),
        ("\n", 0, "assistant"),
        ("\n", 0, "assistant"),
        ("</think>", 0, "assistant"),
        ("\n", 0, "assistant"),
        ("\n", 0, "assistant"),
        ("x", 1, "assistant"),
        ("<|im_end|>", 1, "assistant"),
        ("\n", 0, "assistant"),
    ]


def test_layout_of_tools_thoughts_and_calls() -> None:
    messages = [
        Message("system", "Be kind."),
        Message("user", "3+4?"),
        Message("assistant", "", tool_calls=(CALL,)),
        Message("tool", "7"),
        Message("assistant", "It is 7.", think="So 7."),
    ]
    raw = (
        "<|im_start|>system\nBe kind.\n<tools>\nadd(a, b): Add two numbers.\nnow(): The time.\n</tools><|im_end|>\n"
        "<|im_start|>user\n3+4?<|im_end|>\n"
        "<|im_start|>assistant\n<tool_call><function=add><parameter=a>3</parameter><parameter=b>4</parameter>"
        "</function></tool_call><|im_end|>\n"
        "<|im_start|>tool\n7<|im_end|>\n"
        "<|im_start|>assistant\n<think>\nSo 7.\n</think>\n\nIt is 7.<|im_end|>\n"
    )
    page = TEMPLATE.render(messages, [ADD, NOW])
    assert page.text(TOKENIZER) == raw
    assert page.ids == ids_of(raw)


def test_tools_without_a_system_message_get_a_system_turn_of_their_own() -> None:
    page = TEMPLATE.render([Message("user", "Hi")], [NOW])
    assert page.text(TOKENIZER).startswith("<|im_start|>system\n<tools>\nnow(): The time.\n</tools><|im_end|>\n<|im_s")
    assert TEMPLATE.parse(page.ids) == [Message("user", "Hi")]
    assert TEMPLATE.render([Message("system", ""), Message("user", "Hi")], [NOW]) == page


def test_an_empty_system_message_is_no_turn() -> None:
    hello = Message("user", "Hi")
    assert TEMPLATE.render([Message("system", ""), hello]) == TEMPLATE.render([hello])


@pytest.mark.parametrize(
    ("think", "opening"), [("absent", ""), ("open", "<think>\n"), ("closed", "<think>\n\n</think>\n\n")]
)
def test_generation_prompt(think: Think, opening: str) -> None:
    page = TEMPLATE.render([Message("user", "Hi")], think=think, generate=True)
    assert page.ids == ids_of(f"<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n{opening}")
    assert not any(page.loss_mask)
    assert page.roles[-1] == "assistant"


@unhurried
@given(conversations(), st.sampled_from([(), (ADD,), (ADD, NOW)]), st.booleans(), st.sampled_from(THINK))
def test_every_conversation_comes_back(
    messages: list[Message], tools: tuple[Tool, ...], generate: bool, think: Think
) -> None:
    page = TEMPLATE.render(messages, tools, think if generate else "absent", generate)
    assert TEMPLATE.parse(page.ids) == messages
    assert len(page.ids) == len(page.loss_mask) == len(page.roles)


@pytest.mark.parametrize("content", ["", "\n", "\n\n", " \n x \n ", "\n\nx\n\n", "</think>\n\n", "\n<tools>"])
def test_space_around_a_content_comes_back(content: str) -> None:
    messages = [
        Message("system", content or "\n\n\n"),
        Message("user", content),
        Message("assistant", content, content, (ToolCall("f", {"a": content}),)),
        Message("tool", content),
        Message("assistant", content),
    ]
    assert TEMPLATE.parse(TEMPLATE.render(messages, [NOW]).ids) == messages
    assert TEMPLATE.parse(TEMPLATE.render(messages).ids) == messages


@unhurried
@given(conversations())
def test_only_the_template_makes_special_tokens(messages: list[Message]) -> None:
    ids = TEMPLATE.render(messages).ids
    thoughts = sum(message.think is not None for message in messages)
    n_calls = sum(len(message.tool_calls) for message in messages)
    expected = dict.fromkeys(SPECIAL_TOKENS, 0) | {
        "<|im_start|>": len(messages),
        "<|im_end|>": len(messages),
        "<think>": thoughts,
        "</think>": thoughts,
        "<tool_call>": n_calls,
        "</tool_call>": n_calls,
    }
    assert {marker: ids.count(TOKENIZER.special_id(marker)) for marker in SPECIAL_TOKENS} == expected


@unhurried
@given(conversations(), replies)
def test_a_reply_goes_on_from_the_prompt_and_is_read_alone(messages: list[Message], reply: Message) -> None:
    think: Think = "absent" if reply.think is None else "open" if reply.think else "closed"
    prompt = TEMPLATE.render(messages, think=think, generate=True).ids
    page = TEMPLATE.render([*messages, reply])
    assert page.ids[: len(prompt)] == prompt
    written = page.ids[len(prompt) :]
    assert TEMPLATE.parse_reply(written, think) == reply
    assert TEMPLATE.parse_reply(written[:-2], think) == reply  # cut before its end of turn
    assert page.loss_mask[len(prompt) :] == [1] * (len(written) - 1) + [0]  # all that is written is scored
    assert TEMPLATE.parse(page.ids[:-1]) == [*messages, reply]  # as generated: no newline after the end


def test_a_reply_may_open_a_think_block_itself_and_ends_at_the_first_stop() -> None:
    assert TEMPLATE.parse_reply(ids_of("<think>\nhm\n</think>\n\nYes.<|im_end|>")) == Message("assistant", "Yes.", "hm")
    assert TEMPLATE.parse_reply(ids_of("Yes.<|endoftext|>more<|im_end|>")) == Message("assistant", "Yes.")


@pytest.mark.parametrize(
    ("raw", "think", "message"),
    [
        ("hm", "open", "expected </think> after <think>, got the end of the reply"),
        ("hm<tool_call>", "open", "expected </think> after <think>, got '<tool_call>'"),
        ("So: <think>\n</think>", "absent", "expected <think> at the start of the reply, got 'So: ' before it"),
        ("Yes.</think>", "absent", "expected text, <tool_call> or the end of the reply, got '</think>'"),
        ("Yes.<|im_start|>user\n", "closed", r"got '<|im_start|>user\n'"),
    ],
)
def test_a_reply_out_of_layout_is_refused(raw: str, think: Think, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        TEMPLATE.parse_reply(ids_of(raw), think)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            "<tool_call><function=now></function>",
            "expected </tool_call> after <tool_call><function=now></function>, got",
        ),
        ("<tool_call><function=f><tool_call><function=now></function></tool_call>", "got '<tool_call><function=now>"),
        ("<tool_call><function=now></function></tool_call> done", "got '</tool_call> done'; put text first"),
        ("<tool_call>now()</tool_call>", "expected <function=NAME> at the start of the call, got 'now()'"),
    ],
)
def test_a_malformed_call_is_refused(raw: str, message: str) -> None:
    with pytest.raises(ToolCallError, match=re.escape(message)):
        TEMPLATE.parse_reply(ids_of(raw))
    with pytest.raises(ToolCallError, match=re.escape(message)):
        TEMPLATE.parse(ids_of(f"<|im_start|>assistant\n{raw}<|im_end|>\n"))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("Hi", "expected <|im_start|> at the start, got 'Hi'"),
        ("<|im_end|>\n", "expected <|im_start|> at the start, got <|im_end|>"),
        ("<|im_start|>user\nHi", r"expected turn 0 to end with <|im_end|> and a newline, got '<|im_start|>user\nHi'"),
        ("<|im_start|>user\nHi<|im_end|>\n\n", r"expected turn 0 to end with <|im_end|> and a newline, got"),
        ("<|im_start|>user\na<|im_end|><|im_start|>user\nb<|im_end|>\n", "expected turn 0 to end with <|im_end|>"),
        ("<|im_start|>user<|im_end|>\n", "expected a role and a newline after <|im_start|>, got 'user'"),
        ("<|im_start|>judge\nHi<|im_end|>\n", "expected a role of system, user, assistant, tool, got 'judge'"),
        ("<|im_start|>user\nHi<think><|im_end|>\n", "expected no marker in the content of 'user', got '<think>'"),
        ("<|im_start|>system\n<tools>\n<|im_end|>\n", "expected no marker in the content of 'system', got '<tools>"),
        (
            "<|im_start|>system\n<tools>\n</tools>x<|im_end|>\n",
            "expected no marker in the content of 'system', got '<too",
        ),
        ("<|im_start|>assistant\n<|im_start|>user\nHi<|im_end|>\n", "expected turn 0 to end with <|im_end|>"),
        ("<|im_start|>assistant\n<think>\nhm<|im_end|>\n", "expected </think> after <think>, got the end of the reply"),
        ("<|im_start|>tool\n7<|im_end|>\n", "expected a tool message after an assistant's call for it"),
    ],
)
def test_ids_out_of_layout_are_refused(raw: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        TEMPLATE.parse(ids_of(raw))


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        (
            [Message("user", ""), Message("system", "")],
            "expected a system message only at the start, got one as message 2",
        ),
        ([Message("tool", "7")], "expected a tool message after an assistant's call for it, got one as message 1"),
        ([Message("assistant", "x"), Message("tool", "7")], "got one as message 2; put the call before it"),
        (
            [Message("assistant", "", tool_calls=(CALL,)), Message("tool", "7"), Message("tool", "7")],
            "got one as message 3",
        ),
        (
            [Message("assistant", "", tool_calls=(CALL,)), Message("user", "?"), Message("tool", "7")],
            "got one as message 3",
        ),
    ],
)
def test_messages_out_of_order_are_refused(messages: list[Message], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TEMPLATE.render(messages)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="expected a role of system, user, assistant, tool, got 'judge'"):
        Message("judge", "")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="of an assistant only, got them of 'user'"):
        Message("user", "", think="hm")
    with pytest.raises(ValueError, match="of an assistant only, got them of 'tool'"):
        Message("tool", "", tool_calls=(CALL,))
    with pytest.raises(ValueError, match="expected think='open' with generate=True"):
        TEMPLATE.render([Message("user", "")], think="open")
    with pytest.raises(ValueError, match="expected think to be absent, open, closed, got 'long'"):
        TEMPLATE.render([Message("user", "")], think="long", generate=True)  # type: ignore[arg-type]


def test_the_oldest_exchanges_go_until_prompt_and_reply_fit() -> None:
    system = Message("system", "Be kind.")
    old = [Message("user", "3+4?"), Message("assistant", "", tool_calls=(CALL,)), Message("tool", "7")]
    middle = [Message("user", "Hello"), Message("assistant", "Hi.")]
    last = [Message("user", "Why?")]

    def needed(messages: list[Message]) -> int:
        return len(TEMPLATE.render(messages, [NOW], "closed", generate=True).ids) + 10

    def fitted(context_length: int) -> tuple[list[Message], int]:
        return TEMPLATE.truncate_to_context(
            [system, *old, *middle, *last], [NOW], "closed", context_length=context_length, room=10
        )

    everything, shorter, shortest = [system, *old, *middle, *last], [system, *middle, *last], [system, *last]
    assert fitted(needed(everything)) == (everything, 0)
    assert fitted(needed(everything) - 1) == (shorter, 1)
    assert fitted(needed(shorter) - 1) == (shortest, 2)
    too_little = needed(shortest) - 1
    with pytest.raises(ValueError, match=f"at most {too_little - 10} tokens .*, got {too_little - 9} in the last exch"):
        fitted(too_little)


def test_a_prelude_frames_a_question_without_markup() -> None:
    assert prelude_prompt("What is 2+2?") == f"{PRELUDE}\nUser: What is 2+2?\nAssistant:"
