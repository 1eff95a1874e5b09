"""What The Odds API's answers say: events, lines on players, quotes on games."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nba_resources.sources import eastern
from nba_resources.sources.providers.json_reader import Answer, Row, published
from nba_resources.sources.teams import tricode
from nba_resources.sources.validation.validate import DeliveredTable

POINTS, ALTERNATES = "player_points", "player_points_alternate"
GAME_MARKETS = ("h2h", "spreads", "totals")
PICKEM = frozenset({"prizepicks", "underdog", "pick6", "betr_us_dfs", "sleeper"})  # prices that are no odds
CLOCKS_DIFFER_BY = dt.timedelta(minutes=1)

_LINE = {"player_name_raw": "description", "line": "point", "over_price": "price", "under_price": "price"}
_QUOTE = {
    "ml_home": "h2h price",
    "ml_away": "h2h price",
    "spread_home": "spreads point",
    "spread_home_price": "spreads price",
    "spread_away_price": "spreads price",
    "total": "totals point",
    "over_price": "totals price",
    "under_price": "totals price",
}


@dataclass(frozen=True)
class Event:
    """A game as the bookmakers list it."""

    id: str
    starts: dt.datetime
    home: str
    away: str
    told: Answer

    @property
    def day(self) -> dt.date:
        """The league's date: a game moved across midnight in New York is on another one."""
        return eastern.date_of(self.starts)


def events(listed: Answer) -> list[Event]:
    """The meetings of two clubs of the league; others, such as the all-star game, are not ours."""
    return [event for told in listed.parts() if (event := _event(told))]


def _event(told: Answer) -> Event | None:
    home, away = (tricode(told[side].text()) for side in ("home_team", "away_team"))
    if home is None or away is None:
        return None
    return Event(told["id"].text(), told["commence_time"].moment(), home, away, told)


def points(source: str, told: Answer, seen: dt.datetime, day: dt.date) -> DeliveredTable:
    """Every book's lines on the players of one event, if it is still on the date."""
    event, notes = _event(told), Counter[str]()
    if event is None or event.day != day:
        return published("player_points_props", told.landed, [], _LINE)
    rows: list[Row] = []
    for book in told["bookmakers"].parts():
        key = book["key"].text()
        kind = {"bookmaker": key, "source": f"pickem_{source}" if key in PICKEM else source}
        rows += [_about(event, seen) | kind | line for line in _lines(book, seen, notes)]
    return published("player_points_props", told.landed, rows, _LINE, notes)


def quotes(listed: Answer, seen: dt.datetime, day: dt.date) -> DeliveredTable:
    """Every book's quotes on the games of the date; what is in play carries its time and is never used."""
    notes: Counter[str] = Counter()
    rows = [
        _about(event, seen) | {"bookmaker": book["key"].text(), "snapshot_kind": "snapshot"} | quote
        for event in events(listed)
        if event.day == day
        for book in event.told["bookmakers"].parts()
        if (quote := _quote(book, event, seen, notes))
    ]
    return published("game_odds", listed.landed, rows, _QUOTE, notes)


def _about(event: Event, seen: dt.datetime) -> Row:
    return {
        "game_date": event.day,
        "home_team": event.home,
        "away_team": event.away,
        "start_time_utc": event.starts,
        "snapshot_utc": seen,
    }


def _markets(book: Answer, seen: dt.datetime, notes: Counter[str]) -> Iterator[tuple[str, Answer]]:
    """What was updated after it was received has a clock wrong somewhere: nobody can say when it was known."""
    for market in book["markets"].parts():
        updated = market.find("last_update") or book.find("last_update")
        if updated is not None and updated.moment() > seen + CLOCKS_DIFFER_BY:
            notes["markets updated after they were received: check the clock"] += 1
        else:
            yield market["key"].text(), market


def _lines(book: Answer, seen: dt.datetime, notes: Counter[str]) -> list[Row]:
    """Over and under of each player and number; of a number told twice the main line counts, not the alternate."""
    lines: dict[tuple[str, Any], Row] = {}
    markets = dict(_markets(book, seen, notes))
    for key in (POINTS, ALTERNATES):
        told = _two_sided(markets[key]) if key in markets else {}
        notes["alternates that repeat a main line"] += len(told.keys() & lines.keys())
        lines = told | lines
    notes["lines with one side only"] += sum(None in line.values() for line in lines.values())
    return list(lines.values())


def _two_sided(market: Answer) -> dict[tuple[str, Any], Row]:
    lines: dict[tuple[str, Any], Row] = {}
    for outcome in market["outcomes"].parts():
        side = {"Over": "over_price", "Under": "under_price"}.get(outcome["name"].text())
        if side is None:
            outcome["name"].refuse("Over or Under")
        told = outcome.row({"player_name_raw": "description", "line": "point", "price": "price"})
        price = told.pop("price")
        line = lines.setdefault(
            (outcome["description"].text(), told["line"]), told | {"over_price": None, "under_price": None}
        )
        if line[side] not in (None, price):
            outcome["price"].refuse(f"{line[side]}, the price of the same side told before")
        line[side] = price
    return lines


def _quote(book: Answer, event: Event, seen: dt.datetime, notes: Counter[str]) -> Row | None:
    """A market the book has taken down is NULL; a book without any has no row."""
    quote: Row = dict.fromkeys(_QUOTE)
    for key, market in _markets(book, seen, notes):
        for outcome in market["outcomes"].parts() if key in GAME_MARKETS else []:
            side, price = _side(outcome, key, event), outcome["price"].value
            match key:
                case "h2h":
                    quote[f"ml_{side}"] = price
                case "spreads":
                    quote[f"spread_{side}_price"] = price
                    if side == "home":
                        quote["spread_home"] = outcome["point"].value
                case "totals":
                    quote |= {f"{side}_price": price, "total": outcome["point"].value}
    return quote if any(value is not None for value in quote.values()) else None


def _side(outcome: Answer, market: str, event: Event) -> str:
    """Over and under of a total, home and away of the rest."""
    told = outcome["name"].text()
    sides = {"Over": "over", "Under": "under"} if market == "totals" else {event.home: "home", event.away: "away"}
    side = sides.get(told if market == "totals" else tricode(told) or "")
    if side is None:
        outcome["name"].refuse(f"one of {', '.join(sides)}")
    return side
