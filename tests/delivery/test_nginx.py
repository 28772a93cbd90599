"""The nginx configuration that hosts are given, as it is, over files with the names that a build makes."""

import contextlib
import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.delivery.conftest import ROOT

pytestmark = pytest.mark.site

CONFIGURATION = ROOT / "docs/guides/nginx.conf"
SECONDS_TO_START = 10
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".map": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",  # nothing may follow: browsers compare it whole
    ".whl": "application/zip",
    ".zip": "application/zip",
    ".npz": "application/octet-stream",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".xml": "application/xml; charset=utf-8",
    ".gz": "application/gzip",
    ".br": "application/octet-stream",
}
SMALL_SITE = [
    "index.html",
    "404.html",
    "guides/hosting/index.html",
    "modules/runtime/index.html",
    "search/search_index.json",
    "sitemap.xml",
    "sitemap.xml.gz",
    "assets/images/favicon.png",
    "assets/images/a.svg",
    "assets/javascripts/bundle.d1ba3f0a.min.js",
    "assets/stylesheets/main.618322db.min.css",
    "assets/javascripts/lunr/min/lunr.da.min.js",
    "assets/browser/main-AB12CD34.js",
    "assets/browser/chunk-0F0F0F0F.js",
    "assets/browser/site-AB12CD34.css",
    "runtime/314.0.3/pyodide.mjs",
    "runtime/314.0.3/pyodide.asm.wasm",
    "runtime/314.0.3/python_stdlib.zip",
    "runtime/314.0.3/numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl",
    "runtime/labs-0123456789ab/pyodide-lock.json",
    "runtime/labs-0123456789ab/labs-0.1.0-py3-none-any.whl",
    "runtime/lab-0123456789ab/gap.zip",
    "runtime/checkpoints-0123456789ab/base.npz",
]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Server:
    port: int

    def get(self, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={name.replace("_", "-"): v for name, v in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def replace_once(pattern: str, new: str, text: str) -> str:
    changed, count = re.subn(pattern, new, text)
    assert count == 1, f"{CONFIGURATION} has {count} lines like {pattern}"
    return changed


@contextlib.contextmanager
def serving(site: Path, folder: Path) -> Iterator[Server]:
    """nginx over `site`: the shipped file with another root and port; `folder` gets all that it writes."""
    path = "/usr/local/sbin:/usr/sbin:/sbin"
    nginx = os.environ.get("NGINX") or shutil.which("nginx") or shutil.which("nginx", path=path)
    if nginx is None:
        pytest.skip("nginx is not installed; `make test` installs it")
    port = free_port()
    text = replace_once(r"listen 8080;", f"listen 127.0.0.1:{port};", CONFIGURATION.read_text())
    configuration = folder / "nginx.conf"
    configuration.write_text(replace_once(r"(?m)^( +)root /.*;$", rf'\1root "{site}";', text))
    command = [nginx, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]
    if os.geteuid() == 0:
        command += ["-g", "user root;"]  # or its workers could not read pytest's private folders
    with (folder / "stderr").open("w+") as stderr, subprocess.Popen(command, stderr=stderr) as process:
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.02)
            else:
                stderr.seek(0)
                pytest.fail(f"nginx did not start: {stderr.read()}")
            yield Server(port)
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for name in SMALL_SITE:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{name}\n".encode() * 200)
    (folder / ".hidden").write_text("not for readers")
    return folder


@pytest.fixture(scope="module")
def server(small_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(small_site, tmp_path_factory.mktemp("nginx")) as running:
        yield running


def cache_rule(name: str) -> str:
    ours = name.startswith(("runtime/", "assets/browser/"))
    themes = re.fullmatch(r"assets/.+\.[0-9a-f]{8}\.min\.(js|css)", name)
    return FOR_EVER if ours or themes else "no-cache"


@pytest.mark.parametrize("name", SMALL_SITE)
def test_every_file_has_its_type_and_its_cache_rule(server: Server, name: str) -> None:
    answer = server.get(f"/{name}")
    if name == "404.html":
        assert answer.status == 404
        return
    assert answer.status == 200
    assert answer.headers["Content-Type"] == TYPES[Path(name).suffix]
    assert answer.headers.get_all("Cache-Control") == [cache_rule(name)]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_is_served_at_its_folder(server: Server) -> None:
    answer = server.get("/guides/hosting/")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert answer.body.startswith(b"guides/hosting/index.html")


def test_a_page_that_did_not_change_is_not_sent_twice(server: Server) -> None:
    first = server.get("/guides/hosting/")
    again = server.get("/guides/hosting/", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_a_missing_slash_is_added_without_naming_host_or_port(server: Server) -> None:
    answer = server.get("/guides/hosting", Host="course.example:9999")
    assert (answer.status, answer.headers["Location"]) == (301, "/guides/hosting/")


@pytest.mark.parametrize(
    "path", ["/nothing", "/nothing/", "/runtime/314.0.3/gone.whl", "/runtime/", "/guides/", "/.hidden"]
)
def test_what_is_not_there_is_404_with_the_sites_page_and_is_not_kept(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 404
    assert answer.body.startswith(b"404.html"), "a list of the folder, or nginx's own page"
    assert answer.headers["Cache-Control"] is None


@pytest.mark.parametrize(
    "name", [n for n in SMALL_SITE if n.endswith((".wasm", "js", ".css", ".json", ".svg", ".zip", ".whl"))]
)
def test_what_can_be_compressed_is(server: Server, small_site: Path, name: str) -> None:
    answer = server.get(f"/{name}", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.body) == (small_site / name).read_bytes()


@pytest.mark.parametrize("name", ["pyodide.asm.wasm", "python_stdlib.zip"])
def test_a_file_compressed_before_is_sent_as_it_is(server: Server, small_site: Path, name: str) -> None:
    beside = small_site / f"runtime/314.0.3/{name}.gz"
    beside.write_bytes(gzip.compress(b"compressed before"))
    answer = server.get(f"/runtime/314.0.3/{name}", Accept_Encoding="gzip")
    itself = server.get(f"/runtime/314.0.3/{name}.gz")
    beside.unlink()
    assert gzip.decompress(answer.body) == b"compressed before"
    assert answer.headers["Content-Type"] == TYPES[Path(name).suffix]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(itself.body) == b"compressed before"
    assert itself.headers["Content-Encoding"] is None, "the page unpacks it itself"
    assert itself.headers["Cache-Control"] == FOR_EVER


def test_the_built_site_is_served_whole(built_site: Path, tmp_path: Path) -> None:
    wrong = []
    with serving(built_site, tmp_path) as running:
        for path in sorted(p for p in built_site.rglob("*") if p.is_file() and p.name != "404.html"):
            name = path.relative_to(built_site).as_posix()
            answer = running.get(f"/{name}")
            size, kind, rule = (
                len(answer.body),
                answer.headers["Content-Type"],
                answer.headers["Cache-Control"],
            )
            expected = TYPES.get(path.suffix, kind)
            if (answer.status, size, kind, rule) != (200, path.stat().st_size, expected, cache_rule(name)):
                wrong.append(f"{name}: {answer.status}, {size} bytes, {kind}, {rule}")
        assert running.get("/nothing/").body == (built_site / "404.html").read_bytes()
    assert wrong == []
