"""The lab: a page that begins with examples, the base model that goes on, and how often it follows the pattern."""

from collections.abc import Iterator, Sequence

from labs.core.contract import Chart, Choice, Lab, Moving, Number, Passage, Slider, Table, Text
from labs.core.drawing.next_token import next_token_chart
from labs.core.measures import END_OF_TEXT, first_value
from labs.core.model.generation import generate, next_token_distribution
from labs.core.model.sampling import Sampling
from labs.core.world.evaluation import Prompt
from labs.pattern_completion.accuracy import accuracy, base, chance, growing_chart
from labs.pattern_completion.patterns import LABELS, MOST_SHOTS, PATTERNS, RIGHT, SUBTLE, WRONG, Page

__all__ = [
    "LAB",
    "LABELS",
    "PATTERNS",
    "RIGHT",
    "SUBTLE",
    "WRONG",
    "accuracy",
    "chance",
    "continuation",
    "judge",
    "run",
]

NEW_TOKENS = 32
ROOM = 8
"""Tokens that have to be left in the context for the model to write."""

LAB = Lab(
    title="Pattern completion",
    question="What does a base model do with a list of examples?",
    label="live",
    controls=(
        Choice("pattern", "Pattern", WRONG, tuple(PATTERNS), help="What the page begins with."),
        Text(
            "own",
            "Your own page",
            "",
            1_000,
            lines=8,
            help="If it is not empty, the model continues this instead. Take the page below and change it.",
        ),
        Slider("shots", "Examples", 4, 0, MOST_SHOTS, 1, help="How many the page shows before the last line."),
        Slider("temperature", "Temperature", 0.0, 0.0, 2.0, 0.1, help="0 always takes the most likely token."),
        Number("seed", "Seed", 7, 0, 2**32 - 1, help="Another seed makes other pages and other draws."),
    ),
)


def run(pattern: str, own: str, shots: int, temperature: float, seed: int) -> Iterator[object]:
    """Yield the page as the model goes on with it, the tokens that could have stood there, and how often it follows.

    Raises: ValueError if the reader's own page is no text or leaves the model no room to write.
    """
    page = Page(own) if own.strip() else PATTERNS[pattern](seed, shots)
    prompt = _ids(page.text)
    written: list[int] = []
    yield _passage(page, written)
    for token in _writing(prompt, temperature, seed):
        written.append(token)
        yield _passage(page, written)
    if page.right:
        yield _verdict(page, written)
    yield _distribution(page, prompt, written)
    for chart in growing_chart(seed):
        yield Moving("accuracy", chart)


def continuation(text: str, temperature: float = 0.0, seed: int = 0, max_new_tokens: int = NEW_TOKENS) -> str:
    """What the base model writes after a text, up to the end of its page or the context's end.

    Raises: ValueError if the text leaves no room to write.
    """
    return _said(list(_writing(_ids(text), temperature, seed, max_new_tokens)))


def _ids(text: str) -> list[int]:
    """The text as a page's beginning."""
    tokenizer, most = base().tokenizer, base().model.config.context_length - ROOM
    try:
        ids = [tokenizer.special_id(END_OF_TEXT), *tokenizer.encode(text)]
    except ValueError as error:
        raise ValueError(f"own: {error}") from None
    if len(ids) > most:
        raise ValueError(f"own: expected at most {most - 1} tokens, got {len(ids) - 1}; shorten your page.")
    return ids


def _writing(prompt: Sequence[int], temperature: float, seed: int, most: int = NEW_TOKENS) -> Iterator[int]:
    return generate(
        base().model,
        prompt,
        max_new_tokens=most,
        sampling=Sampling(temperature),
        stop_ids=(base().tokenizer.special_id(END_OF_TEXT),),
        seed=seed,
    )


def _said(written: Sequence[int]) -> str:
    return base().tokenizer.decode(written).removesuffix(END_OF_TEXT)


def _passage(page: Page, written: Sequence[int]) -> Moving:
    ended = written and written[-1] == base().tokenizer.special_id(END_OF_TEXT)
    title = "The page, and what the base model writes" + (": it ended the page here" if ended else "")
    return Moving("page", Passage([(page.text, "given"), (_said(written), "written")], title))


def judge(page: Page, line: str) -> str:
    """Whether a line goes on "rightly" or "wrongly", by the first value that it names as in the chart, or "no answer".

    Values of several words, the ways to do a task, are looked for as a whole.
    """
    named = first_value(Prompt(page.text, page.right, page.values), line)
    if named is None:
        named = next((value for value in page.values if " " in value and value in line), None)
    return "no answer" if named is None else "rightly" if named == page.right else "wrongly"


def _verdict(page: Page, written: Sequence[int]) -> Table:
    line = _said(written).split("\n")[0].strip()
    return Table(["It wrote", "Right is", "It goes on"], [[line, page.right, judge(page, line)]])


def _distribution(page: Page, prompt: Sequence[int], written: Sequence[int]) -> Chart:
    """What could come next where the answer is decided: after the words with which a right answer begins."""
    tokenizer = base().tokenizer
    lead = tokenizer.encode(f" {page.lead}") if page.lead else []
    follows = list(written[: len(lead)]) == lead and len(written) > len(lead)
    tail = f"{page.text} {page.lead}".rstrip().split("\n")[-1][-40:]
    return next_token_chart(
        next_token_distribution(base().model, [*prompt, *lead]),
        tokenizer,
        title=f"What could come next after “{tail}”",
        chosen=written[len(lead)] if follows else None,
    )
