"""Every kind of request to the page's server: documents and files of the page are answered, and nothing else is."""

import contextlib
import io
import re
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from nba_resources.objects.store import ObjectStore
from nba_site.page import DOCUMENTS, files
from nba_site.server import PageServer, page_server

from .cases import BAD_TEXT, knock

SECRET = b"a model that nobody may read"
HERE = ("127.0.0.1", "localhost", "127.0.0.1:3080", "localhost:1")
ELSEWHERE = (
    "evil.example",
    "evil.example:80",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "[::1]",
    "0.0.0.0",
    "",
)
PATHS = st.one_of(
    st.sampled_from(
        [
            *("/", "/index.html", "/app.js", "/v1/board/tonight.json", "/v1/board/none.json", "//evil.example/", "*"),
            *("/../models/secret.json", "/v1/../../models/secret.json", "/%2e%2e/models/secret.json", "http://["),
            *("/v1/%2e%2e%2f%2e%2e%2fmodels/secret.json", "/page.py", "/.nba", "/v1//etc/passwd.json", "/v1/%00.json"),
            *("http://evil.example/v1/board/tonight.json", "/v1/board/tonight.json?x=1#y", "/%", "/%zz", "/v1/a.json/"),
        ]
    ),
    BAD_TEXT.map(lambda text: f"/{text}"),
    BAD_TEXT.map(lambda text: f"/v1/board/{text}.json"),
)
METHODS = st.sampled_from(["GET"] * 12 + ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "", "G\u00c9T"])
HEADERS = st.lists(
    st.tuples(st.sampled_from(["Accept-Encoding", "Origin", "Range", "Cookie", "Content-Length", "X"]), BAD_TEXT),
    max_size=2,
)
CASES = st.tuples(
    METHODS, PATHS, st.sampled_from(HERE * 3 + ELSEWHERE), HEADERS, st.sampled_from(["1.1", "1.0", "1.0", "9.9", "x"])
)
Case = tuple[str, str, str, list[tuple[str, str]], str]


@pytest.fixture
def server(tmp_path: Path):
    store = ObjectStore(root=str(tmp_path / "objects"))
    store.write(f"{DOCUMENTS}board/tonight.json", b'{"schema_version":2}\n')
    store.write("models/secret.json", SECRET)
    with page_server(store, port=0) as running:
        yield running


def answer(server: PageServer, request: bytes) -> bytes:
    """Send bytes, and return what comes until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        with contextlib.suppress(ConnectionResetError):  # it does not read on after a refusal
            while part := connection.recv(65_536):
                parts.append(part)
    return b"".join(parts)


def request_of(
    method: str, path: str, host: str, headers: Iterable[tuple[str, str]] = (), version: str = "1.1"
) -> bytes:
    lines = [
        f"{method} {path} HTTP/{version}",
        f"Host: {host}",
        *(f"{name}: {value}" for name, value in headers),
        "",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogatepass")


def test_whatever_is_asked_the_answer_is_the_page_or_a_refusal(server: PageServer):
    told = io.StringIO()

    def ask(case: Case) -> None:
        method, path, host, _, _ = case
        received = answer(server, request_of(*case))
        status = re.match(rb"HTTP/1\.[01] (\d{3}) ", received)
        assert SECRET not in received
        assert b"Traceback" not in received
        if status and status[1] == b"200":
            assert method == "GET"
            assert host in HERE
            name = re.split("[?#]", path)[0].strip("/ ")
            assert name in ("", *files(), "v1/board/tonight.json") or "evil.example" in path
        elif status:
            assert status[1] in (b"400", b"403", b"404", b"414", b"431", b"501", b"505"), received
        if host in ELSEWHERE and method == "GET" and status and path.isprintable() and " " not in path:
            assert status[1] in (b"403", b"400", b"505"), received

    with contextlib.redirect_stderr(told):
        knock("requests for the page", CASES, ask)
    assert told.getvalue() == ""
