"""What the code of quiz questions prints, found out for the build in a Python of its own.

`python -m overrides.hooks.quiz_running` reads a JSON list of sources and prints one line of JSON for each, in order.
(Under `mkdocs serve` the building process keeps the `labs` that it imported first.)
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from labs.core.files import write_whole
from overrides.hooks.common import BUILD_CACHE, ROOT, tree_hash
from overrides.hooks.wheel import labs_hash

SECONDS = 300


class Printed(TypedDict, total=False):
    """What a piece of code has printed, or else `fault`: why it did not end well."""

    text: str
    fault: str


def printed(sources: Sequence[str], cache: Path = BUILD_CACHE) -> list[Printed]:
    """What each source prints, in order: from the cache where it, labs and environment are unchanged.

    Only good answers are kept.
    """
    if not sources:
        return []
    hashed = labs_hash()
    ours = [Path(__file__), ROOT / "constraints.txt"]
    places = [cache / "quizzes" / f"{tree_hash(ours, hashed, sys.version, source)}.json" for source in sources]
    missing = {place: source for place, source in zip(places, sources, strict=True) if not place.exists()}
    fresh = dict(zip(missing, _ask(list(missing.values())), strict=True)) if missing else {}
    for place, answer in fresh.items():
        if "fault" not in answer:
            write_whole(place, json.dumps(answer).encode())
    return [fresh[place] if place in fresh else json.loads(place.read_text()) for place in places]


def _ask(sources: list[str]) -> list[Printed]:
    command = [sys.executable, "-m", "overrides.hooks.quiz_running"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, input=json.dumps(sources), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        said, why = done.stdout, f"it ended Python (exit status {done.returncode})\n{done.stderr[-2000:]}".rstrip()
    except subprocess.TimeoutExpired as late:
        said = late.stdout.decode() if isinstance(late.stdout, bytes) else late.stdout or ""
        why = f"the build waited {SECONDS} seconds for it"
    answers: list[Printed] = [json.loads(line) for line in said.splitlines()]
    if len(answers) < len(sources):
        answers.append({"fault": why})
        answers += [{"fault": "it came after one that failed"} for _ in sources[len(answers) :]]
    return answers


def run(source: str) -> Printed:
    """What a source prints, in a namespace of its own."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(source, "<quiz>", "exec"), {"__name__": "__quiz__"})
    except Exception:
        return {"fault": "\n".join(traceback.format_exc().strip().splitlines()[-12:])}
    return {"text": out.getvalue()}


def main() -> None:
    """Answer what comes in. What is printed past `sys.stdout` goes to stderr, so that it spoils no line of ours."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers, tempfile.TemporaryDirectory() as mine:
        os.environ["LLM_MASTERCLASS_MINE"] = mine
        os.dup2(2, 1)
        for source in json.load(sys.stdin):
            print(json.dumps(run(source)), file=answers, flush=True)


if __name__ == "__main__":
    main()
