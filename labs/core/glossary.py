"""The course's own glossary as data: what a term means, in a sentence.

Its one source is docs/glossary.md, which wheels carry along as labs/core/glossary.md.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGED = Path(__file__).with_name("glossary.md")
REPOSITORY = Path(__file__).parents[2] / "docs/glossary.md"

ENTRY = re.compile(r"^## (?P<name>.+?) \{ #(?P<slug>[\w-]+) \}\n+(?P<text>.+?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
PLURALS = [(re.compile("ies$"), "y"), (re.compile("(?<=x|s|h)es$"), ""), (re.compile("(?<!s)s$"), "")]
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def define(term: str) -> str:
    """The first sentence of a term's entry, in plain text; case, hyphens and the plural don't matter.

    Raises: ValueError for a term that the glossary lacks; it names those that are spelled like it.
    Example: "special tokens" -> "A token reserved for structure, such as the start or the end of a turn."
    """
    entries = _entries()
    if (found := entries.get(_key(term))) is not None:
        return found[1]
    from difflib import get_close_matches  # only a term that isn't there pays for its import

    near = dict.fromkeys(entries[key][0] for key in get_close_matches(_key(term), entries, n=3))
    advice = f"try {' or '.join(near)}" if near else "use one of the course's own terms"
    raise ValueError(f"term: expected one of the glossary, got {term[:40]!r}; {advice}.")


def terms() -> list[str]:
    """The name of every entry, in alphabetical order."""
    return list(dict.fromkeys(name for name, _ in _entries().values()))


@cache
def _entries() -> dict[str, tuple[str, str]]:
    """Name and first sentence of each entry, by the key of each of its names."""
    source = PACKAGED if PACKAGED.is_file() else REPOSITORY
    entries: dict[str, tuple[str, str]] = {}
    for entry in ENTRY.finditer(source.read_text(encoding="utf-8")):
        sentence = SENTENCE_END.split(_plain(entry["text"]), maxsplit=1)[0]
        for name in _names(entry["name"], sentence):
            entries[_key(name)] = (entry["name"], sentence)
    return entries


def _names(heading: str, sentence: str) -> Iterator[str]:
    """All that an entry is called: "Prefix (prompt)" has two names more, and an acronym is spelled out."""
    yield heading
    yield from (name.strip(" )") for name in heading.split("("))
    if heading.isupper() and ":" in sentence:
        yield sentence.partition(":")[0]


def _key(name: str) -> str:
    """What is left of a name when spelling does not matter.

    Example: "Special-tokens" -> "specialtoken".
    """
    return "".join(_singular(word) for word in re.findall(r"[^\W_]+", name.casefold()))


def _singular(word: str) -> str:
    """A word without the ending of its plural."""
    for ending, instead in PLURALS:
        if len(word) > 3 and ending.search(word):
            return ending.sub(instead, word)
    return word


def _plain(markdown: str) -> str:
    """Text without links and marks, on one line."""
    return " ".join(re.sub(r"[*`]", "", LINK.sub(r"\1", markdown)).split())
