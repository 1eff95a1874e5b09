"""The real client, fetchers and landing of a test, with a clock that moves only when the test moves it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import httpx
import pandas as pd
from pytest_httpserver import HTTPServer

from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import BEFORE_TIP, BadInput, Delivery
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import LiveFetcher, ReplayFetcher
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.provider import LandedResponse, Provider, Request, RequestPolicy
from nba_resources.sources.validation.validate import validate_feed

SECRET = "s3cr3t-key-of-nobody"
KEYS = {"NBA_TEST_KEY": SECRET, "NBA_THE_ODDS_API_KEY": "fake-key"}
KEYED = RequestPolicy(key_variable="NBA_TEST_KEY", key_param="apiKey")
FAST = RequestPolicy(seconds_between=0.001)


def all_rows(delivery: Delivery) -> pd.DataFrame:
    """Return the rows of a delivery of which nothing may be set aside."""
    if delivery.rejected:
        raise BadInput("; ".join(one.reason for one in delivery.rejected))
    return delivery.rows.to_pandas()


@dataclass
class Harness:
    server: HTTPServer
    home: Path
    time: dt.datetime = dt.datetime(2025, 1, 15, 15, 0, tzinfo=dt.UTC)
    environment: Mapping[str, str] = field(default_factory=lambda: KEYS)
    slept: list[float] = field(default_factory=list)

    def now(self) -> dt.datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += dt.timedelta(seconds=seconds)

    def advance(self, minutes: float) -> None:
        self.time += dt.timedelta(minutes=minutes)

    def client(self, **changes) -> Client:
        settings = {"now": self.now, "sleep": self.sleep, "environment": self.environment, "max_skew": None}
        return Client(self.home, **(settings | changes))

    @property
    def landing(self) -> Landing:
        return Landing(ObjectStore(root=str(self.home / "objects")))

    def fetcher(self, policy: RequestPolicy = FAST, canary: Request | None = None) -> LiveFetcher:
        return LiveFetcher(self.landing, self.client(), policy, canary)

    def request(self, path: str = "/box", **changes) -> Request:
        return replace(Request("nba_com", "boxscore", self.server.url_for(path), "2025-01-15"), **changes)

    def rows(
        self, provider: Provider, feed: str, dates: DateRange, before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP
    ) -> pd.DataFrame:
        """The provider's rows now, by the real client without its pauses."""
        policy = replace(provider.policy, seconds_between=1e-6, tries=1)
        fetcher = LiveFetcher(self.landing, self.client(), policy, before_tip=before_tip)
        return all_rows(validate_feed(FEEDS[feed], *provider.fetch(feed, dates, fetcher)))

    def replayed_rows(self, provider: Provider, feed: str, dates: DateRange) -> pd.DataFrame:
        return all_rows(validate_feed(FEEDS[feed], *provider.fetch(feed, dates, ReplayFetcher(self.landing))))


@dataclass
class MemoryFetcher:
    """Keeps responses in memory. Sends each request once at a time of its clock, unless settled or after tip-off."""

    connection: httpx.Client
    time: dt.datetime
    landed: dict[str, list[LandedResponse]] = field(default_factory=dict)
    sent: dict[str, dt.datetime] = field(default_factory=dict)
    spent: float = 0.0

    def now(self) -> dt.datetime:
        return self.time

    def get(self, request: Request) -> LandedResponse | None:
        responses = self.snapshots(request)
        return responses[-1] if responses else None

    def snapshots(self, request: Request) -> list[LandedResponse]:
        responses = self.landed.setdefault(request.digest, [])
        begun = request.tip_off is not None and request.tip_off <= self.time
        again = self.sent.get(request.digest) == self.time or (request.settled and responses)
        if not begun and not again:
            self._send(request, responses)
        return responses

    def _send(self, request: Request, responses: list[LandedResponse]) -> None:
        self.sent[request.digest] = self.time
        response = self.connection.get(request.url, params=dict(request.params))
        if response.status_code == httpx.codes.OK:
            self.spent += request.cost
            path = f"landing/{request.provider}/{request.endpoint}/{request.filed_under}/{len(responses)}.gz"
            digest = sha256(response.content).hexdigest()
            responses.append(LandedResponse(request, self.time, response.content, digest, path))

    def delivery(self, provider: Provider, feed: str, dates: DateRange) -> Delivery:
        return validate_feed(FEEDS[feed], *provider.fetch(feed, dates, self))

    def rows(self, provider: Provider, feed: str, dates: DateRange) -> pd.DataFrame:
        return all_rows(self.delivery(provider, feed, dates))
