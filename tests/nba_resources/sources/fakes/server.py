"""A provider on loopback: serves documents in its format, records requests, and makes the changes a test sets."""

import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Change = Callable[[Any], Any]


class Fake(ABC):
    """`answer` returns a JSON document or bytes; for None the response has the status `absent`."""

    absent = 404

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.changes: dict[str, Change] = {}

    def behind(self, server: HTTPServer) -> Self:
        """Answer every request to this server."""
        server.expect_request(re.compile("/.*")).respond_with_handler(self)
        return self

    @abstractmethod
    def answer(self, path: str, request: Request) -> Any: ...

    def change(self, part_of_path: str, change: Change) -> None:
        """Change every document whose path contains the part; the change may return bytes or a Response."""
        self.changes[part_of_path] = change

    def counts(self) -> Counter[str]:
        """The number of requests of each kind."""
        return Counter(self.requests)

    def kind(self, path: str) -> str:
        return path.strip("/")

    def __call__(self, request: Request) -> Response:
        self.requests.append(self.kind(request.path))
        answer = self.answer(request.path, request)
        for part, change in self.changes.items():
            answer = change(answer) if part in request.path and answer is not None else answer
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response("<HTML><BODY>Access Denied</BODY></HTML>", self.absent, content_type="text/html")
        if isinstance(answer, bytes):
            return Response(answer, content_type="application/octet-stream")
        return Response(json.dumps(answer), content_type="application/json")
