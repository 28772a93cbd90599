"""The model that the reader trained, kept for whoever talks to it: `load_checkpoint("mine")` loads it.

A page's Python may be started anew at any time, and forgets its files: so the page's worker is told of them by
`on_keep`, and gives them back to the next one by `restore`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from labs.core.files import write_whole
from labs.core.model.checkpoint import MINE, my_folder, save_checkpoint
from labs.core.model.checkpoint_files import TOKENIZER_FILE
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer

FILES = (TOKENIZER_FILE, f"{MINE}.npz", f"{MINE}.json")
"""In the order in which they are written: the last one says that the others are there."""
NOTHING: Mapping[str, object] = MappingProxyType({})

type Tell = Callable[[dict[str, bytes]], None]

_tell: Tell | None = None


def keep(model: Transformer, tokenizer: Tokenizer, about: str, meta: Mapping[str, object] = NOTHING) -> None:
    """Keep a model in the place of the one before; `about` says in a line what it is, `meta` what else there is to say.

    Raises: ValueError if the line is blank, or the model can't be saved: another tokenizer's, or diverged.
    """
    if not about.strip():
        raise ValueError("about: expected a line that says what the model is, got none; write one for the reader.")
    save_checkpoint(my_folder(), MINE, model, tokenizer, {**meta, "about": about})
    if _tell is not None:
        _tell({name: (my_folder() / name).read_bytes() for name in FILES})


def is_kept() -> bool:
    """Whether there is one."""
    return all((my_folder() / name).is_file() for name in FILES)


def on_keep(tell: Tell | None) -> None:
    """Have this function hear of the files, by name, whenever a model is kept; None tells nobody."""
    global _tell
    _tell = tell


def restore(files: Mapping[str, bytes]) -> None:
    """Put the files that `on_keep` told of back in their place; nobody is told of it.

    Raises: ValueError if they are not just those.
    """
    if set(files) != set(FILES):
        raise ValueError(f"files: expected {', '.join(FILES)}; got {', '.join(files) or 'none'}; give all of them.")
    for name in FILES:
        write_whole(my_folder() / name, bytes(files[name]))
