"""Where a published model lies: a folder, or an id on the Hugging Face hub, which is then downloaded once."""

import re
from pathlib import Path

from labs.core.weights.chatml import TEMPLATE_FILES
from labs.core.weights.faults import extra
from labs.core.weights.parameters import INDEX, SINGLE
from labs.core.weights.published_config import CONFIG
from labs.core.weights.published_tokenizer import TOKENIZER

GENERATION_CONFIG = "generation_config.json"
FILES = (CONFIG, GENERATION_CONFIG, TOKENIZER, *TEMPLATE_FILES, SINGLE, INDEX, "model-*-of-*.safetensors")
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def find_folder(name: str) -> Path:
    """The folder of a published model; a hub id's files go to the hub's own cache, and only those that we read.

    Raises: ValueError if there is no such folder and the hub can't be asked, or doesn't have it.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if not HUB_ID.fullmatch(name):
        raise ValueError(
            f"Weights: expected a folder, or a hub id like HuggingFaceTB/SmolLM2-135M, got {name!r}; "
            "there is no such folder here."
        )
    hub = extra("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=list(FILES)))
    except Exception as error:  # the hub's classes, its HTTP client's, the disk's
        raise ValueError(
            f"Weights: expected {name} from the Hugging Face hub or its cache here, got {type(error).__name__}: "
            f"{str(error).strip().splitlines()[0] if str(error).strip() else 'no reason given'}; "
            "is the name right, and is there a network? A folder with the model's files needs none."
        ) from error
