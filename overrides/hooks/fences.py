"""Fenced blocks of ours in any Markdown: ```lab, ```exercise, ```chat, ```quiz and others, with YAML inside.

Markdown only leaves a place for each, with what stands in it. What they mean is found once all pages are read,
so that one process can record all panels of the site.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from overrides.hooks.common import ROOT, BuildStop
from overrides.hooks.recording import Request

type Kind = Literal["lab", "exercise", "chat", "quiz", "diagram", "models", "syllabus"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
PANELS: tuple[Kind, ...] = ("lab", "exercise")
PLACE = re.compile(r'<div class="lab-fence" data-fence="([^"]*)"></div>')
WRITE = {
    "lab": "write it so, with a value for a control on each further line:\n```lab\nname: base_simulator\n```",
    "exercise": "write it so:\n```exercise\nname: base_simulator\n```",
    "chat": "write it so:\n```chat\nmodels: base, chat\n```",
    "quiz": "write it so, with the folder of docs/modules that holds quiz.yml:\n```quiz\nname: base_models\n```",
    "diagram": "write it so, with the name of a file in docs/diagrams:\n```diagram\nname: lifecycle\n```",
    "models": "write it so:\n```models\nshow: all\n```",
    "syllabus": "write it so:\n```syllabus\nshow: all\n```",
}
"""What a fence of each kind looks like, for messages."""


@dataclass(frozen=True)
class Fence:
    """A fenced block: its kind, what stands after that word and inside, and where it is, for messages.

    `line` is the opening fence's in the page's source, from 1; None if it came out of another file.
    """

    kind: Kind
    header: str
    body: str
    path: Path
    line: int | None

    def request(self) -> Request:
        """What the YAML inside asks for.

        Raises: BuildStop if it can't be read, is no mapping with a name, or says what an exercise has no use for.
        """
        if self.kind != "lab" and self.kind != "exercise":
            raise ValueError(f"expected a fence ```lab or ```exercise, got ```{self.kind}, which records nothing")
        content = self.content("name")
        if not isinstance(content["name"], str):
            raise self.unlike("name", content)
        values = {str(key): value for key, value in content.items() if key != "name"}
        if self.kind == "exercise" and values:
            raise self.stop(
                f"The fence ```exercise: expected a name and nothing else, got {', '.join(values)}.",
                WRITE[self.kind],
                self.offset(next(iter(values))),
            )
        return {"kind": self.kind, "name": content["name"], "values": values}

    def content(self, needed: str) -> dict[Any, Any]:
        """The mapping that the YAML inside is.

        Raises: BuildStop if it can't be read, or is no mapping that has the key `needed`.
        """
        if self.header:
            said = f"The fence ```{self.kind} has {self.header!r} beside it, which means nothing here."
            raise self.stop(said, WRITE[self.kind])
        try:
            content = yaml.safe_load(self.body)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or str(error)
            said = f"The YAML in ```{self.kind} can't be read: {problem}."
            raise self.stop(said, WRITE[self.kind], mark.line + 1 if mark else 0) from error
        if not isinstance(content, dict) or needed not in content:
            raise self.unlike(needed, content)
        return content

    def unlike(self, needed: str, content: object) -> BuildStop:
        """A message that this content is no mapping with the key that is needed."""
        shown = repr(content) if len(repr(content)) <= 60 else f"{repr(content)[:59]}…"
        article = "a" if needed == "name" else "the key"
        said = f"The fence ```{self.kind}: expected a mapping with {article} {needed}, got {shown}."
        return self.stop(said, WRITE[self.kind])

    def offset(self, key: str) -> int:
        """How many lines below the opening fence a key stands; 0 if it is not seen."""
        lines = enumerate(self.body.splitlines(), start=1)
        return next((n for n, line in lines if re.match(rf"""["']?{re.escape(key)}["']?\s*:""", line)), 0)

    def stop(self, what: str, fix: str, offset: int = 0) -> BuildStop:
        """A message with this fence's page and line."""
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        line = "in a file that it includes" if self.line is None else f"line {self.line + offset}"
        return BuildStop(what, f"{path}, {line}", fix)


def leave_place(
    source: str, language: str, class_name: str, options: dict[str, Any], md: object, **others: object
) -> str:
    """What a fence becomes at first (superfences calls this): an empty place that says what it holds.

    It raises nothing: superfences would take an error for a block that is no fence.
    """
    words = " ".join([*options.get("words", ()), *map(str, [others.get("id_value") or ""])]).strip()
    held = json.dumps({"kind": language, "header": words, "body": source})
    return f'<div class="lab-fence" data-fence="{html.escape(held).replace(chr(10), "&#10;")}"></div>'


def take_words(
    language: str, inputs: dict[str, Any], options: dict[str, Any], attrs: dict[str, Any], md: object
) -> bool:
    """Accept whatever stands beside the fence's word, so that it can be complained about by name."""
    options["words"] = [key if value == key else f"{key}={value}" for key, value in inputs.items()]
    return True


def register(config: MkDocsConfig) -> None:
    """Tell superfences of our fences."""
    settings = config.mdx_configs.setdefault("pymdownx.superfences", {})
    others = [fence for fence in settings.get("custom_fences", ()) if fence["name"] not in KINDS]
    ours = [{"name": kind, "class": kind, "format": leave_place, "validator": take_words} for kind in KINDS]
    settings["custom_fences"] = [*others, *ours]


def find_fences(page: Page, kinds: Sequence[Kind] = PANELS) -> Iterator[Fence]:
    """The fences of these kinds on a page that was rendered, in order.

    Raises: BuildStop, as Fence does.
    """
    path = Path(page.file.abs_src_path or page.file.src_uri)
    source = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    last: dict[tuple[str, str], int] = {}
    for place in PLACE.finditer(page.content or ""):
        held = held_in(place)
        same = held["kind"], held["body"]
        line = line_of(source, *same, after=last.get(same, 0))
        last[same] = line or 0
        if held["kind"] in kinds:
            yield Fence(**held, path=path, line=line)


def held_in(place: re.Match[str]) -> dict[str, Any]:
    """What a place holds: a fence's kind, header and body."""
    held: dict[str, Any] = json.loads(html.unescape(place[1]))
    return held


def line_of(source: list[str], kind: str, body: str, after: int = 0) -> int | None:
    """The line, from 1 and beyond `after`, at which such a fence opens in Markdown or in a notebook's comments."""
    bare = [re.sub(r"^(# ?)?[\s>]*", "", line).rstrip() for line in source]
    wanted = [line.strip() for line in body.splitlines()]
    for number in range(after, len(bare)):
        if not re.match(rf"(`{{3,}}|~{{3,}})\s*(\{{\s*\.?)?{kind}\b", bare[number]):
            continue
        if [line.strip() for line in bare[number + 1 : number + 1 + len(wanted)]] == wanted:
            return number + 1
    return None


def fill_places(page: Page, made: Iterator[str], kinds: Sequence[Kind] = PANELS) -> None:
    """Put each finished block into the place of a fence of these kinds; the other places stay."""
    page.content = PLACE.sub(
        lambda place: next(made) if held_in(place)["kind"] in kinds else place[0], page.content or ""
    )
