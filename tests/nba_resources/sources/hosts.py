"""What a host may answer: in order, busily, or with bytes that no server library would send."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug import Request as Asked
from werkzeug import Response

from nba_resources.sources.providers.provider import Manners

SECRET = "s3cr3t-key-of-nobody"
KEYED = Manners(key_variable="NBA_TEST_KEY", key_param="apiKey")
HURRIED = Manners(seconds_between=0.001)


def answers(desk, *responses: Response, path: str = "/box") -> list[Asked]:
    """The server gives these one after the other, and the last for ever; the list fills with what was asked."""
    asked: list[Asked] = []

    def answer(request: Asked) -> Response:
        asked.append(request)
        return responses[min(len(asked), len(responses)) - 1]

    desk.server.expect_request(path).respond_with_handler(answer)
    return asked


def busy(retry_after: str | None = None, status: int = 429) -> Response:
    return Response("slow down", status, {"Retry-After": retry_after} if retry_after else None)


@contextmanager
def speaking(lines: bytes, then_hang: bool = False) -> Iterator[str]:
    """A server of bytes, for what no server library would do."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(lines)
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
