"""A provider on loopback: speaks its shapes, remembers what it was asked, and errs where a test wants it to."""

import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Twist = Callable[[Any], Any]


class Fake(ABC):
    """What it answers is JSON from a document, or bytes; None is an absent one, refused with `absent`."""

    absent = 404

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.twists: dict[str, Twist] = {}

    def behind(self, server: HTTPServer) -> Self:
        """Answers whatever this server is asked."""
        server.expect_request(re.compile("/.*")).respond_with_handler(self)
        return self

    @abstractmethod
    def answer(self, path: str, asked: Request) -> Any: ...

    def twist(self, part_of_path: str, how: Twist) -> None:
        """Changes every document whose path holds the part; a twist may return bytes or a Response of its own."""
        self.twists[part_of_path] = how

    def counted(self) -> Counter[str]:
        """How often each kind of thing was asked for: the first words of its path."""
        return Counter(self.asked)

    def kind(self, path: str) -> str:
        return path.strip("/")

    def __call__(self, asked: Request) -> Response:
        self.asked.append(self.kind(asked.path))
        answer = self.answer(asked.path, asked)
        for part, how in self.twists.items():
            answer = how(answer) if part in asked.path and answer is not None else answer
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response("<HTML><BODY>Access Denied</BODY></HTML>", self.absent, content_type="text/html")
        if isinstance(answer, bytes):
            return Response(answer, content_type="application/octet-stream")
        return Response(json.dumps(answer), content_type="application/json")
