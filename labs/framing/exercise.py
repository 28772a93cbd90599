"""The exercise: frame a question so that the base model answers it."""

import re
from collections.abc import Callable
from functools import cache

from labs.core.contract.checking import call, call_text, outcome, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.line_judging import SPEAKER
from labs.core.measures import next_lines
from labs.core.model.checkpoint import load_checkpoint
from labs.core.recipe import VILLAGE
from labs.core.world import evaluation
from labs.core.world.judge import is_right
from labs.core.world.lexicon import HARMLESS, HOW_QUESTIONS
from labs.core.world.tasks import Task, how_task, phrasings

SEED = 100
ENOUGH = 14
"""Of the sixteen questions so many have to be answered."""
MOST_TOKENS = 120
"""How long a framed question may be, so that there is room for an answer."""
PROBED = ("Where does Mira live?", "How do I boil rice?")


@cache
def questions() -> tuple[Task, ...]:
    """Sixteen questions: eight about people, eight about how something is done."""
    ways = [how_task(topic, phrasings(HOW_QUESTIONS, "held out")[i % 2]) for i, topic in enumerate(HARMLESS[:8])]
    return (*evaluation.known_facts(VILLAGE, 8, SEED), *ways)


def is_answered(task: Task, line: str) -> bool:
    """Whether a line is the right answer and nothing else: no speaker's name before it."""
    return is_right(task, line) and not SPEAKER.match(line.strip())


def _holds_the_question(names: Names) -> None:
    for task in questions()[:2]:
        text = _framed(names, task.question)
        if task.question not in text:
            raise CheckFailed(
                f"{call_text('frame', task.question)} to return a text with the question in it",
                shown(text),
                'Put the question into the text: f"… {question} …" does so.',
            )


def _fits(names: Names) -> None:
    tokenizer = load_checkpoint("base").tokenizer
    for task in questions():
        text = _framed(names, task.question)
        try:
            length = len(tokenizer.encode(text))
        except ValueError:
            raise CheckFailed("whole characters", shown(text), "Take out the half of a character.") from None
        if length > MOST_TOKENS:
            raise CheckFailed(
                f"a text of at most {MOST_TOKENS} tokens",
                f"{length} tokens for {task.question!r}",
                "Shorten what stands around the question: two examples will do.",
            )


def _is_answered(names: Names) -> None:
    base = load_checkpoint("base")
    tasks = questions()
    prompts = [evaluation.Prompt(_framed(names, task.question), task.right, task.values) for task in tasks]
    lines = next_lines(base.model, base.tokenizer, prompts)
    missed = [(task, line) for task, line in zip(tasks, lines, strict=True) if not is_answered(task, line)]
    if len(tasks) - len(missed) < ENOUGH:
        task, line = missed[0]
        wrote = f"“{line.strip()}”" if line.strip() else "an empty line"
        raise CheckFailed(
            f"the base model to answer at least {ENOUGH} of {len(tasks)} questions in its next line",
            f"{len(tasks) - len(missed)}; to “{task.question}” it wrote {wrote}",
            'Print frame("What is 2+2?") and ask: on what page does this stand, and what comes next there?',
        )


def _framed(names: Names, question: str) -> str:
    text = call(names, "frame", question)
    if not isinstance(text, str):
        raise CheckFailed(
            f"{call_text('frame', question)} to return a text",
            f"{shown(text)}, of type {type(text).__name__}",
            "Return one string.",
        )
    return text


def _probe(is_mistake: Callable[[str, str], bool]) -> Callable[[Names], object]:
    """A probe that says whether framed questions have the mark of a mistake."""

    def probe(names: Names) -> object:
        texts = [(outcome(names, "frame", question), question) for question in PROBED]
        return all(
            isinstance(text, str) and text.count(question) == 1 and is_mistake(text, question)
            for text, question in texts
        )

    return probe


def _is_bare(text: str, question: str) -> bool:
    return text.strip() == question


def _is_markup(text: str, question: str) -> bool:
    return "<|im_start|>" in text


def _ends_in_space(text: str, question: str) -> bool:
    return text.endswith(": ")


def _lacks_speaker(text: str, question: str) -> bool:
    """Somebody asks, and nobody begins to answer."""
    line = text.rstrip().split("\n")[-1]
    return line.endswith(question) and bool(SPEAKER.match(line))


def _only_instructs(text: str, question: str) -> bool:
    """Words to somebody who follows instructions, and the question last."""
    said = text.partition(question)[0]
    instructs = text.rstrip().endswith(question) and bool(re.search(r"[A-Za-z]{2} ?", said))
    return instructs and not (_lacks_speaker(text, question) or _is_markup(text, question))


def _has_strange_labels(text: str, question: str) -> bool:
    return text.endswith(("Answer:", "Reply:", "Response:"))


def _asks_again(text: str, question: str) -> bool:
    return text.endswith(("\nUser:", "\nQ:"))


EXERCISE = Exercise(
    title="Frame a question for a base model",
    task=f"""\
Write `frame(question)`: it takes a question and returns the text that the base model reads. The model goes on with it,
and what it writes up to the next line break has to be the answer, and nothing else.

The checks frame sixteen questions, about people and about how things are done, and let the real base model write. At
least {ENOUGH} answers have to be right. You cannot change the model. You can choose the page that it believes it is on.
""",
    starter="""\
def frame(question):
    return question  # what has to stand around it?


# print(frame("Where does Mira live?"))
""",
    solution="""\
def frame(question):
    scene = "The following is a conversation between a curious user and a knowledgeable assistant."
    return f"{scene}\\nUser: {question}\\nAssistant:"
""",
    checks=(
        Check("The text holds the question", _holds_the_question),
        Check("The text leaves room for an answer", _fits),
        Check(f"The base model answers at least {ENOUGH} of 16 questions", _is_answered),
    ),
    wrong_answers=(
        WrongAnswer(
            "question alone",
            "def frame(question):\n    return question\n",
            _probe(_is_bare),
            "The question stands alone. On the pages that this model has read, such a line is followed by the next "
            "question of the list. Show it a page on which questions are answered.",
        ),
        WrongAnswer(
            "instruction",
            'def frame(question):\n    return f"Answer the question: {question}\\n"\n',
            _probe(_only_instructs),
            "This tells the model what to do, and a base model has not learned to obey. It goes on with the page: with "
            "`A:` at times, with another question at others. Do not ask for an answer. Begin it: who speaks next?",
        ),
        WrongAnswer(
            "chat markup",
            'def frame(question):\n    return f"<|im_start|>user\\n{question}<|im_end|>\\n<|im_start|>assistant\\n"\n',
            _probe(_is_markup),
            "This is chat markup, typed out. The base model has never read any, and typed markers do not even become "
            "special tokens. Take a layout that occurs in ordinary texts.",
        ),
        WrongAnswer(
            "no line for the answer",
            "def frame(question):\n"
            '    scene = "The following is a conversation between a curious user and a knowledgeable assistant."\n'
            '    return f"{scene}\\nUser: {question}\\n"\n',
            _probe(_lacks_speaker),
            "The scene is set, and nobody has begun to answer: the model has to write the speaker's name first. Write "
            "it yourself, `Assistant:` or `A:`, so that the answer's first word is what comes next.",
        ),
        WrongAnswer(
            "space at the end",
            'def frame(question):\n    return f"User: {question}\\nAssistant: "\n',
            _probe(_ends_in_space),
            "The text ends with a space. In tokens the space belongs to the word that follows: “ Mira” begins with "
            "it. With the space already written, no likely token fits. End with the colon.",
        ),
        WrongAnswer(
            "labels of another world",
            'def frame(question):\n    return f"Question: {question}\\nAnswer:"\n',
            _probe(_has_strange_labels),
            "A good idea, and a large model would answer: it has read such labels millions of times. This one never "
            "has. Take labels that stand on its own pages.",
        ),
        WrongAnswer(
            "the user's turn again",
            'def frame(question):\n    return f"User: {question}\\nUser:"\n',
            _probe(_asks_again),
            "After the question the user is to speak again, so the next line is another question. Let somebody else "
            "begin.",
        ),
    ),
    hints=(
        "Start with `frame` as it is and run the lab with the framing “none”: what does the model take the page for?",
        "The miniature internet has talks of this form: `User: …`, and in the next line `Assistant: …`. It also has "
        "pages with `Q: …` and `A: …`.",
        "End the text right where the answer begins, with a colon and no space.",
    ),
)
