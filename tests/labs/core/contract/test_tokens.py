"""Tokens, passages and columns: what they mark can be told without colour, in HTML and in plain text."""

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given
from hypothesis import strategies as st

from labs.core.contract import Columns, Passage, Table, Token, Tokens
from labs.core.contract.tokens import percent

ROW = (
    Token("<|im_start|>", 7, special=True, role="user", scored=False),
    Token(" the\n", 8, role="user", scored=False),
    Token("Hi", 9, role="assistant", scored=True, written=True, probability=0.25),
)


def soup(html: str) -> Tag:
    return BeautifulSoup(html, "html.parser")


def test_every_mark_that_occurs_is_explained_and_no_other() -> None:
    assert Tokens(ROW, "Row").legend == (
        "Framed: a special token; underlined: scored in training; bold: written by the model."
    )
    assert Tokens(ROW[1:2], "Row").legend == ""
    assert "lab-tokens__note" not in Tokens(ROW[1:2], "Row").html()


def test_tokens_stand_in_blocks_by_role_with_their_marks() -> None:
    page = soup(Tokens(ROW, "A row", "A note.").html())
    assert [block.get_text() for block in page.select(".lab-tokens__role")] == ["user", "assistant"]
    first, second, third = page.select(".lab-token")
    assert "lab-token--special" in first["class"] and "lab-token--scored" not in first["class"]
    assert second.get_text() == "·the⏎" and second in page.select(".lab-token:has(+ br)")
    assert {"lab-token--scored", "lab-token--written"} < set(third["class"])
    assert third.get_text() == "Hi25\N{NO-BREAK SPACE}%"
    said = page.select_one(".lab-tokens__block:last-child .lab-tokens__row")
    assert said is not None and said.get_text().startswith("scored, written: Hi")
    assert [caption.get_text() for caption in page.select("figcaption")] == ["A row"]


def test_tokens_in_a_terminal_have_the_same_marks() -> None:
    text = Tokens(ROW, "A row").text()
    assert "user: <|im_start|>|·the⏎\nassistant: [Hi]* 25" in text
    assert "in brackets: written by the model" in text and "with a star: scored" in text


@given(st.text(), st.text())
def test_any_text_comes_through_a_token_and_a_passage_as_text(given_text: str, written: str) -> None:
    page = soup(Tokens([Token(f"<b>{given_text}", 1)], "Row").html())
    assert page.b is None
    passage = soup(Passage([(given_text + "<", "given"), (written + "&", "written")], "A text").html())
    marked = passage.select_one("mark.lab-passage__written")
    normal = str.maketrans({"\r": "\n"})  # as HTML's own parsers have it
    assert marked is not None and marked.get_text().translate(normal) == (written + "&").translate(normal)


def test_a_passage_tells_what_was_written_in_plain_text_too() -> None:
    assert Passage([("2+2", "given"), ("=4", "written"), ("", "given")], "Sum").text() == "Sum\n2+2⟦=4⟧"


def test_columns_keep_their_order_and_their_headings() -> None:
    columns = Columns([("Base", Table(["a"], [[1]])), ("Chat", Passage([("x", "given")], "Text"))])
    page = soup(columns.html())
    assert [part.get_text() for part in page.select(".lab-column > .lab-column__heading")] == ["Base", "Chat"]
    assert columns.text().index("Base\n====") < columns.text().index("Chat\n====")


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (1e-6, "<0.1 %"), (0.004, "0.4 %"), (0.42, "42 %"), (0.99, "99 %"), (0.997, "99.7 %"), (1, "100 %")],
)
def test_a_share_is_never_rounded_to_a_false_certainty(share: float, words: str) -> None:
    assert percent(share).replace("\N{NO-BREAK SPACE}", " ") == words


@given(st.floats(0, 1))
def test_only_certainty_reads_as_such(share: float) -> None:
    assert (percent(share) == "0\N{NO-BREAK SPACE}%") == (share == 0)
    assert (percent(share) == "100\N{NO-BREAK SPACE}%") == (share == 1)


def test_what_nobody_could_name_is_refused() -> None:
    with pytest.raises(ValueError, match="title"):
        Tokens(ROW, " ")
    with pytest.raises(ValueError, match="title"):
        Passage([("x", "given")], "")
    with pytest.raises(ValueError, match="given or written"):
        Passage([("x", "me")], "Text")  # type: ignore[list-item]  # that is the point
    with pytest.raises(ValueError, match="at least one"):
        Columns([])
