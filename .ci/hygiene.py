"""What must not be in a tracked file: traces of a merge, of one machine, of one registry, or too many bytes.

Usage: .ci/hygiene.py FILE...   prints one line for each fault, and fails if there is one.
"""

import re
import sys
from pathlib import Path

LARGEST_BYTES = 1024 * 1024
LARGE_FILES: frozenset[str] = frozenset()  # paths that may be larger, each with its reason

FAULTS = {
    "a merge marker": re.compile(r"^(<{7}|>{7}) ", re.MULTILINE),
    "the address of a package registry": re.compile(
        r"registry\.(npmjs|yarnpkg)\.|(?<![\w.])(test\.)?pypi\.org|files\.pythonhosted\.org|deb\.debian\.org"
        r"|--(extra-)?index-url|^\s*registry\s*=|\"resolved\":\s*\"http",
        re.MULTILINE,
    ),
    "a path into somebody's home folder": re.compile(
        r"(?<![\w./-])/(home|Users)/[A-Za-z][\w.-]*/|(?<![\w./-])/root[/]"
    ),
}


def faults(path: Path) -> list[str]:
    """What is wrong with a file, one line each: where and what."""
    content = path.read_bytes()
    found = []
    if len(content) > LARGEST_BYTES and path.as_posix() not in LARGE_FILES:
        found.append(f"{path}: {len(content)} bytes, more than {LARGEST_BYTES} (see LARGE_FILES in .ci/hygiene.py)")
    if b"\0" not in content:
        text = content.decode("utf-8", errors="replace")
        for name, pattern in FAULTS.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path}:{line}: {name}: {match[0].strip()}")
    return found


if __name__ == "__main__":
    everything = [fault for name in sys.argv[1:] for fault in faults(Path(name))]
    print("\n".join(everything), end="\n" if everything else "")
    sys.exit(bool(everything))
