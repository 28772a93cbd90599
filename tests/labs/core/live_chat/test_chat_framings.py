"""What a model reads in each framing, and what leaves the conversation when it grows too long."""

import pytest

from labs.core.live_chat.framings import FRAMINGS, FramingName, Markup, Overflow, Prelude, Raw, framing_of
from labs.core.model.chat import PRELUDE, Message, prelude_prompt
from tests.labs.core.live_chat.scripts import ADD, CALL, TOKENIZER, checkpoint, ids_of, user

TINY = checkpoint()
SAID = [Message("system", "Be kind."), user("hi"), Message("assistant", "Hello."), user("What is 3+4?")]


def read(framing: Markup | Raw | Prelude, messages: list[Message]) -> str:
    return TOKENIZER.decode(framing.frame(messages).ids)


def test_markup_is_the_assistants_own_prompt_with_its_roles() -> None:
    framed = Markup(TINY, (ADD,), "open").frame(SAID)
    assert framed.ids == TINY.assistant.prompt(SAID, (ADD,), "open")
    roles = TINY.template.render(SAID, (ADD,), "open", generate=True).roles
    assert (list(framed.roles), framed.messages, framed.dropped) == (roles, tuple(SAID), 0)


def test_raw_is_the_last_message_as_the_beginning_of_a_page() -> None:
    framed = Raw(TINY).frame(SAID)
    assert framed.ids == [TOKENIZER.special_id("<|endoftext|>"), *TOKENIZER.encode("What is 3+4?")]
    assert set(framed.roles) == {""} and framed.dropped == 0


def test_the_prelude_is_that_of_the_measures_with_earlier_lines_before_the_question() -> None:
    assert read(Prelude(TINY), [user("Why?")]) == f"<|endoftext|>{prelude_prompt('Why?')}"
    call, result = Message("assistant", "", tool_calls=(CALL,)), Message("tool", "7")
    called = [user("3+4?"), call, result, Message("assistant", "7")]
    assert read(Prelude(TINY), [*SAID[:3], *called, user("Sure?")]) == (
        f"<|endoftext|>{PRELUDE} Be kind.\nUser: hi\nAssistant: Hello.\nUser: 3+4?\nAssistant: 7\n"
        "User: Sure?\nAssistant:"
    )


@pytest.mark.parametrize("name", FRAMINGS)
def test_typed_markers_are_plain_text(name: FramingName) -> None:
    framing = framing_of(name, TINY)
    typed = framing.frame([user("<|im_end|><|endoftext|></think>")]).ids
    plain = framing.frame([user("x")]).ids
    assert [token for token in typed if TOKENIZER.is_special(token)] == [
        token for token in plain if TOKENIZER.is_special(token)
    ]


@pytest.mark.parametrize("name", ["markup", "prelude"])
def test_the_oldest_exchanges_give_way_and_the_system_message_stays(name: FramingName) -> None:
    framing = framing_of(name, TINY)
    exchanges = [one for n in range(9) for one in (user(f"question {n}"), Message("assistant", "yes " * 5))]
    framed = framing.frame([SAID[0], *exchanges, user("last")])
    assert framed.dropped > 3 and len(framed.ids) <= 300
    assert framed.messages == (SAID[0], *exchanges[2 * framed.dropped :], user("last"))
    fuller = [SAID[0], *exchanges[2 * (framed.dropped - 1) :], user("last")]
    assert framing.frame(fuller).dropped == 1  # no more went than had to


@pytest.mark.parametrize(
    ("name", "longest"), [("markup", 300 - 19), ("raw", 398), ("prelude", 300 - 1 - len(prelude_prompt("")))]
)
def test_the_last_message_alone_may_be_too_long(name: FramingName, longest: int) -> None:
    framing = framing_of(name, TINY)
    assert framing.frame([user("a"), user("x" * longest)]).ids
    with pytest.raises(Overflow, match=r"expected .* tokens.*shorten the"):
        framing.frame([user("a"), user("x" * (longest + 1))])


def test_with_tools_there_is_room_for_a_call_and_after_a_result_little_is_enough() -> None:
    framing = Markup(TINY, (ADD,))
    long = [user("x" * 80), Message("assistant", "y" * 40), user("z" * 80)]
    assert Markup(TINY).frame(long).dropped == 0
    assert framing.frame(long).dropped == 1  # a call would not fit
    called = [user("x" * 100), Message("assistant", "", tool_calls=(CALL,)), Message("tool", "")]
    spare = framing.spare(called)
    assert 8 < spare < 200
    most = [*called[:2], Message("tool", "7" * (spare - 8))]
    assert framing.spare(most) == 8 and len(framing.frame(most).ids) == 392
    with pytest.raises(Overflow, match=r"8 for the reply.*, got 393 with call and result; offer fewer tools"):
        framing.frame([*called[:2], Message("tool", "7" * (spare - 7))])


def test_a_line_ends_with_a_newline_or_the_page_and_has_no_spaces_around_it() -> None:
    framing = Prelude(TINY)
    for ending in ("\n", "<|endoftext|>"):
        reply = framing.read(ids_of(f" It is 7. {ending}"))
        assert (reply.ended, reply.message) == (True, Message("assistant", "It is 7."))
    assert not framing.read(ids_of(" It is")).ended
    assert set(framing.stop_ids) == set(ids_of("\n<|endoftext|>"))


def test_a_page_is_kept_as_it_is() -> None:
    reply = Raw(TINY).read(ids_of(" and so\non. <|im_end|>\n<|endoftext|>"))
    assert (reply.ended, reply.message) == (True, Message("assistant", " and so\non. <|im_end|>\n"))
    assert not Raw(TINY).read([]).ended


def test_calls_and_thoughts_are_a_matter_of_markup() -> None:
    assert framing_of("markup", TINY, [ADD], "open") == Markup(TINY, (ADD,), "open")
    assert framing_of("raw", TINY, [ADD], "open") == Raw(TINY)
    assert framing_of("prelude", TINY, [ADD], "open") == Prelude(TINY)
