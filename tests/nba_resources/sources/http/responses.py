"""Responses of a host: in a given order, busy, or with bytes that no server library would send."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug import Request as HttpRequest
from werkzeug import Response

from ..harness import Harness


def respond_with(harness: Harness, *responses: Response, path: str = "/box") -> list[HttpRequest]:
    """Serve these in order, and the last one again and again; the list returned fills with the requests."""
    requests: list[HttpRequest] = []

    def respond(request: HttpRequest) -> Response:
        requests.append(request)
        return responses[min(len(requests), len(responses)) - 1]

    harness.server.expect_request(path).respond_with_handler(respond)
    return requests


def busy(retry_after: str | None = None, status: int = 429) -> Response:
    return Response("slow down", status, {"Retry-After": retry_after} if retry_after else None)


@contextmanager
def raw_server(content: bytes, then_hang: bool = False) -> Iterator[str]:
    """A server that sends these bytes to every connection."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(content)
                if then_hang:
                    over.wait(5)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/box"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
