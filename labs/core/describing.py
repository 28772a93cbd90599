"""Labs and exercises as plain data, from which the build draws panels and exercises."""

from dataclasses import fields

from labs.core.contract.controls import Control
from labs.core.contract.numeric import Bounded
from labs.core.finding import exercises_of, lab_slugs, load_exercise, load_lab, own_slugs


def describe_labs() -> list[dict[str, object]]:
    """Every lab, ready for JSON: slug, title, question, label, action, waits, controls, the names of its exercises.

    A control has kind (slider, number, choice, text, switch, counter, messages or comparisons), name, label, default,
    help, and what its kind adds. A lab of another package that can't be used is left out with a warning.
    """
    return [described for slug in lab_slugs() if (described := _describe_lab(slug)) is not None]


def describe_exercise(name: str) -> dict[str, object]:
    """An exercise, ready for JSON: name, title, task, starter, solution, hints, names of its checks.

    Raises: ValueError if there is none of that name.
    """
    exercise = load_exercise(name)
    return {
        "name": name,
        "title": exercise.title,
        "task": exercise.task,
        "starter": exercise.starter,
        "solution": exercise.solution,
        "hints": list(exercise.hints),
        "checks": [check.name for check in exercise.checks],
    }


def _describe_lab(slug: str) -> dict[str, object] | None:
    try:
        lab = load_lab(slug).LAB
    except ValueError as error:
        if slug in own_slugs():
            raise
        import warnings

        warnings.warn(str(error), RuntimeWarning, stacklevel=3)
        return None
    return {
        "slug": slug,
        "title": lab.title,
        "question": lab.question,
        "label": lab.label,
        "action": lab.action,
        "waits": lab.waits,
        "controls": [describe_control(control) for control in lab.controls],
        "exercises": exercises_of(slug),
    }


def describe_control(control: Control) -> dict[str, object]:
    """A control, ready for JSON."""
    described: dict[str, object] = {"kind": type(control).__name__.lower()}
    for field in fields(control):
        value = getattr(control, field.name)
        described[field.name] = plain(value)
    if isinstance(control, Bounded):
        described["whole"] = control.whole
    return described


def plain(value: object) -> object:
    """A value with lists for its tuples, as JSON gives it back."""
    return [plain(part) for part in value] if isinstance(value, tuple) else value
