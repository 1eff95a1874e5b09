"""A game day of the simulated league, served by fake providers, on a clock that only a test moves."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from models.markets import POINTS
from nba_resources.dates import EASTERN, DateRange
from nba_resources.objects.store import ObjectStore
from nba_resources.sources.base import ALWAYS, Delivery, Source
from nba_resources.sources.feeds import FEEDS
from nba_resources.sources.http.client import Client
from nba_resources.sources.http.landing import Landing
from nba_resources.sources.live import LiveSource
from nba_resources.sources.provider_priority import PRIORITIES
from nba_resources.sources.providers.injury_report import InjuryReport
from nba_resources.sources.providers.nba_com import NbaCom
from nba_resources.sources.providers.the_odds_api import TheOddsApi
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.sources.validation.validate import validate_feed

from ...nba_resources.sources.fakes.league import SEASON as YEAR
from ...nba_resources.sources.fakes.league import League, Row
from ...nba_resources.sources.fakes.nba_com import FakeNbaCom
from ...nba_resources.sources.fakes.odds import FakeOddsApi
from ...nba_resources.sources.fakes.report import FakeReports
from ...nba_resources.sources.harness import KEYS

OPENING, TODAY = dt.date(2024, 10, 22), dt.date(2024, 11, 7)
SEASON = DateRange(OPENING, TODAY)
EVENING = DateRange(TODAY, TODAY)
BOOK = "northside"
FIRST_LINES = "08:30"
STRANGER = "Nobody Has-Heard-Of"  # a name with a line that is in no box score
LISTED_LATE = dt.timedelta(minutes=30)  # the bookmaker lists the first game half an hour too late
PROVIDERS = (NbaCom, TheOddsApi, InjuryReport)
LEAGUE = League(TODAY + dt.timedelta(days=4), DateRange(OPENING, TODAY + dt.timedelta(days=2)))
TONIGHT = League(TODAY, EVENING)
LINES = ("player_props", "game_odds")
OFFERED = frozenset().union(*(kind.feeds for kind in PROVIDERS))


def at(clock: str, day: dt.date = TODAY) -> dt.datetime:
    """Return a time of a day in New York."""
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), EASTERN).astimezone(dt.UTC)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    moment: dt.datetime

    def now(self) -> dt.datetime:
        return self.moment


class Board(FakeOddsApi):
    """A bookmaker whose lines stay until it posts others."""

    def _books(self, game: Row, now: dt.datetime, request: Request) -> list[Row]:
        pair = tuple(sorted((game["home_team"], game["away_team"])))
        posted = [moment for clubs, moment in self.at if clubs == pair and moment <= now]
        return super()._books(game, max(posted), request) if posted else []


@dataclass
class GameDay:
    """The league of the day, its providers on loopback, and the one player whose line moves."""

    clock: Clock
    league: League = LEAGUE
    tonight: League = TONIGHT
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.nba, self.reports = FakeNbaCom(self.seen_on(TODAY)), FakeReports(self.tonight)
        self.lines, self.quotes = (Board(self.tonight, self.clock.now, feed) for feed in LINES)
        for rows in self.reports.by_day.values():
            for row in rows:
                row["known_at"] -= dt.timedelta(hours=5)  # reports published before nine
        self._post_first(self.quotes, self.quotes.at)
        self._post_first(self.lines, self.lines.at)
        for rows in self.lines.at.values():
            rows.append(rows[0] | {"player_name_raw": STRANGER})
        self.lines.events = [event | {"starts": event["starts"] + self._late(event)} for event in self.lines.events]
        self.server = HTTPServer()
        self.server.expect_request(re.compile("/.*")).respond_with_handler(self._answer)
        self.server.start()
        self.url = self.server.url_for("")

    @cached_property
    def game(self) -> Row:
        """The first game to begin."""
        return min(self.tonight.played, key=lambda game: (game["start_time_utc"], game["game_id"]))

    @cached_property
    def star(self) -> Row:
        """The player of the first game with the highest line."""
        lines = {row["player_name_raw"]: row["line"] for row in self.lines.at[self.pair, at(FIRST_LINES)]}
        playing = [line for line in self.league.players[self.game["game_id"]] if line["player_name"] in lines]
        return max(playing, key=lambda line: lines[line["player_name"]])

    @property
    def pair(self) -> tuple[str, ...]:
        return tuple(sorted((self.game["home_team"], self.game["away_team"])))

    def seen_on(self, day: dt.date) -> League:
        """Return the league as of a morning: box scores of finished games only."""
        seen = League(day, self.league.dates)
        vars(seen).update(players=self.league.players, teams=self.league.teams, shots=self.league.shots)
        return seen

    def post_line(self, clock: str, line: float, others: float = 0.0) -> None:
        """Post the star's line at a time; the other lines of his game are the morning's plus `others`."""
        rows, star = self.lines.at[self.pair, at(FIRST_LINES)], self.star["player_name"]
        posted = [row | {"line": line if row["player_name_raw"] == star else row["line"] + others} for row in rows]
        self.lines.at[self.pair, at(clock)] = posted

    def correct(self, points: int) -> None:
        """Correct the star's box score, his team's and the game's score by some points from two-point shots."""

        def corrected(document: Row) -> Row:
            for side in ("homeTeam", "awayTeam"):
                team = document["game"][side]
                for player in team["players"]:
                    if player["personId"] == self.star["player_id"]:
                        for statistics in (player["statistics"], team["statistics"]):
                            statistics["points"] += points
                            statistics["fieldGoalsMade"] += points // 2
                            statistics["fieldGoalsAttempted"] += points // 2
            return document

        def scored(document: Row) -> Row:
            side = "homeTeam" if self.star["is_home"] else "awayTeam"
            for date in document["leagueSchedule"]["gameDates"]:
                for game in date["games"]:
                    game[side]["score"] += points if game["gameId"] == self.game["game_id"] else 0
            return document

        self.nba.change(f"boxscore_{self.game['game_id']}", corrected)
        self.nba.change("scheduleLeague", scored)

    def source(self, home: Path, objects: ObjectStore, known_by: dt.datetime | None = None) -> LiveSource:
        """Return the source of `NBA_SOURCE=live`; with `known_by` a replay."""
        client = Client(home, now=self.clock.now, environment=KEYS, max_skew=None)
        clock = self.clock.now if known_by is None else lambda: known_by
        providers = [kind(self.url, clock) for kind in PROVIDERS]
        for provider in providers:
            provider.policy = replace(provider.policy, seconds_between=0.0, tries=1)
        return LiveSource(providers, Landing(objects, known_by), None if known_by else client, PRIORITIES)

    def _post_first(self, board: Board, quotes: dict[Any, list[Row]]) -> None:
        """Post the day's first quotes of one bookmaker, all at half past eight; of the lines those on points."""
        first: dict[Any, list[Row]] = {}
        for pair, moment in sorted(quotes):
            own = [row for row in quotes[pair, moment] if row["bookmaker"] == BOOK]
            rows = [row for row in own if row.get("market", POINTS) == POINTS]
            if rows:
                first.setdefault((pair, at(FIRST_LINES)), rows)
        board.at = first

    def _late(self, event: Row) -> dt.timedelta:
        return LISTED_LATE if event["game_id"] == self.game["game_id"] else dt.timedelta()

    def _answer(self, asked: Request) -> Response:
        path = asked.path
        if "Data" in path:
            fake = self.nba
        elif "Injury" in path:
            fake = self.reports
        else:
            fake = self.quotes if path.endswith("basketball_nba/odds") else self.lines
        self.asked[fake.kind(path)] += 1
        return fake(asked)


@dataclass(frozen=True)
class ExpectedSource(Source):
    """The league itself with the lines and reports known at a time: live tables must equal it."""

    game_day: GameDay
    moment: dt.datetime
    name = "simulated"

    def fetch(self, feed: str, dates: DateRange) -> Delivery:
        if feed not in OFFERED:
            return validate_feed(FEEDS[feed])
        if feed not in (*LINES, "injury_reports"):
            return SimulatedSource(today=TODAY).fetch(feed, YEAR if dates == ALWAYS else dates)
        rows = self._statuses() if feed == "injury_reports" else self._quotes(feed)
        shape = SimulatedSource(today=TODAY).fetch(feed, EVENING).rows.schema
        return Delivery(pa.Table.from_pylist(rows, shape))

    def _quotes(self, feed: str) -> list[Row]:
        board = self.game_day.lines if feed == LINES[0] else self.game_day.quotes
        starts = {tuple(sorted((event["home_team"], event["away_team"]))): event["starts"] for event in board.events}
        return [
            row | {"source": "the_odds_api", "snapshot_utc": self.moment, "start_time_utc": starts[pair]}
            for (pair, moment), rows in board.at.items()
            if moment <= self.moment
            for row in rows
        ]

    def _statuses(self) -> list[Row]:
        """Return the last status of each player in the report published half an hour before a full hour."""
        published = self.moment - dt.timedelta(minutes=30)
        rows = sorted(self.game_day.reports.by_day[TODAY], key=lambda row: row["known_at"])
        last = {(row["team_abbr"], row["player_name_raw"]): row for row in rows if row["known_at"] <= published}
        return [row | {"known_at": published} for row in last.values()]
