"""Where labs are: the folders beside `core`, and packages outside that add theirs by an entry point.

Another package adds a lab with one line in its pyproject.toml, slug on the left, module on the right:

    [project.entry-points."llm_masterclass.labs"]
    coin = "teachers_labs.coin.lab"

The module holds LAB and run; its exercises are found beside it, here in teachers_labs/coin. `exercise.py` is named as
the lab, `coin`; `exercise_bias.py` is `coin.bias`.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from labs.core.lab_archives import waiting_labs

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from types import ModuleType

    from labs.core.contract.exercise import Exercise
    from labs.core.contract.lab import Lab

GROUP = "llm_masterclass.labs"
SLUG = re.compile(r"[a-z]+(_[a-z]+)*")
FIRST, FURTHER = "exercise", "exercise_"
"""The module with a lab's first exercise, and what those with further ones begin with."""


class LabModule(Protocol):
    """What a lab's module holds."""

    LAB: "Lab"

    def run(self, **controls: object) -> Iterator[object]:
        """Yield what the lab shows."""


def own_slugs() -> list[str]:
    """The labs of this package: the folders beside `core`, in a page also those that are yet to be fetched."""
    import pkgutil

    import labs

    folders = {found.name for found in pkgutil.iter_modules(labs.__path__) if found.ispkg and found.name != "core"}
    return sorted(folders.union(waiting_labs()))


def added_labs() -> dict[str, list["EntryPoint"]]:
    """The entry points by slug; more than one for a slug is a clash."""
    from importlib.metadata import entry_points

    added: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        same = added.setdefault(entry.name, [])
        if (entry.value, origin(entry)) not in [(other.value, origin(other)) for other in same]:
            same.append(entry)
    return added


def lab_slugs() -> list[str]:
    """The labs by name, in alphabetical order."""
    return sorted({*own_slugs(), *added_labs()})


def load_lab(slug: str) -> LabModule:
    """A lab's module, with `LAB` and `run`.

    Raises: ValueError if no lab has that name, or if a package added one that can't be used.
    """
    import importlib

    home = lab_home(slug)
    if home.startswith("labs."):
        return cast(LabModule, importlib.import_module(home))
    (entry,) = added_labs()[slug]
    return cast(LabModule, _checked(entry))


def load_exercise(name: str) -> "Exercise":
    """The exercise of that name: a lab's slug, or `slug.name` for a further one.

    Raises: ValueError if there is none.
    """
    import importlib

    from labs.core.contract.exercise import Exercise

    slug = name.partition(".")[0]
    if slug not in lab_slugs() or name not in exercises_of(slug):
        raise _unknown("exercise", name, exercises())
    module = f"{_package(lab_home(slug))}.{_module_of(name)}".lstrip(".")
    exercise = getattr(importlib.import_module(module), "EXERCISE", None)
    if not isinstance(exercise, Exercise):
        raise ValueError(f"{module}: expected EXERCISE, an Exercise; got {exercise!r}; define it there.")
    return exercise


def exercises() -> list[str]:
    """The exercises of all labs by name, in alphabetical order. A lab that can't be used has none."""
    found = []
    for slug in lab_slugs():
        with contextlib.suppress(ValueError):  # two packages give it
            found += exercises_of(slug)
    return sorted(found)


def exercises_of(slug: str) -> list[str]:
    """The names of the exercises that stand beside a lab's module: its slug, then `slug.name` for each further one.

    Raises: ValueError if no lab has that name or two packages give it to theirs.
    """
    import pkgutil

    home = lab_home(slug)
    waiting = waiting_labs().get(slug)
    modules = {found.name for found in pkgutil.iter_modules(_folders(home))} if waiting is None else set(waiting)
    first = [slug] if FIRST in modules else []
    return first + sorted(f"{slug}.{name.removeprefix(FURTHER)}" for name in modules if name.startswith(FURTHER))


def lab_home(slug: str) -> str:
    """The name of the module that holds the lab, which need not be importable.

    Raises: ValueError if no lab has that name or two packages give it to theirs.
    """
    if slug in own_slugs():  # without a look at the installed packages, which takes time in a page
        return f"labs.{slug}.lab"
    added = added_labs()
    if slug in added:
        refuse_clash(slug, added[slug])
        return added[slug][0].value
    raise _unknown("lab", slug, sorted({*own_slugs(), *added}))


def refuse_clash(slug: str, entries: list["EntryPoint"]) -> None:
    """Raise a ValueError if a slug that packages give to their labs is bad, taken, or given twice."""
    packages = " and ".join(origin(entry) for entry in entries)
    if not SLUG.fullmatch(slug) or slug == "core":
        raise ValueError(
            f"Lab {slug!r} of {packages}: expected a name of lower-case words joined by underscores; "
            f"rename its entry point in the group {GROUP}."
        )
    if slug in own_slugs() or len(entries) > 1:
        taken = "the course has a lab of that name" if slug in own_slugs() else "only one can have the name"
        raise ValueError(
            f"Lab {slug!r} of {packages}: expected a name of its own, and {taken}; "
            f"rename the entry point in the group {GROUP}."
        )


def origin(entry: "EntryPoint") -> str:
    """The name of the package that an entry point comes from."""
    return entry.dist.name if entry.dist else "a package without a name"


def _checked(entry: "EntryPoint") -> "ModuleType":
    """The module behind an entry point, or a ValueError that says what is wrong with it."""
    import importlib

    from labs.core.contract.lab import Lab

    start = f"Lab {entry.name!r} of {origin(entry)}: expected a module with LAB and run at {entry.value!r}"
    if ":" in entry.value:
        raise ValueError(f"{start}, got the name of an object; leave out what follows the colon.")
    try:
        module = importlib.import_module(entry.value)
    except Exception as error:
        raise ValueError(f"{start}, got {type(error).__name__}: {error}; mend it or uninstall it.") from error
    if not isinstance(getattr(module, "LAB", None), Lab):
        raise ValueError(f"{start}, got a module without LAB; declare it with labs.core.contract.Lab.")
    if not callable(getattr(module, "run", None)):
        raise ValueError(f"{start}, got a module without run; define it to yield what the lab shows.")
    return module


def _package(home: str) -> str:
    return home.rpartition(".")[0]


def _module_of(name: str) -> str:
    further = name.partition(".")[2]
    return f"{FURTHER}{further}" if further else FIRST


def _folders(home: str) -> list[str]:
    """Where the modules beside a lab's lie; nowhere if the package that should hold it is not there."""
    from importlib.util import find_spec

    try:
        spec = find_spec(_package(home) or home)
    except ImportError:
        return []
    if spec is None:
        return []
    if _package(home):
        return list(spec.submodule_search_locations or ())
    return [str(Path(spec.origin).parent)] if spec.origin else []


def _unknown(what: str, name: str, known: list[str]) -> ValueError:
    from labs.core.contract.controls import nearest

    close = nearest(name, known)
    fix = f"did you mean {close!r}?" if close else "choose one of them."
    return ValueError(f"Unknown {what}: expected one of {', '.join(known)}; got {name!r}; {fix}")
