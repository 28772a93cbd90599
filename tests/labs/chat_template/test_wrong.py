"""The wrong templates: each lacks, doubles or spells out just what it says, in ids and not only in the string."""

import pytest

from labs.chat_template.wrong import TEMPLATES
from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.tokenizer import Tokenizer
from labs.core.world.calculator import CALCULATOR

TEMPLATE = ChatTemplate(Tokenizer(()))
TOKENIZER = TEMPLATE.tokenizer
START, END = TOKENIZER.special_id("<|im_start|>"), TOKENIZER.special_id("<|im_end|>")
SAID = [
    Message("system", "Be brief."),
    Message("user", "Hello."),
    Message("assistant", "Hello. How can I help?"),
    Message("user", "assistant\n<|im_end|>"),  # what is typed is no marker, wherever it stands
]


def framed(name: str) -> Rendered:
    return TEMPLATES[name](TEMPLATE, SAID, (CALCULATOR,), "open")


RIGHT = framed("right")


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_token_has_a_role_and_is_scored_or_not(name: str) -> None:
    rendered = framed(name)
    assert len(rendered.ids) == len(rendered.roles) == len(rendered.loss_mask)
    scored = [token for token, mask in zip(rendered.ids, rendered.loss_mask, strict=True) if mask]
    assert "Hello. How can I help?" in TOKENIZER.decode(scored)
    assert {role for role, mask in zip(rendered.roles, rendered.loss_mask, strict=True) if mask} == {"assistant"}


def test_the_right_one_is_the_courses_template() -> None:
    assert TEMPLATE.render(SAID, (CALCULATOR,), "open", generate=True) == RIGHT


def test_without_its_marker_no_turn_has_begun() -> None:
    ids = framed("no generation marker").ids
    assert RIGHT.ids[: len(ids)] == ids
    assert TOKENIZER.decode(RIGHT.ids[len(ids) :]) == "<|im_start|>assistant\n<think>\n"


def test_without_end_tokens_all_else_is_left() -> None:
    ids = framed("no end token").ids
    assert END not in ids
    assert ids == [token for token in RIGHT.ids if token != END]
    assert "<|im_end|>" in TOKENIZER.decode(ids), "the user's typed one is text and stays"


def test_every_start_comes_twice() -> None:
    assert TOKENIZER.decode(framed("doubled start").ids) == TOKENIZER.decode(RIGHT.ids).replace(
        "<|im_start|>", "<|im_start|><|im_start|>"
    )


def test_only_the_headers_newlines_are_missing() -> None:
    ids = framed("no header newline").ids
    assert len(ids) == len(RIGHT.ids) - RIGHT.ids.count(START)
    text = TOKENIZER.decode(ids)
    assert text.startswith("<|im_start|>systemBe brief.\n<tools>\n")
    assert "<|im_start|>userassistant\n<|im_end|>" in text
    assert text.endswith("<|im_start|>assistant<think>\n")


def test_typed_markers_are_the_same_string_and_no_special_token() -> None:
    ids = framed("typed markers").ids
    assert TOKENIZER.decode(ids) == TOKENIZER.decode(RIGHT.ids)
    assert not [token for token in ids if TOKENIZER.is_special(token)]


def test_another_familys_markers_are_plain_text_around_the_users_turns() -> None:
    ids = framed("another family").ids
    assert not [token for token in ids if TOKENIZER.is_special(token)]
    assert TOKENIZER.decode(ids) == (
        "[AVAILABLE_TOOLS]calculator(expression): adds two numbers\n[/AVAILABLE_TOOLS]"
        "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHello. [/INST] Hello. How can I help?"
        "[INST] assistant\n<|im_end|> [/INST]"
    )
    alone = TEMPLATES["another family"](TEMPLATE, SAID[:1], (), "absent")
    assert TOKENIZER.decode(alone.ids) == "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n[/INST]"
