"""An emulator of a bucket, and a proxy to it that injects faults."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gcp_storage_emulator.server import create_server

BUCKET = "nba-test"
HOST = "127.0.0.1"
LABELS = f"/storage/v1/b/{BUCKET}"  # requested by the client in the background, once, for its traces


@contextmanager
def running() -> Iterator[str]:
    """Run the emulator in memory and yield its address."""
    with create_server(HOST, 0, in_memory=True, default_bucket=BUCKET) as server:
        yield f"http://{HOST}:{server._api._httpd.server_port}"


@dataclass
class BadLine:
    """The faults of the next requests, in order; `None` is no fault, `always` is for those after them."""

    faults: list[int | str | None] = field(default_factory=list)
    always: int | str | None = None
    seen: list[str] = field(default_factory=list)
    address: str = ""

    def next(self, command: str) -> int | str | None:
        self.seen.append(command)
        return self.faults.pop(0) if self.faults else self.always


@contextmanager
def bad_line(emulator: str) -> Iterator[BadLine]:
    """A proxy that returns a status, cuts the body of a request or response, or never responds."""
    line = BadLine()
    stopped = threading.Event()

    class Proxy(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fault = line.next(self.command) if self.path.partition("?")[0] != LABELS else None
            if isinstance(fault, int):
                return self.respond(fault, [], b"")
            if fault == "hang":
                stopped.wait(5)
                return None
            if fault == "cut on the way up":
                self.forward(body, body[: len(body) // 2])
                return None
            status, headers, content = self.forward(body, body)
            if fault == "response lost":
                return None
            if fault == "cut on the way down":
                headers = [*headers, ("X-Cut", "1")]
                self.respond(status, headers, content, content[: len(content) // 2])
                return None
            return self.respond(status, headers, content)

        def forward(self, whole: bytes, sent: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            """Forward a request with its full length and send `sent`, which may be less."""
            connection = http.client.HTTPConnection(emulator.removeprefix("http://"), timeout=5)
            connection.putrequest(self.command, self.path, skip_host=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "accept-encoding"):
                    connection.putheader(name, value)
            connection.endheaders(sent)
            if len(sent) < len(whole):
                connection.close()
                return 0, [], b""
            response = connection.getresponse()
            content = response.read()
            connection.close()
            return response.status, [pair for pair in response.getheaders() if pair[0] != "Content-Length"], content

        def respond(
            self, status: int, headers: list[tuple[str, str]], content: bytes, sent: bytes | None = None
        ) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content if sent is None else sent)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer((HOST, 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        line.address = f"http://{HOST}:{server.server_port}"
        yield line
        stopped.set()
        server.shutdown()
