"""Two ways to ask a fake: over a plain connection, quick and at moments a test chooses, or through the real client.

Both have a clock that only moves when it is told to.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import httpx
import pandas as pd

from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import Delivery
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.fetchers import BEFORE_TIP, LiveDoor, ReplayDoor
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.providers.provider import Landed, Provider, Request
from nba_resources.sources.validation.validate import validate_feed

from .league import MORNING

KEYS = {"NBA_THE_ODDS_API_KEY": "fake-key", "NBA_BALLDONTLIE_KEY": "fake-key"}


@dataclass
class PlainDoor:
    """Keeps its answers in memory; asks once a moment, never what is settled, never about a game that has begun."""

    line: httpx.Client
    moment: dt.datetime = MORNING
    landed: dict[str, list[Landed]] = field(default_factory=dict)
    asked: dict[str, dt.datetime] = field(default_factory=dict)
    spent: float = 0.0

    def now(self) -> dt.datetime:
        return self.moment

    def get(self, request: Request) -> Landed | None:
        answers = self.snapshots(request)
        return answers[-1] if answers else None

    def snapshots(self, request: Request) -> list[Landed]:
        answers = self.landed.setdefault(request.digest, [])
        begun = request.tip_off is not None and request.tip_off <= self.moment
        again = self.asked.get(request.digest) == self.moment or (request.settled and answers)
        if not begun and not again:
            self._ask(request, answers)
        return answers

    def _ask(self, request: Request, answers: list[Landed]) -> None:
        self.asked[request.digest] = self.moment
        answer = self.line.get(request.url, params=dict(request.params))
        if answer.status_code == httpx.codes.OK:
            self.spent += request.cost
            path = f"landing/{request.provider}/{request.endpoint}/{request.filed_under}/{len(answers)}.gz"
            digest = sha256(answer.content).hexdigest()
            answers.append(Landed(request, self.moment, answer.content, digest, path))

    def deliver(self, provider: Provider, feed: str, dates: DateRange) -> Delivery:
        """What the provider says now, typed as the feed."""
        return validate_feed(FEEDS[feed], *provider.fetch(feed, dates, self))

    def told(self, provider: Provider, feed: str, dates: DateRange) -> pd.DataFrame:
        return self.deliver(provider, feed, dates).rows.to_pandas()


@dataclass
class Desk:
    """The real client, door and landing."""

    home: Path
    moment: dt.datetime = MORNING

    def now(self) -> dt.datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += dt.timedelta(seconds=seconds)

    @property
    def landing(self) -> Landing:
        return Landing(ObjectStore(root=str(self.home / "objects")))

    def told(
        self, provider: Provider, feed: str, dates: DateRange, before_tip: tuple[dt.timedelta, ...] = BEFORE_TIP
    ) -> pd.DataFrame:
        """What the provider says now, asked as on any day but for the pauses."""
        client = Client(self.home, now=self.now, sleep=self.sleep, environment=KEYS, skew=None)
        manners = replace(provider.manners, seconds_between=1e-6, tries=1)
        door = LiveDoor(self.landing, client, manners, before_tip=before_tip)
        return validate_feed(FEEDS[feed], *provider.fetch(feed, dates, door)).rows.to_pandas()

    def replayed(self, provider: Provider, feed: str, dates: DateRange) -> pd.DataFrame:
        """The same from landing alone."""
        return validate_feed(FEEDS[feed], *provider.fetch(feed, dates, ReplayDoor(self.landing))).rows.to_pandas()
