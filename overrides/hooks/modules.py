"""Build step: what every module has above its text: how long it takes to read, what runs in it, and its tools.

A review has nothing to read, so it has none of it.
"""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from overrides.hooks.fences import find_fences

WORDS_A_MINUTE = 200
FOLDER, REVIEWS = "modules/", "modules/review_"
NOT_READ = re.compile(r"<(pre|svg|details|summary)\b.*?</\1>|<div class=\"lab-fence\".*?</div>|<[^>]+>", re.DOTALL)
"""Code, drawings and what is folded away; of all else the tags alone."""


def words_of(content: str) -> int:
    """How many words of prose a page's HTML has."""
    return len(NOT_READ.sub(" ", content).split())


def minutes_to_read(content: str) -> int:
    """Minutes that a page's prose takes, at two hundred words each; one at least."""
    return max(1, round(words_of(content) / WORDS_A_MINUTE))


def about(page: Page) -> str:
    """What stands above a module: its reading time and its live figures; the tools need JavaScript."""
    minutes = minutes_to_read(page.content or "")
    figures = len(list(find_fences(page, ("lab", "chat"))))
    said = f"About {minutes} minute{'s' * (minutes > 1)} to read"
    if figures:
        said += f", and more for {'one live figure' if figures == 1 else f'{figures} live figures'}"
    return f'<module-tools><p class="module-about">{said}.</p></module-tools>'


def on_page_content(page_html: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """MkDocs: a page's Markdown is HTML; put what stands above a module below its heading."""
    if not page.file.src_uri.startswith(FOLDER) or page.file.src_uri.startswith(REVIEWS):
        return None
    page.content = page_html
    return page_html.replace("</h1>", f"</h1>\n{about(page)}", 1)
