"""The course's glossary as data: every entry is found by its names, and what isn't there is said with what is near."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.core import glossary
from labs.core.glossary import REPOSITORY, Entry, define, parse, terms

PAGE = REPOSITORY.read_text(encoding="utf-8")


def test_every_heading_of_the_page_is_a_term_with_a_sentence() -> None:
    headings = re.findall(r"^## (.+?)(?: \{.*)?$", PAGE, re.MULTILINE)
    assert terms() == headings and len(headings) > 60
    for heading in headings:
        sentence = define(heading)
        assert sentence.endswith((".", "?")) and 15 < len(sentence) < 300


def test_a_definition_is_plain_text_of_its_entry() -> None:
    assert define("Base model") == "A language model that has only learned to continue text, and not yet to answer."
    assert define("DPO").startswith("Direct preference optimization: training on pairs")
    for term in terms():
        assert not re.search(r"[*`\[\]\n]|\.md|  |Module:|Also:", define(term))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("base model", "Base model"),
        ("BASE MODELS", "Base model"),
        (" base-models ", "Base model"),
        ("pre-training", "Pretraining"),
        ("post training", "Post-training"),
        ("next token prediction", "Next-token prediction"),
        ("probability distributions", "Probability distribution"),
        ("prompt", "Prefix (prompt)"),
        ("prefixes", "Prefix (prompt)"),
        ("supervised fine-tuning", "SFT"),
        ("reinforcement learning from human feedback", "RLHF"),
        ("FLOPs", "FLOP"),
        ("instruction tuning", "SFT"),
        ("end of turn", "End-of-turn token"),
        ("function calling", "Tool calling"),
        ("RLAIF", "Constitutional AI"),
        ("Kullback–Leibler", "KL divergence"),
        ("direct preference optimisation", "DPO"),
        ("Goodhart’s laws", "Goodhart's law"),
    ],
)
def test_spelling_does_not_matter_much(written: str, name: str) -> None:
    assert define(written) == define(name)


def test_a_term_that_is_not_there_is_refused_with_those_near_it() -> None:
    with pytest.raises(ValueError, match=r"term: expected one of the glossary, got 'temprature'; try Temperature"):
        define("temprature")
    with pytest.raises(ValueError, match=r"got 'moon lock'; use one of the course's own terms\."):
        define("moon lock")


def test_an_entry_has_an_anchor_its_first_sentence_and_its_further_names() -> None:
    page = "# Glossary\n\n## Barn owl\n\nA *bird*\nof the night. It flies.\n\n"
    page += "Also: screech owl; Tyto.\nMatch: owl.\nNot: owl light.\n"
    owl = Entry("Barn owl", "barn-owl", "A bird of the night.", ("screech owl", "Tyto"), ("owl",), ("owl light",))
    bat = Entry("Bat's (cave)", "bat", "No bird.")
    assert parse(page + "\n## Bat's (cave) { #bat }\n\nNo bird.\n") == [owl, bat]
    assert list(owl.names()) == ["Barn owl", "screech owl", "Tyto"]
    assert list(bat.names()) == ["Bat's (cave)", "Bat's", "cave"]


@given(st.text(st.characters()) | st.from_regex(r"\A[a-z]{1,3}\Z"))
def test_anything_is_defined_or_refused(term: str) -> None:
    try:
        assert define(term)
    except ValueError as fault:
        assert len(str(fault)) < 400


def test_in_a_wheel_the_copy_beside_the_module_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = tmp_path / "glossary.md"
    packaged.write_text("# Glossary\n\n## Owl { #owl }\n\nA bird. It [flies](#fly).\n\nLab: none.\n", encoding="utf-8")
    monkeypatch.setattr(glossary, "PACKAGED", packaged)
    monkeypatch.setattr(glossary, "REPOSITORY", tmp_path / "none.md")
    glossary._entries.cache_clear()
    try:
        assert (terms(), define("owls")) == (["Owl"], "A bird.")
    finally:
        glossary._entries.cache_clear()
