"""Tokens in a row, told apart without colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from labs.core.contract.markup import NBSP, escape

LEGEND = (
    ("special", "framed: a special token"),
    ("scored", "underlined: scored in training"),
    ("written", "bold: written by the model"),
)


@dataclass(frozen=True)
class Token:
    """One token: its text, its id, and what is to be known about it.

    `role` is whose turn it belongs to; `scored` whether the loss counts it (None: no matter here); `written` whether
    the model wrote it; `probability` how likely the model found it.
    """

    text: str
    id: int
    special: bool = False
    role: str = ""
    scored: bool | None = None
    written: bool = False
    probability: float | None = None

    @property
    def visible(self) -> str:
        """The text with its spaces and line breaks made visible.

        Example: " the" -> "·the", a newline -> "⏎".
        """
        return self.text.replace(" ", "·").replace("\r", "␍").replace("\n", "⏎").replace("\t", "⇥")

    @property
    def said(self) -> str:
        """What its looks tell, in words for who can't see them; a special token's text says that itself."""
        return ", ".join(trait for trait in ("scored", "written") if getattr(self, trait))

    @property
    def traits(self) -> list[str]:
        """Those of the legend's words that hold for it."""
        return [name for name, _ in LEGEND if getattr(self, name)]


@dataclass(frozen=True)
class Tokens:
    """A row of tokens under a title, in blocks by role; a legend says what the marks mean.

    Raises: ValueError if the title is blank.
    """

    tokens: Sequence[Token]
    title: str
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a row that nobody could name."""
        if not self.title.strip():
            raise ValueError("Tokens: expected a title, got none; say what they are the tokens of.")

    @property
    def legend(self) -> str:
        """What the marks mean that occur, in a sentence; empty if none does."""
        found = [words for name, words in LEGEND if any(getattr(token, name) for token in self.tokens)]
        said = "; ".join(found)
        return f"{said[0].upper()}{said[1:]}." if said else ""

    def html(self) -> str:
        """A figure; classes are `lab-tokens…`, `lab-token` and `lab-token--special`, `--scored` and `--written`."""
        below = " ".join(part for part in (self.note, self.legend) if part)
        lines = [f'<figure class="lab-tokens"><figcaption>{escape(self.title)}</figcaption>']
        if below:
            lines.append(f'<p class="lab-tokens__note">{escape(below)}</p>')
        for role, tokens in self._blocks():
            head = f'<p class="lab-tokens__role">{escape(role)}</p>' if role else ""
            row = "".join(_run_html(list(run)) for _, run in groupby(tokens, key=lambda token: token.said))
            lines.append(f'<div class="lab-tokens__block">{head}<p class="lab-tokens__row">{row}</p></div>')
        return "\n".join([*lines, "</figure>"])

    def text(self) -> str:
        """Tokens between bars, a line for each role: what the model wrote in brackets, what is scored with a star."""
        lines = [self.title, *([self.note] if self.note else [])]
        for role, tokens in self._blocks():
            row = "|".join(_token_text(token) for token in tokens)
            lines.append(f"{role}: {row}" if role else row)
        marks = [
            said
            for name, said in (("written", "in brackets: written by the model"), ("scored", "with a star: scored"))
            if any(getattr(token, name) for token in self.tokens)
        ]
        return "\n".join([*lines, *([f"({'; '.join(marks)})"] if marks else [])])

    def _blocks(self) -> Iterator[tuple[str, list[Token]]]:
        return ((role, list(tokens)) for role, tokens in groupby(self.tokens, key=lambda token: token.role))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html(), "text/plain": self.text()}


def percent(share: float) -> str:
    """A share as people read it: whole percents, with a decimal near 0 and 1, and never a false 0 or 100.

    Example: 0.423 -> "42 %", 0.997 -> "99.7 %", 0.00001 -> "<0.1 %".
    """
    if share < 0.0005:
        return f"<0.1{NBSP}%" if share > 0 else f"0{NBSP}%"
    if 0.9995 <= share < 1:
        return f">99.9{NBSP}%"
    digits = 1 if 0 < share < 0.0095 or 0.9905 <= share < 1 else 0
    return f"{100 * share:.{digits}f}{NBSP}%"


def _run_html(tokens: Sequence[Token]) -> str:
    """Neighbours that look alike, between words that only a screen reader says."""
    row = "".join(_token_html(token) for token in tokens)
    said = tokens[0].said
    return f"{unseen(f'{said}: ')}{row}{unseen(f'(end of {said}) ')}" if said else row


def unseen(words: str) -> str:
    """Words for screen readers alone."""
    return f'<span class="lab-hidden">{escape(words)}</span>'


def _token_html(token: Token) -> str:
    classes = " ".join(["lab-token", *(f"lab-token--{trait}" for trait in token.traits)])
    likely = "" if token.probability is None else f"<small>{percent(token.probability)}</small>"
    # A place to break the line, which the text itself has no space for.
    brk = "<br>" if "\n" in token.text else "<wbr>"
    return f'<span class="{classes}" title="id {token.id}">{escape(token.visible)}{likely}</span>{brk}'


def _token_text(token: Token) -> str:
    said = f"[{token.visible}]" if token.written else token.visible
    likely = "" if token.probability is None else f" {percent(token.probability)}"
    return f"{said}{'*' if token.scored else ''}{likely}"
