"""A quiz that only a test has, with one question of each kind: in the place of a module's, and on the progress page."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page as MkDocsPage
from playwright.sync_api import Locator, Page, expect

from overrides.hooks.quiz_format import read_quiz
from overrides.hooks.quiz_html import render_quiz, render_texts
from overrides.hooks.quiz_progress import fill_progress
from tests.hooks.test_panels import markdown
from tests.site_server import SiteServer

MODULE, PROGRESS = "/modules/base_models/", "/progress/"
NAME = "planted"
KINDS = ("single", "multiple", "number", "order", "output")
QUESTIONS = r"""
questions:
  - id: one
    kind: single
    prompt: Which of these does a base model predict?
    learn: "#quick-check"
    options:
      - {text: The next sentence., why: A sentence is made of many steps; one is predicted at a time.}
      - {text: The next token., right: true, why: It gives a probability to each token that may come next.}
      - {text: The next question., why: It has no idea of who asks; it goes on with the text.}
  - id: some
    kind: multiple
    prompt: Which of these are prime?
    learn: "#quick-check"
    options:
      - {text: "2", right: true, why: Two is divisible by one and itself alone.}
      - {text: "4", why: Four is two times two and so not prime.}
      - {text: "5", right: true, why: Five is divisible by one and itself alone.}
      - {text: "9", why: Nine is three times three and so not prime.}
  - id: half
    kind: number
    prompt: What is a half, as a decimal fraction?
    learn: "#quick-check"
    answer: 0.5
    tolerance: 0.01
    unit: nats
    why: One divided by two is 0.5 exactly.
    wrong:
      - {value: 2, why: That is two; divide one by it.}
      - {value: 0.2, why: That is a fifth; a half is more than that.}
  - id: row
    kind: order
    prompt: Put the letters in order.
    learn: "#quick-check"
    items:
      - {text: Alpha, why: It is the first letter of the Greek alphabet.}
      - {text: Beta, why: It is the second letter of the Greek alphabet.}
      - {text: Gamma, why: It is the third letter of the Greek alphabet.}
  - id: shown
    kind: output
    prompt: What does this print?
    learn: "#quick-check"
    code: |
      for name in ("a", "b"):
          print(name)
    options:
      - {output: "a b", why: Each call of print ends its line.}
      - {output: "ab", why: Each call of print ends its line.}
      - {output: "a\nb\n", right: true, why: Two calls of print make two lines.}
"""
QUIZ = re.compile(r"<course-quiz\b.*?</course-quiz>", re.DOTALL)
LIST = re.compile(r"<course-progress>.*</course-progress>", re.DOTALL)
EXERCISE = '<lab-exercise name="do_it"><p class="lab-exercise__title">Exercise: Do it</p></lab-exercise>'


def plant(server: SiteServer, folder: Path) -> None:
    """Let the server give the module and the progress page with the planted quiz in the place of what they have."""
    path = folder / NAME / "quiz.yml"
    path.parent.mkdir()
    path.write_text(QUESTIONS)
    quiz = read_quiz(path)
    learns = {question.id: '<a href="#quick-check">Quick check</a>' for question in quiz.questions}
    replace(server, folder, MODULE, QUIZ, render_quiz(quiz, render_texts(quiz, markdown), learns, "../../progress/"))
    files = [File(name, "docs", "site", True) for name in ("modules/base_models/index.md", "progress.md")]
    module, progress = (MkDocsPage("What a base model is", file, MkDocsConfig()) for file in files)
    module.content, progress.content = EXERCISE, "<course-progress></course-progress>"
    module.parent = Section("Foundations", [module])
    fill_progress(progress, Navigation([module.parent], [module]), {module.file.src_uri: [quiz]})
    replace(server, folder, PROGRESS, LIST, progress.content)


def replace(server: SiteServer, folder: Path, url: str, pattern: re.Pattern[str], html: str) -> None:
    """Let the server give a page of the site with another part in the place of the one that the pattern finds."""
    text = (server.folder / url.strip("/") / "index.html").read_text(encoding="utf-8")
    changed, count = pattern.subn(lambda _: html, text, count=1)
    if not count:  # a module that has no quiz yet
        changed = text.replace("</article>", f'<h2 id="quick-check">Quick check</h2>{html}</article>', 1)
    file = folder / f"{url.strip('/').replace('/', '-')}.html"
    file.write_text(changed, encoding="utf-8")
    server.more[url] = file


@dataclass
class QuizPage:
    """A page with the planted quiz."""

    page: Page
    url: str

    def open(self) -> None:
        """Go to the quiz, and wait until its questions are forms."""
        self.page.goto(f"{self.url}{MODULE}#quick-check")
        expect(self.button("one")).to_be_visible()

    def question(self, name: str) -> Locator:
        """A question, by its id."""
        return self.page.locator(f"#quiz-{NAME}-{name}")

    def button(self, name: str) -> Locator:
        """The question's Check or Try again."""
        return self.question(name).locator(".quiz-question__bar button")

    def box(self, name: str, number: int) -> Locator:
        """The question's option, counted from 1."""
        return self.question(name).locator("input").nth(number - 1)

    def feedback(self, name: str) -> Locator:
        """What is said of the answer."""
        return self.question(name).locator(".quiz-feedback")

    def heard(self) -> str:
        """What was read aloud last."""
        return self.page.locator("course-quiz .quiz-live").inner_text()

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def kept(self) -> dict[str, dict[str, dict[str, object]]]:
        """The answers in the browser's storage."""
        text = self.page.evaluate("localStorage.getItem('lab-progress:v1')")
        found: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(text)["quizzes"] if text else {}
        return found
