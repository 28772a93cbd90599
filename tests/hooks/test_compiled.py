"""Archives of modules, byte-compiled by the page's own Python: complete, the same each time, made once."""

import importlib.util
import json
import marshal
import subprocess
import sys
import zipfile
from pathlib import Path
from types import CodeType

import pytest

from overrides.hooks import compiled
from overrides.hooks.common import ROOT, node
from overrides.hooks.compiled import PACKAGES_ROOT, STDLIB_ROOT, byte_compiled
from overrides.hooks.compiling import LEFT_OUT_MODULES, compile_archive, is_kept, new_record
from tests.hooks.conftest import Stops

PYODIDE_FOLDER = ROOT / "node_modules/pyodide"
STDLIB = PYODIDE_FOLDER / "python_stdlib.zip"
SOURCE = 'def f(x):\n    """Says."""\n    assert x\n    return {"b", "a", "c"}\n'
WHEEL = {
    "pkg/__init__.py": SOURCE,
    "pkg/part.py": "from . import f\n",
    "pkg/data.txt": "data",
    "pkg/tests/test_it.py": "import pytest\n",
    "pkg/__init__.pyi": "def f(x: int) -> set[str]: ...\n",
    "pkg/include/pkg.h": "int f(int);\n",
    "pkg-1.0.data/scripts/run.py": "#!python\n",
    "pkg-1.0.dist-info/METADATA": "Name: pkg\n",
    "pkg-1.0.dist-info/RECORD": "wrong",
}


def archive(path: Path, content: dict[str, str]) -> Path:
    """A zip with this content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in content.items():
            made.writestr(name, text)
    return path


def contents(path: Path) -> dict[str, bytes]:
    """The files of an archive."""
    with zipfile.ZipFile(path) as read:
        return {name: read.read(name) for name in read.namelist()}


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return archive(tmp_path / "pkg-1.0-py3-none-any.whl", WHEEL)


@pytest.fixture(scope="module")
def stdlib(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The standard library as the page gets it."""
    (made,) = byte_compiled([STDLIB], STDLIB_ROOT, False, PYODIDE_FOLDER, tmp_path_factory.mktemp("cache"))
    return made


def test_bytecode_takes_the_place_of_sources_and_what_a_page_cannot_use_is_left_out(
    wheel: Path, tmp_path: Path
) -> None:
    compile_archive(wheel, tmp_path / "made.whl", "/site", keep_sources=False)
    made = contents(tmp_path / "made.whl")
    assert set(made) == {
        "pkg/__init__.pyc",
        "pkg/part.pyc",
        "pkg/data.txt",
        "pkg-1.0.data/scripts/run.py",
        "pkg-1.0.dist-info/METADATA",
        "pkg-1.0.dist-info/RECORD",
    }
    record = made["pkg-1.0.dist-info/RECORD"].decode().splitlines()
    assert [line.split(",")[0] for line in record] == sorted(made)
    assert any(line.startswith("pkg/data.txt,sha256=") and line.endswith(",4") for line in record)


def test_sources_stay_with_their_bytecode_where_python_caches_it(wheel: Path, tmp_path: Path) -> None:
    compile_archive(wheel, tmp_path / "made.whl", "/site", keep_sources=True)
    made = contents(tmp_path / "made.whl")
    assert {name: made[name].decode() for name in WHEEL if not name.endswith("RECORD")} == {
        name: text for name, text in WHEEL.items() if not name.endswith("RECORD")
    }
    assert f"pkg/__pycache__/part.{sys.implementation.cache_tag}.pyc" in made


def test_bytecode_is_used_unchecked_names_its_place_and_keeps_docstrings_and_asserts(
    wheel: Path, tmp_path: Path
) -> None:
    compile_archive(wheel, tmp_path / "made.whl", "/lib/site", keep_sources=False)
    made = contents(tmp_path / "made.whl")["pkg/__init__.pyc"]
    assert made[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(made[4:8], "little") == 0b01, "a hash that is not checked"
    code = marshal.loads(made[16:])
    assert code.co_filename == "/lib/site/pkg/__init__.py"
    (function,) = [one for one in code.co_consts if isinstance(one, CodeType)]
    names: dict[str, object] = {}
    exec(code, names)
    assert function.co_filename == code.co_filename
    with pytest.raises(AssertionError):
        names["f"](0)  # type: ignore[operator] # names that exec made are objects
    assert names["f"].__doc__ == "Says."


def test_entries_are_stored_with_a_fixed_time(wheel: Path, tmp_path: Path) -> None:
    compile_archive(wheel, tmp_path / "made.whl", "/site", keep_sources=True)
    with zipfile.ZipFile(tmp_path / "made.whl") as made:
        names = made.namelist()
        assert names == sorted(names)
        assert {(one.compress_type, one.date_time) for one in made.infolist()} == {
            (zipfile.ZIP_STORED, (2020, 1, 1, 0, 0, 0))
        }


@pytest.mark.parametrize(
    "name", ["numpy/f2py/cfuncs.py", "_pyrepl/pager.py", "mpl/mpl-data/matplotlibrc", "a/testing/x.py", "tests.py"]
)
def test_what_may_be_imported_or_read_is_kept(name: str) -> None:
    assert is_kept(name)


def test_a_record_names_itself_without_a_hash() -> None:
    assert new_record("r", {"a": b"x", "m.pyc": b"y", "r": b""}).decode().splitlines() == [
        "a,sha256=LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE,1",
        "m.pyc,,",
        "r,,",
    ]


def test_every_module_of_the_standard_library_is_there_as_bytecode_of_the_pages_python(stdlib: Path) -> None:
    before, after = contents(STDLIB), contents(stdlib)
    modules = {name for name in before if name.endswith(".py")}
    expected = {f"{name}c" for name in modules if is_kept(name)}
    assert modules - {name.removesuffix("c") for name in expected} < {
        name
        for name in modules
        if name in LEFT_OUT_MODULES
        or name.startswith(("__phello__/", "_pyrepl/", "multiprocessing/", "wsgiref/", "xmlrpc/"))
    }
    assert {name for name in after if name.endswith(".pyc")} == expected
    assert not [name for name in after if name.endswith(".py")]
    assert len(expected) > 450
    said = subprocess.run(
        [node(), "--input-type=module", "-e", MAGIC], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {after[name][:4].hex() for name in expected} == {said.stdout.strip()}


MAGIC = """
import { loadPyodide } from "pyodide";
const python = await loadPyodide({ stdout: console.error });
console.log(python.runPython("import importlib.util\\nimportlib.util.MAGIC_NUMBER.hex()"));
"""


def test_the_same_archive_gives_the_same_bytes_whatever_is_compiled_before_it(tmp_path: Path, wheel: Path) -> None:
    other = archive(tmp_path / "other.whl", {"other.py": f"x = 1\n{SOURCE}"})
    first = byte_compiled([wheel], PACKAGES_ROOT, False, PYODIDE_FOLDER, tmp_path / "one")
    second = byte_compiled([other, wheel], PACKAGES_ROOT, False, PYODIDE_FOLDER, tmp_path / "two")
    assert first[0].name == wheel.name
    assert first[0].read_bytes() == second[1].read_bytes()


def test_what_was_compiled_is_not_compiled_again(tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = []

    def pretend(command: list[str], what: str, fix: str) -> str:
        starts.append(what)
        for source, target in json.loads(Path(command[-1]).read_text())["archives"]:
            Path(target).write_bytes(b"compiled " + Path(source).read_bytes())
        return ""

    monkeypatch.setattr(compiled, "run", pretend)
    other = archive(tmp_path / "other.whl", {"other.py": ""})
    made = byte_compiled([wheel], "/site", False, PYODIDE_FOLDER, tmp_path / "cache")
    assert byte_compiled([wheel], "/site", False, PYODIDE_FOLDER, tmp_path / "cache") == made
    assert starts == [f"Byte-compiling {wheel.name}"]
    byte_compiled([other, wheel], "/site", False, PYODIDE_FOLDER, tmp_path / "cache")
    assert starts[1:] == ["Byte-compiling other.whl"]
    for root, sources in (("/elsewhere", False), ("/site", True)):
        assert byte_compiled([wheel], root, sources, PYODIDE_FOLDER, tmp_path / "cache") != made
    archive(wheel, {**WHEEL, "pkg/part.py": "x = 2\n"})
    assert byte_compiled([wheel], "/site", False, PYODIDE_FOLDER, tmp_path / "cache") != made
    assert len(starts) == 5


def test_a_module_that_does_not_compile_stops_the_build_and_is_named(tmp_path: Path, stops: Stops) -> None:
    broken = archive(tmp_path / "pkg-1.0-py3-none-any.whl", {"pkg/bad.py": "x = 1\nx = = 2\n"})
    with stops("Byte-compiling pkg-1.0", "site-packages/pkg/bad.py, line 2: invalid syntax", "mend"):
        byte_compiled([broken], PACKAGES_ROOT, True, PYODIDE_FOLDER, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
