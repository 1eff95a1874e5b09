"""Providers that print the schedule of a season and the box scores of a day, and the server that prints them."""

import datetime as dt
import json
import re
from typing import Any, ClassVar

import pyarrow as pa
from werkzeug import Request as Asked
from werkzeug import Response

from nba_resources.dates import DateRange
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.live import Chain, LiveSource
from nba_resources.sources.providers.provider import Door, Manners, Provider, Quota, Request
from nba_resources.sources.validation.validate import DeliveredTable

TONIGHT = dt.date(2025, 1, 15)
LAST_NIGHT = dt.date(2025, 1, 14)
ONE, OTHER = "0022400560", "0022400561"


class Paper(Provider):
    """Prints the schedule of a season and the box scores of a day, in the words of our feeds."""

    feeds: ClassVar[frozenset[str]] = frozenset({"schedule", "player_boxscores", "player_points_props"})
    home = "http://unused"
    manners = Manners(seconds_between=0.001, tries=1)
    cost = 0.0

    def fetch(self, feed: str, dates: DateRange, door: Door) -> list[DeliveredTable]:
        printed = []
        for filed_under in ["2024-25"] if feed == "schedule" else [str(day) for day in dates]:
            url = f"{self.base_url}/{feed}/{filed_under}"
            landed = door.get(Request(self.name, feed, url, filed_under, cost=self.cost))
            if landed is not None:
                rows = [row for row in json.loads(landed.body) if dt.date.fromisoformat(row["game_date"]) in dates]
                printed.append(DeliveredTable(landed.path, pa.Table.from_pylist(rows, _texts(feed))))
        return printed


def _texts(feed: str) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in FEEDS[feed].fields])


class Morning(Paper):
    name = "morning"


class Evening(Paper):
    name = "evening"


class Dear(Paper):
    name = "dear"
    manners = Manners(seconds_between=0.001, tries=1, key_variable="NBA_TEST_KEY", quota=Quota("NBA_TEST_CREDITS", 500))
    cost = 10.0


class Press:
    """The server behind the papers: what each has printed, and how often it was asked."""

    def __init__(self, desk) -> None:
        self.desk, self.pages, self.asked = desk, {}, []
        desk.server.expect_request(re.compile(".*")).respond_with_handler(self.answer)

    def answer(self, request: Asked) -> Response:
        self.asked.append(request.path)
        body = self.pages.get(request.path)
        if isinstance(body, int):
            return Response("sorry", body)
        return Response("none", 404) if body is None else Response(json.dumps(body))

    def prints(self, paper: str, feed: str, filed_under: str, rows: list[dict[str, Any]] | int) -> None:
        self.pages[f"/{paper}/{feed}/{filed_under}"] = rows

    def source(self, *papers: type[Paper], known_by: dt.datetime | None = None, **changes):
        names = tuple(paper.name for paper in papers)
        providers = [paper(self.desk.server.url_for(f"/{paper.name}")) for paper in papers]
        landing = Landing(self.desk.landing.objects, known_by)
        client = None if known_by else self.desk.client(**changes)
        return LiveSource(providers, landing, client, {feed: Chain(names, names[::-1]) for feed in FEEDS})


def game(game_id: str, day: dt.date, status: str = "final", **changes: Any) -> dict[str, Any]:
    teams = {"home_team": "BOS", "away_team": "NYK", "home_team_id": "1", "away_team_id": "2"}
    tip = f"{day}T19:00:00-05:00"
    season = {"season": "2024-25", "season_type": "regular", "status": status, "start_time_utc": tip}
    return {"game_id": game_id, "game_date": str(day), **teams, **season} | changes


def line(game_id: str, player: int, pts: int, day: dt.date = LAST_NIGHT) -> dict[str, Any]:
    sides = {"team_abbr": "BOS", "opponent_team_abbr": "NYK", "is_home": "true"}
    told = {"player_id": str(player), "player_name": f"Player {player}", "minutes": "30:00", "pts": str(pts)}
    return {"game_id": game_id, "game_date": str(day), **told, **sides}


def told(source: LiveSource, feed: str = "player_boxscores", start: dt.date = LAST_NIGHT, end: dt.date | None = None):
    rows = source.fetch(feed, DateRange(start, end or start)).rows.to_pylist()
    return sorted((row["game_id"], row["source"], row.get("pts")) for row in rows)
