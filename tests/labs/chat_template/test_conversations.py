"""Edited messages: an assistant's text may hold calls, everybody else's is text, and what is malformed gets words."""

import random

import pytest

from labs.chat_template.conversations import EXAMPLE, conversation, with_calls
from labs.chat_template.lab import LAB, chat, frame, run
from labs.chat_template.wrong import TEMPLATES
from labs.core.contract import Columns, Moving
from labs.core.model.chat import Message
from labs.core.model.tools import ToolCall

CALL = ToolCall("calculator", {"expression": "37+45"})
ASKED = {"role": "user", "content": "What is 37+45?"}
CALLED = {"role": "assistant", "content": EXAMPLE}
TOLD = {"role": "tool", "content": "37+45=82"}


def test_a_call_with_its_result_is_what_the_template_writes_of_one() -> None:
    said = conversation([ASKED, CALLED, TOLD])
    assert said[1] == Message("assistant", "", tool_calls=(CALL,))
    rendered = frame(said, tools=True)
    assert f"assistant\n{EXAMPLE}<|im_end|>\n<|im_start|>tool\n37+45=82<|im_end|>" in rendered.text(chat().tokenizer)
    call = chat().tokenizer.special_id("<tool_call>")
    assert rendered.ids.count(call) == 1, "a special token, not typed text"
    assert rendered.loss_mask[rendered.ids.index(call)], "SFT scores it"
    assert chat().template.parse(rendered.ids) == said


@pytest.mark.parametrize("result", ["37+45=82", "37+45=12"])
def test_the_model_copies_the_result_whether_it_is_right_or_not(result: str) -> None:
    outputs = list(run((ASKED, CALLED, {"role": "tool", "content": result}), "right", "absent", True, 0))
    last = [one.content for one in outputs if isinstance(one, Moving) and one.name == "First string"][-1]
    assert isinstance(last, Columns)
    assert f"{result}.<|im_end|>⟧" in last.text()


@pytest.mark.parametrize(
    ("content", "text", "calls"),
    [
        ("Hello.", "Hello.", ()),
        ("", "", ()),
        (f"I call. {EXAMPLE}", "I call. ", (CALL,)),
        (f"{EXAMPLE}{EXAMPLE}", "", (CALL, CALL)),
        (f" {EXAMPLE}\n{EXAMPLE} \n", " ", (CALL, CALL)),
        ("<think>3</think> <function=add></function></tool_call>", None, ()),
        ("<tool_call><function=clock></function></tool_call>", "", (ToolCall("clock", {}),)),
    ],
)
def test_text_comes_first_and_then_calls(content: str, text: str | None, calls: tuple[ToolCall, ...]) -> None:
    assert with_calls(content) == (content if text is None else text, calls)


@pytest.mark.parametrize("role", ["system", "user"])
def test_what_others_type_is_no_call(role: str) -> None:
    said = conversation([{"role": role, "content": EXAMPLE}])
    assert said == [Message("system" if role == "system" else "user", EXAMPLE)]
    assert chat().tokenizer.special_id("<tool_call>") not in frame(said).ids


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<tool_call>", "expected </tool_call>"),
        (EXAMPLE.removesuffix("</tool_call>"), "expected </tool_call>"),
        (f"{EXAMPLE} It is 82.", "expected another call or the end after </tool_call>, got 'It is 82.'"),
        ("<tool_call></tool_call>", "expected <function=NAME>"),
        ("<tool_call><function=a b></function></tool_call>", "expected a name"),
        ("<tool_call><function=add><parameter=a>3</function></tool_call>", "expected <parameter=NAME>"),
        ("<tool_call><tool_call></tool_call></tool_call>", "expected <function=NAME>"),
        (EXAMPLE.replace("</function>", "<parameter=expression>1</parameter></function>"), "each parameter once"),
    ],
)
def test_a_malformed_call_is_refused_beside_the_messages(content: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^messages: expected") as refused:
        conversation([ASKED, {"role": "assistant", "content": content}])
    assert words in str(refused.value)
    assert str(refused.value).endswith(f"a call in message 2 has to look like {EXAMPLE}.")


def test_a_result_without_its_call_is_still_refused() -> None:
    for messages in ([ASKED, TOLD], [ASKED, CALLED, TOLD, TOLD], [CALLED, ASKED, TOLD]):
        with pytest.raises(ValueError, match=r"^messages: expected a tool message after an assistant's call"):
            conversation(messages)


def test_the_control_says_how_a_call_is_written_and_has_room_for_one() -> None:
    (control,) = (one for one in LAB.controls if one.name == "messages")
    assert EXAMPLE in control.help
    assert control.check([ASKED, CALLED, TOLD]) == (ASKED, CALLED, TOLD)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_roles_and_markers_is_framed_or_refused_with_words(seed: int) -> None:
    rng = random.Random(seed)
    pieces = (
        EXAMPLE,
        "<tool_call>",
        "</tool_call>",
        "<|im_end|>",
        "<function=a>",
        "</parameter>",
        "\n",
        "🎉",
        "\ud800",
    )
    framed = refused = 0
    for _ in range(300):
        messages = [
            {
                "role": rng.choice(("system", "user", "assistant", "assistant", "tool")),
                "content": "".join(rng.choice(pieces) for _ in range(rng.randint(0, 2))),
            }
            for _ in range(rng.randint(1, 3))
        ]
        try:
            frame(
                conversation(messages), rng.choice(tuple(TEMPLATES)), rng.choice(("absent", "open")), rng.random() < 0.5
            )
            framed += 1
        except ValueError as error:
            assert str(error).startswith("messages: expected"), error
            refused += 1
    assert framed and refused
