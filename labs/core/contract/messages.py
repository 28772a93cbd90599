"""A control that gives a conversation, message by message."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labs.core.contract.declaring import check_declaration, refusal

ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True)
class Messages:
    """A conversation that the reader edits: up to `max_messages`, each of a role and up to `max_length` characters.

    Whether the order makes sense is the lab's to say: a reader may want to see what comes of one that doesn't.
    Raises: ValueError if a limit is below 1, or the default exceeds them.
    """

    name: str
    label: str
    default: Sequence[Mapping[str, str]]
    max_messages: int = 8
    max_length: int = 400
    help: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        for limit in (self.max_messages, self.max_length):
            if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
                raise refusal(self.name, "limits of 1 or more", limit, "count messages and characters")
        check_declaration(self)
        object.__setattr__(self, "default", self.check(self.default))

    def check(self, value: object) -> tuple[dict[str, str], ...]:
        """The messages, each a role and its content, or a ValueError that names the first bad one."""
        expected = f"a list of at most {self.max_messages} messages"
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            raise refusal(self.name, expected, value, 'write [{"role": "user", "content": "Hello"}]')
        if len(value) > self.max_messages:
            raise refusal(self.name, expected, f"{len(value)} messages", "remove some")
        return tuple(self._checked(number, message) for number, message in enumerate(value, start=1))

    def _checked(self, number: int, message: object) -> dict[str, str]:
        if not isinstance(message, Mapping) or set(message) != {"role", "content"}:
            raise refusal(self.name, f"role and content in message {number}", message, "give just these two")
        role, content = message["role"], message["content"]
        if role not in ROLES:
            raise refusal(self.name, f"one of {', '.join(ROLES)} as role of message {number}", role, "choose one")
        if not isinstance(content, str) or len(content) > self.max_length:
            most = f"text of at most {self.max_length} characters in message {number}"
            raise refusal(self.name, most, content, "shorten it")
        return {"role": role, "content": content}

    def parse(self, text: str) -> tuple[dict[str, str], ...]:
        """The value that a command line's text stands for: the messages as JSON."""
        try:
            return self.check(json.loads(text))
        except json.JSONDecodeError:
            raise refusal(self.name, "JSON", text, 'write [{"role": "user", "content": "Hello"}]') from None
