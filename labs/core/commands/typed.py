"""What the user of a chat types."""

import sys
from collections.abc import Iterator


def typed_lines() -> Iterator[str]:
    """What is typed, or piped in (then shown too), until the end of input or Ctrl-C."""
    while True:
        try:
            line = input("\n> ")
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if not sys.stdin.isatty():
            print(line)
        yield line
