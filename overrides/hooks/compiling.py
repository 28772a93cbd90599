"""Byte-compiles the modules of an archive, and leaves out what a page has no use for.

The standard library only: this runs in the page's own Python, under Node (compile.mjs), whose bytecode it must be.
"""

import base64
import hashlib
import importlib.util
import marshal
import posixpath
import sys
import zipfile
from pathlib import Path

TIME_STAMP = (2020, 1, 1, 0, 0, 0)
UNCHECKED_HASH = (1).to_bytes(4, "little")  # PEP 552: never compared with a source
LEFT_OUT_SUFFIXES = (".pyi", ".h", ".a", ".pxd", ".pyx", ".c", ".in", ".template", ".build", ".bat", ".exe")
LEFT_OUT_MODULES = {  # doubles of what Pyodide has in C, what only Windows can run, and what a page has no sockets for
    "_pydatetime.py",
    "_pyio.py",
    "asyncio/windows_events.py",
    "asyncio/windows_utils.py",
    "ftplib.py",
    "imaplib.py",
    "poplib.py",
    "smtplib.py",
}
PYREPL = {f"_pyrepl/{name}.py" for name in ("__init__", "pager", "trace", "types", "utils")}
"""What of the terminal's own prompt other modules need; for the rest there is no terminal."""
LEFT_OUT_FOLDERS = {
    "tests",
    "multiprocessing",  # there is one process
    "wsgiref",  # a server and remote calls, which need sockets
    "xmlrpc",
    "idlelib",
    "idle_test",
    "turtledemo",
    "ensurepip",
    "__phello__",
    "_examples",
    "__pycache__",
}


def compile_archive(source: Path, target: Path, root: str, keep_sources: bool) -> None:
    """Write the archive again with its modules byte-compiled; the same content gives the same bytes.

    `root` is the folder, or the archive, from which the page will import: it stands in tracebacks. With `keep_sources`
    the sources stay and bytecode lies where Python caches it; without, bytecode takes their places. Entries are stored
    as they are, so that the compression of HTTP has the whole archive to work on.

    Raises: SyntaxError or ValueError, with the file's name, if a module can't be compiled.
    """
    with zipfile.ZipFile(source) as archive:
        entries = {name: archive.read(name) for name in archive.namelist() if keep_sources or is_kept(name)}
    made: dict[str, bytes] = {}
    for name, content in entries.items():
        if name.endswith("/"):
            continue
        if not name.endswith(".py") or is_data(name):
            made[name] = content
            continue
        if keep_sources:
            made[name] = content
        made[cached(name) if keep_sources else f"{name}c"] = bytecode(content, posixpath.join(root, name))
    record = next((name for name in made if name.endswith(".dist-info/RECORD")), None)
    if record is not None:
        made[record] = new_record(record, made)
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(made):
            archive.writestr(zipfile.ZipInfo(name, TIME_STAMP), made[name], zipfile.ZIP_STORED)


def is_kept(name: str) -> bool:
    """Whether a file can be of use in the page: all but tests, stubs, and what only a compiler of C reads."""
    *folders, file = name.split("/")
    if name in LEFT_OUT_MODULES or (folders == ["_pyrepl"] and name not in PYREPL):
        return False
    return not (file.endswith(LEFT_OUT_SUFFIXES) or LEFT_OUT_FOLDERS & set(folders))


def is_data(name: str) -> bool:
    """Whether a file ends in `.py` and is yet no module: one that a wheel installs elsewhere."""
    return ".data/" in name


def cached(name: str) -> str:
    """Where the page's Python looks for the bytecode of a source."""
    folder, file = posixpath.split(name)
    return posixpath.join(folder, "__pycache__", f"{file.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc")


def bytecode(source: bytes, filename: str) -> bytes:
    """A `.pyc` file that is used unchecked; asserts and docstrings stay."""
    code = compile(source, filename, "exec", dont_inherit=True, optimize=0)
    return importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source) + marshal.dumps(code)


def new_record(record: str, made: dict[str, bytes]) -> bytes:
    """The wheel's list of its files; bytecode has no hash in it, as wherever Python is installed."""
    lines = []
    for name in sorted(made):
        if name == record or name.endswith(".pyc"):
            lines.append(f"{name},,")
            continue
        digest = base64.urlsafe_b64encode(hashlib.sha256(made[name]).digest()).decode().rstrip("=")
        lines.append(f"{name},sha256={digest},{len(made[name])}")
    return "\n".join([*lines, ""]).encode()
