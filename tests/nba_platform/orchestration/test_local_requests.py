"""The UI answers no page of another name: it has no login on this machine."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from nba_platform.orchestration.local_requests import LocalRequests

ADDRESS = "127.0.0.1:3000"
REFUSED: list[Mapping[str, str]] = [
    {"host": "evil.example:3000"},
    {"host": "127.0.0.1.evil.example"},
    {"host": "localhost.evil.example"},
    {"host": ""},
    {"host": "0.0.0.0:3000"},
    {"host": ADDRESS, "origin": "http://evil.example"},
    {"host": ADDRESS, "origin": "http://127.0.0.1:8000"},
    {"host": ADDRESS, "origin": "https://127.0.0.1:3000"},
    {"host": ADDRESS, "origin": "null"},
]
ANSWERED: list[Mapping[str, str]] = [
    {"host": ADDRESS},
    {"host": "localhost:3000"},
    {"host": "localhost"},
    {"host": ADDRESS, "origin": f"http://{ADDRESS}"},
]


def sent(kind: str, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what a request gets from a server that would answer each."""
    messages: list[dict[str, Any]] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "every table"})

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.request"}

    async def send(message: Any) -> None:
        messages.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(LocalRequests(answer)({"type": kind, "method": "POST", "headers": raw}, receive, send))
    return messages


@pytest.mark.parametrize("headers", [*REFUSED, {}], ids=str)
def test_a_page_of_another_name_reads_nothing_and_starts_nothing(headers: Mapping[str, str]):
    started, told = sent("http", headers)
    assert started["status"] == 403
    assert told["body"].startswith(b"only by the name 127.0.0.1 or localhost")
    assert sent("websocket", headers) == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("headers", ANSWERED, ids=str)
def test_the_ui_itself_and_programs_of_this_machine_are_answered(headers: Mapping[str, str]):
    assert sent("http", headers) == sent("websocket", headers) == [{"type": "every table"}]


def test_the_start_and_the_end_of_the_server_are_no_requests():
    assert sent("lifespan", {}) == [{"type": "every table"}]
