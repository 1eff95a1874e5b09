"""Two plain providers and a paid one, and the server of their documents: one for each feed and date or season."""

import datetime as dt
import json
import re
from typing import Any, ClassVar

import pyarrow as pa
from werkzeug import Request as HttpRequest
from werkzeug import Response

from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.live import LiveSource, ProviderPriority
from nba_resources.sources.providers.provider import Fetcher, Provider, Quota, Request, RequestPolicy
from nba_resources.sources.validation.validate import DeliveredTable

from .harness import Harness

TODAY = dt.date(2025, 1, 15)
YESTERDAY = dt.date(2025, 1, 14)
ONE, OTHER = "0022400560", "0022400561"


class First(Provider):
    """Its documents have the names of our feeds."""

    name = "first"
    feeds: ClassVar[frozenset[str]] = frozenset({"schedule", "player_boxscores", "player_props"})
    default_url = "http://unused"
    policy = RequestPolicy(seconds_between=0.001, tries=1)
    cost = 0.0

    def fetch(self, feed: str, dates: DateRange, fetcher: Fetcher) -> list[DeliveredTable]:
        tables = []
        texts = pa.schema([(name, pa.string()) for name in FEEDS[feed].fields])
        for filed_under in ["2024-25"] if feed == "schedule" else [str(day) for day in dates]:
            url = f"{self.base_url}/{feed}/{filed_under}"
            landed = fetcher.get(Request(self.name, feed, url, filed_under, cost=self.cost))
            if landed is not None:
                rows = [row for row in json.loads(landed.body) if dt.date.fromisoformat(row["game_date"]) in dates]
                tables.append(DeliveredTable(landed.path, pa.Table.from_pylist(rows, texts)))
        return tables


class Second(First):
    name = "second"


class Paid(First):
    name = "paid"
    policy = RequestPolicy(
        seconds_between=0.001, tries=1, key_variable="NBA_TEST_KEY", quota=Quota("NBA_TEST_CREDITS", 500)
    )
    cost = 10.0


class ProviderServer:
    """The documents of the providers, and the paths of the requests so far."""

    def __init__(self, harness: Harness) -> None:
        self.harness, self.documents, self.requests = harness, {}, []
        harness.server.expect_request(re.compile(".*")).respond_with_handler(self.respond)

    def respond(self, request: HttpRequest) -> Response:
        self.requests.append(request.path)
        document = self.documents.get(request.path)
        if isinstance(document, int):
            return Response("sorry", document)
        return Response("none", 404) if document is None else Response(json.dumps(document))

    def serve(self, provider: str, feed: str, filed_under: str, rows: list[dict[str, Any]] | int) -> None:
        """Serve these rows, or an error with this status."""
        self.documents[f"/{provider}/{feed}/{filed_under}"] = rows

    def source(self, *kinds: type[Provider], known_by: dt.datetime | None = None, **changes) -> LiveSource:
        names = tuple(kind.name for kind in kinds)
        providers = [kind(self.harness.server.url_for(f"/{kind.name}")) for kind in kinds]
        landing = Landing(self.harness.landing.objects, known_by)
        client = None if known_by else self.harness.client(**changes)
        priorities = {feed: ProviderPriority(names, names[::-1]) for feed in FEEDS}
        return LiveSource(providers, landing, client, priorities)


def game(game_id: str, day: dt.date, status: str = "final", **changes: Any) -> dict[str, Any]:
    teams = {"home_team": "BOS", "away_team": "NYK", "home_team_id": "1", "away_team_id": "2"}
    season = {"season": "2024-25", "season_type": "regular", "status": status}
    times = {"game_date": str(day), "start_time_utc": f"{day}T19:00:00-05:00"}
    return {"game_id": game_id, **times, **teams, **season} | changes


def line(game_id: str, player: int, pts: int, day: dt.date = YESTERDAY) -> dict[str, Any]:
    sides = {"team_abbr": "BOS", "opponent_team_abbr": "NYK", "is_home": "true"}
    numbers = {"player_id": str(player), "player_name": f"Player {player}", "minutes": "30:00", "pts": str(pts)}
    return {"game_id": game_id, "game_date": str(day), **numbers, **sides}


def fetched(source: LiveSource, feed: str = "player_boxscores", start: dt.date = YESTERDAY, end: dt.date | None = None):
    rows = source.fetch(feed, DateRange(start, end or start)).rows.to_pylist()
    return sorted((row["game_id"], row["source"], row.get("pts")) for row in rows)
