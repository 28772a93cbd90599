"""Build step: terms. The first use of each glossary term on a page becomes a link that shows what the term means.

A page's terms are linked when it is rendered, before panels, chats and quizzes fill their places. Once all pages are
rendered, the glossary is told where each term is used. This runs over every page of every build: one scan, no parser.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from labs.core.glossary import Entry, parse
from overrides.hooks.common import BuildStop

GLOSSARY = "glossary.md"
UNLINKED = (GLOSSARY, "sources.md")
"""The glossary has links of its own, and the sources are mostly titles of others."""
SHOWN = 4
"""How many of the pages that use a term its entry names."""

SKIPPED = "pre|code|h[1-6]|button|summary|figcaption|figure|svg|script|style|nav|label|blockquote|th|dt"
OURS = r"(?:lab|live|course|module|glossary)-[\w-]+"
PIECE = re.compile(
    rf"<(?P<skipped>{SKIPPED}|{OURS})\b[^>]*>.*?</(?P=skipped)>"
    r'|<p class="admonition-title">.*?</p>|<!--.*?-->'
    r"|<a\b(?P<link>[^>]*)>.*?</a>"
    r"|<(?P<close>/?)(?:p|li|td|dd)\b[^>]*>|<[^>]*>|(?P<text>[^<]+)",
    re.DOTALL,
)
"""A piece of a page: what holds no running prose whole, a link, a tag, or text."""
WORD = re.compile(r"(?<![\w\-–&])[A-Za-z]\w+")
HIDDEN = re.compile(r"^(?:Match|Not): .*\n", re.MULTILINE)
ENTRY = re.compile(r'(?=<h2 id=")')
CLASSES = {"<p>Also: ": '<p class="glossary-also">Also: ', "<p>Module: ": '<p class="glossary-where">Module: '}


class Terms:
    """The glossary's terms, ready to be found in text, and the pages on which they were."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = {entry.slug: entry for entry in entries}
        self.used: dict[str, list[Page]] = {slug: [] for slug in self.entries}
        self._near: dict[str, tuple[re.Pattern[str], list[str | None]]] = {}
        names = {name: entry.slug for entry in entries for name in (entry.match or entry.names())}
        wanted: dict[str, str | None] = {**names, **dict.fromkeys(n for entry in entries for n in entry.unless)}
        groups: dict[str, list[str]] = {}
        for name in sorted(wanted, key=len, reverse=True):
            groups.setdefault(name[:2].casefold(), []).append(name)
        for start, group in groups.items():
            found = re.compile("|".join(f"({_spelling(name)})" for name in group))
            self._near[start] = found, [wanted[name] for name in group]

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where each term stands in a text: the longest name at each place, whole words, also in the plural."""
        at = 0
        while word := WORD.search(text, at):
            at = word.end()
            pattern, slugs = self._near.get(word[0][:2].casefold(), (None, []))
            if pattern is not None and (found := pattern.match(text, word.start())):
                at = found.end()
                if (slug := slugs[(found.lastindex or 0) - 1]) is not None:
                    yield found.start(), at, slug

    def link(self, page_html: str, glossary: str, *, own: str | None = None) -> tuple[str, list[str]]:
        """Link the first use of each term in a page's prose. Returns the page and the slugs of the terms on it.

        `glossary` is the glossary's address as seen from the page. A link that leads there already is the term's first
        use. In an entry of the glossary itself (`own`: its slug) links only lead to other entries.
        """
        pieces = list(PIECE.finditer(page_html))
        by_hand = re.compile(rf'\bhref="{re.escape(glossary)}#([\w-]+)"')
        linked = [hit[1] for piece in pieces if piece["link"] and (hit := by_hand.search(piece["link"]))]
        done = {own, *linked}
        marked: set[str] = set()
        depth = 0

        def mark(slug: str) -> str:
            if own is not None:
                return ""
            place = "" if slug in marked else f' id="term-{slug}"'
            marked.add(slug)
            entry = self.entries[slug]
            return f' class="glossary-term"{place} title="{html.escape(f"{entry.name}: {entry.sentence}")}"'

        made = []
        for piece in pieces:
            whole = piece[0]
            if piece["text"] is not None:
                if depth > 0:
                    whole = self._link_text(whole, glossary, done, mark)
            elif piece["link"] is not None:
                hit = by_hand.search(piece["link"])
                if hit and hit[1] in self.entries and "class=" not in piece["link"]:
                    whole = f"<a{mark(hit[1])}{whole[2:]}"
            elif piece["close"] is not None:
                depth += -1 if piece["close"] else 1
            made.append(whole)
        return "".join(made), [slug for slug in self.entries if slug in done and slug != own]

    def _link_text(self, text: str, glossary: str, done: set[str | None], mark: Callable[[str], str]) -> str:
        made, last = [], 0
        for start, end, slug in self.find(text):
            if slug not in done:
                done.add(slug)
                made += [text[last:start], f'<a{mark(slug)} href="{glossary}#{slug}">{text[start:end]}</a>']
                last = end
        return "".join([*made, text[last:]])


def _spelling(name: str) -> str:
    """A pattern for a name: its own capitals, but for the first letter; any hyphen, either apostrophe, the plural."""
    pattern = re.sub(r"\\?[-–]", "[-–‑]", re.escape(name).replace("\\ ", r"\s+")).replace("'", "(?:'|’|&#39;)")
    pattern = pattern.replace("imiz", "imi[sz]").replace("imis", "imi[sz]")
    if not name[1].isupper():
        pattern = f"[{name[0].upper()}{name[0].lower()}]{pattern[1:]}"
    ending = "" if name.endswith("s") else "(?:s|es)?"
    pattern = f"{pattern[:-1]}(?:y|ies)" if name.endswith("y") else pattern + ending
    return pattern + r"(?!\w)(?!-\w)"


def read(file: File) -> Terms:
    """The terms of the glossary.

    Raises: BuildStop if two entries have a name in common, or one has no text or a name of one letter.
    """
    path = Path(file.abs_src_path or "")
    source = path.read_text(encoding="utf-8")
    taken: dict[str, str] = {}
    for entry in parse(source):
        heading = re.search(rf"^## {re.escape(entry.name)}(?: \{{|$)", source, re.MULTILINE)
        line = source.count("\n", 0, heading.start() if heading else 0) + 1
        if not entry.sentence or re.match(r"(Also|Match|Not|Module): ", entry.sentence):
            raise BuildStop(f"The term {entry.name} has no text.", f"{path}, line {line}", "say what it means.")
        for name in (*entry.names(), *entry.match, *entry.unless):
            if len(name) < 2:
                said = f"The term {entry.name} has the name {name!r}: expected two letters or more."
                raise BuildStop(said, f"{path}, line {line}", "write it in full.")
        for name in {name.casefold() for name in (entry.slug, *entry.names())}:
            if taken.setdefault(name, entry.name) != entry.name:
                said = f"{name!r} is a name of two terms, {taken[name]} and {entry.name}."
                raise BuildStop(said, f"{path}, line {line}", "leave it to one of the two.")
    return Terms(parse(source))


def uses(pages: Iterable[Page], slug: str, glossary: Page) -> str:
    """The line of an entry that says where its term is used: modules first, then labs."""
    order = sorted(pages, key=lambda page: -("modules/" in page.file.src_uri) * 2 - ("labs/" in page.file.src_uri))
    shown = [
        f'<a href="{get_relative_url(page.file.url, glossary.file.url)}#term-{slug}">'
        f"{html.escape(html.unescape(str(page.title)))}</a>"
        for page in order[:SHOWN]
    ]
    more = f" and {len(order) - SHOWN} more" if len(order) > SHOWN else ""
    return f'<p class="glossary-used" data-search-exclude>Used on: {", ".join(shown)}{more}.</p>' if shown else ""


def render(terms: Terms, page: Page) -> str:
    """The glossary's page: its search box, its letters, and each entry with links to other entries and to its uses."""
    intro, *parts = ENTRY.split(page.content or "")
    letters: dict[str, str] = {}
    made = []
    for part in parts:
        slug = part[len('<h2 id="') :].partition('"')[0]
        if slug not in terms.entries:  # a heading that is no term's would have stopped the build in `read`
            raise BuildStop(f"The glossary's entry #{slug} was not understood.", GLOSSARY, "write it like the others.")
        letters.setdefault(terms.entries[slug].name[0].upper(), slug)
        linked, _ = terms.link(part, "", own=slug)
        for plain, classed in CLASSES.items():
            linked = linked.replace(plain, classed)
        made.append(f'<div class="glossary-entry">{linked}{uses(terms.used[slug], slug, page)}</div>')
    index = "".join(f'<a href="#{slug}">{letter}</a>' for letter, slug in letters.items())
    nav = f'<nav class="glossary-letters" aria-label="Letters">{index}</nav>'
    return f"{intro}<glossary-search></glossary-search>{nav}{''.join(made)}"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs: read the glossary."""
    file = files.get_file_from_path(GLOSSARY)
    config.extra["terms"] = read(file) if file else None
    return files


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """MkDocs: keep the order of the pages."""
    config.extra["page_order"] = {page.file.src_uri: number for number, page in enumerate(nav.pages)}
    return nav


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """MkDocs: what only the build needs to know of a term is not shown."""
    return HIDDEN.sub("", markdown) if page.file.src_uri == GLOSSARY else None


def on_page_content(page_html: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """MkDocs: link the terms of a page."""
    terms: Terms | None = config.extra["terms"]
    glossary = files.get_file_from_path(GLOSSARY)
    if terms is None or glossary is None or page.file.src_uri in UNLINKED:
        return None
    linked, found = terms.link(page_html, get_relative_url(glossary.url, page.file.url))
    for slug in found:
        terms.used[slug].append(page)
    return linked


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """MkDocs: all pages are rendered and none is written, so tell the glossary where its terms are used."""
    terms: Terms | None = config.extra["terms"]
    file = files.get_file_from_path(GLOSSARY)
    if terms is not None and file is not None and file.page is not None:
        for pages in terms.used.values():
            pages.sort(
                key=lambda page: config.extra["page_order"].get(page.file.src_uri, len(config.extra["page_order"]))
            )
        file.page.content = render(terms, file.page)
    return env
