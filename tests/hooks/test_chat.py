"""The live chat at build: what a ```chat fence becomes, and what a wrong one says."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from overrides.hooks import chat
from overrides.hooks.fences import fill_places, find_fences
from tests.hooks.conftest import Stops
from tests.hooks.test_panels import markdown

GOOD = "# Page\n\n```chat\nmodels: base, chat\n```\n"


def page_of(tmp_path: Path, text: str) -> Page:
    """A page with this source, as far as Markdown."""
    (tmp_path / "page.md").write_text(text)
    page = Page("x", File("page.md", str(tmp_path), str(tmp_path), True), MkDocsConfig())
    page.content = markdown(text)
    return page


def rendered(tmp_path: Path, text: str) -> list[Tag]:
    """The chats that this source becomes."""
    page = page_of(tmp_path, text)
    fill_places(page, chat.render_page(page, list(find_fences(page, ("chat",)))), ("chat",))
    return BeautifulSoup(page.content or "", "html.parser").find_all("live-chat")


def test_a_fence_becomes_a_chat_that_says_what_to_do_without_javascript(tmp_path: Path) -> None:
    [made] = rendered(tmp_path, GOOD)
    assert made.attrs == {"key": "page.md#chat-1", "models": "base chat"}
    assert "python -m labs chat" in made.get_text()


def test_prompts_and_a_framing_are_handed_on(tmp_path: Path) -> None:
    text = "```chat\nmodels: [base:prelude, mine]\nprompts: ['Say \"hi\" & <go>']\n```\n"
    [made] = rendered(tmp_path, text)
    assert made["models"] == "base:prelude mine"
    assert made["prompts"] == '["Say \\"hi\\" & <go>"]'


def test_two_chats_of_a_page_keep_their_talks_apart(tmp_path: Path) -> None:
    keys = [made["key"] for made in rendered(tmp_path, GOOD + "\n" + GOOD)]
    assert keys == ["page.md#chat-1", "page.md#chat-2"]


def test_a_chat_and_a_panel_are_told_apart(tmp_path: Path) -> None:
    page = page_of(tmp_path, "```lab\nname: gap\n```\n\n" + GOOD)
    assert [fence.kind for fence in find_fences(page)] == ["lab"]
    assert [(fence.kind, fence.line) for fence in find_fences(page, ("chat",))] == [("chat", 7)]
    fill_places(page, iter(["<p>panel</p>"]))
    assert "<p>panel</p>" in (page.content or "")
    assert len(list(find_fences(page, ("chat",)))) == 1


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("", 3, "expected a mapping with the key models, got None"),
        ("base, chat", 3, "expected a mapping with the key models"),
        ("models: base\n  x: [", 5, "can't be read"),
        ("models: base, gpt", 4, "got 'gpt'"),
        ("models: chat:raw", 4, "got 'chat:raw'"),
        ("models: base:aloud", 4, "got 'base:aloud'"),
        ("models: base, sft, chat", 4, "expected one or two models, got 3"),
        ("models: []", 4, "expected one or two models, got 0"),
        ("models: base\ntemperature: 1", 5, "expected models and prompts only, got 'temperature'"),
        ("models: base\nprompts: one", 5, "expected prompts as a list of texts"),
        ("models: base\nprompts: [1]", 5, "expected prompts as a list of texts"),
    ],
)
def test_a_wrong_fence_stops_the_build_at_its_line(
    tmp_path: Path, stops: Stops, body: str, line: int, said: str
) -> None:
    with stops(said, f"page.md, line {line}", "```chat"):
        rendered(tmp_path, f"# Page\n\n```chat\n{body}\n```\n")


def test_words_beside_the_fence_stop_the_build(tmp_path: Path, stops: Stops) -> None:
    with stops("'title' beside it", "page.md, line 3"):
        rendered(tmp_path, "# Page\n\n```chat title\nmodels: base\n```\n")
