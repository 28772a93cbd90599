"""The parts of a quiz file as they stand in its YAML: each can say in which line and question it is wrong."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from overrides.hooks.common import ROOT, BuildStop

FAST_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it
ANYWHERE = "docs/guides/quizzes.md has an example of each kind of question."
PLAIN = "a text with “: ” or “ #” in it, or that begins with a sign, stands in quotes or below a “|”."


@dataclass(frozen=True)
class Part:
    """A part of a quiz file: the file with its lines, the YAML node, what it is called, the id of its question."""

    path: Path
    node: yaml.Node
    called: str = ""
    question: str = ""
    lines: Sequence[str] = field(default=(), repr=False)

    @property
    def is_plain(self) -> bool:
        """Whether it is a text that stands neither in quotes nor below a sign such as |."""
        return isinstance(self.node, yaml.ScalarNode) and not self.node.style

    @property
    def line(self) -> int:
        """Its line in the file, from 1."""
        return int(self.node.start_mark.line) + 1

    def stop(self, expected: str, got: str, fix: str = ANYWHERE) -> BuildStop:
        """A message that this part is not what it should be."""
        question = f"question {self.question!r}, " if self.question else ""
        called = self.called or ("the question" if self.question else "the file")
        return BuildStop(f"{question}{called}: expected {expected}; got {got}.", where(self.path, self.line), fix)

    def mapping(self, needed: Sequence[str], others: Sequence[str] = ()) -> dict[str, "Part"]:
        """Its values by key.

        Raises: BuildStop if it is no mapping, or a key is missing, unknown, or there twice.
        """
        keys = ", ".join([*needed, *(f"{name} (optional)" for name in others)])
        if not isinstance(self.node, yaml.MappingNode):
            raise self.stop(f"a mapping with {keys}", shown(self.node))
        found: dict[str, Part] = {}
        for key, value in self.node.value:
            part = replace(self, node=key)
            name = str(key.value)
            if name in found:
                raise part.stop("each key once", f"{name} twice", "leave one of the two.")
            if name not in needed and name not in others:
                raise part.stop(f"the keys {keys}", repr(name[:40]), "correct the key, or take it away.")
            found[name] = replace(self, node=value, called=f"{self.called}, {name}" if self.called else name)
        for name in needed:
            if name not in found:
                raise self.stop(f"the keys {keys}", f"none called {name}", f"add {name}. {ANYWHERE}")
        return found

    def key(self, name: str) -> "Part | None":
        """The value of a key, if this is a mapping that has it."""
        pairs = self.node.value if isinstance(self.node, yaml.MappingNode) else ()
        return next((replace(self, node=value) for key, value in pairs if key.value == name), None)

    def items(self, least: int, most: int, what: str) -> list["Part"]:
        """The parts of a list, called by what they are and their number.

        Raises: BuildStop if it is no list, or too short or too long.
        """
        number = f"{least} to {most}" if most < 100 else f"at least {least}"
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.stop(f"a list of {number} {what}s", shown(self.node))
        count = len(self.node.value)
        if not least <= count <= most:
            raise self.stop(f"{number} {what}s", str(count), f"add or take away {what}s.")
        made = enumerate(self.node.value, start=1)
        return [replace(self, node=node, called=f"{what} {n}") for n, node in made]

    def text(self) -> str:
        """Its text, as it stands in the file: numbers and words like `yes` too.

        Raises: BuildStop if it is blank, no text, or ends where YAML takes the rest of the line for a comment.
        """
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.stop("a text", shown(self.node), PLAIN)
        text = str(self.node.value)
        end = self.node.end_mark
        rest = self.lines[end.line][end.column :] if self.is_plain and end.line < len(self.lines) else ""
        if re.match(r"\s*#", rest):
            raise self.stop("a text", f"one that YAML cuts off before {rest.strip()[:30]!r}", PLAIN)
        if not text.strip() or (self.is_plain and text == "~"):
            raise self.stop("a text", "nothing", f"write one. {PLAIN}")
        return text

    def number(self) -> float:
        """Its number.

        Raises: BuildStop if it is no finite number.
        """
        try:
            value = float(self.text())
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.stop("a number", shown(self.node), "write digits with a point: 0.6931, 7000000000 or 7.0e9.")
        return value

    def truth(self) -> bool:
        """Whether it is true.

        Raises: BuildStop if it is neither true nor false.
        """
        text = self.text()
        if text not in ("true", "false"):
            raise self.stop("true or false", repr(text[:40]), "write `right: true`, or leave the line out.")
        return text == "true"


def where(path: Path, line: int) -> str:
    """A place in a file, for messages."""
    return f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}, line {line}"


def shown(node: yaml.Node) -> str:
    """What a node is, for messages."""
    if isinstance(node, yaml.ScalarNode):
        return repr(node.value[:60]) if node.value else "nothing"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"


def read_parts(path: Path) -> Part:
    """What a quiz file holds.

    Raises: BuildStop if it is no YAML, or empty.
    """
    try:
        text = path.read_text(encoding="utf-8")
        try:
            node = yaml.compose(text, Loader=FAST_LOADER)
        except yaml.YAMLError:  # the other one says better what is wrong
            node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        said = f"{_before(path, line)}expected YAML; got what can't be read: {error.problem or error}."
        raise BuildStop(said, where(path, line), PLAIN) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BuildStop(f"expected YAML in UTF-8; got {error}.", where(path, 1), ANYWHERE) from error
    if node is None:
        raise BuildStop("expected a list of questions; got an empty file.", where(path, 1), ANYWHERE)
    return Part(path, node, lines=text.splitlines())


def _before(path: Path, line: int) -> str:
    """The question that begins last before a line, for a file whose YAML can't be read."""
    begun = re.findall(r"^\s*- id:\s*(\S+)", "\n".join(path.read_text(encoding="utf-8").splitlines()[:line]), re.M)
    return f"question {begun[-1]!r}: " if begun else ""
