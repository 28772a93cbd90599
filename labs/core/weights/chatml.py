"""ChatML around a conversation, for a published model that was tuned on it.

A published chat template is a program in Jinja. We run none: most small open models use ChatML, whose layout is fixed,
and the one thing that a template may add is a system message that it writes when there is no other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labs.core.model.chat import Message
from labs.core.weights.faults import WeightsError, read_json
from labs.core.weights.published_tokenizer import PublishedTokenizer

START, END = "<|im_start|>", "<|im_end|>"
TEMPLATE_FILES = ("chat_template.jinja", "chat_template.json", "tokenizer_config.json")  # the last one in older models

# A system turn written out in the template, with nothing computed inside it.
SYSTEM_TURN = re.compile(rf"{re.escape(START)}system(?:\n|\\n)((?:[^'\"{{}}\\]|\\.)*){re.escape(END)}")
ESCAPES = {r"\n": "\n", r"\'": "'", r"\"": '"', r"\\": "\\"}


@dataclass(frozen=True)
class ChatML:
    """Turns of `<|im_start|>{role}⏎{content}<|im_end|>⏎`; `system` is the content of a first turn that nobody wrote.

    Raises: WeightsError if the tokenizer lacks a marker.
    """

    tokenizer: PublishedTokenizer
    system: str | None = None

    def __post_init__(self) -> None:
        """Look for the markers now, not in the middle of a conversation."""
        self.tokenizer.special_id(START)
        self.tokenizer.special_id(END)

    @property
    def end_id(self) -> int:
        """The token that ends a turn."""
        return self.tokenizer.special_id(END)

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Ids of a conversation, up to where the assistant's next reply begins."""
        if self.system and not (messages and messages[0].role == "system"):
            messages = [Message("system", self.system), *messages]
        start = self.tokenizer.special_id(START)
        ids: list[int] = []
        for message in messages:
            turn = self.tokenizer.encode(f"{message.role}\n{message.content}")
            ids += [start, *turn, self.end_id, *self.tokenizer.encode("\n")]
        return [*ids, start, *self.tokenizer.encode("assistant\n")]


def read_template(folder: Path) -> tuple[Path, str] | None:
    """The chat template of a tuned model and the file that it stands in; None for a base model, which has none.

    Raises: WeightsError if such a file is damaged.
    """
    for path in (folder / name for name in TEMPLATE_FILES):
        if not path.is_file():
            continue
        template = path.read_text("utf-8") if path.suffix == ".jinja" else read_json(path).get("chat_template")
        if isinstance(template, list):  # several by name; the one for plain chat is called default
            template = {entry.get("name"): entry.get("template") for entry in template}.get("default")
        if isinstance(template, str):
            return path, template
    return None


def read_chatml(folder: Path, tokenizer: PublishedTokenizer) -> ChatML:
    """The ChatML of a tuned model, with the system message that its template writes by itself, if it does.

    Raises: WeightsError if the model has no template, one of another layout, or a tokenizer without the markers.
    """
    found = read_template(folder)
    if found is None:
        path = folder / TEMPLATE_FILES[-1]
        raise WeightsError(path, "chat_template", "expected a tuned model's, got none: this is a base model.")
    path, template = found
    if START not in template or END not in template:
        reason = f"expected ChatML, with {START} and {END}, got another layout; --plain continues text without one."
        raise WeightsError(path, "chat_template", reason)
    turn = SYSTEM_TURN.search(template)
    system = re.sub(r"\\.", lambda escape: ESCAPES.get(escape[0], escape[0]), turn[1]) if turn else None
    return ChatML(tokenizer, system)
