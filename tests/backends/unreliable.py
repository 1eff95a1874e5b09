"""A proxy between client and emulator that injects faults.

Like the real service, and unlike the emulator, it refuses a job id that was used before.
"""

import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

JOB_ID = re.compile(rb'"jobId":\s*"([^"]+)"')
HOP_BY_HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Request:
    method: str
    path: str
    body: bytes


def anything(_: Request) -> bool:
    return True


def starts_a_job(request: Request) -> bool:
    return request.method == "POST" and request.path.partition("?")[0].endswith("/jobs")


def stages(request: Request) -> bool:
    return starts_a_job(request) and b"CREATE TABLE" in request.body


def moves_rows(request: Request) -> bool:
    return starts_a_job(request) and b"BEGIN TRANSACTION" in request.body


def uploads(request: Request) -> bool:
    return request.method == "PUT" and request.path.startswith("/upload/")


def job_id(request: Request) -> bytes | None:
    match = JOB_ID.search(request.body)
    return match.group(1) if match else None


@dataclass
class Fault:
    """A fault of the next requests that match: an error status, a lost response, a cut connection or another body."""

    hits: Callable[[Request], bool]
    times: int = 1
    status: int | None = None
    reason: str = "backendError"
    loses_response: bool = False
    cuts: bool = False
    rewrites: Callable[[bytes], bytes] | None = None
    fails_job: str | None = None


@dataclass
class Network:
    address: str
    faults: list[Fault] = field(default_factory=list)
    jobs: set[bytes] = field(default_factory=set)
    uploads: dict[str, bytes] = field(default_factory=dict)
    loaded: dict[str, bytes] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)

    def next_fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.hits(request):
                fault.times -= 1
                return fault
        return None


@contextmanager
def unreliable(endpoint: str) -> Iterator[Network]:
    emulator = urlsplit(endpoint)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None: ...

        def relay(self) -> None:
            request = Request(self.command, self.path, self._body())
            network.seen.append(request)
            fault = network.next_fault(request)
            if fault and fault.cuts:
                return self._cut()
            if fault and fault.status:
                return self._error(fault.status, fault.reason)
            if starts_a_job(request) and (job := job_id(request)):
                if job in network.jobs:
                    return self._error(409, "duplicate", f"Already Exists: Job {job.decode()}")
                if not request.path.startswith("/upload/"):
                    network.jobs.add(job)
            if fault and fault.fails_job:
                return self._failed_job(request, fault.fails_job)
            body = fault.rewrites(request.body) if fault and fault.rewrites else request.body
            status, headers, content = self._forward(body)
            self._remember_upload(request, dict(headers), content)
            if status == 404 and (job_result := network.loaded.get(request.path.partition("?")[0].rpartition("/")[2])):
                status, content = 200, job_result
            if fault and fault.loses_response:
                return self._cut()
            self._respond(status, headers, content)

        do_GET = do_POST = do_PUT = do_DELETE = relay

        def _remember_upload(self, request: Request, headers: dict[str, str], content: bytes) -> None:
            """Remember the job id of an upload: it is in the first request, and the emulator does not store it."""
            match = job_id(request)
            for place in (headers.get("Location") or headers.get("location"), request.path):
                for upload in re.findall(r"upload_id=([^&]+)", place or ""):
                    if uploads(request):
                        network.jobs.add(network.uploads[upload])
                        network.loaded[network.uploads[upload].decode()] = content
                    elif match:
                        network.uploads[upload] = match

        def _cut(self) -> None:
            self.close_connection = True
            self.connection.close()

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = b""
            while size := int(self.rfile.readline(), 16):
                parts += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return parts

        def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(emulator.hostname or "", emulator.port, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP_HEADERS}
            connection.request(self.command, self.path, body=body, headers=headers)
            response = connection.getresponse()
            content = response.read()
            connection.close()
            return response.status, response.getheaders(), content

        def _failed_job(self, request: Request, reason: str) -> None:
            reference = json.loads(request.body)["jobReference"]
            failure = {"reason": reason, "message": "Something went wrong on our side"}
            status = {"state": "DONE", "errorResult": failure, "errors": [failure]}
            configuration = {"jobType": "QUERY", "query": {"query": "SELECT 1"}}
            job = {"jobReference": reference, "status": status, "configuration": configuration}
            self._respond(200, [("Content-Type", "application/json")], json.dumps(job).encode())

        def _error(self, status: int, reason: str, message: str = "not now") -> None:
            error = {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}
            self._respond(status, [("Content-Type", "application/json")], json.dumps(error).encode())

        def _respond(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in {*HOP_BY_HOP_HEADERS, "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    network = Network(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
