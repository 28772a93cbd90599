"""Build step: quizzes. Each ```quiz on a page becomes the questions of a quiz.yml, which read well without JavaScript.

What a question says that its code prints is held against what it prints.
"""

import html
import logging
import math
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

from overrides.hooks.common import BuildStop
from overrides.hooks.fences import WRITE, Fence, fill_places, find_fences
from overrides.hooks.panels import render_markdown
from overrides.hooks.quiz_format import Question, Quiz, read_quiz, same_output
from overrides.hooks.quiz_html import render_quiz, render_texts
from overrides.hooks.quiz_progress import fill_progress
from overrides.hooks.quiz_running import Printed, printed

PROGRESS = "progress.md"
log = logging.getLogger("mkdocs.hooks.quizzes")


def named_file(fence: Fence, docs: Path) -> Path:
    """The file that a quiz fence names.

    Raises: BuildStop if there is none, or the fence says more.
    """
    content = fence.content("name")
    for key in content:
        if key != "name":
            said = f"The fence ```quiz: expected a name and nothing else, got {str(key)[:40]!r}."
            raise fence.stop(said, WRITE["quiz"], fence.offset(str(key)))
    name = str(content["name"])
    path = docs / "modules" / name / "quiz.yml"
    if not re.fullmatch(r"\w+", name) or not path.is_file():
        known = ", ".join(sorted(found.parent.name for found in docs.glob("modules/*/quiz.yml"))) or "none yet"
        said = f"The fence ```quiz: expected the folder of a quiz.yml in docs/modules ({known}); got {name[:40]!r}."
        raise fence.stop(said, WRITE["quiz"], fence.offset("name"))
    return path


def check_printed(quiz: Quiz, question: Question, found: Printed) -> None:
    """Hold what a question's code printed against its answer.

    Raises: BuildStop with what was printed if the two differ, or the code failed.
    """
    place = quiz.where(question, "code")
    if "fault" in found:
        trace = found.get("trace", "")[-2000:].strip()
        said = f"question {question.id!r}, code: expected Python that runs; got:\n{found['fault']}\n{trace}".rstrip()
        raise BuildStop(said, place, "mend the code; it runs as a file would from the project's folder.")
    text = same_output(found["text"])
    if question.number is not None:
        answer, tolerance = question.number.answer, question.number.tolerance
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not abs(value - answer) <= tolerance + 1e-12 * abs(answer):
            said = f"expected code that prints {answer!r}, give or take {tolerance:g}; it printed {text[:200]!r}."
            fix = "correct the answer, or let the code print the number alone."
            raise BuildStop(f"question {question.id!r}: {said}", place, fix)
        return
    right = next(option for option in question.options if option.right)
    if same_output(right.text) != text:
        said = f"question {question.id!r}: expected code that prints the right option; it printed:\n{text[:2000]}"
        raise BuildStop(said, place, "put what was printed below `output: |` of the right option, indented.")


def run_codes(quizzes: Sequence[Quiz]) -> None:
    """Run the code of all questions that have some, and check each.

    Raises: BuildStop for the first question whose answer is not what its code prints.
    """
    pairs = [(quiz, question) for quiz in quizzes for question in quiz.questions if question.code is not None]
    for (quiz, question), found in zip(pairs, printed([one.code or "" for _, one in pairs]), strict=True):
        check_printed(quiz, question, found)


def learn_link(quiz: Quiz, question: Question, page: Page, files: Files, strict: bool) -> str:
    """The link to what is to be read again: from the page that shows the quiz, named by page and heading.

    Raises: BuildStop if it leads nowhere; a build that is not strict only warns, as for any link of a page.
    """
    path, _, anchor = question.learn.partition("#")
    here = f"modules/{quiz.name}/index.md"
    file = files.get_file_from_path(posixpath.normpath(posixpath.join(posixpath.dirname(here), path)) if path else here)
    target = file.page if file else None
    if target is None or not anchor or f' id="{anchor}"' not in (target.content or ""):
        expected = "an anchor of the same module (#what-it-is), or one of another page (../assistants/index.md#summary)"
        stop = BuildStop(
            f"question {question.id!r}, learn: expected {expected}; got {question.learn!r}, which leads nowhere.",
            quiz.where(question, "learn"),
            "write a heading's anchor, as it stands in {#braces} behind it.",
        )
        if strict:
            raise stop
        log.warning(str(stop))
    if file is None:
        return html.escape(question.learn)
    address = "" if target is page else file.url_relative_to(page.file)
    heading = next((entry.title for entry in _entries(target.toc if target else ()) if entry.id == anchor), "")
    title = html.escape(html.unescape(str(target.title or ""))) if target else ""
    named = heading if target is page else ": ".join(part for part in (title, heading) if part)
    return f'<a href="{html.escape(address)}#{html.escape(anchor)}">{named or title}</a>'


def _entries(toc: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    for entry in toc:
        yield entry
        yield from _entries(entry.children)


def files_on(page: Page, docs: Path) -> list[Path]:
    """The quiz files that the fences of a page name, in order.

    Raises: BuildStop if a fence names none, or one that stands on the page already.
    """
    found: list[Path] = []
    for fence in find_fences(page, ("quiz",)):
        path = named_file(fence, docs)
        if path in found:
            said = f"The quiz {path.parent.name} stands on this page already."
            raise fence.stop(said, "leave one of the two.", fence.offset("name"))
        found.append(path)
    return found


def render_page(page: Page, quizzes: Sequence[Quiz], config: MkDocsConfig, files: Files) -> Iterator[str]:
    """The quizzes of a page as HTML, in order."""
    progress = files.get_file_from_path(PROGRESS)
    address = progress.url_relative_to(page.file) if progress else ""
    for quiz in quizzes:
        texts = render_texts(quiz, lambda text: render_markdown(text, page, config, files))
        learns = {one.id: learn_link(quiz, one, page, files, bool(config.strict)) for one in quiz.questions}
        yield render_quiz(quiz, texts, learns, address)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """MkDocs: keep the order of the pages for the progress page."""
    config.extra["course_nav"] = nav
    return nav


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """MkDocs: all pages are read and none is written, so make the quizzes and the list on the progress page."""
    docs = Path(config.docs_dir)
    pages = [page for file in files.documentation_pages() if (page := file.page) is not None]
    wanted = [(page, files_on(page, docs)) for page in pages]
    quizzes = {path: read_quiz(path) for _, paths in wanted for path in paths}
    run_codes(list(quizzes.values()))
    for path in sorted(docs.glob("modules/*/quiz.yml")):
        if path not in quizzes:
            log.warning("No page shows docs/%s: put a fence ```quiz on one.", path.relative_to(docs).as_posix())
    for page, paths in wanted:
        fill_places(page, render_page(page, [quizzes[path] for path in paths], config, files), ("quiz",))
    progress = files.get_file_from_path(PROGRESS)
    if progress is not None and progress.page is not None:
        shown = {page.file.src_uri: [quizzes[path] for path in paths] for page, paths in wanted}
        fill_progress(progress.page, config.extra["course_nav"], shown)
    return env
