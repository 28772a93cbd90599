"""The course's own glossary as data: what a term means, in a sentence.

Its one source is docs/glossary.md, which wheels carry along as labs/core/glossary.md. An entry is a heading, text, and
up to three lines of names, parted by semicolons: `Also:` (further names), `Match:` (what to link on pages, in place of
all names) and `Not:` (phrases in which a name means something else).
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

PACKAGED = Path(__file__).with_name("glossary.md")
REPOSITORY = Path(__file__).parents[2] / "docs/glossary.md"

ENTRY = re.compile(
    r"^## (?P<name>.+?)(?: \{ #(?P<slug>[\w-]+) \})?\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)
NAMES = re.compile(r"^(?P<kind>Also|Match|Not): (?P<names>.+?)\.?$", re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
PLURALS = [(re.compile("ies$"), "y"), (re.compile("(?<=x|s|h)es$"), ""), (re.compile("(?<!s)s$"), "")]
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


class Entry(NamedTuple):
    """A term: its heading, its anchor, its first sentence in plain text, and its other names."""

    name: str
    slug: str
    sentence: str
    also: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def names(self) -> Iterator[str]:
        """All that it is called: "Prefix (prompt)" has two names more, and an acronym is spelled out."""
        yield self.name
        if "(" in self.name:
            yield from (name.strip(" )") for name in self.name.split("("))
        if self.name.isupper() and ":" in self.sentence:
            yield self.sentence.partition(":")[0]
        yield from self.also


def define(term: str) -> str:
    """The first sentence of a term's entry, in plain text; case, hyphens and the plural don't matter.

    Raises: ValueError for a term that the glossary lacks; it names those that are spelled like it.
    Example: "special tokens" -> "A token reserved for structure, such as the start or the end of a turn."
    """
    entries = _entries()
    if (found := entries.get(_key(term))) is not None:
        return found.sentence
    from difflib import get_close_matches  # only a term that isn't there pays for its import

    near = dict.fromkeys(entries[key].name for key in get_close_matches(_key(term), entries, n=3))
    advice = f"try {' or '.join(near)}" if near else "use one of the course's own terms"
    raise ValueError(f"term: expected one of the glossary, got {term[:40]!r}; {advice}.")


def terms() -> list[str]:
    """The name of every entry, in alphabetical order."""
    return list(dict.fromkeys(entry.name for entry in _entries().values()))


def parse(markdown: str) -> list[Entry]:
    """The entries of a glossary, in its order."""
    made = []
    for entry in ENTRY.finditer(markdown):
        text = entry["text"].strip()
        names = {line["kind"]: tuple(line["names"].split("; ")) for line in NAMES.finditer(text)}
        sentence = SENTENCE_END.split(_plain(text.partition("\n\n")[0]), maxsplit=1)[0]
        others = (names.get(kind, ()) for kind in ("Also", "Match", "Not"))
        made.append(Entry(entry["name"], entry["slug"] or _anchor(entry["name"]), sentence, *others))
    return made


@cache
def _entries() -> dict[str, Entry]:
    """Each entry, by the key of each of its names."""
    source = PACKAGED if PACKAGED.is_file() else REPOSITORY
    entries = parse(source.read_text(encoding="utf-8"))
    return {_key(name): entry for entry in entries for name in entry.names()}


def _anchor(name: str) -> str:
    """The anchor that Markdown gives a heading.

    Example: "Goodhart's law" -> "goodharts-law".
    """
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", name.lower(), flags=re.ASCII))


def _key(name: str) -> str:
    """What is left of a name when spelling does not matter.

    Example: "Special-tokens" -> "specialtoken".
    """
    return "".join(_singular(word) for word in re.findall(r"[^\W_]+", name.casefold())).replace("imiz", "imis")


def _singular(word: str) -> str:
    """A word without the ending of its plural."""
    for ending, instead in PLURALS:
        if len(word) > 3 and ending.search(word):
            return ending.sub(instead, word)
    return word


def _plain(markdown: str) -> str:
    """Text without links and marks, on one line."""
    return " ".join(re.sub(r"[*`]", "", LINK.sub(r"\1", markdown)).split())
