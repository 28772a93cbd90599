"""Text as it comes, whole characters only; where a reply ended and how fast it was."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.model.sampling import Sampling
from labs.core.weights import talking
from labs.core.weights.loading import load_published
from labs.core.weights.talking import Reply, Settings, pieces, write_reply
from tests.labs.core.weights.conftest import FIXTURES

PUBLISHED = load_published(str(FIXTURES / "sharded"))
GREEDY = Settings(Sampling(temperature=0), 16, 0)


def test_a_character_is_shown_when_it_is_complete() -> None:
    encode = PUBLISHED.tokenizer.encode
    tokens = encode("a🐈b")
    assert len(tokens) > 3
    assert [piece for piece in pieces(PUBLISHED.tokenizer, encode("x"), tokens) if piece] == ["a", "🐈", "b"]


@given(st.lists(st.integers(3, 279)))
def test_the_pieces_are_the_text(tokens: list[int]) -> None:
    assert "".join(pieces(PUBLISHED.tokenizer, [1], tokens)) == PUBLISHED.tokenizer.decode(tokens)


@pytest.mark.parametrize("raw", [True, False])
def test_only_raw_text_shows_the_stop_token(capsys: pytest.CaptureFixture[str], raw: bool) -> None:
    ids = PUBLISHED.tokenizer.encode("The cat 12–3:\n🐈")
    reply = write_reply(PUBLISHED, ids, GREEDY, PUBLISHED.stop_ids, raw)
    shown = capsys.readouterr().out.removesuffix("\n")
    assert reply.ended
    assert reply.ids[-1] == 131
    assert reply.text_ids == reply.ids[:-1]
    assert shown == PUBLISHED.tokenizer.decode(reply.ids if raw else reply.text_ids)


def test_cut_off_by_the_limit_or_the_keyboard(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = write_reply(PUBLISHED, [5, 6], GREEDY, ())
    assert len(reply.ids) == 16
    assert "16 tokens" in reply.summary()
    assert reply.summary().endswith("; cut off]")

    def interrupted(*_: object, **__: object) -> Iterator[int]:
        yield 7
        raise KeyboardInterrupt

    monkeypatch.setattr(talking, "generate", interrupted)
    reply = write_reply(PUBLISHED, [5, 6], GREEDY, ())
    assert (reply.ids, reply.ended) == ((7,), False)
    assert capsys.readouterr().out.endswith(" …\n")


def test_summary() -> None:
    reply = Reply(n_prompt=30, ids=(5,) * 11, ended=True, prompt_seconds=0.5, seconds=2.0)
    assert reply.summary() == "[prompt of 30 tokens: 0.50 s; 11 tokens, 5.0 tokens/s; ended by itself]"


def test_full_context() -> None:
    with pytest.raises(ValueError, match=r"expected fewer than 128 tokens.*got 128; begin a new conversation"):
        write_reply(PUBLISHED, [5] * 128, GREEDY, ())
