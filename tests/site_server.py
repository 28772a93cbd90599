"""A server for a built site that can be told to fail: files missing, cut short, damaged, of a wrong type, never coming.

It sends the compressed copies that lie beside files, brotli before gzip, to browsers that accept them.
"""

import contextlib
import functools
import gzip
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

MIME = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
    ".whl": "application/zip",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".xml": "application/xml",
}
COMPRESSED = (".html", ".css", ".js", ".mjs", ".json", ".wasm", ".xml", ".svg")

ENCODINGS = {"br": ".br", "gzip": ".gz"}

Fault = Literal["missing", "truncated", "damaged", "wrong-type", "stalled", "refused"]


@dataclass
class SiteServer:
    """A running server: `url` ends without a slash; `faults` maps the end of a path to what goes wrong with it.

    `encodings` are those that it compresses with; `more` are files from elsewhere, by their path in the site.
    """

    folder: Path
    url: str = ""
    faults: dict[str, Fault] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    encodings: tuple[str, ...] = tuple(ENCODINGS)
    more: dict[str, Path] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bytes_sent: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def fault(self, path: str) -> Fault | None:
        """What goes wrong with this path, if anything."""
        return next((fault for end, fault in self.faults.items() if path.endswith(end)), None)


@contextlib.contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[SiteServer]:
    """Serve a folder on a loopback port, a free one unless it is given."""
    site = SiteServer(folder)
    packed = functools.lru_cache(64)(lambda body: gzip.compress(body, 6))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(body_wanted=True)

        def do_HEAD(self) -> None:
            self.answer(body_wanted=False)

        def answer(self, body_wanted: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            site.requests.append(path)
            file = site.more.get(path) or folder / path.lstrip("/")
            if file.is_dir():
                file /= "index.html"
            fault = site.fault(path)
            if fault == "refused":
                self.close_connection = True
                return
            if fault == "stalled":
                site.released.wait(120)
            if fault == "missing" or not file.is_file():
                self.send(404, (folder / "404.html").read_bytes(), {"Content-Type": MIME[".html"]}, body_wanted)
                return
            kind = "text/plain" if fault == "wrong-type" else MIME.get(file.suffix, "application/octet-stream")
            immutable = path.startswith(("/runtime/", "/assets/browser/"))
            headers = {
                "Content-Type": kind,
                "Cache-Control": "public, max-age=31536000, immutable" if immutable else "no-cache",
                **site.headers,
            }
            body = file.read_bytes()
            if fault == "damaged":
                body = body[:-100] + bytes(byte ^ 1 for byte in body[-100:])
            if encoding := self.encoding():
                beside = file.with_name(file.name + ENCODINGS[encoding])
                if beside.exists() and fault != "damaged":
                    body = beside.read_bytes()
                    headers["Content-Encoding"] = encoding
                elif (beside.exists() or file.suffix in COMPRESSED) and "gzip" in site.encodings:
                    body = packed(body)
                    headers["Content-Encoding"] = "gzip"
            if fault == "truncated":
                body = body[: len(body) // 2]
            self.send(200, body, headers, body_wanted)

        def encoding(self) -> str | None:
            """The first of the site's encodings that the browser accepts."""
            accepted = [word.split(";")[0].strip() for word in self.headers.get("Accept-Encoding", "").split(",")]
            return next((one for one in site.encodings if one in accepted), None)

        def send(self, status: int, body: bytes, headers: dict[str, str], body_wanted: bool) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if body_wanted:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(body)
                    site.bytes_sent += len(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the tests read `requests`."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that hangs up is no news."""

    server = Server(("127.0.0.1", port), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


if __name__ == "__main__":
    import sys

    with serve(Path(sys.argv[1])) as running:
        print(running.url, flush=True)
        while True:
            time.sleep(3600)
