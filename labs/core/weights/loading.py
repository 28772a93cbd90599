"""A published model, ready to be run: our Transformer, its tokenizer, and where it stops."""

from dataclasses import dataclass
from pathlib import Path

from labs.core.model.transformer import Transformer
from labs.core.weights.chatml import ChatML, read_chatml, read_template
from labs.core.weights.faults import WeightsError, read_json
from labs.core.weights.finding import GENERATION_CONFIG, find_folder
from labs.core.weights.parameters import read_parameters
from labs.core.weights.published_config import CONFIG, read_config
from labs.core.weights.published_tokenizer import TOKENIZER, PublishedTokenizer


@dataclass(frozen=True)
class Published:
    """A published model; `stop_ids` end a text, `has_template`: it came with a chat template, as tuned models do."""

    name: str
    folder: Path
    model: Transformer
    tokenizer: PublishedTokenizer
    stop_ids: tuple[int, ...]
    has_template: bool

    def chatml(self) -> ChatML:
        """The markup that the model was tuned on.

        Raises: WeightsError if it is a base model, or uses other markup than ChatML.
        """
        return read_chatml(self.folder, self.tokenizer)


def load_published(name: str) -> Published:
    """Load a folder or a hub id; weights are mapped, and stored in float32 they are not even copied.

    Raises: ValueError if it can't be found, WeightsError with file, key and reason if it can't be read or computed.
    """
    folder = find_folder(name)
    config = read_config(folder)
    tokenizer = PublishedTokenizer(folder / TOKENIZER, config.vocab_size)
    stop_ids = read_stop_ids(folder, config.vocab_size)
    model = Transformer(config, read_parameters(folder, config))
    return Published(name, folder, model, tokenizer, stop_ids, read_template(folder) is not None)


def read_stop_ids(folder: Path, vocab_size: int) -> tuple[int, ...]:
    """The tokens that end a text, from generation_config.json or else config.json.

    Raises: WeightsError if one is no token of the model.
    """
    for path in (folder / GENERATION_CONFIG, folder / CONFIG):
        ids = read_json(path).get("eos_token_id") if path.is_file() else None
        if ids is None:
            continue
        ids = ids if isinstance(ids, list) else [ids]
        for token in ids:
            if isinstance(token, bool) or not isinstance(token, int) or not 0 <= token < vocab_size:
                raise WeightsError(path, "eos_token_id", f"expected ids from 0 to {vocab_size - 1}, got {token!r}.")
        return tuple(ids)
    return ()
