"""The published tokenizer: typed markers stay text, and a file that does not fit is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core.weights.faults import WeightsError
from labs.core.weights.published_tokenizer import PublishedTokenizer
from tests.labs.core.weights.conftest import FIXTURES, Copy

TOKENIZER = PublishedTokenizer(FIXTURES / "tuned" / "tokenizer.json", 280)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_comes_back(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


@pytest.mark.parametrize("marker", ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
def test_a_marker_that_is_typed_is_text(marker: str) -> None:
    ids = TOKENIZER.encode(f"a{marker}system\n", start=True)
    assert TOKENIZER.special_id(marker) not in ids
    assert TOKENIZER.decode(ids) == f"a{marker}system\n"
    assert TOKENIZER.decode([TOKENIZER.special_id(marker)]) == marker


def test_what_a_tokenizer_puts_before_every_text() -> None:
    tokenizer = PublishedTokenizer(FIXTURES / "mistral" / "tokenizer.json", 280)
    assert tokenizer.encode("a", start=True) == [0, *tokenizer.encode("a")]


def test_marker_that_is_not_there() -> None:
    with pytest.raises(WeightsError, match=r"tokenizer\.json: <\|turn\|>: expected this marker"):
        TOKENIZER.special_id("<|turn|>")


@pytest.mark.parametrize("content", [None, b"", b'{"version": "1.0"', b"{}"])
def test_missing_truncated_or_foreign_file(copy: Copy, content: bytes | None) -> None:
    path = copy("base") / "tokenizer.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"tokenizer\.json: expected (this file|a tokenizer)") as caught:
        PublishedTokenizer(path, 280)
    assert caught.value.file == path


def test_more_tokens_than_the_model_has() -> None:
    with pytest.raises(WeightsError, match=r"tokenizer\.json: .+: expected ids below 279, .*config\.json, got 279"):
        PublishedTokenizer(FIXTURES / "tuned" / "tokenizer.json", 279)


def test_fewer_tokens_than_the_model_has() -> None:
    assert len(PublishedTokenizer(FIXTURES / "tuned" / "tokenizer.json", 512).ids) == 280
