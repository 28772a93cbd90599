"""Run an exercise's checks against the names that a reader's code defined, and say what they found."""

import io
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from labs.core.contract.checking import alike, shown_text
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names
from labs.core.contract.markup import escape

CHECK_MIME = "application/vnd.labs.check+json"


@dataclass(frozen=True)
class Finding:
    """What one check found: nothing, or a failure."""

    name: str
    failure: CheckFailed | None


@dataclass(frozen=True)
class Verdict:
    """What the checks found, in order; `waiting` are the names of those that a failure kept from running."""

    findings: tuple[Finding, ...]
    waiting: tuple[str, ...]
    recognized: str | None  # the message of the wrong answer that this is

    @property
    def passed(self) -> bool:
        """True if every check passed."""
        return not self.waiting and all(finding.failure is None for finding in self.findings)

    def json(self) -> dict[str, object]:
        """The verdict as plain data; expected, got and next are null for a check that passed."""
        checks = []
        for finding in self.findings:
            texts = _texts(finding.failure)
            named = {label.lower(): texts.get(label) for label in ("Expected", "Got", "Next")}
            checks.append({"name": finding.name, "passed": finding.failure is None, **named})
        return {"passed": self.passed, "checks": checks, "recognized": self.recognized}

    def html(self) -> str:
        """A list of the checks, each with its state in words."""
        items = []
        for finding in self.findings:
            told = "".join(
                f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in _texts(finding.failure).items()
            )
            state, mark, word = ("failed", "✗", "Not yet") if told else ("passed", "✓", "Passed")
            items.append(
                f'<li class="lab-check lab-check--{state}"><span aria-hidden="true">{mark}</span> '
                f"{word}: {escape(finding.name)}{f'<dl>{told}</dl>' if told else ''}</li>"
            )
        items += [
            f'<li class="lab-check lab-check--waiting"><span aria-hidden="true">·</span> Waiting: {escape(name)}</li>'
            for name in self.waiting
        ]
        note = f'<p class="lab-recognized">{escape(self.recognized)}</p>' if self.recognized else ""
        return f'<ul class="lab-checks">{"".join(items)}</ul>{note}'

    def text(self) -> str:
        """The same for a terminal."""
        lines = []
        for finding in self.findings:
            texts = _texts(finding.failure)
            lines.append(f"{'✗ Not yet' if texts else '✓ Passed'}: {finding.name}")
            lines += [f"    {label}: {text}" for label, text in texts.items()]
        lines += [f"· Waiting: {name}" for name in self.waiting]
        return "\n".join(lines + ([self.recognized] if self.recognized else []))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {CHECK_MIME: self.json(), "text/html": self.html(), "text/plain": self.text()}


def judge(exercise: Exercise, names: Names) -> Verdict:
    """Run the checks up to the first that fails; then look whether the code is a mistake that is known.

    What the reader's functions print while they are checked is not shown.
    """
    findings: list[Finding] = []
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for check in exercise.checks:
            findings.append(Finding(check.name, _failure(check, names)))
            if findings[-1].failure is not None:
                break
        failed = findings[-1].failure is not None
        recognized = _recognized(exercise, names) if failed else None
    waiting = tuple(check.name for check in exercise.checks[len(findings) :])
    return Verdict(tuple(findings), waiting, recognized)


def recognized_as(exercise: Exercise, names: Names) -> list[str]:
    """The names of the known wrong answers that this code behaves as."""
    found = []
    for wrong in exercise.wrong_answers:
        theirs = names_of(wrong.source)
        if alike(wrong.probe(theirs), wrong.probe(names)):
            found.append(wrong.name)
    return found


def names_of(source: str) -> dict[str, object]:
    """The names that our own source defines."""
    names: dict[str, object] = {"__name__": "exercise"}
    exec(compile(source, "<exercise>", "exec", dont_inherit=True), names)
    return names


def _failure(check: Check, names: Names) -> CheckFailed | None:
    try:
        check.test(names)
    except CheckFailed as failure:
        return failure
    except (Exception, SystemExit) as error:  # the check met a type that nobody thought of
        return CheckFailed(
            f"values that this check can use: {check.name}",
            f"{type(error).__name__}: {shown_text(_message(error))}",
            "Compare what your code returns with what the task asks for: its type first, then its length.",
        )
    return None


def _recognized(exercise: Exercise, names: Names) -> str | None:
    try:
        found = recognized_as(exercise, names)
    except (Exception, SystemExit):  # a value that can't even be compared is no mistake that we know
        return None
    return next((wrong.message for wrong in exercise.wrong_answers if wrong.name in found), None)


def _message(error: BaseException) -> str:
    try:
        return str(error) or "no message"
    except Exception:
        return "no message"


def _texts(failure: CheckFailed | None) -> Mapping[str, str]:
    if failure is None:
        return {}
    return {"Expected": failure.expected, "Got": failure.got, "Next": failure.next_step}
