import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from nba_resources.objects.store import ObjectStore
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import LiveDoor
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.provider import Manners, Request

from ..hosts import HURRIED, SECRET
from ..papers import Press


@dataclass
class Clock:
    """A clock that only moves when somebody sleeps, or is told to."""

    moment: dt.datetime = dt.datetime(2025, 1, 15, 15, 0, tzinfo=dt.UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> dt.datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += dt.timedelta(seconds=seconds)

    def pass_minutes(self, minutes: float) -> None:
        self.moment += dt.timedelta(minutes=minutes)


@dataclass(frozen=True)
class Desk:
    """A client with its landing, a clock of its own and a server to ask."""

    server: HTTPServer
    home: Path
    clock: Clock
    environment: Mapping[str, str]

    def client(self, **changes) -> Client:
        settings = {"now": self.clock.now, "sleep": self.clock.sleep, "environment": self.environment, "skew": None}
        return Client(self.home, **(settings | changes))

    @property
    def landing(self) -> Landing:
        return Landing(ObjectStore(root=str(self.home / "objects")))

    def door(self, manners: Manners = HURRIED, canary: Request | None = None, **changes) -> LiveDoor:
        return LiveDoor(self.landing, self.client(**changes), manners, canary)

    def request(self, path: str = "/box", **changes) -> Request:
        return replace(Request("nba_com", "boxscore", self.server.url_for(path), "2025-01-15"), **changes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(httpserver: HTTPServer, tmp_path: Path, clock: Clock) -> Desk:
    return Desk(httpserver, tmp_path, clock, {"NBA_TEST_KEY": SECRET})


@pytest.fixture
def press(desk: Desk) -> Press:
    return Press(desk)
