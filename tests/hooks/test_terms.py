"""The build step for terms: which words become links, where, and what the build says of a glossary it can't read."""

from pathlib import Path

import pytest
from mkdocs.structure.files import File

from labs.core.glossary import parse
from overrides.hooks.terms import Terms, read
from tests.hooks.conftest import Stops

GLOSSARY = """# Glossary

## Filter

A rule outside the model.

Not: coffee filter.

## KL divergence { #kl }

How far one is from another.

Also: Kullback–Leibler.

## Parameter

A number that training sets.

Match: parameters.

## Policy

What "chooses" & acts.

## Policy gradient

A way to better it.

## SFT

Supervised fine-tuning: learning from examples.

Also: instruction tuning.

## Special token

A token for structure.

## Token

A piece of text. It is short.
"""


@pytest.fixture
def terms() -> Terms:
    return Terms(parse(GLOSSARY))


def found(terms: Terms, text: str) -> list[tuple[str, str]]:
    """What is found in a text: the words, and whose they are."""
    return [(text[start:end], slug) for start, end, slug in terms.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a token", [("token", "token")]),
        ("Tokens, tokens' and tokenizers", [("Tokens", "token"), ("tokens", "token")]),
        ("the special token here", [("special token", "special-token")]),
        ("Special\ntokens", [("Special\ntokens", "special-token")]),
        ("a token-level loss, a sub-token, TOKEN", []),
        ("SFT and sft", [("SFT", "sft")]),
        ("supervised fine-tuning", [("supervised fine-tuning", "sft")]),
        ("Instruction tuning", [("Instruction tuning", "sft")]),
        ("Kullback-Leibler", [("Kullback-Leibler", "kl")]),
        ("a parameter of parameters", [("parameters", "parameter")]),
        ("a policy gradient", [("policy gradient", "policy-gradient")]),
        ("policies and a policy", [("policies", "policy"), ("policy", "policy")]),
        ("a coffee filter is no filter", [("filter", "filter")]),
    ],
)
def test_whole_words_are_found_the_longest_first_and_in_the_plural(
    terms: Terms, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(terms, text) == expected


def test_the_first_use_becomes_a_link_with_the_meaning(terms: Terms) -> None:
    linked, used = terms.link("<p>A policy and a policy.</p>", "../glossary/")
    title = "Policy: What &quot;chooses&quot; &amp; acts."
    link = f'<a class="glossary-term" id="term-policy" title="{title}" href="../glossary/#policy">policy</a>'
    assert linked == f"<p>A {link} and a policy.</p>"
    assert used == ["policy"]


@pytest.mark.parametrize(
    "page",
    [
        "<ul><li><h2>Token</h2></li></ul>",
        "<p><code>token</code></p>",
        "<ul><li><pre>token</pre></li></ul>",
        '<p><a href="../sources/#x">a token</a></p>',
        "<p><button>token</button></p>",
        "<ul><li><details><summary>token</summary></details></li></ul>",
        "<figure><p>token</p></figure><ul><li><figcaption>token</figcaption></li></ul>",
        "<p><svg><text>token</text></svg></p>",
        '<lab-cell number="1"><p>token</p><div><p>token</p></div></lab-cell>',
        "<live-chat-dock><p>token</p></live-chat-dock><module-tools><p>token</p></module-tools>",
        "<course-quiz><ul><li>token</li></ul></course-quiz>",
        '<p class="admonition-title">token</p>',
        "<table><thead><tr><th>token</th></tr></thead></table>",
        "<div>token</div>",
        "<!-- <p>token</p> -->",
        '<p><img alt="a token" src="x"></p>',
    ],
)
def test_what_is_no_running_prose_stays_as_it_is(terms: Terms, page: str) -> None:
    after = "<ul><li>token</li></ul>"
    linked, used = terms.link(page + after, "g/")
    assert linked.startswith(page)
    assert linked.count("<a class=") == 1, "the next use is the first one in prose"
    assert used == ["token"]


def test_a_link_by_hand_is_the_first_use_and_shows_the_meaning_too(terms: Terms) -> None:
    linked, used = terms.link(
        '<p>A token.</p><p>A <a href="g/#token">token</a>, <a href="g/#token">again</a>.</p>', "g/"
    )
    shown = 'class="glossary-term" id="term-token" title="Token: A piece of text." href="g/#token">token</a>'
    assert linked.startswith(f"<p>A token.</p><p>A <a {shown}, ")
    assert linked.count('id="term-token"') == 1 and linked.count("title=") == 2
    assert used == ["token"]


def test_an_entry_links_the_others_and_not_itself(terms: Terms) -> None:
    linked, _ = terms.link("<p>A token for a filter.</p>", "", own="token")
    assert linked == '<p>A token for a <a href="#filter">filter</a>.</p>'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("## Owl\n\nA bird.\n\n## Bird\n\nIt flies.\n\nAlso: owl.\n", ("'owl'", "Owl and Bird", "line 5")),
        ("## Owl\n\nAlso: bird.\n", ("The term Owl has no text", "line 1")),
        ("## Owlet\n\nA bird.\n\n## Owl\n", ("The term Owl has no text", "line 5")),
        ("## Owl\n\nA bird.\n\nAlso: o.\n", ("The term Owl has the name 'o'", "line 1")),
    ],
)
def test_a_glossary_that_makes_no_sense_stops_the_build(
    tmp_path: Path, stops: Stops, text: str, parts: tuple[str, ...]
) -> None:
    (tmp_path / "glossary.md").write_text(text)
    with stops(*parts):
        read(File("glossary.md", str(tmp_path), str(tmp_path), use_directory_urls=True))
