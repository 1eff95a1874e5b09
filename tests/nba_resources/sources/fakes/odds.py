"""The Odds API as a fake server: it shows the odds of the given clock, without events that have begun."""

import datetime as dt
import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any

from werkzeug import Request

from .league import League, Row, by, iso
from .server import Fake
from .team_names import as_bookmakers_write


def event_id(game_id: str) -> str:
    return hashlib.md5(game_id.encode(), usedforsecurity=False).hexdigest()


class FakeOddsApi(Fake):
    """`at` holds the odds by teams and time; the history returns the newest ones at or before the given time.

    `charged` are the credits by the provider's price list: one a market of a request, ten times as much for the past.
    """

    def __init__(self, league: League, now: Callable[[], dt.datetime], feed: str) -> None:
        super().__init__()
        self.now, self.feed, self.charged = now, feed, 0
        rows = _offered(league, feed)
        self.at = by(rows, lambda row: (_pair(row), row["snapshot_utc"]))
        tips = {(*_pair(row), row["game_date"]): row["start_time_utc"] for row in rows}
        self.events = [
            game | {"starts": tip}
            for game in league.played
            if (tip := tips.get((*_pair(game), game["game_date"]))) is not None
        ]

    def kind(self, path: str) -> str:
        return re.sub(r"[0-9a-f]{32}", "id", path.removeprefix("/v4/"))

    def answer(self, path: str, request: Request) -> Any:
        assert request.args.get("oddsFormat", "american") == "american"
        past = "/historical/" in path
        self.charged += len(request.args.get("markets", "").split(",")) * (10 if past else 1) * path.endswith("/odds")
        now = dt.datetime.fromisoformat(request.args["date"]) if past else self.now()
        document = self._answer(path, request, now)
        if not past or document is None:
            return document
        shown = max((time for _, time in self.at if time <= now), default=now)
        return {"timestamp": iso(shown), "previous_timestamp": None, "next_timestamp": None, "data": document}

    def _answer(self, path: str, request: Request, now: dt.datetime) -> Any:
        waiting = [game for game in self.events if game["starts"] > now]
        if path.endswith("/events"):
            first, last = (request.args.get(name, "") for name in ("commenceTimeFrom", "commenceTimeTo"))
            return [
                self._event(game)
                for game in waiting
                if first <= iso(game["starts"]) and (iso(game["starts"]) <= last or not last)
            ]
        if match := re.search(r"/events/([0-9a-f]{32})/odds", path):
            game = next((game for game in waiting if event_id(game["game_id"]) == match[1]), None)
            return None if game is None else self._event(game) | {"bookmakers": self._books(game, now, request)}
        shown = [game for game in self.events if abs(game["starts"] - now) < dt.timedelta(days=1)]
        return [self._event(game) | {"bookmakers": self._books(game, now, request)} for game in shown]

    def _event(self, game: Row) -> Row:
        return {
            "id": event_id(game["game_id"]),
            "sport_key": "basketball_nba",
            "commence_time": iso(game["starts"]),
            "home_team": as_bookmakers_write(game["home_team"]),
            "away_team": as_bookmakers_write(game["away_team"]),
        }

    def _books(self, game: Row, now: dt.datetime, request: Request) -> list[Row]:
        asked = request.args["markets"].split(",")
        quotes = [q for q in self.at.get((_pair(game), now), []) if q["game_date"] == game["game_date"]]
        markets = _lines if self.feed == "player_props" else _quotes
        quotes = [q for q in quotes if q.get("market", asked[0]) in asked]
        return [
            {"key": book, "title": book.title(), "last_update": iso(now), "markets": markets(rows, iso(now))}
            for book, rows in by(quotes, "bookmaker").items()
        ]


@functools.lru_cache(maxsize=2)
def _offered(league: League, feed: str) -> tuple[Row, ...]:
    """Return the rows of bookmakers, which no test changes: making them takes longer than most tests."""
    return tuple(row for row in league.rows(feed) if feed == "game_odds" or row["source"] == "sim_books")


def _pair(row: Row) -> tuple[str, str]:
    one, other = sorted((row["home_team"], row["away_team"]))
    return one, other


def _lines(rows: list[Row], now: str | None) -> list[Row]:
    return [
        {"key": market, "last_update": now, "outcomes": [_outcome(row, side) for row in own for side in _SIDES]}
        for market, own in by(rows, "market").items()
    ]


_SIDES = ("Over", "Under")


def _outcome(row: Row, side: str) -> Row:
    price = row[f"{side.lower()}_price"]
    return {"name": side, "description": row["player_name_raw"], "price": price, "point": row["line"]}


def _quotes(rows: list[Row], now: str | None) -> list[Row]:
    (row,) = rows
    home, away = as_bookmakers_write(row["home_team"]), as_bookmakers_write(row["away_team"])
    h2h = [{"name": home, "price": row["ml_home"]}, {"name": away, "price": row["ml_away"]}]
    spreads = [
        {"name": away, "price": row["spread_away_price"], "point": -row["spread_home"]},
        {"name": home, "price": row["spread_home_price"], "point": row["spread_home"]},
    ]
    totals = [
        {"name": "Over", "price": row["over_price"], "point": row["total"]},
        {"name": "Under", "price": row["under_price"], "point": row["total"]},
    ]
    return [
        {"key": key, "outcomes": outcomes} for key, outcomes in (("h2h", h2h), ("spreads", spreads), ("totals", totals))
    ]
