"""Questions that a Python of its own answers for the build, which imports `labs` as they are now.

(Under `mkdocs serve` the building process keeps the `labs` that it imported first.) A module that answers reads a JSON
list of questions and prints one line of JSON for each, in order, as soon as it is there: see `answer_all`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from labs.core.files import write_whole
from overrides.hooks.common import ROOT

SECONDS = 300


def answers(module: str, questions: Mapping[Path, object]) -> dict[Path, Any]:
    """The answer to each question, by the file that keeps it; what no file keeps is asked of one new process.

    Good answers are kept, those with a `fault` are not.
    """
    missing = {place: question for place, question in questions.items() if not place.exists()}
    fresh = dict(zip(missing, _ask(module, list(missing.values())), strict=True)) if missing else {}
    for place, answer in fresh.items():
        if "fault" not in answer:
            write_whole(place, json.dumps(answer).encode())
    return {place: fresh[place] if place in fresh else json.loads(place.read_text()) for place in questions}


def _ask(module: str, questions: list[object]) -> list[dict[str, Any]]:
    """Ask a new process; a question that ended it, or took too long, gets that for an answer."""
    command = [sys.executable, "-m", module]
    given = json.dumps(questions, default=str)
    try:
        done = subprocess.run(
            command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        printed, why, trace = done.stdout, f"it ended Python (exit status {done.returncode})", done.stderr
    except subprocess.TimeoutExpired as late:
        printed = late.stdout.decode() if isinstance(late.stdout, bytes) else late.stdout or ""
        why, trace = f"the build waited {SECONDS} seconds for it", ""
    found: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    if len(found) < len(questions):
        found.append({"fault": why, "trace": trace})
        found += [{"fault": "it came after one that failed"} for _ in questions[len(found) :]]
    return found


def answer_all(answer: Callable[[Any], Mapping[str, object]]) -> None:
    """Answer what comes in. What is printed by others goes to stderr, so that it spoils no line of ours."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as lines, tempfile.TemporaryDirectory() as mine:
        os.environ["LLM_MASTERCLASS_MINE"] = mine  # a lab that trains keeps its model, not in place of the author's own
        os.dup2(2, 1)
        for question in json.load(sys.stdin):
            print(json.dumps(answer(question)), file=lines, flush=True)
