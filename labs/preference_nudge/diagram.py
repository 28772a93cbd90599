"""How a method computes its update, as boxes from top to bottom, with the numbers of the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

from labs.core.contract.markup import escape

WIDTH = 264
LINE = 17
PADDING = 8
ARROW = 26
HEAD = 24


@dataclass(frozen=True)
class Box:
    """A step of the way: its name, and what it does in a few short lines.

    A line has room for about 38 characters.
    """

    name: str
    lines: Sequence[str]

    @property
    def height(self) -> int:
        """In pixels."""
        return 2 * PADDING + LINE * (1 + len(self.lines))


@dataclass(frozen=True)
class Diagram:
    """Boxes joined by arrows, in the colour of the text around them, so that they follow light and dark.

    Raises: ValueError without a box or with a blank title.
    """

    title: str
    boxes: Sequence[Box]

    def __post_init__(self) -> None:
        """Refuse what could not be drawn or named."""
        if not self.title.strip() or not self.boxes:
            raise ValueError("A diagram: expected a title and at least one box; say what leads to what.")

    @property
    def alt(self) -> str:
        """All of it in a sentence a box."""
        steps = (f"{number}. {box.name}: {'; '.join(box.lines)}." for number, box in enumerate(self.boxes, start=1))
        return f"{self.title}. {' '.join(steps)}"

    def html(self) -> str:
        """An SVG picture with its text alternative."""
        top = HEAD
        drawn = [f'<text x="1" y="14" font-size="13" font-weight="700">{escape(self.title)}</text>']
        for number, box in enumerate(self.boxes):
            if number:
                drawn.append(_arrow(top))
                top += ARROW
            drawn.append(_box(box, top))
            top += box.height
        height = top + 1
        return (
            f'<svg class="lab-diagram" role="img" aria-label="{escape(self.alt)}" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" fill="currentColor" font-family="inherit">{"".join(drawn)}</svg>'
        )

    def text(self) -> str:
        """The steps below each other."""
        steps = [f"{number}. {box.name}: {'; '.join(box.lines)}" for number, box in enumerate(self.boxes, start=1)]
        return "\n".join([self.title, *steps])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {"text/html": self.html(), "text/plain": self.text()}


def _box(box: Box, top: int) -> str:
    lines = [f'<text x="10" y="{top + PADDING + 13}" font-size="13" font-weight="700">{escape(box.name)}</text>']
    lines += [
        f'<text x="10" y="{top + PADDING + 13 + LINE * place}" font-size="12">{escape(line)}</text>'
        for place, line in enumerate(box.lines, start=1)
    ]
    frame = (
        f'<rect x="1" y="{top}" width="{WIDTH - 2}" height="{box.height}" rx="4" fill="none" stroke="currentColor" '
        'stroke-width="1.5"/>'
    )
    return frame + "".join(lines)


def _arrow(top: int) -> str:
    middle = WIDTH // 2
    tip = top + ARROW - 2
    return (
        f'<path d="M{middle} {top + 2}V{tip}M{middle - 5} {tip - 6}L{middle} {tip}L{middle + 5} {tip - 6}" '
        'fill="none" stroke="currentColor" stroke-width="1.5"/>'
    )
