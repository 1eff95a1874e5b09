"""Serves the page and the documents of an object store on this machine."""

import gzip
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from nba_resources.errors import printable
from nba_resources.objects.store import CONTENT_TYPES, ObjectMissing, ObjectStore, StoreUnavailable
from nba_site.page import DOCUMENTS, START, paths

HOST, PORT = "127.0.0.1", 3080
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
TEXT = "text/plain; charset=utf-8"
_NAME = "[a-z0-9-]{1,200}"  # of a file, which may have 255 letters
_DOCUMENT = re.compile(rf"/v1/({_NAME}(?:/{_NAME}){{0,4}}\.json)")


class PageServer(ThreadingHTTPServer):
    """The page on one port of 127.0.0.1; it answers other names than its own with a refusal."""

    daemon_threads = True

    def __init__(self, objects: ObjectStore, port: int = PORT) -> None:
        """Take the port; `OSError` if another program has it."""
        super().__init__((HOST, port), _Handler)
        self.objects = objects
        self.address = f"http://{HOST}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a reader who went away, or never finished his request."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def content_of(self, path: str) -> tuple[str, bytes]:
        """Return the type and content of a path, or raise `ObjectMissing`."""
        if document := _DOCUMENT.fullmatch(path):
            return CONTENT_TYPES[".json"], self.objects.read(DOCUMENTS + document[1])
        name = path.removeprefix("/") or START
        if (file := paths().get(name)) is None:
            raise ObjectMissing(f"{path} is no part of the page")
        return CONTENT_TYPES[file.suffix], file.read_bytes()


@contextmanager
def page_server(objects: ObjectStore, port: int = PORT, or_any: bool = False) -> Iterator[PageServer]:
    """Serve the page in the background until the block ends; `or_any` takes a free port if this one is taken."""
    try:
        server = PageServer(objects, port)
    except OSError:
        if not or_any:
            raise
        server = PageServer(objects, 0)
    with server:
        threading.Thread(target=server.serve_forever, name="page", daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    timeout = 30  # seconds until a request that is not finished is dropped

    def do_GET(self) -> None:
        """Answer with a file of the page or a document."""
        if (self.headers.get("Host") or "").rsplit(":", 1)[0] not in (HOST, "localhost"):
            return self._answer(HTTPStatus.FORBIDDEN, TEXT, b"only by the name 127.0.0.1 or localhost\n")
        try:
            kind, content = self.server.content_of(unquote(urlsplit(self.path).path))
        except (ObjectMissing, ValueError) as error:
            return self._answer(HTTPStatus.NOT_FOUND, TEXT, f"{printable(str(error))}\n".encode())
        except StoreUnavailable as error:
            return self._answer(HTTPStatus.SERVICE_UNAVAILABLE, TEXT, f"{error}\n".encode())
        self._answer(HTTPStatus.OK, kind, content)

    def _answer(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        compressed = "gzip" in (self.headers.get("Accept-Encoding") or "")
        body = gzip.compress(content, 1) if compressed else content
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a reader's requests are no events."""
