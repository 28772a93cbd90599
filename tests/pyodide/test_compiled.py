"""The byte-compiled runtime does what Pyodide's own files do, and compiles nothing."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pyodide.conftest import Shipped, checkpoints_folder, shipped_options

# Statements, then an expression: library code of many kinds, with results that are exact or rounded.
CALLS = {
    "json": "import json\njson.dumps(json.loads('[1, 2.5, {\"a\": null}]'), sort_keys=True, indent=1)",
    "re": "import re\nrepr(re.findall(r'(\\w)(?=\\d)|(ü+)', 'a1b2 üü', re.I))",
    "datetime": "import datetime\nstr(datetime.datetime(2024, 2, 28) + datetime.timedelta(days=2, seconds=1))",
    "strptime": "import time\nrepr(time.strptime('2024-02-29 07:08', '%Y-%m-%d %H:%M')[:5])",
    "decimal": "import decimal\nstr(decimal.Decimal(2).sqrt() + decimal.Decimal('1e-20'))",
    "fractions": "import fractions\nstr(fractions.Fraction('0.125') ** -3 / 7)",
    "statistics": "import statistics\nrepr(statistics.quantiles([3, 1, 4, 1, 5, 9, 2, 6], n=4))",
    "random": "import random\nrandom.seed(7)\nrepr([random.gauss(0, 1), random.sample(range(99), 3)])",
    "collections": "import collections\nrepr(collections.Counter('abracadabra').most_common(2))",
    "dataclasses": "import dataclasses\nrepr(dataclasses.make_dataclass('A', [('x', int)])(3))",
    "typing": "import typing\nrepr(typing.get_args(typing.Literal['a', 'b'] | None))",
    "enum": "import enum\nrepr(enum.Flag('F', 'A B C')(5))",
    "textwrap": "import textwrap\ntextwrap.fill('the quick brown fox jumps', 10)",
    "difflib": "import difflib\n'|'.join(difflib.unified_diff(['a', 'b'], ['a', 'c'], lineterm=''))",
    "ast": "import ast\nast.unparse(ast.parse('x  =  (1+2)*y[::2]'))",
    "csv": "import csv, io\nrepr(list(csv.reader(io.StringIO('a,\"b,c\"\\n1,2'))))",
    "email": "import email\nemail.message_from_string('Subject: =?utf-8?q?=C3=BC?=\\n\\nbody')['subject']",
    "html": "import html\nhtml.unescape('&eacute;&#x1F600;&notit;')",
    "urllib": "import urllib.parse\nrepr(urllib.parse.urlsplit('https://a.b/c;d?e=f#g'))",
    "base64": "import base64, hashlib\nbase64.b85encode(hashlib.sha256(b'x').digest()).decode()",
    "codecs": "repr('grüße €'.encode('cp1252') + '漢'.encode('shift_jis'))",
    "pprint": "import pprint\npprint.pformat({i: list(range(i)) for i in range(9)}, width=30)",
    "inspect": "import inspect, random\nstr(inspect.signature(random.Random.choices))",
    "docstring": "import textwrap\ntextwrap.dedent.__doc__",
    "numpy version": "import numpy\nnumpy.__version__ + numpy.sum.__doc__",
    "numpy random": "import numpy\nrepr(numpy.random.default_rng(3).normal(size=4).tolist())",
    "numpy linalg": "import numpy\nrepr(numpy.linalg.svd(numpy.arange(6.0).reshape(2, 3))[1].tolist())",
    "numpy fft": "import numpy\nrepr(numpy.fft.rfft([1, 2, 3, 4]).tolist())",
    "numpy matmul": "import numpy\na = numpy.ones((3, 4), 'f4')\nrepr((a @ a.T).tolist())",
    "numpy polynomial": "import numpy\nstr(numpy.polynomial.Polynomial([1, 2, 3]).deriv())",
    "numpy masked": "import numpy\nrepr(numpy.ma.masked_greater([1, 5, 3], 3).filled(0).tolist())",
    "numpy print": "import numpy\nstr(numpy.linspace(0, 1, 7).astype('f4'))",
    "numpy testing": "import numpy.testing\nrepr(numpy.testing.assert_allclose([1.0], [1.0]))",
    "numpy error": "import numpy\ntry:\n    numpy.ones(3) @ numpy.ones(4)\nexcept ValueError as e: said = str(e)\nsaid",
}

IMPORT_ALL = """
import contextlib, importlib, io, json, sys
from pathlib import Path
def import_all():
    import warnings, zipfile
    archive, found = zipfile.ZipFile(next(p for p in sys.path if p.endswith(".zip"))), {{}}
    paths = [name for name in archive.namelist() if name.endswith((".py", ".pyc"))]
    site = Path(importlib.import_module("numpy").__file__).parents[1]
    paths += [str(p.relative_to(site)) for p in site.joinpath("numpy").rglob("*.py*") if p.suffix in (".py", ".pyc")]
    skipped = "antigravity", "this"
    for path in sorted(paths):
        name = path.rpartition(".")[0].replace("/", ".").removesuffix(".__init__")
        if name.endswith("__main__") or name in skipped or "__pycache__" in path: continue
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
                importlib.import_module(name)
            found[name] = "ok"
        except BaseException as error:
            found[name] = type(error).__name__
    return found
json.dumps(import_all())
"""

WATCH = """
import importlib, json, sys
from importlib.machinery import SourceFileLoader
import zipimport
compiled = []
real_source, real_zip = SourceFileLoader.source_to_code, zipimport._compile_source
def source_to_code(self, data, path, *, _optimize=-1):
    compiled.append(str(path))
    return real_source(self, data, path)
def compile_source(path, source):
    compiled.append(path)
    return real_zip(path, source)
SourceFileLoader.source_to_code, zipimport._compile_source = source_to_code, compile_source
{imports}
SourceFileLoader.source_to_code, zipimport._compile_source = real_source, real_zip
json.dumps(compiled)
"""

WITHOUT_LOSS = {  # what Pyodide brings and the page has not
    "__phello__",
    "__phello__.spam",
    "_pydatetime",
    "_pyio",
    "asyncio.windows_events",
    "asyncio.windows_utils",
    "concurrent.futures.process",  # a page has one process
    "ftplib",  # this and the next three speak through sockets, which a page has not
    "imaplib",
    "poplib",
    "smtplib",
}

WITHOUT_USE = {"_pyrepl", "multiprocessing", "wsgiref", "xmlrpc"}  # for want of a terminal, processes and sockets


@pytest.fixture(scope="module")
def shipped(built_site: Path) -> Iterator[Shipped]:
    """The shipped Python, one of its own: modules are imported again here, which others would notice."""
    running = Shipped(shipped_options(built_site), checkpoints_folder(built_site))
    yield running
    running.close()


@pytest.mark.parametrize("name", CALLS)
def test_the_library_gives_the_same_results(name: str, original: Shipped, shipped: Shipped) -> None:
    expected = original.evaluate(CALLS[name])
    assert expected
    assert shipped.evaluate(CALLS[name]) == expected


def test_every_module_that_could_be_imported_still_can(original: Shipped, shipped: Shipped) -> None:
    theirs, ours = (json.loads(str(one.evaluate(IMPORT_ALL.format()))) for one in (original, shipped))
    lost = {name for name, how in theirs.items() if ours.get(name) != how and "._examples." not in name}
    lost = {name for name in lost if name.split(".")[0] not in WITHOUT_USE}
    assert lost - WITHOUT_LOSS == set()
    assert len(ours) > 550


def watched(python: Shipped, imports: str) -> list[str]:
    """The sources that were compiled while something was imported."""
    compiled: list[str] = json.loads(str(python.evaluate(WATCH.format(imports=imports))))
    return compiled


def test_nothing_is_compiled_when_it_is_imported(shipped: Shipped) -> None:
    again = "for name in [name for name in sys.modules if name.split('.')[0] in {names}]: del sys.modules[name]\n"
    labs = again.format(names="['labs']") + (
        "import contextlib, pkgutil, labs\n"
        "for found in pkgutil.walk_packages(labs.__path__, 'labs.'):\n"
        "    with contextlib.suppress(ModuleNotFoundError):  # Matplotlib, and what only the command line needs\n"
        "        if '__main__' not in found.name: importlib.import_module(found.name)"
    )
    library = again.format(names="['json', 'email', 'unittest', 'wave']") + (
        "import email.parser, json.tool, unittest.mock, wave"
    )
    assert watched(shipped, labs) == []
    assert watched(shipped, library) == []


def test_the_watch_sees_what_is_compiled(original: Shipped) -> None:
    fresh = "sys.modules.pop('json.tool', None)\nimport json.tool\nsys.modules.pop('colorsys', None)\nimport colorsys"
    original.evaluate("import argparse, gettext\n0")  # what json.tool itself imports
    assert {path.rpartition("/")[2] for path in watched(original, fresh)} == {"tool.py", "colorsys.py"}


def test_numpy_has_bytecode_only_and_labs_both(shipped: Shipped) -> None:
    numpy = "from pathlib import Path\nimport numpy\nlen(list(Path(numpy.__file__).parent.rglob('*.py')))"
    assert shipped.evaluate(numpy) == 0
    labs = "import labs.core.bridge as b\nrepr((b.__spec__.origin, b.__spec__.cached))"
    root = "/lib/python3.14/site-packages/labs/core"
    assert shipped.evaluate(labs) == repr((f"{root}/bridge.py", f"{root}/__pycache__/bridge.cpython-314.pyc"))


def test_a_traceback_through_labs_shows_its_source_with_the_place_marked(shipped: Shipped) -> None:
    source = (
        "import traceback\nfrom labs.core import bridge\n"
        "try:\n    bridge.load_lab('no such lab')\nexcept Exception:\n    said = traceback.format_exc()\nsaid"
    )
    said = str(shipped.evaluate(source))
    assert "/lib/python3.14/site-packages/labs/core/" in said
    assert re.search(r'labs/core/finding\.py", line \d+, in \w+\n    raise _unknown\("lab"', said), said


def test_the_source_of_a_lab_can_be_read(shipped: Shipped) -> None:
    source = "import inspect\nfrom labs.core import bridge\ninspect.getsource(bridge.run_cell)"
    assert str(shipped.evaluate(source)).startswith("async def run_cell(")
