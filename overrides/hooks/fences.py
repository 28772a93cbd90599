"""Fenced blocks of ours in any Markdown: ```lab and ```exercise, with YAML inside.

Markdown only leaves a place for each, with what stands in it. What they mean is found once all pages are read,
so that one process can record all panels of the site.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from overrides.hooks.common import ROOT, BuildStop
from overrides.hooks.recording import Request

KINDS = ("lab", "exercise")
PLACE = re.compile(r'<div class="lab-fence" data-fence="([^"]*)"></div>')
AND_VALUES = {"lab": ", with a value for a control on each further line", "exercise": ""}


@dataclass(frozen=True)
class Fence:
    """A fenced block: its kind, what stands after that word and inside, and where it is, for messages.

    `line` is the opening fence's in the page's source, from 1; None if it came out of another file.
    """

    kind: Literal["lab", "exercise"]
    header: str
    body: str
    path: Path
    line: int | None

    def request(self) -> Request:
        """What the YAML inside asks for.

        Raises: BuildStop if it can't be read, is no mapping with a name, or says what an exercise has no use for.
        """
        write = f"write it so{AND_VALUES[self.kind]}:\n```{self.kind}\nname: base_simulator\n```"
        if self.header:
            raise self.stop(f"The fence ```{self.kind} has {self.header!r} beside it, which means nothing here.", write)
        try:
            content = yaml.safe_load(self.body)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or str(error)
            raise self.stop(
                f"The YAML in ```{self.kind} can't be read: {problem}.", write, mark.line + 1 if mark else 0
            ) from error
        if not isinstance(content, dict) or not isinstance(content.get("name"), str):
            shown = repr(content) if len(repr(content)) <= 60 else f"{repr(content)[:59]}…"
            raise self.stop(f"The fence ```{self.kind}: expected a mapping with a name, got {shown}.", write)
        values = {str(key): value for key, value in content.items() if key != "name"}
        if self.kind == "exercise" and values:
            raise self.stop(
                f"The fence ```exercise: expected a name and nothing else, got {', '.join(values)}.",
                write,
                self.offset(next(iter(values))),
            )
        return {"kind": self.kind, "name": content["name"], "values": values}

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


def find_fences(page: Page) -> Iterator[Fence]:
    """The fences of a page that was rendered, in order.

    Raises: BuildStop, as Fence does.
    """
    path = Path(page.file.abs_src_path or page.file.src_uri)
    source = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    last: dict[tuple[str, str], int] = {}
    for place in PLACE.finditer(page.content or ""):
        held = json.loads(html.unescape(place[1]))
        same = held["kind"], held["body"]
        line = line_of(source, *same, after=last.get(same, 0))
        last[same] = line or 0
        yield Fence(**held, path=path, line=line)


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


def fill_places(page: Page, made: Iterator[str]) -> None:
    """Put each finished block into its place on the page."""
    page.content = PLACE.sub(lambda _: next(made), page.content or "")
