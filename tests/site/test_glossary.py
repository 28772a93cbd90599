"""The glossary and the course's words: each term is explained, shown and used, and has one name on all pages."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from labs.core.glossary import Entry, define, parse
from tests.site.conftest import ROOT, BuiltSite

DOCS = ROOT / "docs"
SOURCE = (DOCS / "glossary.md").read_text(encoding="utf-8")
ENTRIES = parse(SOURCE)
LIST: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "terms.yml").read_text(encoding="utf-8"))
WHERE = re.compile(
    r"^Module: \[[^\]]+\]\(modules/\w+/index\.md#[\w-]+\)\. Lab: \[[^\]]+\]\((labs/\w+\.py|chat\.md)", re.M
)
MOST_BYTES = 26 * 1024
NOT_COURSE = ("guides/", "glossary.md", "sources.md", "syllabus.md", "progress.md")
OTHERS_WORDS = ("glossary.md", "sources.md")
"""Pages that name others' spellings: as further names, or in titles of papers."""
ACRONYM = re.compile(r"(?<![\w./-])[A-Z][A-Z0-9]{2,}(?![\w-])")
UNREAD = re.compile(
    r"^---\n.*?^---$|^[ >]*(?P<fence>`{3,}|~{3,}).*?^[ >]*(?P=fence)`*\s*$"
    r"|(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)|(?<=\])\([^)\n]*\)|\{[ #:][^}\n]*\}|<[^>\n]*>|<!--.*?-->",
    re.MULTILINE | re.DOTALL,
)


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The prose of a page, with line numbers: no code, no addresses, no front matter; of a lab, its Markdown."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        markdown = False
        kept = []
        for line in text.splitlines():
            if line.startswith("# %%"):
                markdown = "[markdown]" in line
                line = ""
            kept.append(line.removeprefix("#").removeprefix(" ") if markdown and line.startswith("#") else "")
        text = "\n".join(kept)
    text = UNREAD.sub(lambda found: "\n" * found[0].count("\n") or " ", text)
    yield from enumerate(text.splitlines(), start=1)


def pages(*left_out: str) -> list[Path]:
    """Every page's source but those whose path below docs begins so."""
    found = sorted([*DOCS.rglob("*.md"), *(DOCS / "labs").glob("*.py")])
    return [path for path in found if not path.relative_to(DOCS).as_posix().startswith(left_out)]


def places(pattern: re.Pattern[str], paths: list[Path]) -> Iterator[tuple[str, re.Match[str]]]:
    """Where a pattern stands in the prose of pages, as file:line. A phrase may go on in the next line."""
    for path in paths:
        numbered = list(lines(path))
        text = "\n".join(line for _, line in numbered)
        for found in pattern.finditer(text):
            yield f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}", found


def phrase(words: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """A pattern for whole words, of which a space may be the end of a line."""
    return re.compile(rf"(?<![\w-])(?:{words.replace(' ', r'[ \n]+')})(?![\w])", flags)


def test_there_are_enough_terms_in_order_each_once_and_the_file_stays_small() -> None:
    names = [entry.name for entry in ENTRIES]
    assert len(names) >= 60
    assert names == sorted(names, key=lambda name: name.casefold().replace("-", " "))
    assert len({entry.slug for entry in ENTRIES}) == len(names)
    assert len(SOURCE.encode()) <= MOST_BYTES, "it travels to every reader who starts Python"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.slug)
def test_each_term_has_a_short_meaning_a_module_and_a_lab(entry: Entry) -> None:
    text = SOURCE.partition(f"\n## {entry.name}")[2].partition("\n## ")[0]
    assert len(WHERE.findall(text)) == 1, f"{entry.name}: `Module: […](modules/…#…). Lab: […](labs/….py).`"
    meaning = re.sub(r"^(Also|Match|Not|Module): .*$", "", text.partition("\n")[2], flags=re.MULTILINE)
    words = re.sub(r"\]\([^)]*\)", "]", meaning).split()
    assert 5 <= len(words) <= 60
    assert len(entry.sentence) <= 200, "a tooltip"
    for name in entry.names():
        assert define(name) == entry.sentence


def test_every_term_is_used_on_a_page(site: BuiltSite) -> None:
    used = {tag["id"] for page in site.pages.values() for tag in page.soup.select("a.glossary-term[id]")}
    unused = [entry.name for entry in ENTRIES if f"term-{entry.slug}" not in used]
    assert not unused, f"no page uses these terms of docs/glossary.md: {', '.join(unused)}"


def test_each_page_links_a_term_once_in_prose_with_its_meaning(site: BuiltSite) -> None:
    by_slug = {entry.slug: entry for entry in ENTRIES}
    linked = 0
    for url, page in site.pages.items():
        places = page.soup.select("a.glossary-term[id]")
        slugs = [str(tag["id"]).removeprefix("term-") for tag in places]
        assert len(slugs) == len(set(slugs)), url
        for tag, slug in zip(places, slugs, strict=True):
            assert page.resolve(str(tag["href"])) == f"glossary/#{slug}", url
            assert tag["title"] == f"{by_slug[slug].name}: {by_slug[slug].sentence}", url
            assert tag.find_parent(["h1", "h2", "h3", "code", "pre", "button", "summary", "figcaption", "svg"]) is None
            assert tag.find_parent(re.compile("^(lab|live|course|module)-")) is None, url
            linked += 1
    assert linked > 200
    assert site.pages["glossary/"].soup.select("a.glossary-term") == []


def test_an_entry_names_pages_that_use_it(site: BuiltSite) -> None:
    glossary = site.pages["glossary/"]
    entries = glossary.soup.select(".glossary-entry")
    assert len(entries) == len(ENTRIES)
    for entry in entries:
        slug = str(entry.select("h2")[0]["id"])
        for link in entry.select(".glossary-used a"):
            path, _, anchor = glossary.resolve(str(link["href"])).partition("#")
            assert anchor == f"term-{slug}"
            assert site.pages[path].soup.select(f"a.glossary-term#{anchor}"), f"{slug} on /{path}"
        text = entry.get_text()
        assert "Match:" not in text and "Not:" not in text, slug


def test_a_word_of_the_field_that_a_page_uses_is_in_the_glossary() -> None:
    faults = []
    for word in LIST["field"]:
        try:
            define(word)
        except ValueError:
            found = places(phrase(word + "s?", re.IGNORECASE), pages(*NOT_COURSE))
            faults += [f"{place}: {word!r} is in no entry of docs/glossary.md" for place, _ in found]
    assert faults == []


def test_every_acronym_is_a_term_or_has_its_reason() -> None:
    known = {word for entry in ENTRIES for name in entry.names() for word in re.findall(r"\w+", name)}
    known |= set(LIST["acronyms"])
    found = list(places(ACRONYM, pages("sources.md")))
    faults = [f"{place}: {hit[0]} is neither in docs/glossary.md nor in terms.yml" for place, hit in found]
    assert [fault for fault, (_, hit) in zip(faults, found, strict=True) if hit[0] not in known] == []


@pytest.mark.parametrize("pattern", LIST["instead"])
def test_one_name_for_one_thing(pattern: str) -> None:
    name, quoted, _ = LIST["instead"][pattern].partition(" [quoted]")
    faults = []
    for place, hit in places(phrase(pattern, re.IGNORECASE), pages(*OTHERS_WORDS)):
        around = hit.string[max(0, hit.start() - 60) : hit.start()]
        if quoted and re.search(r"[\"“][^\"”]*$", around):
            continue
        faults.append(f"{place}: {hit[0]!r}; write {name!r}")
    assert faults == []


def test_the_prose_check_reads_prose_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "---\ntitle: chatbot A\n---\n\nOne `chatbot` and\n\n```text\nchatbot\n```\n\n[a](chatbot.md) CHATBOT here.\n"
    )
    found = [number for number, line in lines(page) if "chatbot" in line.casefold()]
    assert found == [11]
    lab = tmp_path / "lab.py"
    lab.write_text("# %% [markdown]\n# A chatbot.\n\n# %%\nchatbot = 1  # chatbot\n")
    assert [number for number, line in lines(lab) if "chatbot" in line] == [2]
