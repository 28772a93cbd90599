"""What a program here can import, for the reader whose import found nothing."""

import json
import sys

OURS_AND_THIRD_PARTY = ("labs", "numpy", "matplotlib")

_loadable: tuple[str, ...] = ()


def set_loadable(names_json: str) -> None:
    """Name the modules that load by themselves when they are imported, as a JSON list.

    Raises: ValueError if it is no list of strings.
    """
    global _loadable
    names = json.loads(names_json)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"Loadable modules: expected a JSON list of names, got {names_json!r}; quote each.")
    _loadable = tuple(names)


def importable() -> list[str]:
    """The modules beside the standard library that an import finds here; none of them is imported."""
    return [name for name in dict.fromkeys([*OURS_AND_THIRD_PARTY, *_loadable]) if _is_there(name)]


def name_what_is_shipped(error: ModuleNotFoundError) -> None:
    """Add a line to the error that says what can be imported, if the whole module is missing."""
    missing = (error.name or "").partition(".")[0]
    if not missing or _is_there(missing):
        return
    there = importable()
    listed = ", ".join(["the standard library", *there[:-1]]) + f" and {there[-1]}"
    close = _nearest(missing, [*there, *sys.stdlib_module_names])
    guess = f" Did you mean {close!r}?" if close else ""
    error.add_note(f"{missing!r} is not here. What can be imported: {listed}.{guess}")


def _is_there(name: str) -> bool:
    from importlib.util import find_spec

    if name in sys.modules or name in _loadable:
        return True
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _nearest(word: str, known: list[str]) -> str | None:
    from labs.core.contract.controls import nearest

    close = nearest(word, [name for name in known if not name.startswith("_")])
    # Names are short, so that half alike is not alike.
    return close if close and abs(len(close) - len(word)) <= 1 and close[0] == word[0] else None
