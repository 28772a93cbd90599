"""A quiz as HTML: questions that read well without JavaScript, and below each, folded, its answer with all reasons.

The browser's element `course-quiz` makes forms of the questions; what it must know stands in `data-` attributes.
"""

import html
import math
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from overrides.hooks.cells import highlighted
from overrides.hooks.common import BuildStop
from overrides.hooks.quiz_format import Number, Option, Question, Quiz, same_output

BREAK = "<!-- the next text of the quiz -->"
RAW_HTML = r"(?i)(?<!\\)<(?!/?(?:sub|sup)>)[a-z/!][^\s>]*>?"
HOW = {
    "single": "Choose one.",
    "multiple": "Choose all that are right.",
    "number": "Give a {whole}number{unit}{exact}.",
    "order": "Put them in order, the first on top.",
    "output": "Choose what is printed.",
}
SMALL = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
type Renderer = Callable[[str], str]
"""Makes HTML of Markdown."""


def texts_of(quiz: Quiz) -> Iterator[tuple[str, bool, int, Question]]:
    """Every Markdown text of a quiz with whether it must fit into a line, its line in the file, and its question."""
    for question in quiz.questions:
        yield question.prompt, False, question.lines["prompt"], question
        for option in question.options:
            if question.kind != "output":
                yield option.text, True, option.line, question
            yield option.why, False, option.line, question
        if question.number is not None:
            yield question.number.why, False, question.lines["why"], question
            for wrong in question.number.wrong:
                yield wrong.why, False, question.lines["wrong"], question


def render_texts(quiz: Quiz, render: Renderer) -> dict[str, str]:
    """The HTML of every Markdown text of a quiz, rendered at once; those that must fit into a line without `<p>`.

    Raises: BuildStop if a text would spill into others or lose a part, has a heading, or more than a line may have.
    """
    found = list(texts_of(quiz))
    for entry in found:
        if len(re.findall(r"^\s*(?:```|~~~)", entry[0], re.MULTILINE)) % 2:
            raise _stop(quiz, entry, "code blocks that are closed", "end the block with the sign that begins it.")
        if html_in := re.search(RAW_HTML, re.sub(r"(`+).*?\1", "", entry[0], flags=re.DOTALL)):
            fix = f"put {html_in[0]} in `backticks`, or a backslash before its <."
            raise _stop(quiz, entry, "Markdown without HTML, which would not show", fix)
    pieces = render(f"\n\n{BREAK}\n\n".join(text for text, *_ in found)).split(BREAK)
    assert len(pieces) == len(found), f"the texts of {quiz.path} run into each other"
    made: dict[str, str] = {}
    for entry, piece in zip(found, pieces, strict=True):
        text, in_line, _, _ = entry
        piece = piece.strip()
        if re.search(r"<h[1-6]\b", piece):
            raise _stop(quiz, entry, "a text without headings", "take the # away, or put a backslash before it.")
        if in_line:
            whole = re.fullmatch(r"<p>((?:(?!<p>).)*)</p>", piece, re.DOTALL)
            if whole is None or "<a " in piece:
                fix = "write one paragraph, and put a backslash before a sign that Markdown takes for its own."
                raise _stop(quiz, entry, "one paragraph of plain words without a link", fix)
            made[f"in line: {text}"] = whole[1]
        else:
            made[text] = piece
    return made


def _stop(quiz: Quiz, entry: tuple[str, bool, int, Question], expected: str, fix: str) -> BuildStop:
    text, _, line, question = entry
    said = f"question {question.id!r}: expected {expected}; got {text.strip()[:60]!r}."
    return BuildStop(said, quiz.where(question, "id").rsplit(" ", 1)[0] + f" {line}", fix)


def render_quiz(quiz: Quiz, texts: Mapping[str, str], learns: Mapping[str, str], progress: str) -> str:
    """A quiz as HTML. `learns` has the links to read again by question; `progress` is the address of that page."""
    name = html.escape(quiz.name)
    address = f' progress="{html.escape(progress)}"' if progress else ""
    total = len(quiz.questions)
    made = [
        _question(quiz.name, question, number, total, texts) + _answer(question, number, texts, learns[question.id])
        for number, question in enumerate(quiz.questions, start=1)
    ]
    title = '<p class="quiz-answers-title" aria-hidden="true" data-search-exclude>Answers</p>'
    return f'<course-quiz name="{name}"{address}>{title}{"".join(made)}</course-quiz>'


def place_of(quiz: str, question: str) -> str:
    """The id of a question on its page."""
    return f"quiz-{quiz}-{question}"


def _question(quiz: str, question: Question, number: int, total: int, texts: Mapping[str, str]) -> str:
    escape = html.escape
    first, rest = _first_paragraph(texts[question.prompt])
    code = "" if question.kind != "output" or question.code is None else _code(question.code)
    answer, given, how = question.number, "", HOW[question.kind]
    if answer is not None:
        unit = f' data-unit="{escape(answer.unit)}"' if answer.unit else ""
        given = f' data-answer="{answer.answer!r}" data-tolerance="{answer.tolerance!r}"{unit}'
        whole, exact = exactness(answer)
        how = how.format(whole=whole, unit=f" (in {escape(answer.unit)})" if answer.unit else "", exact=exact)
    listed = "".join(f"<li{at}>{_shown(question, option, texts)}</li>" for option, at in _in_view(question))
    options = f'<ol class="quiz-question__options">{listed}</ol>' if listed else ""
    return (
        f'<fieldset class="quiz-question" id="{place_of(quiz, question.id)}" data-question="{question.id}" '
        f'data-kind="{question.kind}"{given}>'
        f'<legend><span class="quiz-question__count">Question {number} of {total}</span> {first}</legend>'
        f'{rest}{code}<p class="quiz-question__how">{how}</p>{options}</fieldset>'
    )


def _answer(question: Question, number: int, texts: Mapping[str, str], learn: str) -> str:
    reasons = "".join(_reason(question, option, texts) for option in question.options)
    said = f'<ol class="quiz-answer__reasons">{reasons}</ol>' if reasons else ""
    if question.number is not None:
        said = _numbers(question.number, texts)
    return (
        f'<details class="quiz-answer" data-search-exclude><summary>Question {number}: answer and reasons</summary>'
        f'{said}<p class="quiz-answer__learn">Read again: {learn}</p></details>'
    )


def _numbers(number: Number, texts: Mapping[str, str]) -> str:
    """The right number with its reason, then the wrong ones that have one."""
    unit = html.escape(f" {number.unit}" if number.unit not in ("", "%") else number.unit)
    near = f" (within {digits(number.tolerance)} of it counts)" if number.tolerance else ""
    wrong = "".join(
        f'<li data-value="{one.value!r}" data-tolerance="{one.tolerance!r}">'
        f'<p class="quiz-answer__option"><strong>Wrong:</strong> {digits(one.value)}{unit}</p>'
        f'<div class="quiz-answer__why">{texts[one.why]}</div></li>'
        for one in number.wrong
    )
    return (
        f'<div class="quiz-answer__number"><p class="quiz-answer__option"><strong>Right:</strong> '
        f'{digits(number.answer)}{unit}{near}</p><div class="quiz-answer__why">{texts[number.why]}</div></div>'
        f'<ul class="quiz-answer__reasons">{wrong}</ul>'
    )


def digits(value: float) -> str:
    """A number as people read it: `7,000,000`, `0.6931`."""
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
    return repr(value)


def exactness(number: Number) -> tuple[str, str]:
    """How exact an answer must be, as its tolerance has it: what stands before and after “number”.

    Example: a tolerance of 0.01 -> "; two decimals are enough"; of 20 -> "; 20 more or less counts as right".
    """
    if number.tolerance == 0:
        return ("whole ", "") if number.answer.is_integer() else ("", ", exactly")
    decimals = math.ceil(-math.log10(2 * number.tolerance) - 1e-9)
    if decimals < 1:
        return "", f"; {digits(number.tolerance)} more or less counts as right"
    return "", "; one decimal is enough" if decimals == 1 else f"; {SMALL.get(decimals, decimals)} decimals are enough"


def _reason(question: Question, option: Option, texts: Mapping[str, str]) -> str:
    """An option with its reason; the items of an order question stand in the right order."""
    word = "" if question.kind == "order" else f"<strong>{'Right' if option.right else 'Wrong'}:</strong> "
    right = " data-right" if option.right else ""
    return (
        f'<li{right}><p class="quiz-answer__option">{word}{_shown(question, option, texts)}</p>'
        f'<div class="quiz-answer__why">{texts[option.why]}</div></li>'
    )


def _shown(question: Question, option: Option, texts: Mapping[str, str]) -> str:
    if question.kind != "output":
        return texts[f"in line: {option.text}"]
    return f'<code class="quiz-output">{html.escape(same_output(option.text))}</code>'


def _in_view(question: Question) -> Sequence[tuple[Option, str]]:
    """The options as they are shown first, each with its attributes: those of an order question shuffled."""
    if question.kind != "order":
        return [(option, "") for option in question.options]
    places = shuffled(question.id, len(question.options))
    return [(question.options[place], f' data-place="{place}"') for place in places]


def shuffled(seed: str, count: int) -> list[int]:
    """The places from 0 in an order that hangs on the seed alone, and is neither the right one nor its reverse."""
    right = list(range(count))
    places, dice = right[:], random.Random(seed)
    while places in (right, right[::-1]):
        dice.shuffle(places)
    return places


def _code(source: str) -> str:
    return f'<div class="highlight"><pre><code>{highlighted(source.rstrip())}</code></pre></div>'


def _first_paragraph(prompt: str) -> tuple[str, str]:
    """What of a prompt fits into a legend, which holds words only, and the rest."""
    begun = re.match(r"<p>(.*?)</p>", prompt, re.DOTALL)
    return (begun[1], prompt[begun.end() :].strip()) if begun else ("", prompt)
