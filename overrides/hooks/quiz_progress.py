"""The list on the progress page: every page with questions or exercises, by part, each with links to all of them.

Without JavaScript it is a list of links. The browser's element `course-progress` adds what the reader has done.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from overrides.hooks.common import BuildStop
from overrides.hooks.quiz_format import Quiz
from overrides.hooks.quiz_html import place_of

PLACE = re.compile(r"(?:<p>)?<course-progress></course-progress>(?:</p>)?")
OFF = (
    "Here would be counted what you have done, which needs JavaScript. Without it, these are all questions and "
    "exercises as links; each question has its answer folded below it."
)
EXERCISE = re.compile(
    r'<h[2-6][^>]* id="(?P<heading>[^"]+)"|<lab-exercise\b[^>]*?\bname="(?P<name>[^"]+)".*?'
    r'class="lab-exercise__title">(?:Exercise: )?(?P<title>[^<]*)<',
    re.DOTALL,
)


@dataclass(frozen=True)
class Exercise:
    """An exercise on a page: its name, its title as HTML, and the anchor of the heading above it."""

    name: str
    title: str
    anchor: str


def exercises_of(page: Page) -> Iterator[Exercise]:
    """The exercises that stand on a page, in order."""
    anchor = ""
    for found in EXERCISE.finditer(page.content or ""):
        if found["heading"]:
            anchor = found["heading"]
        else:
            yield Exercise(found["name"], found["title"].strip(), anchor)


def fill_progress(place: Page, nav: Navigation, shown: Mapping[str, Sequence[Quiz]]) -> None:
    """Put the list into its place on the progress page. `shown` has the quizzes of each page, by its file.

    A quiz or an exercise that stands on several pages is listed with the first of them.

    Raises: BuildStop if the page has no place for it.
    """
    if not PLACE.search(place.content or ""):
        said = "The progress page: expected a paragraph with <course-progress></course-progress>; got none."
        raise BuildStop(said, "docs/progress.md", "put it where the list shall stand.")
    parts: dict[str, list[str]] = {}
    seen: set[str] = set()
    for page in nav.pages:
        quizzes = [quiz for quiz in shown.get(page.file.src_uri, ()) if f"quiz {quiz.name}" not in seen]
        exercises = [one for one in exercises_of(page) if f"exercise {one.name}" not in seen]
        seen |= {f"quiz {quiz.name}" for quiz in quizzes} | {f"exercise {one.name}" for one in exercises}
        if quizzes or exercises:
            part = str(page.parent.title) if page.parent else "Other pages"
            parts.setdefault(part, []).append(_page(page, place, quizzes, exercises))
    made = "".join(_part(number, title, pages) for number, (title, pages) in enumerate(parts.items(), start=1))
    none = "<p>There are no questions and no exercises on this site yet.</p>"
    list_html = f'<course-progress><p class="progress-off">{OFF}</p>{made or none}</course-progress>'
    place.content = PLACE.sub(lambda _: list_html, place.content or "", count=1)


def _part(number: int, title: str, pages: Sequence[str]) -> str:
    name = f"part-{number}"
    return (
        f'<section class="progress-part" aria-labelledby="{name}"><h2 id="{name}">{html.escape(title)}</h2>'
        f'<ul class="progress-pages">{"".join(pages)}</ul></section>'
    )


def _page(page: Page, place: Page, quizzes: Sequence[Quiz], exercises: Sequence[Exercise]) -> str:
    escape = html.escape
    address = escape(page.file.url_relative_to(place.file))
    tasks = {"question": sum(len(quiz.questions) for quiz in quizzes), "exercise": len(exercises)}
    counts = [f"one {task}" if count == 1 else f"{count} {task}s" for task, count in tasks.items() if count]
    asked = "".join(
        f'<li data-quiz="{escape(quiz.name)}" data-question="{question.id}">'
        f'<a href="{address}#{place_of(quiz.name, question.id)}">Question {number}</a></li>'
        for quiz in quizzes
        for number, question in enumerate(quiz.questions, start=1)
    )
    to_do = "".join(
        f'<li data-exercise="{escape(one.name)}">'
        f'<a href="{address}#{escape(one.anchor)}">Exercise: {one.title}</a></li>'
        for one in exercises
    )
    return (
        f'<li class="progress-page"><p><a href="{address}">{escape(html.unescape(str(page.title)))}</a>: '
        f'<span class="progress-page__count">{" and ".join(counts)}</span></p>'
        f'<ul class="progress-page__open">{asked}{to_do}</ul></li>'
    )
